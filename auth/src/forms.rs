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

/// How long the text of a field may be, by its column.
fn max_length<U: nuages::Model>(field: &str) -> usize {
    use nuages::db::schema::Kind;
    match U::table().column(field).map(|column| column.kind) {
        Some(Kind::Char(length)) => length as usize,
        _ => MAX_NAME,
    }
}
