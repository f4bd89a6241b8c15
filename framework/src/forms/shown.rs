//! A form as templates see it. The HTML itself is in `templates/forms/`, where a site puts its own in its place.

use super::Errors;
use super::field::{Field, Widget};
use super::value::Choice;
use crate::templates::Html;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{HtmlEscape, Value};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// `form`: all of it when it is written, a field by its name.
#[derive(Debug)]
pub(super) struct ShownForm {
    fields: Vec<Arc<ShownField>>,
    general: Vec<String>,
    is_bound: bool,
}

/// `form.title`: the whole field when it is written, its parts by their names.
#[derive(Debug)]
struct ShownField {
    field: Field,
    html_name: String,
    texts: Vec<String>,
    errors: Vec<String>,
}

impl ShownForm {
    pub(super) fn new(
        fields: impl Iterator<Item = (Field, String, Vec<String>)>,
        errors: &Errors,
        is_bound: bool,
    ) -> Self {
        let shown = |(field, html_name, texts): (Field, String, Vec<String>)| {
            let errors = errors.of(field.name).to_vec();
            Arc::new(ShownField { field, html_name, texts, errors })
        };
        Self { fields: fields.map(shown).collect(), general: errors.general().to_vec(), is_bound }
    }

    pub(super) fn into_value(form: Arc<Self>) -> Value {
        Html::by_template("forms/form.html", "form", Value::from_dyn_object(form))
    }

    fn is_multipart(&self) -> bool {
        self.fields.iter().any(|field| field.field.widget == Widget::File)
    }

    fn part(&self, is_part: impl Fn(&ShownField) -> bool) -> Value {
        self.fields.iter().filter(|field| is_part(field)).map(ShownField::value).collect()
    }
}

impl Object for ShownForm {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "non_field_errors" => Value::from(self.general.clone()),
            "is_bound" => Value::from(self.is_bound),
            "is_multipart" => Value::from(self.is_multipart()),
            "hidden_fields" => self.part(ShownField::is_hidden),
            "visible_fields" => self.part(|field| !field.is_hidden()),
            "errors" => {
                let wrong = self.fields.iter().filter(|field| !field.errors.is_empty());
                Value::from(
                    wrong.map(|field| (field.field.name, field.errors.clone())).collect::<BTreeMap<_, _>>(),
                )
            }
            name => ShownField::value(self.fields.iter().find(|field| field.field.name == name)?),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields.iter().map(ShownField::value).collect())
    }
}

impl ShownField {
    fn value(field: &Arc<Self>) -> Value {
        let template = field.field.template.unwrap_or("forms/field.html");
        Html::by_template(template, "field", Value::from_dyn_object(Arc::clone(field)))
    }

    fn widget(field: &Arc<Self>) -> Value {
        Html::by_template(field.field.widget.template(), "field", Value::from_dyn_object(Arc::clone(field)))
    }

    fn is_hidden(&self) -> bool {
        self.field.widget == Widget::HIDDEN
    }

    fn id(&self) -> String {
        format!("id_{}", self.html_name)
    }

    /// A password is never shown again, nor is which file it was.
    fn texts(&self) -> &[String] {
        if self.field.is_secret() || self.field.widget == Widget::File { &[] } else { &self.texts }
    }

    fn is_chosen(&self, choice: &str) -> bool {
        self.texts().iter().any(|text| text == choice)
    }

    fn choices(&self) -> Value {
        let choices = self.field.choices.iter().flatten();
        let shown = |choice: &Choice| {
            let selected = self.is_chosen(&choice.value);
            minijinja::context! { value => choice.value.clone(), label => choice.label.clone(), selected => selected }
        };
        choices.map(shown).collect()
    }

    /// Whether the list begins with nothing: where nothing may be chosen, or nothing is yet.
    fn has_blank_choice(&self) -> bool {
        let is_open = !self.field.required || self.texts().iter().all(String::is_empty);
        !self.field.multiple && is_open && !self.is_chosen("")
    }

    /// All attributes but type and value, those for screen readers among them (WAI-ARIA: the error and the help are read with the field).
    fn attributes(&self) -> String {
        let mut html = format!(" name=\"{}\"", HtmlEscape(&self.html_name));
        let field = &self.field;
        if !field.widget.is_group() {
            push(&mut html, "id", &self.id());
            html.push_str(if field.required { " required" } else { "" });
            html.push_str(if field.is_select_multiple() { " multiple" } else { "" });
        }
        html.push_str(if field.disabled { " disabled" } else { "" });
        for (name, value) in &field.attributes {
            if value.is_empty() {
                html.push(' ');
                html.push_str(name);
            } else {
                push(&mut html, name, value);
            }
        }
        if !field.widget.is_group() {
            html.push_str(&self.aria());
        }
        html
    }

