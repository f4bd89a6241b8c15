//! Types that a field of a form can hold: how each is read from what was sent, and shown again.

use super::field::{Field, Widget};
use super::upload::UploadedFile;
use crate::db::{ForeignKey, Key, Model};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use uuid::Uuid;

/// One of the values that there are to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// What is sent.
    pub(super) value: String,
    /// What people read.
    pub(super) label: String,
}

/// What was sent for one field: its texts, stripped, and its files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent<'a> {
    texts: &'a [String],
    files: &'a [UploadedFile],
}

impl<'a> Sent<'a> {
    /// These texts and files.
    pub fn new(texts: &'a [String], files: &'a [UploadedFile]) -> Self {
        Self { texts, files }
    }

    /// One text.
    pub fn text(text: &'a String) -> Self {
        Self { texts: std::slice::from_ref(text), files: &[] }
    }

    /// The first text; empty if there is none.
    pub fn first(self) -> &'a str {
        self.texts.first().map_or("", String::as_str)
    }

    /// All texts.
    pub fn texts(self) -> &'a [String] {
        self.texts
    }

    /// All files.
    pub fn files(self) -> &'a [UploadedFile] {
        self.files
    }

    /// Whether nothing was sent.
    pub fn is_empty(self) -> bool {
        self.files.is_empty() && self.texts.iter().all(String::is_empty)
    }
}

/// A type that a field of a form can hold.
///
/// Implemented for `String`, `bool`, whole numbers, `f64`, `NaiveDate`, `NaiveTime`, `DateTime<Utc>`, `Uuid`,
/// `serde_json::Value`, [`ForeignKey`], [`UploadedFile`], and `Option` (which may be left empty) and `Vec` (several) of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a form",
    note = "use String, bool, a whole number, f64, NaiveDate, NaiveTime, DateTime<Utc>, Uuid, serde_json::Value, ForeignKey<Model>, UploadedFile, an Option or Vec of one of these, or implement `nuages::forms::FormValue`"
)]
pub trait FormValue: Sized + Send + Sync + 'static {
    /// The field that this type is asked for by, unless the form says otherwise.
    fn field(name: &'static str) -> Field;
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, for the visitor.
    fn read(sent: Sent<'_>) -> Result<Self, String>;
    /// How it stands in the form.
    fn show(&self) -> Vec<String>;
}

impl FormValue for String {
    fn field(name: &'static str) -> Field {
        Field::text(name)
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        Ok(sent.first().to_owned())
    }

    fn show(&self) -> Vec<String> {
        vec![self.clone()]
    }
}

/// A box that is not ticked is not sent at all.
impl FormValue for bool {
    fn field(name: &'static str) -> Field {
        Field::checkbox(name)
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        Ok(!matches!(sent.first(), "" | "false" | "False" | "0"))
    }

    fn show(&self) -> Vec<String> {
        if *self { vec!["on".into()] } else { Vec::new() }
    }
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        impl FormValue for $type {
            fn field(name: &'static str) -> Field {
                let field = Field::new(name, Widget::NUMBER);
                if <$type>::MIN == 0 { field.attribute("min", "0") } else { field }
            }

            fn read(sent: Sent<'_>) -> Result<Self, String> {
                use std::num::IntErrorKind::{NegOverflow, PosOverflow};
                sent.first().parse::<$type>().map_err(|error| match (error.kind(), sent.first()) {
                    (PosOverflow, _) => format!("Ensure this value is less than or equal to {}.", <$type>::MAX),
                    (NegOverflow, _) => format!("Ensure this value is greater than or equal to {}.", <$type>::MIN),
                    (_, text) if text.parse::<i128>().is_ok() => "Ensure this value is greater than or equal to 0.".into(),
                    _ => "Enter a whole number.".into(),
                })
            }

            fn show(&self) -> Vec<String> {
                vec![self.to_string()]
            }
        }
    )*};
}
whole_numbers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Types that stand in the form as they print, and are read by one function.
macro_rules! by_text {
    ($($type:ty, $widget:expr, $read:expr, $fault:literal;)*) => {$(
        impl FormValue for $type {
            fn field(name: &'static str) -> Field {
                Field::new(name, $widget)
            }

            fn read(sent: Sent<'_>) -> Result<Self, String> {
                let read: fn(&str) -> Option<Self> = $read;
                read(sent.first()).ok_or_else(|| $fault.to_owned())
            }

            fn show(&self) -> Vec<String> {
                vec![self.to_string()]
            }
        }
    )*};
}
by_text! {
    NaiveDate, Widget::DATE, |text| text.parse().ok(), "Enter a valid date.";
    NaiveTime, Widget::TIME, |text| NaiveTime::parse_from_str(text, "%H:%M").ok().or_else(|| text.parse().ok()), "Enter a valid time.";
    Uuid, Widget::TEXT, |text| text.parse().ok(), "Enter a valid UUID.";
    serde_json::Value, Widget::Textarea, |text| serde_json::from_str(text).ok(), "Enter a valid JSON.";
}

