//! Forms: what a visitor sent, its errors, and the same form shown again with both.

mod data;
mod field;
mod form;

pub use data::FormData;
pub use field::{Field, Widget, label_of};
pub use form::{BoundField, Form};