    fn aria(&self) -> String {
        let (id, mut html) = (self.id(), String::new());
        let help = (!self.field.help.is_empty()).then(|| format!("{id}_help"));
        let errors = (!self.errors.is_empty()).then(|| format!("{id}_errors"));
        let described: Vec<_> = help.into_iter().chain(errors).collect();
        if !described.is_empty() {
            push(&mut html, "aria-describedby", &described.join(" "));
        }
        if !self.errors.is_empty() {
            push(&mut html, "aria-invalid", "true");
        }
        html
    }
}

fn push(html: &mut String, name: &str, value: &str) {
    write!(html, " {name}=\"{}\"", HtmlEscape(value)).expect("a String takes all that is written");
}

impl Object for ShownField {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let field = &self.field;
        Some(match key.as_str()? {
            "name" => Value::from(field.name),
            "html_name" => Value::from(self.html_name.clone()),
            "id_for_label" => Value::from(self.id()),
            "label" => Value::from(field.label.clone()),
            "help_text" => Value::from(field.help.clone()),
            "help_lines" => field.help.lines().map(Value::from).collect(),
            "value" => Value::from(self.texts().first().cloned().unwrap_or_default()),
            "values" => Value::from(self.texts().to_vec()),
            "errors" => Value::from(self.errors.clone()),
            "required" => Value::from(field.required),
            "is_hidden" => Value::from(self.is_hidden()),
            "is_group" => Value::from(field.widget.is_group()),
            "is_checked" => {
                Value::from(self.texts().iter().any(|text| !matches!(&**text, "" | "false" | "False" | "0")))
            }
            "type" => Value::from(field.widget.kind()),
            "choices" => self.choices(),
            "has_blank_choice" => Value::from(self.has_blank_choice()),
            "attributes" => Value::from_safe_string(self.attributes()),
            "aria" => Value::from_safe_string(self.aria()),
            "widget" => Self::widget(self),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{Form, FormData};

    /// As the templates that come with the framework write it.
    fn html(form: &Form) -> String {
        Value::from(minijinja::value::Serde(form)).to_string()
    }

    fn form(pairs: &[(&str, &str)]) -> Form {
        let fields = [
            Field::text("title").max_length(5),
            Field::password("password"),
            Field::textarea("body").optional().help("Say it."),
        ];
        Form::new(fields, FormData::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn what_was_typed_is_shown_again_but_never_a_password() {
        let html = html(&form(&[("title", "\"<b>"), ("password", "s3cret"), ("body", "\n</textarea>")]));
        assert!(html.contains("value=\"&quot;&lt;b&gt;\"") || html.contains("&#34;&lt;b&gt;"), "{html}");
        assert!(!html.contains("s3cret") && html.contains("&lt;&#x2f;textarea&gt;"), "{html}");
    }

    #[test]
    fn errors_and_help_are_tied_to_the_field_for_screen_readers() {
        let html = html(&form(&[("title", "sixsix"), ("password", "x")]));
        assert!(html.contains("aria-describedby=\"id_title_errors\" aria-invalid=\"true\""), "{html}");
        assert!(
            html.contains("id=\"id_title_errors\"") && html.contains("aria-describedby=\"id_body_help\""),
            "{html}"
        );
        assert!(html.contains("<label for=\"id_title\">Title</label>"), "{html}");
    }

    #[test]
    fn choices_are_a_list_with_what_was_chosen() {
        let colours = [("r", "Red"), ("g", "Green & more")];
        let one = |data| Form::new([Field::text("colour").choices(colours)], data);
        let unbound = html(&one(FormData::unbound()));
        assert!(unbound.contains("<option value=\"\">") && unbound.contains("Green &amp; more"), "{unbound}");
        let chosen = one(FormData::from_pairs([("colour", "g")]));
        assert!(chosen.is_valid() && html(&chosen).contains("<option value=\"g\" selected>"));
        let other = one(FormData::from_pairs([("colour", "x")]));
        assert_eq!(other.errors("colour"), ["Select a valid choice. x is not one of the available choices."]);
    }

    #[test]
    fn a_group_of_boxes_is_named_by_its_legend() {
        let field = Field::new("colours", Widget::Checkboxes).choices([("r", "Red"), ("g", "Green")]);
        let form = Form::new([field], FormData::from_pairs([("colours", "r"), ("colours", "g")]));
        let html = html(&form);
        assert!(form.is_valid() && form.values("colours") == ["r", "g"]);
        assert!(html.contains("<fieldset") && html.contains("<legend>Colours</legend>"), "{html}");
        assert_eq!(html.matches(" checked").count(), 2, "{html}");
    }

    #[test]
    fn a_form_with_files_says_so() {
        let form = Form::new([Field::new("photo", Widget::File)], FormData::unbound());
        assert!(Value::from(minijinja::value::Serde(&form)).get_attr("is_multipart").unwrap().is_true());
        assert!(html(&form).contains("<input type=\"file\" name=\"photo\""));
    }
}
