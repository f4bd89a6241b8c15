//! One field of a form, as it is declared.

use super::rules::Rule;
use super::value::{Choice, FormValue, Sent};
use std::fmt::Display;

/// How a field is shown: which template of `forms/widgets/` draws it, and which type its input has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget {
    /// A line of input, of this type: `text`, `email`, `number`, `date`, `search` and so on.
    Input(&'static str),
    /// Several lines of text.
    Textarea,
    /// A box to tick.
    Checkbox,
    /// A list to choose from; several at once, if the field takes several.
    Select,
    /// One button for each choice.
    Radio,
    /// One box for each choice, of which several may be ticked.
    Checkboxes,
    /// A file from the visitor's disk.
    File,
}

impl Widget {
    /// A line of text.
    pub const TEXT: Self = Self::Input("text");
    /// A line whose characters are hidden, and which is never filled in again.
    pub const PASSWORD: Self = Self::Input("password");
    /// An e-mail address.
    pub const EMAIL: Self = Self::Input("email");
    /// The address of a page.
    pub const URL: Self = Self::Input("url");
    /// A number.
    pub const NUMBER: Self = Self::Input("number");
    /// A day.
    pub const DATE: Self = Self::Input("date");
    /// A time of the day.
    pub const TIME: Self = Self::Input("time");
    /// A day and a time.
    pub const DATE_TIME: Self = Self::Input("datetime-local");
    /// Nothing to see.
    pub const HIDDEN: Self = Self::Input("hidden");

    /// The template that draws it.
    pub(super) fn template(self) -> &'static str {
        match self {
            Self::Input(_) => "forms/widgets/input.html",
            Self::Textarea => "forms/widgets/textarea.html",
            Self::Checkbox => "forms/widgets/checkbox.html",
            Self::Select => "forms/widgets/select.html",
            Self::Radio | Self::Checkboxes => "forms/widgets/choices.html",
            Self::File => "forms/widgets/file.html",
        }
    }

    /// The type of its inputs.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Input(kind) => kind,
            Self::Textarea => "textarea",
            Self::Checkbox | Self::Checkboxes => "checkbox",
            Self::Select => "select",
            Self::Radio => "radio",
            Self::File => "file",
        }
    }

    /// What a text has to be to be shown so.
    fn rule(self) -> Option<Rule> {
        match self {
            Self::EMAIL => Some(Rule::email()),
            Self::URL => Some(Rule::url()),
            _ => None,
        }
    }

    /// Whether it is several inputs, which a label cannot name at once.
    pub(super) fn is_group(self) -> bool {
        matches!(self, Self::Radio | Self::Checkboxes)
    }
}

/// A field: its name, label, widget and rules.
///
/// ```
/// use nuages::{Form, FormData, FormField};
///
/// let age = FormField::of::<u8>("age").at_least(18u8).help("We have to ask.");
/// let form = Form::new([age], FormData::from_pairs([("age", "17")]));
/// assert_eq!(form.errors("age"), ["Ensure this value is greater than or equal to 18."]);
/// ```
#[derive(Clone, Debug)]
pub struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) widget: Widget,
    pub(super) required: bool,
    pub(super) strip: bool,
    pub(super) multiple: bool,
    pub(super) disabled: bool,
    /// What makes a text one of the field's type; the other rules are asked only then.
    pub(super) kind: Option<Rule>,
    pub(super) rules: Vec<Rule>,
    pub(super) choices: Option<Vec<Choice>>,
    pub(super) initial: Vec<String>,
    pub(super) max_bytes: Option<u64>,
    pub(super) help: String,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) template: Option<&'static str>,
}

impl Field {
    /// A required field with this widget, labelled with its name.
    pub fn new(name: &'static str, widget: Widget) -> Self {
        Self {
            name,
            label: label_of(name),
            widget,
            required: widget != Widget::Checkbox,
            strip: widget != Widget::PASSWORD,
            multiple: widget == Widget::Checkboxes,
            disabled: false,
            kind: None,
            rules: widget.rule().into_iter().collect(),
            choices: None,
            initial: Vec::new(),
            max_bytes: None,
            help: String::new(),
            attributes: Vec::new(),
            template: None,
        }
    }

    /// The field for a value of this type: `FormField::of::<NaiveDate>("birthday")`.
    pub fn of<V: FormValue>(name: &'static str) -> Self {
        let field = V::field(name);
        let is_read_by_rule = field.kind.is_some() || matches!(field.widget, Widget::File | Widget::Checkbox);
        match is_read_by_rule {
            true => field,
            false => field.kind(|text| V::read(Sent::text(&text.to_owned())).map(drop)),
        }
    }

    /// A line of text.
    pub fn text(name: &'static str) -> Self {
        Self::new(name, Widget::TEXT)
    }

    /// Several lines of text.
    pub fn textarea(name: &'static str) -> Self {
        Self::new(name, Widget::Textarea)
    }

