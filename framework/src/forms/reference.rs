//! What a form takes, as a table for people.

use super::field::{Field, Widget};
use super::{Form, FormFields};

impl<T: FormFields> Form<T> {
    /// A table of the fields in Markdown: what each is called, its type, whether it must be filled in, and its limits and rules, as the form itself
    /// has them. Documentation that is made of it is never out of date (OWASP ASVS 5.0, 2.1.1).
    ///
    /// ```
    /// use nuages::{Form, FormData, FormField};
    ///
    /// let form = Form::new([FormField::text("title").max_length(200)], FormData::default());
    /// assert!(form.reference().ends_with("| `title` | Title | text | yes | at most 200 characters |\n"));
    /// ```
    pub fn reference(&self) -> String {
        let head = "| field | label | type | required | limits and rules |\n|---|---|---|---|---|\n";
        head.to_owned() + &self.fields().iter().map(row).collect::<String>()
    }
}

fn row(field: &Field) -> String {
    let required = if field.required { "yes" } else { "no" };
    let (name, label) = (field.name, cell(&field.label));
    format!("| `{name}` | {label} | {} | {required} | {} |\n", kind(field), cell(&rules(field).join("; ")))
}

/// The type as HTML has it, and whether several are taken.
fn kind(field: &Field) -> String {
    let kind = match field.widget {
        Widget::Checkboxes => "choice",
        widget => widget.kind(),
    };
    format!("{kind}{}", if field.multiple { ", several" } else { "" })
}

/// What holds for the field, in words.
fn rules(field: &Field) -> Vec<String> {
    let is_text = matches!(field.widget, Widget::Input(_) | Widget::Textarea);
    let mut rules: Vec<String> = field.rules.iter().map(|rule| rule.to_string()).collect();
    rules.extend(field.choices.as_ref().map(|choices| {
        let values: Vec<_> = choices.iter().map(|choice| format!("`{}`", choice.value)).collect();
        format!("one of {}", values.join(", "))
    }));
    rules.extend(field.max_bytes.map(|bytes| format!("at most {bytes} bytes")));
    rules.extend((is_text && !field.strip).then(|| "spaces at its ends count".to_owned()));
    rules.extend(field.disabled.then(|| "shown, and not changed by what is sent".to_owned()));
    rules.extend(field.help.lines().map(str::to_owned));
    rules
}

/// Text that does not end the cell that it stands in.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::FormData;

    #[test]
    fn a_reference_says_every_rule_of_every_field() {
        let fields = [
            Field::text("title").min_length(2).max_length(1).help("One line.\nNo | more."),
            Field::email("sender").optional(),
            Field::password("secret").rule(|_| Ok(())),
            Field::of::<u8>("age").at_least(18u8).at_most(99u8).required(),
            Field::text("name").slug().disabled(),
            Field::text("colour").choices([("r", "Red"), ("b", "Blue")]),
            Field::new("paper", Widget::File).extensions(&["pdf", "txt"]).max_bytes(9),
            Field::checkbox("yes"),
        ];
        let reference = Form::new(fields, FormData::default()).reference();
        let rows: Vec<_> = reference.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| `title` | Title | text | yes | at least 2 characters; at most 1 character; One line.; No \\| more. |",
                "| `sender` | Sender | email | no | an e-mail address |",
                "| `secret` | Secret | password | yes | a rule of its own; spaces at its ends count |",
                "| `age` | Age | number | yes | not less than 18; not more than 99 |",
                "| `name` | Name | text | yes | letters, digits, `_` and `-` alone; shown, and not changed by what is sent |",
                "| `colour` | Colour | select | yes | one of `r`, `b` |",
                "| `paper` | Paper | file | yes | a name that ends in pdf, txt; at most 9 bytes |",
                "| `yes` | Yes | checkbox | no |  |",
            ]
        );
    }
}
