//! What people fill in about themselves.

use nuages::Form;

use super::models::User;

/// The form for the line about oneself.
#[derive(Form)]
#[form(model = User, fields(bio(label = "About you", help = "One line, for the end of your posts.", optional)))]
pub struct BioForm;