impl FormValue for f64 {
    fn field(name: &'static str) -> Field {
        Field::new(name, Widget::NUMBER).attribute("step", "any")
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        let number = sent.first().parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| "Enter a number.".to_owned())
    }

    fn show(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}

/// In UTC, as browsers send `datetime-local`: without a zone.
impl FormValue for DateTime<Utc> {
    fn field(name: &'static str) -> Field {
        Field::new(name, Widget::DATE_TIME)
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        let text = sent.first().replacen(' ', "T", 1);
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"];
        let found = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok());
        found.map(|moment| moment.and_utc()).ok_or_else(|| "Enter a valid date/time.".to_owned())
    }

    fn show(&self) -> Vec<String> {
        vec![self.format("%Y-%m-%dT%H:%M:%S").to_string()]
    }
}

/// Its choices are the view's to name: `form.choices("author", …)`.
impl<M: Model> FormValue for ForeignKey<M> {
    fn field(name: &'static str) -> Field {
        Field::new(name, Widget::Select)
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        let key = M::Key::parse(sent.first()).map(Self::new);
        key.ok_or_else(|| {
            "Select a valid choice. That choice is not one of the available choices.".to_owned()
        })
    }

    fn show(&self) -> Vec<String> {
        vec![self.key.to_string()]
    }
}

impl FormValue for UploadedFile {
    fn field(name: &'static str) -> Field {
        Field::new(name, Widget::File)
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        sent.files().first().cloned().ok_or_else(|| "This field is required.".to_owned())
    }

    fn show(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<V: FormValue> FormValue for Option<V> {
    fn field(name: &'static str) -> Field {
        Field::of::<V>(name).optional()
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        if sent.is_empty() { Ok(None) } else { V::read(sent).map(Some) }
    }

    fn show(&self) -> Vec<String> {
        self.as_ref().map_or_else(Vec::new, V::show)
    }
}

impl<V: FormValue> FormValue for Vec<V> {
    fn field(name: &'static str) -> Field {
        let field = Field::of::<V>(name).multiple();
        if matches!(field.widget, Widget::Input(_)) { field.widget(Widget::Select) } else { field }
    }

    fn read(sent: Sent<'_>) -> Result<Self, String> {
        let texts = sent.texts().iter().map(|text| V::read(Sent::text(text)));
        let files = sent.files().iter().map(|file| V::read(Sent::new(&[], std::slice::from_ref(file))));
        texts.chain(files).collect()
    }

    fn show(&self) -> Vec<String> {
        self.iter().flat_map(V::show).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    fn read<V: FormValue>(text: &str) -> Result<V, String> {
        V::read(Sent::text(&text.to_owned()))
    }

    fn comes_back<V: FormValue + PartialEq + Debug>(value: V) {
        let shown = value.show();
        assert_eq!(V::read(Sent::new(&shown, &[])).unwrap(), value, "{shown:?}");
    }

    #[test]
    fn what_is_shown_is_read_back() {
        comes_back("a b".to_owned());
        comes_back(true);
        comes_back(false);
        comes_back(i64::MIN);
        comes_back(1.5_f64);
        comes_back(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap());
        comes_back(NaiveTime::from_hms_opt(23, 5, 0).unwrap());
        comes_back(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap().and_hms_opt(1, 2, 3).unwrap().and_utc());
        comes_back(Uuid::nil());
        comes_back(serde_json::json!({"a": [1, null]}));
        comes_back(vec![3_i32, 1, 2]);
        comes_back(None::<i32>);
        comes_back(Some(7_i32));
    }

    #[test]
    fn a_number_that_does_not_fit_is_told_its_limit() {
        assert_eq!(read::<u8>("256").unwrap_err(), "Ensure this value is less than or equal to 255.");
        assert_eq!(read::<u8>("-1").unwrap_err(), "Ensure this value is greater than or equal to 0.");
        assert_eq!(read::<i8>("-129").unwrap_err(), "Ensure this value is greater than or equal to -128.");
        for text in ["", "1.5", "one", "٣", "1e3"] {
            assert_eq!(read::<i64>(text).unwrap_err(), "Enter a whole number.", "{text}");
        }
        for text in ["", "NaN", "inf", "1,5"] {
            assert_eq!(read::<f64>(text).unwrap_err(), "Enter a number.", "{text}");
        }
    }

    #[test]
    fn a_time_is_what_browsers_send_for_it() {
        assert_eq!(read::<NaiveTime>("09:30").unwrap(), read("09:30:00").unwrap());
        assert_eq!(read::<DateTime<Utc>>("2026-02-28T09:30").unwrap(), read("2026-02-28 09:30:00").unwrap());
        assert!(read::<NaiveDate>("2026-02-30").is_err() && read::<DateTime<Utc>>("tomorrow").is_err());
    }
}
