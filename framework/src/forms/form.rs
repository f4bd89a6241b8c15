//! A form: its fields, what was sent, and what is wrong with it.

use super::bound::Entry;
use super::shown::ShownForm;
use super::{Errors, Field, FormData, Reader};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, OnceLock};

/// What pages send along with any form: the CSRF token, and where to go afterwards.
const COMPANIONS: [&str; 2] = ["csrfmiddlewaretoken", "next"];

/// The fields of a form, as a struct: what `#[derive(Form)]` writes.
///
/// ```
/// use nuages::{Form, FormData};
///
/// #[derive(Form)]
/// struct ContactForm {
///     #[form(max_length = 100)]
///     subject: String,
///     #[form(widget = textarea, help = "What is it about?")]
///     message: String,
///     #[form(widget = email)]
///     sender: String,
///     copy_to_me: bool,
/// }
///
/// let data = FormData::from_pairs([("subject", "Hello"), ("message", "…"), ("sender", "ann@site.example")]);
/// let form = ContactForm::form(data);
/// let contact = form.cleaned().unwrap();
/// assert_eq!((&*contact.subject, contact.copy_to_me), ("Hello", false));
/// ```
///
/// On a field: `label`, `help`, `widget` (`text`, `textarea`, `email`, `password`, `select`, `radio`, `checkboxes`, `hidden`, or any
/// type of HTML's inputs in quotes), `max_length`, `min_length`, `min`, `max`, `max_bytes`, `extensions("png", "jpg")`, `url`, `slug`, `optional`,
/// `required`, `keep_spaces`, `disabled`, `choices = EXPRESSION`, `initial = EXPRESSION`, `autocomplete`, `placeholder`,
/// `attributes(rows = "12")`, `rule = FUNCTION` (of a `&str`), `clean = FUNCTION` (of the value, answers it or an error), `template`.
///
/// On the struct: `clean = FUNCTION`, of a `&Self` and the [`Errors`], for what concerns several fields; `model = Post, fields(title, body(label = "Text"))` makes
/// it a form of a model: see [`ModelForm`](super::ModelForm).
pub trait FormFields: Sized + Send + Sync + 'static {
    /// The fields, in order.
    fn fields() -> Vec<Field>;
    /// Reads the struct from what was sent; `None` if something is wrong, which the reader has written down.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
    /// What is wrong with several fields together. Asked only when each of them is right.
    fn clean(&self, _errors: &mut Errors) {}
    /// How the struct stands in a form.
    fn show(&self) -> Vec<(&'static str, Vec<String>)> {
        Vec::new()
    }
}

/// A form whose fields are named one by one has no struct.
impl FormFields for () {
    fn fields() -> Vec<Field> {
        Vec::new()
    }

    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(())
    }
}

/// A form. `{{ form }}` shows it whole; `{{ form.title }}` one field, with its label and errors.
///
/// `#[derive(Form)]` makes one of a struct: see [`FormFields`]. Fields may be named one by one, too:
///
/// ```
/// use nuages::{Form, FormData, FormField};
///
/// let fields = [FormField::text("title").max_length(200), FormField::textarea("body")];
/// let form = Form::new(fields, FormData::from_pairs([("title", "Nuages")]));
/// assert!(!form.is_valid());
/// assert_eq!(form.errors("body"), ["This field is required."]);
/// ```
#[derive(Debug)]
pub struct Form<T = ()> {
    fields: Vec<Field>,
    data: FormData,
    prefix: Option<String>,
    companions: Vec<&'static str>,
    outcome: OnceLock<Outcome<T>>,
}

/// What came of reading a form.
#[derive(Debug)]
struct Outcome<T> {
    entries: Vec<Entry>,
    errors: Errors,
    cleaned: Option<T>,
}

impl Form {
    /// A form with these fields; what was sent for them is checked when somebody asks.
    pub fn new(fields: impl IntoIterator<Item = Field>, data: FormData) -> Self {
        Self::with_fields(fields.into_iter().collect(), data)
    }
}

impl<T: FormFields> Form<T> {
    /// The form of this struct: bound to what was sent, or unbound.
    pub fn of(data: FormData) -> Self {
        Self::with_fields(T::fields(), data)
    }

    /// The form of this struct, filled in as `value` has it while it is unbound.
    pub fn editing(value: &T, data: FormData) -> Self {
        let mut form = Self::of(data);
        for (name, shown) in value.show() {
            form.fill(name, shown);
        }
        form
    }

    fn with_fields(fields: Vec<Field>, data: FormData) -> Self {
        Self { fields, data, prefix: None, companions: COMPANIONS.to_vec(), outcome: OnceLock::new() }
    }

    /// Fills in a field of a form that was not sent yet.
    pub fn initial(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fill(name, vec![value.into()]);
        self
    }

