//! What a view asks a request for.

use crate::db::Database;
use crate::hosts;
use crate::sessions::Session;
use crate::settings::Settings;
use poem::Request;
use std::sync::Arc;

/// The framework's side of a request.
pub trait RequestExt {
    /// The site's database.
    fn db(&self) -> Database;
    /// The visitor's session.
    ///
    /// # Panics
    /// If `nuages::sessions::app()` is not among the site's apps.
    fn session(&self) -> &Session;
    /// The site's settings.
    fn settings(&self) -> &Arc<Settings>;
    /// Whether the visitor came by https, directly or by the proxy that the settings trust.
    fn is_secure(&self) -> bool;
    /// The host that the visitor asked for, with its port.
    fn host(&self) -> &str;
    /// The path with its query, as in `/blog/?page=2`.
    fn full_path(&self) -> &str;
}

impl RequestExt for Request {
    fn db(&self) -> Database {
        Database::of(self).clone()
    }

    fn session(&self) -> &Session {
        Session::of(self)
    }

    fn settings(&self) -> &Arc<Settings> {
        Settings::of(self)
    }

    fn is_secure(&self) -> bool {
        hosts::is_secure(self)
    }

    fn host(&self) -> &str {
        hosts::host(self)
    }

    fn full_path(&self) -> &str {
        self.original_uri().path_and_query().map_or("/", |path| path.as_str())
    }
}
