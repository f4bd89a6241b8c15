//! What macros name; not for direct use.

pub use include_dir;
pub use nuages_macros::embed_dir;
pub use serde;
