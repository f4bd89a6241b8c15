//! What writers fill in.

use nuages::{Form, FormData, FormField};

/// The form for a new post.
pub fn post_form(data: FormData) -> Form {
    let title = FormField::text("title").max_length(200).attribute("autocomplete", "off");
    let body = FormField::textarea("body").label("Text").attribute("rows", "12");
    Form::new([title, body.help("An empty line begins a new paragraph.")], data)
}
