//! What is known of a password's owner.

use crate::AbstractUser;
use nuages::db::schema::Kind;

/// What is known of a password's owner: the user's fields and their texts.
///
/// ```
/// use nuages_auth::validation::Attributes;
///
/// let ann = Attributes::new([("username", "ann.smith"), ("email", "ann@site.example")]);
/// assert_eq!(ann.get("email"), Some("ann@site.example"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    /// These fields, by their names in the model.
    pub fn new<T: Into<String>>(fields: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        Self(fields.into_iter().map(|(name, text)| (name, text.into())).collect())
    }

    /// All short texts of a user. Text without a length, such as what people write about themselves, is not what they are known by.
    pub fn of<U: AbstractUser>(user: &U) -> Self {
        let table = U::table();
        let is_short = |name: &str| {
            matches!(table.column(U::column_name(name)).map(|column| column.kind), Some(Kind::Char(_)))
        };
        let names = U::TEXT_FIELDS.iter().copied().filter(|name| is_short(name));
        Self(names.filter_map(|name| Some((name, user.text(name)?.to_owned()))).collect())
    }

    /// The text of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(field, _)| *field == name).map(|(_, text)| text)
    }

    /// The fields and their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, text)| (*name, text.as_str()))
    }
}

/// What people call a field.
pub(super) fn verbose(name: &str) -> String {
    match name {
        "email" => "email address".to_owned(),
        name => name.replace('_', " "),
    }
}
