//! Lays calls out as `rustfmt` does in its default style: lines of 100, chains and arguments of 60.

/// How wide a line may be.
const LINE: usize = 100;
/// How wide a chain of calls, or a list of arguments, may be on one line.
const PART: usize = 60;
const STEP: &str = "    ";
/// The chain begins inside the function.
const CHAIN: usize = 4;
/// Its calls are one step further in, and what is in their closures two.
const CALL: usize = 8;
const INSIDE: usize = 12;

/// A method call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    name: &'static str,
    arguments: Vec<String>,
    closure: Option<(&'static str, Body)>,
}

/// What is in a closure.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// Statements, each laid out already for its place.
    Statements(Vec<String>),
    /// Calls on the closure's argument.
    Expression(Vec<Call>),
}

impl Call {
    pub(super) fn new(name: &'static str, arguments: impl IntoIterator<Item = String>) -> Self {
        Self { name, arguments: arguments.into_iter().collect(), closure: None }
    }

    pub(super) fn closure(mut self, argument: &'static str, body: Body) -> Self {
        self.closure = Some((argument, body));
        self
    }

    fn flat(&self) -> String {
        format!(".{}({})", self.name, self.arguments.join(", "))
    }

    /// The call where a line begins with it, `indent` spaces in; `after` characters follow it.
    fn on_its_line(&self, indent: usize, after: usize) -> String {
        match &self.closure {
            Some((argument, body)) => self.with_closure(argument, body, indent),
            None => arguments(&format!(".{}", self.name), &self.arguments, indent, 0, after),
        }
    }

    fn with_closure(&self, argument: &str, body: &Body, indent: usize) -> String {
        let open = format!(".{}({}, |{argument}|", self.name, self.arguments.join(", "));
        let pad = " ".repeat(indent);
        match body {
            Body::Statements(lines) => format!("{open} {{\n{}\n{pad}}})", lines.join("\n")),
            Body::Expression(calls) => {
                let flat = flat(argument, calls);
                let list = open.len() - self.name.len() - 2 + 1 + flat.len();
                match list <= PART && indent + open.len() + 1 + flat.len() < LINE && flat.len() <= PART {
                    true => format!("{open} {flat})"),
                    false => format!("{open} {{\n{}\n{pad}}})", expression(argument, calls, INSIDE, 0)),
                }
            }
        }
    }
}

/// `Migration::new("0001_initial")` and the calls on it, as the body of a function.
pub(super) fn chain(root: &'static str, root_arguments: &[String], calls: &[Call]) -> String {
    let head = format!("{root}({})", root_arguments.join(", "));
    match calls {
        [] => format!("{STEP}{head}"),
        [only] if fits(&head, only) => format!("{STEP}{head}{}", one_step_out(&only.on_its_line(CALL, 0))),
        calls => calls.iter().fold(format!("{STEP}{head}"), |text, call| {
            format!("{text}\n{}{}", " ".repeat(CALL), call.on_its_line(CALL, 0))
        }),
    }
}

/// Whether an only call can stay on the line of the chain's root.
fn fits(head: &str, only: &Call) -> bool {
    let first_line = only.on_its_line(CALL, 0).lines().next().map_or(0, str::len);
    CHAIN + head.len() + first_line <= LINE
}

fn one_step_out(text: &str) -> String {
    text.replace(&format!("\n{STEP}"), "\n")
}

/// A statement inside a closure: `table.text("title").max_length(200);`.
pub(super) fn statement(root: &str, calls: &[Call]) -> String {
    format!("{};", expression(root, calls, INSIDE, 1))
}

fn expression(root: &str, calls: &[Call], indent: usize, after: usize) -> String {
    let pad = " ".repeat(indent);
    let flat = flat(root, calls);
    let widest = if calls.len() == 1 { LINE } else { PART };
    match calls {
        [only] => format!("{pad}{}", arguments(&format!("{root}.{}", only.name), &only.arguments, indent, 0, after)),
        _ if flat.len() <= widest && indent + flat.len() + after <= LINE => format!("{pad}{flat}"),
        calls => calls.iter().enumerate().fold(format!("{pad}{root}"), |text, (position, call)| {
            let after = if position + 1 == calls.len() { after } else { 0 };
            format!("{text}\n{pad}{STEP}{}", call.on_its_line(indent + STEP.len(), after))
        }),
    }
}

fn flat(root: &str, calls: &[Call]) -> String {
    calls.iter().fold(root.to_owned(), |text, call| text + &call.flat())
}

/// A call with its arguments on one line, or else on one line each.
fn arguments(open: &str, arguments: &[String], indent: usize, before: usize, after: usize) -> String {
    let list = arguments.join(", ");
    let fits = list.len() <= PART && indent + before + open.len() + list.len() + 2 + after <= LINE;
    if fits || arguments.len() < 2 {
        return format!("{open}({list})");
    }
    let inner = " ".repeat(indent + STEP.len());
    let lines: String = arguments.iter().map(|argument| format!("{inner}{argument},\n")).collect();
    format!("{open}(\n{lines}{})", " ".repeat(indent))
}
