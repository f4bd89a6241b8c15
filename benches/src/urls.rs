//! Which address shows what.

use nuages::Routes;

use crate::{accounts, blog};

/// The addresses of the whole site.
pub fn routes() -> Routes {
    Routes::new().include("/", blog::urls::routes()).include("/", accounts::urls::routes())
}
