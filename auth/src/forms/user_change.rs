//! What users change about themselves.

use super::checked::{Checked, shown};
use super::text_field;
use crate::AbstractUser;
use nuages::db::Column;
use nuages::{Form, FormData, FormField, RequestExt, Result};
use poem::Request;

/// Fields that people change without more ado, where the model has them.
const PLAIN: [&str; 2] = ["first_name", "last_name"];

/// The names of a user. Login name, e-mail address, password, flags and permissions are not among them: they have forms of their own, or
/// are no business of the user's.
pub struct UserChangeForm<U> {
    form: Checked,
    fields: Vec<&'static str>,
    user: U,
}

impl<U: AbstractUser> UserChangeForm<U> {
    /// The form with first and last name, for this request; unbound on GET.
    pub fn new(user: &U, data: FormData) -> Self {
        let fields = U::TEXT_FIELDS.iter().copied().filter(|name| PLAIN.contains(name));
        Self::with_fields(user, fields.collect(), data)
    }

    /// The form with these fields of the model, which hold text.
    pub fn with_fields(user: &U, fields: Vec<&'static str>, data: FormData) -> Self {
        let field = |name: &&'static str| -> FormField {
            text_field::<U>(name).optional().initial(&user.text(name).unwrap_or_default().to_owned())
        };
        let form = Checked::new(Form::new(fields.iter().map(field), data));
        Self { form, fields, user: user.clone() }
    }

    /// Whether there is anything to change.
    pub fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether it was sent, and fits the columns.
    pub async fn is_valid(&self) -> Result<bool> {
        Ok(self.form.keeps_its_rules())
    }

    /// Writes these fields, and no others.
    pub async fn save(&self, request: &Request) -> Result<U> {
        let mut user = self.user.clone();
        let row = U::objects(&request.db()).filter(U::has_key(user.key()));
        let mut assignments = Vec::new();
        for name in &self.fields {
            let text = self.form.value(name);
            assignments.push(Column::<U, String>::new(U::column_name(name)).set(text.as_str()));
            user.set_text(name, text);
        }
        row.update(assignments).await?;
        Ok(user)
    }
}

shown!(UserChangeForm);
