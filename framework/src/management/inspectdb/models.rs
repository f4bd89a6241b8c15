//! The text of a module that holds the models of tables.

use super::fields::{Imports, fields};
use super::names::{free, is_word, type_name};
use crate::db::inspect::Inspected;
use crate::db::schema::{ColumnDef, Index, Kind};

const HEAD: &str = "// Made by `inspectdb` from the tables of a database; yours to read and edit.\n";

/// What models and their derives name themselves.
const TAKEN: [&str; 12] = [
    "DateTime",
    "ForeignKey",
    "Model",
    "NaiveDate",
    "None",
    "Option",
    "Self",
    "Some",
    "String",
    "Utc",
    "Uuid",
    "Value",
];

/// A table that becomes a model.
pub(super) struct Model<'a> {
    pub(super) inspected: &'a Inspected,
    /// The only column of the primary key.
    pub(super) key: &'a ColumnDef,
    pub(super) app: String,
    pub(super) name: String,
}

/// The models of these tables, each after those that it points to.
pub(super) fn text(tables: &[Inspected], app: Option<&str>) -> String {
    let models = in_order(models(tables, app));
    let mut imports = Imports::default();
    let structs: Vec<_> = models.iter().map(|model| definition(model, &models, &mut imports)).collect();
    let left_out: Vec<_> =
        tables.iter().filter_map(|table| Some(left_out(table, key_of(table).err()?))).collect();
    let parts = std::iter::once(HEAD.to_owned()).chain(imports.text()).chain(structs);
    let parts: Vec<_> = parts.chain((!left_out.is_empty()).then(|| left_out.concat())).collect();
    parts.join("\n")
}

fn left_out(table: &Inspected, why: String) -> String {
    format!("// Left out: `{}`, {why}.\n", table.table.name)
}

/// The column by which a model's rows are told apart; the error says why there is none.
fn key_of(inspected: &Inspected) -> Result<&ColumnDef, String> {
    let keys: Vec<_> = inspected.table.columns.iter().filter(|column| column.primary_key).collect();
    match keys.as_slice() {
        [] => Err("which has no primary key; a model needs one".into()),
        [key] if Family::of(key.kind).is_some() => Ok(key),
        [key] => Err(format!("whose key `{}` is no number, text or UUID", key.name)),
        keys => {
            let names: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
            Err(format!("whose key is {} together; a model has a key of one column", names.join(" and ")))
        }
    }
}

/// Kinds of keys that can be compared with each other.
#[derive(PartialEq)]
pub(super) enum Family {
    Number,
    Text,
    Uuid,
}

impl Family {
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::SmallInt | Kind::Integer | Kind::BigInt => Some(Self::Number),
            Kind::Char(_) | Kind::Text => Some(Self::Text),
            Kind::Uuid => Some(Self::Uuid),
            _ => None,
        }
    }
}

fn models<'a>(tables: &'a [Inspected], app: Option<&str>) -> Vec<Model<'a>> {
    let model = |inspected: &'a Inspected| {
        let (table, key) = (&inspected.table.name, key_of(inspected).ok()?);
        let app = label(table, app);
        let name = type_name(table.strip_prefix(&format!("{app}_")).unwrap_or(table));
        Some(Model { inspected, key, app, name })
    };
    let mut models: Vec<_> = tables.iter().filter_map(model).collect();
    distinguish(&mut models);
    models
}

/// Models that would share a name are called after their whole tables.
fn distinguish(models: &mut [Model<'_>]) {
    let short: Vec<_> = models.iter().map(|model| model.name.clone()).collect();
    for (position, name) in short.iter().enumerate() {
        let whole = type_name(&models[position].inspected.table.name);
        let is_shared = short.iter().filter(|other| *other == name).count() > 1;
        let first = if is_shared { &whole } else { name };
        let before = &models[..position];
        let is_taken = |name: &str| TAKEN.contains(&name) || before.iter().any(|model| model.name == name);
        models[position].name = free([first.clone(), whole.clone(), format!("{whole}Row")], is_taken);
    }
}

/// What stands before the first `_`, if it can be an app's label.
fn label(table: &str, app: Option<&str>) -> String {
    let prefix = table.split_once('_').map(|(prefix, _)| prefix);
    let is_label = |text: &&str| {
        text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    app.or(prefix.filter(is_label)).unwrap_or("app").to_owned()
}

/// Each after those that it points to, as far as there is no circle.
fn in_order(models: Vec<Model<'_>>) -> Vec<Model<'_>> {
    let (mut waiting, mut done) = (models, Vec::new());
    while !waiting.is_empty() {
        let is_ready = |model: &Model<'_>| {
            let others =
                waiting.iter().filter(|other| other.inspected.table.name != model.inspected.table.name);
            !others.into_iter().any(|other| points(model, &other.inspected.table.name))
        };
        let next = waiting.iter().position(is_ready).unwrap_or(0);
        done.push(waiting.remove(next));
    }
    done
}

fn points(model: &Model<'_>, to: &str) -> bool {
    model.inspected.table.columns.iter().filter_map(ColumnDef::points_to).any(|(table, _)| table == to)
}

fn definition(model: &Model<'_>, models: &[Model<'_>], imports: &mut Imports) -> String {
    let table = &model.inspected.table;
    let together =
        table.unique_together.iter().map(|columns| format!("unique_together({})", quoted(columns)));
    let attributes = together.chain(table.indexes.iter().map(index));
    let attributes: String = attributes.map(|attribute| format!("#[model({attribute})]\n")).collect();
    format!(
        "/// A row of `{}`.\n#[derive(Clone, Debug, Model)]\n#[model(app = {:?}, table = {:?})]\n{attributes}pub struct {} {{\n{}}}\n",
        table.name,
        model.app,
        table.name,
        model.name,
        fields(model, models, imports)
    )
}

/// An index with its name, if that can stand there.
fn index(index: &Index) -> String {
    let columns = quoted(&index.columns);
    match index.name.as_ref().filter(|name| is_word(name)) {
        Some(name) => format!("index({name} = ({columns}))"),
        None => format!("index({columns})"),
    }
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!("{column:?}")).collect::<Vec<_>>().join(", ")
}
