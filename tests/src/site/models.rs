//! What the site keeps.

use nuages::chrono::{DateTime, NaiveDate, Utc};
use nuages::serde_json::Value;
use nuages::uuid::Uuid;
use nuages::{ForeignKey, Model};
use nuages_auth::{AbstractUser, UserFields};

/// The site's user.
///
/// Only someone whom a backend has recognised can be signed in:
///
/// ```
/// # use nuages_tests::site::User;
/// async fn sign_in(request: &poem::Request, user: nuages_auth::Authenticated<User>) -> nuages::Result<()> {
///     nuages_auth::login(request, user).await
/// }
/// ```
///
/// and not a user who was merely loaded, nor one who is called so:
///
/// ```compile_fail
/// # use nuages_tests::site::User;
/// async fn sign_in(request: &poem::Request, user: User) -> nuages::Result<()> {
///     nuages_auth::login(request, user).await
/// }
/// ```
///
/// ```compile_fail
/// # use nuages_tests::site::User;
/// async fn sign_in(request: &poem::Request, user: std::sync::Arc<User>) -> nuages::Result<()> {
///     nuages_auth::login(request, nuages_auth::Authenticated(user)).await
/// }
/// ```
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
pub struct User {
    /// Django's fields.
    #[model(flatten)]
    pub fields: UserFields,
    /// What friends say.
    pub nickname: Option<String>,
}

/// Something that somebody wrote.
#[derive(Clone, Debug, Model)]
#[model(app = "blog", ordering = "-published_at, -id")]
pub struct Post {
    /// The key.
    pub id: i64,
    /// The title, of which there is only one.
    #[model(max_length = 200, unique)]
    pub title: String,
    /// The text.
    pub body: String,
    /// Who wrote it.
    pub author: ForeignKey<User>,
    /// Who has corrected it.
    #[model(on_delete = "set_null")]
    pub editor: Option<ForeignKey<User>>,
    /// When it was written.
    #[model(auto_now_add)]
    pub published_at: DateTime<Utc>,
}

impl Post {
    /// A post that is not saved yet.
    pub fn new(author: &User, title: &str) -> Self {
        let (title, body) = (title.to_owned(), String::new());
        Self { id: 0, title, body, author: author.into(), editor: None, published_at: Utc::now() }
    }
}

/// A column of every kind, each with a twin that may be NULL.
#[derive(Clone, Debug, Model, PartialEq)]
#[model(app = "blog")]
#[allow(missing_docs, reason = "each field says its type")]
pub struct Everything {
    pub id: i64,
    pub truth: bool,
    pub truth_or_null: Option<bool>,
    pub small: i16,
    pub small_or_null: Option<i16>,
    pub integer: i32,
    pub integer_or_null: Option<i32>,
    pub big: i64,
    pub big_or_null: Option<i64>,
    pub double: f64,
    pub double_or_null: Option<f64>,
    pub text: String,
    pub text_or_null: Option<String>,
    pub moment: DateTime<Utc>,
    pub moment_or_null: Option<DateTime<Utc>>,
    pub day: NaiveDate,
    pub day_or_null: Option<NaiveDate>,
    pub uuid: Uuid,
    pub uuid_or_null: Option<Uuid>,
    pub json: Value,
    pub json_or_null: Option<Value>,
    pub bytes: Vec<u8>,
    pub bytes_or_null: Option<Vec<u8>>,
}