    pub(super) fn fill(&mut self, name: &str, shown: Vec<String>) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.initial = shown;
        }
    }

    /// One field more, behind the others.
    pub fn with_field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// What there is to choose from in a field, where that is known to the view alone.
    pub fn choices<V: Display, L: Display>(
        self,
        name: &str,
        choices: impl IntoIterator<Item = (V, L)>,
    ) -> Self {
        self.change(name, |field| field.choices(choices))
    }

    /// Changes a field of this form: `form.change("title", |title| title.label("Headline"))`.
    pub fn change(mut self, name: &str, change: impl FnOnce(Field) -> Field) -> Self {
        if let Some(position) = self.fields.iter().position(|field| field.name == name) {
            let field = change(self.fields.remove(position));
            self.fields.insert(position, field);
        }
        self
    }

    /// Puts a word and `-` in front of the names of all fields, for several forms on one page.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// The page sends a field of this name besides, such as a button's. What the form does not know is an error otherwise.
    pub fn also(mut self, name: &'static str) -> Self {
        self.companions.push(name);
        self
    }

    /// Whether it was sent and nothing is wrong with it.
    pub fn is_valid(&self) -> bool {
        self.is_bound() && self.outcome().errors.is_empty()
    }

    /// Whether it was sent.
    pub fn is_bound(&self) -> bool {
        self.data.is_bound()
    }

    /// What was sent, as the struct; `None` unless the form is valid.
    pub fn cleaned(&self) -> Option<&T> {
        if self.is_valid() { self.outcome().cleaned.as_ref() } else { None }
    }

    /// As [`cleaned`](Form::cleaned), to keep.
    pub fn into_cleaned(mut self) -> Option<T> {
        if self.is_valid() { self.outcome.take().and_then(|outcome| outcome.cleaned) } else { None }
    }

    /// The text of a field as it was sent, without spaces at its ends; empty if there is no such field.
    pub fn value(&self, name: &str) -> &str {
        self.entry(name).map_or("", Entry::first)
    }

    /// All texts of a field.
    pub fn values(&self, name: &str) -> &[String] {
        self.entry(name).map_or(&[], |entry| &entry.texts)
    }

    /// The errors of a field.
    pub fn errors(&self, name: &str) -> &[String] {
        self.outcome().errors.of(name)
    }

    /// The errors that belong to no field.
    pub fn non_field_errors(&self) -> &[String] {
        self.outcome().errors.general()
    }

    /// All errors.
    pub fn all_errors(&self) -> &Errors {
        &self.outcome().errors
    }

    /// Adds an error to a field, or to the whole form if there is no such field.
    pub fn add_error(&mut self, name: &str, error: impl Into<String>) {
        let is_field = self.fields.iter().any(|field| field.name == name);
        let errors = self.errors_mut();
        match is_field {
            true => errors.add(name, error),
            false => errors.add_general(error),
        }
    }

    pub(super) fn errors_mut(&mut self) -> &mut Errors {
        self.outcome();
        &mut self.outcome.get_mut().expect("it was made a line above").errors
    }

    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub(super) fn reader<'a>(&'a self, errors: &'a mut Errors) -> Reader<'a> {
        Reader::new(&self.fields, &self.outcome().entries, errors)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let position = self.fields.iter().position(|field| field.name == name)?;
        self.outcome().entries.get(position)
    }

    fn outcome(&self) -> &Outcome<T> {
        self.outcome.get_or_init(|| match self.data.is_bound() {
            true => self.read(),
            false => self.unsent(),
        })
    }

    fn unsent(&self) -> Outcome<T> {
        let entry = |field: &Field| Entry { texts: field.initial.clone(), files: Vec::new() };
        Outcome { entries: self.fields.iter().map(entry).collect(), errors: Errors::default(), cleaned: None }
    }

    fn read(&self) -> Outcome<T> {
        let mut errors = Errors::default();
        self.refuse_surplus(&mut errors);
        let entry = |field: &Field| Entry::read(field, &self.html_name(field), &self.data, &mut errors);
        let entries: Vec<_> = self.fields.iter().map(entry).collect();
        let mut cleaned = None;
        if errors.by_field().is_empty() {
            cleaned = T::read(&mut Reader::new(&self.fields, &entries, &mut errors));
            cleaned.iter().for_each(|cleaned| cleaned.clean(&mut errors));
        }
        Outcome { entries, errors, cleaned }
    }

    /// What the form does not know was not meant for it, or is an attempt at more (OWASP: mass assignment).
    fn refuse_surplus(&self, errors: &mut Errors) {
        let prefix = self.prefix.as_ref().map(|prefix| format!("{prefix}-"));
        let is_ours = |name: &str| prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix));
        let is_known = |name: &str| {
            self.companions.contains(&name) || self.fields.iter().any(|field| self.html_name(field) == name)
        };
        if let Some(name) = self.data.names().find(|name| is_ours(name) && !is_known(name)) {
            let shown: String = name.chars().take(50).collect();
            tracing::debug!(
                field = shown,
                "a form was sent a field that it has not; `.also(name)` lets it pass"
            );
            errors.add_general(format!("This form has no field “{shown}”."));
        }
    }

    fn html_name(&self, field: &Field) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}-{}", field.name),
            None => field.name.to_owned(),
        }
    }

    /// The form as templates see it.
    pub(super) fn shown(&self) -> Arc<ShownForm> {
        let outcome = self.outcome();
        let fields = self.fields.iter().zip(&outcome.entries);
        let fields = fields.map(|(field, entry)| (field.clone(), self.html_name(field), entry.texts.clone()));
        Arc::new(ShownForm::new(fields, &outcome.errors, self.is_bound()))
    }
}

/// In a template a form is an object; elsewhere it serialises as its values, passwords left out.
impl<T: FormFields> Serialize for Form<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if minijinja::value::serializing_for_value() {
            return ShownForm::into_value(self.shown()).serialize(serializer);
        }
        let shown = self.fields.iter().filter(|field| !field.is_secret());
        shown
            .map(|field| (field.name, self.value(field.name)))
            .collect::<BTreeMap<_, _>>()
            .serialize(serializer)
    }
}
