//! What people fill in about themselves.

use nuages::{Form, FormData, FormField};

use super::models::User;

/// The form for a new account: the name to log in with, and the password twice.
pub type SignupForm = nuages_auth::UserCreationForm<User>;

/// The form for the line about oneself.
pub fn bio_form(user: &User, data: FormData) -> Form {
    let bio = FormField::text("bio").label("About you").max_length(160).optional();
    Form::new([bio.help("One line, for the end of your posts.")], data).initial("bio", &user.bio)
}
