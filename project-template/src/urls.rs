//! Which address shows what.

use nuages::Routes;

use crate::settings::AuthUserModel;
use crate::{accounts, home};

/// The addresses of the whole site.
pub fn routes() -> Routes {
    Routes::new()
        .include("/", home::urls::routes())
        .include("/accounts/", nuages_auth::urls::<AuthUserModel>())
        .include("/accounts/", accounts::urls::routes())
}
