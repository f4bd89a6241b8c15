//! One field of a form, as it is declared.

/// How a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget {
    /// A line of text.
    Text,
    /// A line whose characters are hidden, and which is never filled in again.
    Password,
    /// An e-mail address.
    Email,
    /// Several lines of text.
    Textarea,
    /// A box to tick.
    Checkbox,
}

/// A field: its name, label, widget and rules.
#[derive(Clone, Debug)]
pub struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) widget: Widget,
    pub(super) required: bool,
    pub(super) strip: bool,
    pub(super) max_length: Option<usize>,
    pub(super) help: String,
    pub(super) attributes: Vec<(&'static str, String)>,
}

impl Field {
    /// A required field with this widget, labelled with its name.
    pub fn new(name: &'static str, widget: Widget) -> Self {
        Self {
            name,
            label: label_of(name),
            widget,
            required: !matches!(widget, Widget::Checkbox),
            strip: !matches!(widget, Widget::Password),
            max_length: None,
            help: String::new(),
            attributes: Vec::new(),
        }
    }

    /// A line of text.
    pub fn text(name: &'static str) -> Self {
        Self::new(name, Widget::Text)
    }

    /// Several lines of text.
    pub fn textarea(name: &'static str) -> Self {
        Self::new(name, Widget::Textarea)
    }

    /// A password: hidden, taken as it stands, never shown again.
    pub fn password(name: &'static str) -> Self {
        Self::new(name, Widget::Password)
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

    /// At most so many characters.
    pub fn max_length(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// An attribute of the HTML element, such as `autocomplete`.
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// The value as the form takes it.
    pub(super) fn clean(&self, sent: Option<&str>) -> String {
        let value = sent.unwrap_or_default();
        if self.strip { value.trim().to_owned() } else { value.to_owned() }
    }

    /// What is wrong with a value, in Django's words.
    pub(super) fn fault(&self, value: &str) -> Option<String> {
        let length = value.chars().count();
        match self.max_length {
            _ if value.is_empty() && self.required => Some("This field is required.".into()),
            _ if value.contains('\0') => Some("Null characters are not allowed.".into()),
            Some(most) if length > most => {
                Some(format!("Ensure this value has at most {most} characters (it has {length})."))
            }
            _ if self.widget == Widget::Email && !value.is_empty() && !is_email(value) => {
                Some("Enter a valid email address.".into())
            }
            _ => None,
        }
    }
}

/// Something before one `@` and a dotted name behind it; the mail that arrives is the real proof.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let plain = !local.is_empty()
        && !value.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"(),;:".contains(c));
    let dotted = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
    plain && !local.contains('@') && dotted && value.len() <= 254
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
