//! A form: its fields, what was sent, and what is wrong with it.

use super::{Field, FormData, Widget};
use crate::templates::Html;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{HtmlEscape, Value};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;

/// A form. `{{ form }}` shows it whole; `{{ form.title }}` one field, with its label and errors.
///
/// ```
/// use nuages::{Form, FormData, FormField};
///
/// let fields = [FormField::text("title").max_length(200), FormField::textarea("body")];
/// let mut form = Form::new(fields, FormData::from_pairs([("title", "Nuages")]));
/// assert!(!form.is_valid());
/// assert_eq!(form.errors("body"), ["This field is required."]);
/// ```
#[derive(Clone, Debug)]
pub struct Form {
    fields: Vec<BoundField>,
    bound: bool,
    general: Vec<String>,
}

/// A field with its value and errors.
#[derive(Clone, Debug)]
pub struct BoundField {
    field: Field,
    value: String,
    errors: Vec<String>,
}

impl Form {
    /// A form with these fields; if data was sent, it is cleaned and checked.
    pub fn new(fields: impl IntoIterator<Item = Field>, data: FormData) -> Self {
        let fields = fields.into_iter().map(|field| BoundField::new(field, &data)).collect();
        Self { fields, bound: data.is_bound(), general: Vec::new() }
    }

    /// Fills in a field of a form that was not sent yet.
    pub fn initial(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|bound| !self.bound && bound.field.name == name) {
            field.value = value.into();
        }
        self
    }

    /// Whether it was sent and nothing is wrong with it.
    pub fn is_valid(&self) -> bool {
        self.bound && self.general.is_empty() && self.fields.iter().all(|field| field.errors.is_empty())
    }

    /// Whether it was sent.
    pub fn is_bound(&self) -> bool {
        self.bound
    }

    /// The cleaned value of a field; empty if there is no such field.
    pub fn value(&self, name: &str) -> &str {
        self.field(name).map_or("", |field| &field.value)
    }

    /// The errors of a field.
    pub fn errors(&self, name: &str) -> &[String] {
        self.field(name).map_or(&[], |field| &field.errors)
    }

    /// The errors that belong to no field.
    pub fn non_field_errors(&self) -> &[String] {
        &self.general
    }

    /// Adds an error to a field, or to the whole form if there is no such field.
    pub fn add_error(&mut self, name: &str, error: impl Into<String>) {
        match self.fields.iter_mut().find(|bound| bound.field.name == name) {
            Some(field) => field.errors.push(error.into()),
            None => self.general.push(error.into()),
        }
    }

    fn field(&self, name: &str) -> Option<&BoundField> {
        self.fields.iter().find(|bound| bound.field.name == name)
    }

    fn into_value(self) -> Value {
        let form = Arc::new(self);
        let shown = Arc::clone(&form);
        Value::from_object(Html::new(move || shown.html()).with_object(Value::from_dyn_object(form)))
    }

    fn html(&self) -> String {
        let mut html = error_list("form-errors", &self.general);
        for field in &self.fields {
            html.push_str(&field.html());
        }
        html
    }
}

impl BoundField {
    fn new(field: Field, data: &FormData) -> Self {
        let value = if data.is_bound() { field.clean(data.get(field.name)) } else { String::new() };
        let errors = if data.is_bound() { field.fault(&value).into_iter().collect() } else { Vec::new() };
        Self { field, value, errors }
    }

    fn into_value(self) -> Value {
        let field = Arc::new(self);
        let shown = Arc::clone(&field);
        Value::from_object(Html::new(move || shown.html()).with_object(Value::from_dyn_object(field)))
    }

    /// Label, widget, help and errors, tied together for screen readers.
    fn html(&self) -> String {
        let (name, label) = (self.field.name, HtmlEscape(&self.field.label));
        let mut html =
            format!("<div class=\"field\">\n<label for=\"id_{name}\">{label}</label>\n{}\n", self.widget());
        if !self.field.help.is_empty() {
            html.push_str(&help(&format!("id_{name}_help"), &self.field.help));
        }
        html.push_str(&error_list(&format!("id_{name}_errors"), &self.errors));
        html.push_str("</div>\n");
        html
    }

    fn widget(&self) -> String {
        let attributes = self.attributes();
        let value = HtmlEscape(&self.value);
        match self.field.widget {
            Widget::Textarea => format!("<textarea{attributes}>\n{value}</textarea>"),
            Widget::Password => format!("<input type=\"password\"{attributes}>"),
            Widget::Checkbox if self.value.is_empty() => format!("<input type=\"checkbox\"{attributes}>"),
            Widget::Checkbox => format!("<input type=\"checkbox\" checked{attributes}>"),
            Widget::Email => format!("<input type=\"email\" value=\"{value}\"{attributes}>"),
            Widget::Text => format!("<input type=\"text\" value=\"{value}\"{attributes}>"),
        }
    }

