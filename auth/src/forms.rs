//! The forms for login and sign-up, for any user model.

mod authentication;
mod user_creation;

pub use authentication::AuthenticationForm;
pub use user_creation::UserCreationForm;

use nuages::Form;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The longest login name that is taken.
const MAX_NAME: usize = 254;

fn lock(form: &Mutex<Form>) -> MutexGuard<'_, Form> {
    form.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `date_joined` as people read it: `Date joined`.
pub(crate) fn label(field: &str) -> String {
    let mut words = field.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// How long the text of a field may be, by its column.
fn max_length<U: nuages::Model>(field: &str) -> usize {
    use nuages::db::schema::Kind;
    match U::table().column(field).map(|column| column.kind) {
        Some(Kind::Char(length)) => length as usize,
        _ => MAX_NAME,
    }
}
