//! Lays calls out as `rustfmt` does in its default style: lines of 100, chains and arguments of 60.

/// How wide a line may be.
const LINE: usize = 100;
/// How wide a chain of calls, or a list of arguments, may be on one line.
const PART: usize = 60;
const STEP: &str = "    ";
/// The chain begins inside the function.
const CHAIN: usize = 4;
/// Its calls are one step further in.
const CALL: usize = 8;

/// What a call is given: text, or a list in brackets that may need lines of its own.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    Text(String),
    List(&'static str, Vec<String>, &'static str),
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Argument {
    fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(open, items, close) => format!("{open}{}{close}", items.join(", ")),
        }
    }

    /// The argument where it begins a line or ends one, `indent` spaces in.
    fn laid(&self, indent: usize) -> String {
        match self {
            Self::List(open, items, close) if items.join(", ").len() > PART => {
                format!("{open}\n{}{}{close}", on_lines(items, indent), " ".repeat(indent))
            }
            other => other.flat(),
        }
    }
}

/// A method call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    name: &'static str,
    arguments: Vec<Argument>,
    closure: Option<(&'static str, Body)>,
}

/// What is in a closure: calls on its argument.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// One statement after the other.
    Statements(Vec<Vec<Call>>),
    /// The closure's value.
    Expression(Vec<Call>),
}

impl Body {
    /// The lines between the braces, `indent` spaces in.
    fn laid(&self, argument: &str, indent: usize) -> String {
        match self {
            Self::Statements(all) => {
                let lines = all.iter().map(|calls| expression(argument, calls, indent, 1) + ";");
                lines.collect::<Vec<_>>().join("\n")
            }
            Self::Expression(calls) => expression(argument, calls, indent, 0),
        }
    }

    /// The value, if it needs no braces.
    fn flat(&self, argument: &str) -> Option<String> {
        match self {
            Self::Statements(_) => None,
            Self::Expression(calls) => {
                Some(flat(argument, calls)).filter(|flat| flat.len() <= PART || calls.len() == 1)
            }
        }
    }
}

impl Call {
    pub(super) fn new(name: &'static str, arguments: impl IntoIterator<Item = Argument>) -> Self {
        Self { name, arguments: arguments.into_iter().collect(), closure: None }
    }

    pub(super) fn closure(mut self, argument: &'static str, body: Body) -> Self {
        self.closure = Some((argument, body));
        self
    }

    fn flat(&self) -> String {
        format!(".{}({})", self.name, flat_list(&self.arguments))
    }

    /// The call where a line begins with it, `indent` spaces in; `after` characters follow it.
    fn on_its_line(&self, indent: usize, after: usize) -> String {
        match &self.closure {
            Some((argument, body)) => self.with_closure(argument, body, indent),
            None => arguments(&format!(".{}", self.name), &self.arguments, indent, after),
        }
    }

    /// The closure hangs on the line of the call, or all arguments get lines of their own.
    fn with_closure(&self, argument: &str, body: &Body, indent: usize) -> String {
        let (list, pad) = (flat_list(&self.arguments), " ".repeat(indent));
        let (open, head) = (format!(".{}({list}, ", self.name), format!("|{argument}| "));
        if let Some(flat) = body.flat(argument) {
            let width = list.len() + 2 + head.len() + flat.len();
            if width <= PART && indent + open.len() + head.len() + flat.len() < LINE {
                return format!("{open}{head}{flat})");
            }
        }
        if list.len() + head.len() + 2 < PART {
            return format!("{open}{head}{{\n{}\n{pad}}})", body.laid(argument, indent + STEP.len()));
        }
        format!(".{}(\n{}{pad})", self.name, self.spread(argument, body, indent))
    }

