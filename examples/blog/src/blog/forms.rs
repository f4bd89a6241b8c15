//! What writers fill in.

use nuages::Form;

use super::models::Post;

/// The form of a post: its title and its text, as long as their columns take them.
#[derive(Form)]
#[form(model = Post, fields(
    title(autocomplete = "off"),
    body(label = "Text", help = "An empty line begins a new paragraph.", attributes(rows = "12")),
))]
pub struct PostForm;
