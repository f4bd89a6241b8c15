//! The text of a model's fields.

use super::models::{Family, Model};
use super::names::{field_name, free, written};
use crate::db::schema::{ColumnDef, DefaultValue, Kind, OnDelete};
use std::collections::BTreeSet;

/// What the fields so far need from `nuages`.
#[derive(Default)]
pub(super) struct Imports(BTreeSet<&'static str>);

impl Imports {
    /// The lines in the order in which rustfmt sorts; none if there are no models.
    pub(super) fn text(&self) -> Option<String> {
        let has = |name: &&&str| self.0.contains(**name);
        let chrono: Vec<_> = ["DateTime", "NaiveDate", "Utc"].iter().filter(has).copied().collect();
        let chrono = match chrono.as_slice() {
            [] => String::new(),
            [only] => format!("use nuages::chrono::{only};\n"),
            several => format!("use nuages::chrono::{{{}}};\n", several.join(", ")),
        };
        let line = |name, line: &str| if self.0.contains(name) { line.to_owned() } else { String::new() };
        let (json, uuid) =
            (line("Value", "use nuages::serde_json::Value;\n"), line("Uuid", "use nuages::uuid::Uuid;\n"));
        let rest = format!("{chrono}{json}{uuid}");
        let keys = self.0.contains("ForeignKey");
        self.0.contains("Model").then(|| match keys {
            true => format!("{rest}use nuages::{{ForeignKey, Model}};\n"),
            false => format!("use nuages::Model;\n{rest}"),
        })
    }
}

/// The lines between the braces of a model.
pub(super) fn fields(model: &Model<'_>, models: &[Model<'_>], imports: &mut Imports) -> String {
    imports.0.insert("Model");
    let mut names: Vec<String> = Vec::new();
    let mut text = String::new();
    for column in &model.inspected.table.columns {
        let field = Field {
            column,
            own_type: own_type(model, column),
            target: target_of(column, models),
            is_unique_lower: model.inspected.table.unique_lower.contains(&column.name),
        };
        let name = free([field.name()], |name| names.iter().any(|other| other == name));
        imports.0.extend(field.needs());
        text += &field.text(&name);
        names.push(name);
    }
    let computed = model.inspected.computed.iter();
    text + &computed
        .map(|column| comment(&format!("Left out: `{column}`, which the database computes.")))
        .collect::<String>()
}

fn own_type<'a>(model: &Model<'a>, column: &ColumnDef) -> Option<&'a str> {
    let own = model.inspected.own_types.iter().find(|(name, _)| *name == column.name);
    own.map(|(_, own)| own.as_str())
}

/// The model that a foreign key can name: it points to the model's key, and holds the same.
fn target_of<'m, 'a>(column: &ColumnDef, models: &'m [Model<'a>]) -> Option<&'m Model<'a>> {
    let (table, key) = column.points_to()?;
    let model = models.iter().find(|model| model.inspected.table.name == table && model.key.name == key)?;
    let fits = Family::of(column.kind) == Family::of(model.key.kind) && !column.primary_key;
    fits.then_some(model)
}

fn comment(text: &str) -> String {
    format!("    // {text}\n")
}

/// A column that becomes a field.
struct Field<'m, 'a> {
    column: &'m ColumnDef,
    own_type: Option<&'m str>,
    target: Option<&'m Model<'a>>,
    is_unique_lower: bool,
}

impl Field<'_, '_> {
    /// A foreign key `author_id` is the field `author`.
    fn name(&self) -> String {
        let name = &self.column.name;
        field_name(match self.target {
            Some(_) => name.strip_suffix("_id").filter(|short| !short.is_empty()).unwrap_or(name),
            None => name,
        })
    }

    fn text(&self, name: &str) -> String {
        let attributes = self.attributes(name).join(", ");
        let attributes =
            if attributes.is_empty() { attributes } else { format!("    #[model({attributes})]\n") };
        let comments: String = self.comments().iter().map(|text| comment(text)).collect();
        format!("{comments}{attributes}    pub {}: {},\n", written(name), self.type_text())
    }

