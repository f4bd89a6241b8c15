//! What the site keeps.

use nuages::chrono::{DateTime, NaiveDate, Utc};
use nuages::serde_json::{Value, json};
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
///     nuages_auth::login(request, nuages_auth::Authenticated { user, backend: nuages_auth::MODEL_BACKEND }).await
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

impl Everything {
    /// A value in every column, each a little hard to keep.
    pub fn usual() -> Self {
        let moment =
            |second, micros: u32| DateTime::from_timestamp(second, micros * 1_000).unwrap_or_default();
        Self {
            id: 0,
            truth: true,
            truth_or_null: Some(false),
            small: 7,
            small_or_null: Some(-7),
            integer: 70_000,
            integer_or_null: Some(-70_000),
            big: 7_000_000_000,
            big_or_null: Some(-7_000_000_000),
            double: 0.1,
            double_or_null: Some(-1e-300),
            text: "Nuages – 🎸 'quoted' \"twice\" \\ % _ \n \u{202e}".into(),
            text_or_null: Some(String::new()),
            moment: moment(1_893_553_445, 678_901),
            moment_or_null: Some(moment(-1, 0)),
            day: NaiveDate::from_ymd_opt(2030, 2, 28).unwrap_or_default(),
            day_or_null: NaiveDate::from_ymd_opt(1, 1, 1),
            uuid: Uuid::new_v4(),
            uuid_or_null: Some(Uuid::nil()),
            json: json!({"a": [1, 2.5, null, "é🎸", {"b": true}]}),
            json_or_null: Some(json!("text")),
            bytes: vec![0, 255, 39, 92, 0],
            bytes_or_null: Some(Vec::new()),
        }
    }

    /// NULL wherever that may be.
    pub fn nothing() -> Self {
        Self {
            truth_or_null: None,
            small_or_null: None,
            integer_or_null: None,
            big_or_null: None,
            double_or_null: None,
            text_or_null: None,
            moment_or_null: None,
            day_or_null: None,
            uuid_or_null: None,
            json_or_null: None,
            bytes_or_null: None,
            ..Self::usual()
        }
    }
}
