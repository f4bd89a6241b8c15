//! Sessions: what the site remembers of a visitor between two requests.
//!
//! ```no_run
//! use nuages::{RequestExt, Result};
//! use poem::{Request, handler};
//!
//! #[handler]
//! async fn visits(request: &Request) -> Result<String> {
//!     let session = request.session();
//!     let visits = session.get::<u32>("visits").await?.unwrap_or(0) + 1;
//!     session.set("visits", visits)?;
//!     Ok(format!("visit number {visits}"))
//! }
//! ```

mod commands;
mod database;
mod layer;
mod migrations;
mod sender;
mod session;
mod store;

pub use database::DatabaseStore;
pub use session::Session;
pub use store::{Changes, Companion, Loaded, Origin, SessionStore};

use crate::app::App;

/// The name under which auth keeps the signed-in user's key; the stores copy it to a column of its own.
pub const USER_ID: &str = "_auth_user_id";

/// The sessions' app: the table, the layer, `clearsessions`.
pub fn app() -> App {
    App::new("sessions")
        .model::<database::SessionRow>()
        .migrations(migrations::all())
        .layer(layer::layer())
        .command(commands::clearsessions())
}
