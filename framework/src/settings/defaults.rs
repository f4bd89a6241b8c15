//! What a setting is when nobody says anything: Django's values.

use super::{Secret, SessionStoreKind, Settings, Variables};

impl Default for Settings {
    fn default() -> Self {
        Self {
            secret_key: Secret::default(),
            secret_key_fallbacks: Vec::new(),
            debug: false,
            allowed_hosts: Vec::new(),
            database_url: Secret::from("sqlite://db.sqlite3"),
            redis_url: None,
            site_name: "Nuages".into(),
            session_cookie_name: None,
            session_store: SessionStoreKind::Database,
            session_redis_prefix: "nuages:".into(),
            session_cookie_age: 60 * 60 * 24 * 14,
            session_browser_close_age: 60 * 60 * 24,
            session_absolute_age: None,
            session_save_every_request: false,
            session_cookie_secure: None,
            session_expire_at_browser_close: false,
            csrf_cookie_name: None,
            csrf_cookie_age: 60 * 60 * 24 * 7 * 52,
            csrf_trusted_origins: Vec::new(),
            login_url: "/accounts/login/".into(),
            login_redirect_url: "/accounts/profile/".into(),
            logout_redirect_url: None,
            username_case_sensitive: false,
            throttle_per_account: 5,
            throttle_per_network: 50,
            throttle_window: 300,
            throttle_store: None,
            secure_ssl_redirect: false,
            secure_hsts_seconds: 0,
            secure_proxy_ssl_header: None,
            trusted_proxies: Vec::new(),
            static_url: "/static/".into(),
            media_root: "media".into(),
            append_slash: true,
            data_upload_max_memory_size: 2_621_440,
            data_upload_max_number_fields: 1000,
            file_upload_max_size: 10_485_760,
            file_upload_max_memory_size: 2_621_440,
            data_upload_max_number_files: 100,
            variables: Variables::default(),
        }
    }
}