    /// An e-mail address.
    pub fn email(name: &'static str) -> Self {
        Self::new(name, Widget::EMAIL)
    }

    /// A password: hidden, taken as it stands, never shown again.
    pub fn password(name: &'static str) -> Self {
        Self::new(name, Widget::PASSWORD)
    }

    /// A box to tick.
    pub fn checkbox(name: &'static str) -> Self {
        Self::new(name, Widget::Checkbox)
    }

    /// Another way to show it. The rules stay; those of an e-mail address and of a page's come with their widgets.
    pub fn widget(mut self, widget: Widget) -> Self {
        self.widget = widget;
        self.rules.extend(widget.rule());
        self.strip = self.strip && widget != Widget::PASSWORD;
        self
    }

    /// Other words beside the field.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Words below the field; several lines make a list.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// It may be left empty.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// It may not be left empty; a box must be ticked.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Spaces at both ends belong to the text.
    pub fn keep_spaces(mut self) -> Self {
        self.strip = false;
        self
    }

    /// It is shown, but what is sent for it is passed over: its value stays the initial one.
    pub fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    /// It takes several values.
    pub fn multiple(mut self) -> Self {
        self.multiple = true;
        self
    }

    /// At most so many characters.
    pub fn max_length(self, characters: usize) -> Self {
        self.attribute("maxlength", characters.to_string()).with(Rule::max_length(characters))
    }

    /// At least so many characters.
    pub fn min_length(self, characters: usize) -> Self {
        self.attribute("minlength", characters.to_string()).with(Rule::min_length(characters))
    }

    /// At most so many bytes in each file; without it the setting `file_upload_max_size` alone counts.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Files with these endings alone; it is their names that are looked at, not what is in them.
    pub fn extensions(self, allowed: &'static [&'static str]) -> Self {
        let accept: Vec<_> = allowed.iter().map(|ending| format!(".{ending}")).collect();
        self.attribute("accept", accept.join(",")).with(Rule::extensions(allowed))
    }

    /// Not less than this.
    pub fn at_least<V: FormValue + Display + PartialOrd + Copy>(self, least: V) -> Self {
        self.attribute("min", least.to_string()).with(Rule::at_least(least, value_of))
    }

    /// Not more than this.
    pub fn at_most<V: FormValue + Display + PartialOrd + Copy>(self, most: V) -> Self {
        self.attribute("max", most.to_string()).with(Rule::at_most(most, value_of))
    }

    /// It is the address of a page: http, https or ftp.
    pub fn url(self) -> Self {
        self.widget(Widget::URL)
    }

    /// It is ASCII letters, digits, `_` and `-` alone.
    pub fn slug(self) -> Self {
        self.with(Rule::slug())
    }

    /// One rule more: what is wrong with a text that is not empty.
    pub fn rule(self, rule: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.with(Rule::new(rule))
    }

    /// What makes a text one of the field's type. Where it refuses a text, the other rules are not asked.
    pub fn kind(mut self, rule: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.kind = Some(Rule::new(rule));
        self
    }

    /// What there is to choose from: values, and what people read. Nothing else is taken.
    pub fn choices<V: Display, L: Display>(mut self, choices: impl IntoIterator<Item = (V, L)>) -> Self {
        let choice = |(value, label): (V, L)| Choice { value: value.to_string(), label: label.to_string() };
        self.choices = Some(choices.into_iter().map(choice).collect());
        if matches!(self.widget, Widget::Input(_)) {
            self.widget = Widget::Select;
        }
        self
    }

    /// What an unbound form shows.
    pub fn initial<V: FormValue>(mut self, value: &V) -> Self {
        self.initial = value.show();
        self
    }

    /// An attribute of the HTML element, such as `autocomplete`; an earlier one of that name goes.
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.retain(|(known, _)| *known != name);
        self.attributes.push((name, value.into()));
        self
    }

    /// The template that draws the whole field, in the place of `forms/field.html`.
    pub fn template(mut self, name: &'static str) -> Self {
        self.template = Some(name);
        self
    }

    fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Whether what was typed is never shown again.
    pub(super) fn is_secret(&self) -> bool {
        self.widget == Widget::PASSWORD
    }

    /// Whether it is drawn as a list in which several may be chosen.
    pub(super) fn is_select_multiple(&self) -> bool {
        self.multiple && self.widget == Widget::Select
    }
}

fn value_of<V: FormValue>(text: &str) -> Option<V> {
    V::read(Sent::text(&text.to_owned())).ok()
}

/// What a field is called on the page: `first_name` is `First name`.
pub fn label_of(name: &str) -> String {
    let mut letters = name.chars().map(|letter| if letter == '_' { ' ' } else { letter });
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_the_name_as_people_read_it() {
        for (name, label) in [("first_name", "First name"), ("é_mail", "É mail"), ("", ""), ("_", " ")] {
            assert_eq!(label_of(name), label);
        }
    }
}
