//! Parts of text. Large and small letters differ or not as the method says, on every database: SQLite's `LIKE` tells no ASCII
//! letters apart, and its `lower()` knows no others.

#[cfg(feature = "sqlite")]
use super::Dialect;
use super::column::Column;
use super::condition::Condition;
use super::{Field, Model};
use sea_query::{BinOper, Expr, ExprTrait, Func};

/// Where a text stands in a value.
#[derive(Clone, Copy)]
enum Place {
    Anywhere,
    Start,
    End,
    Whole,
}

impl Place {
    /// The text, with wildcards for what may stand beside it.
    fn pattern(self, text: &str, any: &str) -> String {
        match self {
            Self::Anywhere => format!("{any}{text}{any}"),
            Self::Start => format!("{text}{any}"),
            Self::End => format!("{any}{text}"),
            Self::Whole => text.to_owned(),
        }
    }

    #[cfg(feature = "sqlite")]
    fn regex(self, text: &str) -> String {
        let (start, end) = match self {
            Self::Anywhere => ("", ""),
            Self::Start => (r"\A", ""),
            Self::End => ("", r"\z"),
            Self::Whole => (r"\A", r"\z"),
        };
        format!("(?i){start}{}{end}", as_regex(text))
    }
}

impl<M: Model, F: Field<Inner = String>> Column<M, F> {
    /// Holds this text anywhere.
    pub fn contains(self, text: &str) -> Condition<M> {
        self.has(Place::Anywhere, text)
    }

    /// Begins with this text.
    pub fn startswith(self, text: &str) -> Condition<M> {
        self.has(Place::Start, text)
    }

    /// Ends with this text.
    pub fn endswith(self, text: &str) -> Condition<M> {
        self.has(Place::End, text)
    }

    /// Equal without regard to case. An ASCII value can use an index on `lower(column)`; on SQLite another one is compared
    /// by Rust, row by row.
    pub fn iexact(self, text: &str) -> Condition<M> {
        match text.is_ascii() {
            true => Condition::plain(lower(self.expr()).eq(lower(Expr::val(text)))),
            false => self.has_in_any_case(Place::Whole, text),
        }
    }

    /// Holds this text anywhere, without regard to case.
    pub fn icontains(self, text: &str) -> Condition<M> {
        self.has_in_any_case(Place::Anywhere, text)
    }

    /// Begins with this text, without regard to case.
    pub fn istartswith(self, text: &str) -> Condition<M> {
        self.has_in_any_case(Place::Start, text)
    }

    /// Ends with this text, without regard to case.
    pub fn iendswith(self, text: &str) -> Condition<M> {
        self.has_in_any_case(Place::End, text)
    }

    /// Matches a pattern of SQL's `LIKE` as it stands: `%` is any text, `_` any letter, and a `\` in front takes the meaning
    /// from either. SQLite does not tell large ASCII letters from small ones here.
    pub fn like(self, pattern: &str) -> Condition<M> {
        Condition::plain(like(self.expr(), Expr::val(pattern)))
    }

    fn has(self, place: Place, text: &str) -> Condition<M> {
        let text = text.to_owned();
        #[allow(unreachable_patterns, reason = "each database is left out in some build")]
        Condition::new(move |dialect| match dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => {
                use sea_query::extension::sqlite::SqliteExpr;
                self.expr().glob(place.pattern(&as_glob(&text), "*"))
            }
            _ => like(self.expr(), Expr::val(place.pattern(&as_like(&text), "%"))),
        })
    }

    fn has_in_any_case(self, place: Place, text: &str) -> Condition<M> {
        let text = text.to_owned();
        #[allow(unreachable_patterns, reason = "each database is left out in some build")]
        Condition::new(move |dialect| match dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => self.expr().binary(BinOper::Custom("REGEXP"), place.regex(&text)),
            _ => {
                let pattern = place.pattern(&as_like(&text), "%");
                like(lower(self.expr()), lower(Expr::val(pattern)))
            }
        })
    }
}

fn lower(text: Expr) -> Expr {
    Func::lower(text).into()
}

fn like(text: Expr, pattern: Expr) -> Expr {
    text.binary(BinOper::Like, pattern.binary(BinOper::Escape, Expr::Constant('\\'.into())))
}

/// The text in a pattern of `LIKE`, where its `%` and `_` stand for themselves.
fn as_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The text in a pattern of `GLOB`.
#[cfg(feature = "sqlite")]
fn as_glob(text: &str) -> String {
    text.replace('[', "[[]").replace('*', "[*]").replace('?', "[?]")
}

/// The text in a regular expression: every letter by its number, so that none has a meaning.
#[cfg(feature = "sqlite")]
fn as_regex(text: &str) -> String {
    text.chars().map(|letter| format!(r"\x{{{:x}}}", u32::from(letter))).collect()
}
