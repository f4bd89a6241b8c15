//! A form of a model: some of its fields, to fill in and to save.

use super::field::{Field, Widget, label_of};
use super::{Errors, Form, FormData, FormFields, FormValue, Reader};
use crate::db::schema::{Kind, Table};
use crate::db::{self, Column, Condition, Database, Fields, Key, Model, Value};
use crate::error::Result;
use std::fmt::Display;

/// A form whose fields are some of a model's. `#[derive(Form)]` writes it:
///
/// ```
/// use nuages::{Database, Form, FormData, Model, Result};
///
/// #[derive(Clone, Debug, Model)]
/// #[model(app = "blog")]
/// pub struct Post {
///     pub id: i64,
///     #[model(max_length = 200)]
///     pub title: String,
///     pub body: String,
/// }
///
/// #[derive(Form)]
/// #[form(model = Post, fields(title, body(label = "Text", attributes(rows = "12"))))]
/// pub struct PostForm;
///
/// async fn edit(db: &Database, post: Post, data: FormData) -> Result<Option<Post>> {
///     let mut form = PostForm::edit(&post, data);
///     form.save(db, post).await
/// }
/// ```
///
/// A column's kind is the field's: text without `max_length` has a large box, what may be NULL is optional, `max_length` is a limit. On
/// the struct, `clean = FUNCTION` is called with the filled-in model and the [`Errors`].
pub trait ModelForm: FormFields {
    /// The model.
    type Model: Model;
    /// The columns that the form fills in, and the fields that they are filled in by.
    fn columns() -> Vec<(&'static str, &'static str)>;
    /// Writes what was sent into the model; `None` if something is wrong, which the reader has written down.
    fn fill(model: &mut Self::Model, reader: &mut Reader<'_>) -> Option<()>;
    /// How the model's fields stand in the form.
    fn shown(model: &Self::Model) -> Vec<(&'static str, Vec<String>)>;
    /// What is wrong with several of the model's fields together.
    fn clean_model(_model: &Self::Model, _errors: &mut Errors) {}
}

/// The form's field for a column of a model, whose type is that of the struct's field.
pub fn model_field<M: Model, V: FormValue + db::Field>(name: &'static str, column: Column<M, V>) -> Field {
    let (field, table) = (Field::of::<V>(name), M::table());
    let Some(column) = table.column(column.name()) else { return field };
    let field = if column.null { field.optional() } else { field };
    match column.kind {
        Kind::Char(length) => field.max_length(length as usize),
        Kind::Text if field.widget == Widget::TEXT => field.widget(Widget::Textarea),
        _ => field,
    }
}

/// The field, for values of the column's type that are not less than this.
pub fn at_least<M: Model, F: db::Field>(field: Field, _: Column<M, F>, least: F::Inner) -> Field
where
    F::Inner: FormValue + Display + PartialOrd + Copy,
{
    field.at_least(least)
}

/// The field, for values of the column's type that are not more than this.
pub fn at_most<M: Model, F: db::Field>(field: Field, _: Column<M, F>, most: F::Inner) -> Field
where
    F::Inner: FormValue + Display + PartialOrd + Copy,
{
    field.at_most(most)
}

impl<T: ModelForm> Form<T> {
    /// The form, filled in as the model has it while it is unbound.
    pub fn of_model(model: &T::Model, data: FormData) -> Self {
        let mut form = Self::of(data);
        for (name, shown) in T::shown(model) {
            form.fill(name, shown);
        }
        form
    }

    /// Writes what was sent into a model, without saving it; `false` if the form is not valid.
    pub fn apply(&mut self, model: &mut T::Model) -> bool {
        if !self.is_valid() {
            return false;
        }
        let mut errors = Errors::default();
        if T::fill(model, &mut self.reader(&mut errors)).is_some() {
            T::clean_model(model, &mut errors);
        }
        self.errors_mut().extend(errors);
        self.is_valid()
    }

    /// Writes what was sent into a model and saves it: as a new row, if its key is not set yet, and otherwise the form's columns alone. `None` if the form is not valid, or
    /// another row has what must be unique; then the form says so.
    ///
    /// # Errors
    /// What the database answers otherwise.
    pub async fn save(&mut self, db: &Database, mut model: T::Model) -> Result<Option<T::Model>> {
        if !self.apply(&mut model) || !self.is_unique(db, &model).await? {
            return Ok(None);
        }
        // What fails must not take a transaction of the caller's with it.
        let columns: Vec<_> = T::columns().into_iter().map(|(column, _)| column).collect();
        let saved = db.transaction(async |db| store(&db, model.clone(), &columns).await).await;
        match saved {
            Ok(model) => Ok(Some(model)),
            // Somebody was faster.
            Err(error) if error.is_unique_violation() => {
                if self.is_unique(db, &model).await? {
                    self.add_error("", taken::<T::Model>("these values"));
                }
                Ok(None)
            }
            Err(error) if error.is_foreign_key_violation() => {
                self.add_error("", "Select a valid choice. That choice is not one of the available choices.");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether no other row has what must be unique; if one has, the form says so.
    async fn is_unique(&mut self, db: &Database, model: &T::Model) -> Result<bool> {
        let columns = T::columns();
        for unique in unique_sets(&T::Model::table()) {
            let fields: Vec<_> = unique.columns.iter().filter_map(|name| field_of(&columns, name)).collect();
            let is_taken = match fields.is_empty() {
                true => false,
                false => other_row_with(db, model, &unique).await?,
            };
            if is_taken {
                self.say_taken(&unique, &fields);
            }
        }
        Ok(self.is_valid())
    }

    fn say_taken(&mut self, unique: &Unique, fields: &[&'static str]) {
        match (unique.columns.len(), fields) {
            (1, [field]) => {
                let label = self.fields().iter().find(|known| known.name == *field);
                let label = label.map_or_else(|| label_of(field), |known| known.label.clone());
                self.add_error(field, taken::<T::Model>(&label));
            }
            _ => {
                let labels: Vec<_> = fields.iter().map(|field| label_of(field)).collect();
                self.add_error("", taken::<T::Model>(&listed(&labels)));
            }
        }
    }
}

/// Columns whose values no two rows may share.
struct Unique {
    columns: Vec<String>,
    any_case: bool,
}

fn unique_sets(table: &Table) -> Vec<Unique> {
    let one = |name: &String, any_case| Unique { columns: vec![name.clone()], any_case };
    let alone =
        table.columns.iter().filter(|column| column.unique && !table.unique_lower.contains(&column.name));
    let alone = alone.map(|column| one(&column.name, false));
    let any_case = table.unique_lower.iter().map(|name| one(name, true));
    let together = table.unique_together.iter();
    let together = together.map(|columns| Unique { columns: columns.clone(), any_case: false });
    alone.chain(any_case).chain(together).collect()
}

fn field_of(columns: &[(&'static str, &'static str)], column: &str) -> Option<&'static str> {
    columns.iter().find(|(known, _)| *known == column).map(|(_, field)| *field)
}

async fn other_row_with<M: Model>(db: &Database, model: &M, unique: &Unique) -> Result<bool> {
    let values: Vec<_> = <M as Fields>::column_names().into_iter().zip(model.values()).collect();
    let mut rows = M::objects(db);
    for column in &unique.columns {
        let Some((name, value)) = values.iter().find(|(name, _)| name == column) else { return Ok(false) };
        rows = match value {
            // NULL is like nothing, not even NULL.
            value if is_null(value) => return Ok(false),
            Value::String(Some(text)) if unique.any_case => {
                rows.filter(Column::<M, String>::new(name).iexact(text))
            }
            value => rows.filter(Condition::holds(M::TABLE, name, value.clone())),
        };
    }
    if !model.key().is_unset() {
        rows = rows.exclude(M::has_key(model.key()));
    }
    rows.exists().await
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// A new row, or the form's columns of one that is there: what others change in the rest meanwhile stays.
async fn store<M: Model>(db: &Database, mut model: M, columns: &[&'static str]) -> Result<M> {
    match model.key().is_unset() {
        true => model.create(db).await,
        false => db::save_columns(&mut model, db, columns).await.map(|()| model),
    }
}

fn taken<M: Model>(what: &str) -> String {
    format!("{} with this {what} already exists.", M::NAME)
}

/// `Title and Author`.
fn listed(labels: &[String]) -> String {
    match labels {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => labels.concat(),
    }
}
