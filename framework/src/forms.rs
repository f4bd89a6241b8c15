//! Forms: what a visitor sent, its errors, and the same form shown again with both.

mod bound;
mod data;
mod errors;
mod field;
mod form;
mod model_form;
mod multipart;
mod reader;
mod reference;
mod rules;
mod shown;
mod upload;
mod value;

pub use data::FormData;
pub use errors::Errors;
pub use field::{Field, Widget, label_of};
pub use form::{Form, FormFields};
pub use model_form::ModelForm;
#[doc(hidden)]
pub use model_form::{at_least, at_most, model_field};
pub use nuages_macros::Form;
pub use reader::Reader;
pub use rules::is_email;
#[doc(hidden)]
pub use rules::validate;
pub use upload::UploadedFile;
pub use value::{FormValue, Sent};