    /// Every argument, the closure too, on lines of its own.
    fn spread(&self, argument: &str, body: &Body, indent: usize) -> String {
        let inner = indent + STEP.len();
        let fits = |flat: &String| inner + argument.len() + flat.len() + 4 <= LINE;
        let closure = match body.flat(argument).filter(fits) {
            Some(flat) => format!("|{argument}| {flat}"),
            None => format!(
                "|{argument}| {{\n{}\n{}}}",
                body.laid(argument, inner + STEP.len()),
                " ".repeat(inner)
            ),
        };
        let arguments: Vec<_> = self.arguments.iter().map(Argument::flat).chain([closure]).collect();
        on_lines(&arguments, indent)
    }
}

/// `Migration::new("0001_initial")` and the calls on it, as the body of a function.
pub(super) fn chain(root: &'static str, root_argument: &str, calls: &[Call]) -> String {
    let head = format!("{root}({root_argument})");
    match calls {
        [] => format!("{STEP}{head}"),
        [only] => format!("{STEP}{head}{}", only.behind(&head)),
        calls => calls.iter().fold(format!("{STEP}{head}"), |text, call| text + &call.below()),
    }
}

impl Call {
    /// The call on a line of its own below the chain's root.
    fn below(&self) -> String {
        format!("\n{}{}", " ".repeat(CALL), self.on_its_line(CALL, 0))
    }

    /// The chain's only call: on the line of the root if it can be.
    fn behind(&self, head: &str) -> String {
        let close = self.on_its_line(CHAIN, 0);
        let first_line = CHAIN + head.len() + close.lines().next().map_or(0, str::len);
        match &self.closure {
            None if first_line <= LINE => close,
            None => self.below(),
            // rustfmt wants a character to spare behind the `{`.
            Some(_) if first_line < LINE => close,
            Some((argument, body)) => {
                format!(".{}(\n{}{STEP})", self.name, self.spread(argument, body, CHAIN))
            }
        }
    }
}

/// Calls on `root`, `indent` spaces in; `after` characters follow.
fn expression(root: &str, calls: &[Call], indent: usize, after: usize) -> String {
    let pad = " ".repeat(indent);
    let (flat, on_root) = (flat(root, calls), on_root(root, calls, indent, after));
    match on_root {
        Some(text) if text.contains('\n') || indent + text.len() + after <= LINE => format!("{pad}{text}"),
        None if flat.len() <= PART && indent + flat.len() + after <= LINE => format!("{pad}{flat}"),
        _ => calls.iter().enumerate().fold(format!("{pad}{root}"), |text, (position, call)| {
            let after = if position + 1 == calls.len() { after } else { 0 };
            format!("{text}\n{pad}{STEP}{}", call.on_its_line(indent + STEP.len(), after))
        }),
    }
}

/// A single call stays on the root's line.
fn on_root(root: &str, calls: &[Call], indent: usize, after: usize) -> Option<String> {
    let [only] = calls else { return None };
    Some(arguments(&format!("{root}.{}", only.name), &only.arguments, indent, after))
}

fn flat(root: &str, calls: &[Call]) -> String {
    calls.iter().fold(root.to_owned(), |text, call| text + &call.flat())
}

/// A call with its arguments on one line, or else on one line each.
fn arguments(open: &str, arguments: &[Argument], indent: usize, after: usize) -> String {
    let flat = flat_list(arguments);
    let fits = flat.len() <= PART && indent + open.len() + flat.len() + 2 + after <= LINE;
    match arguments {
        [only] => format!("{open}({})", only.laid(indent)),
        _ if fits => format!("{open}({flat})"),
        _ => {
            let laid: Vec<_> = arguments.iter().map(|argument| argument.laid(indent + STEP.len())).collect();
            format!("{open}(\n{}{})", on_lines(&laid, indent), " ".repeat(indent))
        }
    }
}

fn flat_list(arguments: &[Argument]) -> String {
    arguments.iter().map(Argument::flat).collect::<Vec<_>>().join(", ")
}

/// Each item on a line of its own, one step further in.
fn on_lines(items: &[String], indent: usize) -> String {
    let inner = " ".repeat(indent + STEP.len());
    items.iter().map(|item| format!("{inner}{item},\n")).collect()
}
