//! `migrations/mod.rs`: the list of an app's migrations, to which lines are added and nothing else is done.

const ENTRY: &str = "::migration()";
/// How wide rustfmt lets a list be on one line.
const LIST: usize = 60;

/// The text of a `migrations/mod.rs`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listing(String);

impl Listing {
    /// A list that a file holds.
    pub(super) fn read(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A list with one migration, for an app that had none.
    pub(super) fn new(module: &str) -> Self {
        Self(format!(
            "//! What happened to the tables of this app, oldest first. `makemigrations` adds to it.\n\n\
             use nuages::Migration;\n\n\
             mod {module};\n\n\
             /// Every migration of this app.\n\
             pub fn all() -> Vec<Migration> {{\n    vec![{module}{ENTRY}]\n}}\n"
        ))
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The list with one more migration at its end; `None` if the text is not laid out as expected.
    pub(super) fn with(&self, module: &str) -> Option<Self> {
        let listed = self.list(module)?;
        Self(listed).declare(module).map(Self)
    }

    /// Adds `mod m0002_…;` after the last line of its kind; the first one stands before `all()` and its comment.
    fn declare(&self, module: &str) -> Option<String> {
        let mut lines: Vec<_> = self.0.split_inclusive('\n').map(str::to_owned).collect();
        match position_of_last(&self.0, is_declaration) {
            Some(last) => lines.insert(last + 1, format!("mod {module};\n")),
            None => {
                let all = lines.iter().position(|line| line.contains("fn all()"))?;
                let about = lines[..all].iter().rev().take_while(|line| line.starts_with("//")).count();
                lines.insert(all - about, format!("mod {module};\n\n"));
            }
        }
        Some(lines.concat())
    }

    /// Adds `m0002_…::migration()` to the only `vec![…]`.
    fn list(&self, module: &str) -> Option<String> {
        let (before, rest) = self.0.split_once("vec![")?;
        let (inside, after) = rest.split_once(']')?;
        let is_the_only = !after.contains("vec![") && before.contains("fn all()");
        let list = if inside.contains("//") { add_line(inside, module) } else { add_entry(inside, module) };
        is_the_only.then_some(())?;
        Some(format!("{before}vec![{}]{after}", list?))
    }
}

fn is_declaration(line: &str) -> bool {
    let name = line
        .strip_prefix("pub ")
        .unwrap_or(line)
        .strip_prefix("mod m")
        .and_then(|rest| rest.strip_suffix(';'));
    name.is_some_and(|name| name.starts_with(|first: char| first.is_ascii_digit()))
}

/// A list without comments is laid out anew.
fn add_entry(inside: &str, module: &str) -> Option<String> {
    let entries: Vec<_> = inside.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    let new = format!("{module}{ENTRY}");
    let entries: Vec<_> = entries.into_iter().chain([new.as_str()]).collect();
    entries.iter().all(|entry| is_entry(entry)).then(|| match entries.join(", ") {
        flat if flat.len() <= LIST => flat,
        _ => {
            format!("\n{}    ", entries.iter().map(|entry| format!("        {entry},\n")).collect::<String>())
        }
    })
}

/// In a list with comments the line goes after the last entry, which stands on its own line.
fn add_line(inside: &str, module: &str) -> Option<String> {
    let is_last = |line: &str| line.trim().strip_suffix(',').is_some_and(is_entry);
    let last = position_of_last(inside, is_last)?;
    let lines = inside.split_inclusive('\n').enumerate();
    let added = |line: &str| format!("{line}        {module}{ENTRY},\n");
    Some(lines.map(|(number, line)| if number == last { added(line) } else { line.to_owned() }).collect())
}

fn is_entry(text: &str) -> bool {
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    text.strip_suffix(ENTRY).is_some_and(is_name)
}

fn position_of_last(text: &str, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    text.lines().enumerate().filter(|(_, line)| is_it(line)).last().map(|(number, _)| number)
}