    /// What had to be guessed.
    fn comments(&self) -> Vec<String> {
        let ColumnDef { primary_key, auto, kind, .. } = self.column;
        let own = self.own_type.map(|own| {
            format!("The database calls this `{own}`; there is no such field type, and this is the nearest.")
        });
        let target = self.column.points_to().filter(|_| self.target.is_none());
        let target = target.map(|(table, key)| format!("Points to `{table}.{key}`."));
        let is_number = Family::of(*kind) == Some(Family::Number);
        let uncounted = (*primary_key && is_number && !auto)
            .then(|| "The database does not count this key up; give each new row one.".to_owned());
        let password = (self.column.name == "password").then(|| {
            "If this is the hash of a password, `nuages_auth::PasswordHash` keeps it from being shown."
                .to_owned()
        });
        let lower =
            self.is_unique_lower.then(|| "The database keeps it unique without regard to case.".to_owned());
        own.into_iter().chain(target).chain(uncounted).chain(password).chain(lower).collect()
    }

    fn attributes(&self, name: &str) -> Vec<String> {
        let column = self.column;
        let flag = |set: bool, word: &str| set.then(|| word.to_owned());
        let length = match column.kind {
            Kind::Char(length) if self.target.is_none() => Some(format!("max_length = {length}")),
            _ => None,
        };
        let usual = if self.target.is_some() { format!("{name}_id") } else { name.to_owned() };
        let all = [
            flag(column.primary_key && name != "id", "primary_key"),
            length,
            flag(column.unique, "unique"),
            flag(column.index, "index"),
            self.default(),
            (usual != column.name).then(|| format!("column = {:?}", column.name)),
            self.on_delete(),
        ];
        all.into_iter().flatten().collect()
    }

    fn default(&self) -> Option<String> {
        let value = match self.column.default.as_ref()? {
            DefaultValue::Bool(value) => value.to_string(),
            DefaultValue::Int(value) => value.to_string(),
            DefaultValue::Float(value) if value.is_finite() => format!("{value:?}"),
            // It would be read as the current time.
            DefaultValue::Text(text) if text == "now" => return None,
            DefaultValue::Text(text) => format!("{text:?}"),
            DefaultValue::Now => "\"now\"".to_owned(),
            DefaultValue::Float(_) => return None,
        };
        Some(format!("default = {value}"))
    }

    fn on_delete(&self) -> Option<String> {
        self.target?;
        match self.column.references.as_ref()?.on_delete {
            OnDelete::Cascade => None,
            OnDelete::SetNull if self.column.null => Some("on_delete = \"set_null\"".into()),
            OnDelete::SetNull | OnDelete::Protect => Some("on_delete = \"protect\"".into()),
        }
    }

    fn type_text(&self) -> String {
        let plain = match self.target {
            Some(model) => format!("ForeignKey<{}>", model.name),
            None => self.plain_type().to_owned(),
        };
        if self.column.null { format!("Option<{plain}>") } else { plain }
    }

    fn plain_type(&self) -> &'static str {
        match self.column.kind {
            Kind::Bool => "bool",
            // No key has fewer bits.
            Kind::SmallInt if self.column.primary_key => "i32",
            Kind::SmallInt => "i16",
            Kind::Integer => "i32",
            Kind::BigInt => "i64",
            Kind::Double => "f64",
            Kind::Char(_) | Kind::Text => "String",
            Kind::Date => "NaiveDate",
            Kind::DateTime => "DateTime<Utc>",
            Kind::Uuid => "Uuid",
            Kind::Json => "Value",
            Kind::Binary => "Vec<u8>",
        }
    }

    /// What the type needs from `nuages`.
    fn needs(&self) -> &'static [&'static str] {
        match (self.target, self.column.kind) {
            (Some(_), _) => &["ForeignKey"],
            (None, Kind::Date) => &["NaiveDate"],
            (None, Kind::DateTime) => &["DateTime", "Utc"],
            (None, Kind::Uuid) => &["Uuid"],
            (None, Kind::Json) => &["Value"],
            _ => &[],
        }
    }
}
