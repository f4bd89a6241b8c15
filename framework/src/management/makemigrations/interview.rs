//! The questions of `makemigrations`, put to whoever runs it.

use crate::command::Prompt;
use crate::db::schema::{ColumnDef, DefaultValue, Kind, Table};
use crate::error::{Error, Result};
use crate::migrations::{Questions, parse_default};

const ONE_OFF: &str = "Provide a one-off default now (will be set on all existing rows)";
const ONE_OFF_FOR_NULL: &str = "Provide a one-off default now (will be set on all existing rows with NULL)";
const IGNORE: &str = "Ignore for now: rows with NULL are seen to by a data migration";
const QUIT: &str = "Quit and manually define a default value in the model";

/// Asks the person at the terminal, who only has to be there once there is a question.
pub(super) struct Interview {
    prompt: Option<Prompt>,
    reach: fn(&str) -> Result<Prompt>,
}

impl Interview {
    pub(super) fn at_the_terminal() -> Self {
        Self { prompt: None, reach: Prompt::terminal }
    }

    /// With answers that are known beforehand.
    #[cfg(test)]
    pub(super) fn answered(answers: &str) -> Self {
        Self { prompt: Some(Prompt::answered(answers)), ..Self::at_the_terminal() }
    }

    /// With nobody there.
    #[cfg(test)]
    pub(super) fn unanswered() -> Self {
        let reach = |instead: &str| Err(Error::Refused(format!("there is no terminal to ask at; {instead}")));
        Self { prompt: None, reach }
    }

    /// Asks for yes or no; `instead` is what to do where nobody can be asked.
    pub(super) fn confirm(&mut self, question: &str, instead: &str) -> Result<bool> {
        self.prompt(question, instead)?.confirm(question)
    }

    fn prompt(&mut self, question: &str, instead: &str) -> Result<&mut Prompt> {
        let prompt = match self.prompt.take() {
            Some(prompt) => prompt,
            None => (self.reach)(&format!("the question is \"{question}\"; {instead}"))?,
        };
        Ok(self.prompt.insert(prompt))
    }

    /// One of the choices, by its words.
    fn choose<'c>(&mut self, problem: &str, choices: &[&'c str]) -> Result<&'c str> {
        let instead = "give the field `#[model(default = …)]` or make it an `Option`, since --noinput cannot know its value, or answer at a terminal";
        let question = format!("{problem}: rows that exist need a value. Please select a fix:");
        let position = self.prompt(problem, instead)?.choose(&question, choices)?;
        Ok(choices[position])
    }

    fn value(&mut self, field: &ColumnDef) -> Result<DefaultValue> {
        let question = format!("The value ({}):", hint(field.kind));
        self.prompt(&question, "answer it at a terminal")?
            .ask(&question, |answer| parse_default(answer, field.kind))
    }
}

impl Questions for Interview {
    fn is_model_renamed(&mut self, old: &Table, new: &Table) -> Result<bool> {
        let question = format!("Was the model {}.{} renamed to {}?", new.app, old.model, new.model);
        self.confirm(
            &question,
            "give --noinput, which takes it as removed and made anew, or answer at a terminal",
        )
    }

    fn is_field_renamed(&mut self, model: &Table, old: &ColumnDef, new: &ColumnDef) -> Result<bool> {
        let (name, kind) = (model.model.to_lowercase(), kind(new));
        let (old, new) = (old.field_name(), new.field_name());
        let question = format!("Was {name}.{old} renamed to {name}.{new} ({kind})?");
        self.confirm(
            &question,
            "give --noinput, which takes it as removed and added, or answer at a terminal",
        )
    }

    fn fill_new(&mut self, model: &Table, field: &ColumnDef) -> Result<DefaultValue> {
        let problem = format!("{} is new, may not be NULL and has no default", in_full(model, field));
        match self.choose(&problem, &[ONE_OFF, QUIT])? {
            ONE_OFF => self.value(field),
            _ => Err(quit(model, field)),
        }
    }

    fn fill_null(&mut self, model: &Table, field: &ColumnDef) -> Result<Option<DefaultValue>> {
        let problem = format!("{} may no longer be NULL and has no default", in_full(model, field));
        match self.choose(&problem, &[ONE_OFF_FOR_NULL, IGNORE, QUIT])? {
            ONE_OFF_FOR_NULL => self.value(field).map(Some),
            IGNORE => Ok(None),
            _ => Err(quit(model, field)),
        }
    }
}

fn in_full(model: &Table, field: &ColumnDef) -> String {
    format!("{}.{}.{}", model.app, model.model, field.field_name())
}

fn quit(model: &Table, field: &ColumnDef) -> Error {
    let field = in_full(model, field);
    Error::Refused(format!(
        "nothing was written; give {field} `#[model(default = …)]`, or make it an `Option`"
    ))
}

/// What a field is.
fn kind(field: &ColumnDef) -> &'static str {
    match field.kind {
        _ if field.references.is_some() => "a foreign key",
        Kind::Bool => "a boolean",
        Kind::SmallInt | Kind::Integer | Kind::BigInt => "an integer",
        Kind::Double => "a double",
        Kind::Char(_) | Kind::Text => "a text",
        Kind::Date => "a date",
        Kind::DateTime => "a datetime",
        Kind::Uuid => "a UUID",
        Kind::Json => "JSON",
        Kind::Binary => "bytes",
    }
}

/// How a value of a kind is written.
fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::SmallInt | Kind::Integer | Kind::BigInt => "a whole number",
        Kind::Double => "a number",
        Kind::Char(_) | Kind::Text => "a text, as it stands",
        Kind::Date => "such as 2030-01-31, or now [now]",
        Kind::DateTime => "such as 2030-01-31 12:00:00 in UTC, or now [now]",
        Kind::Uuid => "a UUID",
        Kind::Json => "JSON",
        Kind::Binary => "nothing, for no bytes",
    }
}