    fn attributes(&self) -> String {
        let name = self.field.name;
        let mut html = format!(" name=\"{name}\" id=\"id_{name}\"");
        if self.field.required {
            html.push_str(" required");
        }
        if let Some(most) = self.field.max_length {
            push(&mut html, format_args!(" maxlength=\"{most}\""));
        }
        for (name, value) in &self.field.attributes {
            push(&mut html, format_args!(" {name}=\"{}\"", HtmlEscape(value)));
        }
        self.describe(&mut html);
        html
    }

    fn describe(&self, html: &mut String) {
        let name = self.field.name;
        let help = (!self.field.help.is_empty()).then(|| format!("id_{name}_help"));
        let errors = (!self.errors.is_empty()).then(|| format!("id_{name}_errors"));
        let described: Vec<_> = help.into_iter().chain(errors).collect();
        if !described.is_empty() {
            push(html, format_args!(" aria-describedby=\"{}\"", described.join(" ")));
        }
        if !self.errors.is_empty() {
            html.push_str(" aria-invalid=\"true\"");
        }
    }
}

/// A sentence, or a list of one for each line.
fn help(id: &str, text: &str) -> String {
    if !text.contains('\n') {
        return format!("<p class=\"help\" id=\"{id}\">{}</p>\n", HtmlEscape(text));
    }
    let items: String = text.lines().map(|line| format!("<li>{}</li>", HtmlEscape(line))).collect();
    format!("<ul class=\"help\" id=\"{id}\">{items}</ul>\n")
}

fn error_list(id: &str, errors: &[String]) -> String {
    if errors.is_empty() {
        return String::new();
    }
    let items: String = errors.iter().map(|error| format!("<li>{}</li>", HtmlEscape(error))).collect();
    format!("<ul class=\"errorlist\" id=\"{id}\" role=\"alert\">{items}</ul>\n")
}

fn push(html: &mut String, text: fmt::Arguments<'_>) {
    html.write_fmt(text).expect("a String takes all that is written");
}

/// In a template a form is an object; elsewhere it serialises as its values, passwords left out.
impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if minijinja::value::serializing_for_value() {
            return self.clone().into_value().serialize(serializer);
        }
        let shown = self.fields.iter().filter(|bound| bound.field.widget != Widget::Password);
        shown.map(|bound| (bound.field.name, &bound.value)).collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

impl Object for Form {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "non_field_errors" => Some(Value::from(self.general.clone())),
            "is_bound" => Some(Value::from(self.bound)),
            "errors" => {
                let errors = self.fields.iter().map(|bound| (bound.field.name, bound.errors.clone()));
                Some(Value::from(errors.filter(|(_, errors)| !errors.is_empty()).collect::<BTreeMap<_, _>>()))
            }
            name => self.field(name).cloned().map(BoundField::into_value),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields.iter().cloned().map(BoundField::into_value).collect())
    }

    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }
}

impl Object for BoundField {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "name" => Value::from(self.field.name),
            "label" => Value::from(self.field.label.clone()),
            "help_text" => Value::from(self.field.help.clone()),
            "value" if self.field.widget != Widget::Password => Value::from(self.value.clone()),
            "errors" => Value::from(self.errors.clone()),
            "widget" => Value::from_safe_string(self.widget()),
            "id_for_label" => Value::from(format!("id_{}", self.field.name)),
            _ => return None,
        })
    }

    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        let fields = [
            Field::text("title").max_length(5),
            Field::password("password"),
            Field::textarea("body").optional(),
        ];
        Form::new(fields, FormData::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn what_was_typed_is_shown_again_but_never_a_password() {
        let html = form(&[("title", "\"<b>"), ("password", "s3cret")]).html();
        assert!(html.contains("value=\"&quot;&lt;b&gt;\"") || html.contains("&#34;&lt;b&gt;"), "{html}");
        assert!(!html.contains("s3cret"));
    }

    #[test]
    fn a_value_over_its_limit_is_an_error_of_the_field() {
        let form = form(&[("title", "sixsix"), ("password", "x")]);
        assert_eq!(form.errors("title"), ["Ensure this value has at most 5 characters (it has 6)."]);
        assert!(
            form.html().contains("aria-invalid=\"true\"")
                && form.html().contains("aria-describedby=\"id_title_errors\"")
        );
    }

    #[test]
    fn an_unbound_form_is_neither_valid_nor_wrong() {
        let form = Form::new([Field::text("title")], FormData::unbound()).initial("title", "x");
        assert!(!form.is_valid() && form.errors("title").is_empty());
        assert!(form.html().contains("value=\"x\""));
    }

    #[test]
    fn null_characters_are_refused() {
        assert_eq!(
            form(&[("title", "a\0"), ("password", "x")]).errors("title"),
            ["Null characters are not allowed."]
        );
    }
}
