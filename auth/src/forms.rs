//! The forms for login and sign-up, for any user model.

mod authentication;
mod user_creation;

pub use authentication::AuthenticationForm;
pub use user_creation::UserCreationForm;

use crate::names;
use nuages::Form;
use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock(form: &Mutex<Form>) -> MutexGuard<'_, Form> {
    form.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long the text of a field may be, by its column.
fn max_length<U: nuages::Model>(field: &str) -> usize {
    names::max_length::<U>(field).unwrap_or(names::LONGEST_NAME)
}
