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

#[cfg(feature = "redis")]
mod cached_database;
mod changes;
mod choice;
mod commands;
mod companion;
mod database;
mod django;
mod expiry;
mod layer;
mod migrations;
#[cfg(feature = "redis")]
mod redis;
mod saving;
mod sender;
mod session;
mod signed_cookie;
mod store;
mod sweep;

#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
#[cfg(feature = "redis")]
pub use cached_database::CachedDatabaseStore;
pub use changes::{Change, Changes, Update};
pub use choice::{MakeStore, from_settings};
pub use companion::Companion;
pub use database::DatabaseStore;
pub use django::DjangoStore;
pub use expiry::{Expiry, Lifetime};
pub use session::Session;
pub use signed_cookie::SignedCookieStore;
pub use store::{Loaded, Origin, SessionInfo, SessionStore, Version, public_id};

use crate::app::{App, Beside};
use crate::settings::SessionStoreKind;
use std::sync::Arc;

/// The name under which auth keeps the signed-in user's key; the stores copy it to a column of its own.
pub const USER_ID: &str = "_auth_user_id";

/// The sessions' app, with the store that the setting `session_store` names: the table, the layer, `clearsessions`.
pub fn app() -> App {
    app_in(Arc::new(from_settings)).along(|settings| match settings.session_store {
        SessionStoreKind::Django => vec![
            App::new("django_sessions").model::<django::DjangoSession>().migrations(django::migrations()),
        ],
        _ => Vec::new(),
    })
}

/// The sessions' app with a store of one's own.
///
/// ```no_run
/// use nuages::sessions::{self, DatabaseStore, Lifetime};
/// use std::sync::Arc;
///
/// let app = sessions::app_in(Arc::new(|settings, db| {
///     Ok(Arc::new(DatabaseStore::new(db.clone(), Lifetime::of(settings))))
/// }));
/// ```
pub fn app_in(make: MakeStore) -> App {
    App::new("sessions")
        .model::<database::SessionRow>()
        .migrations(migrations::all())
        .layer(layer::layer())
        .command(commands::clearsessions(Arc::clone(&make)))
        .beside(sweeper(Arc::clone(&make)))
        .provide(Arc::new(move |settings, db, belongings| {
            belongings.insert(make(settings, db)?);
            Ok(())
        }))
}

fn sweeper(make: MakeStore) -> Beside {
    Arc::new(move |settings, db| {
        let store = make(settings, db)?;
        Ok(Box::pin(sweep::sweep(store, sweep::FIRST, sweep::EVERY)))
    })
}
