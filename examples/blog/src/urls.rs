//! Which address shows what.

use nuages::Routes;

use crate::{accounts, blog, preferences, reading};

/// The addresses of the whole site.
pub fn routes() -> Routes {
    Routes::new()
        .include("/", blog::urls::routes())
        .include("/", preferences::urls::routes())
        .include("/reading/", reading::urls::routes())
        .include("/accounts/", accounts::urls::routes())
}
