//! What people fill in.

use super::models::User;

/// The form for a new account: the name to log in with, and the password twice.
pub type SignupForm = nuages_auth::UserCreationForm<User>;
