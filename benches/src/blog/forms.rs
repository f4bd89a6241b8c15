//! What writers fill in.

use nuages::{Form, FormData, FormField};

/// The form for a new post.
pub fn post_form(data: FormData) -> Form {
    Form::new([FormField::text("title").max_length(200), FormField::textarea("body").label("Text")], data)
}
