//! The rows that are read and written.

use nuages::chrono::{DateTime, Duration, Utc};
use nuages::migrations::{Migration, migrate};
use nuages::{App, Apps, Database, Model, Result};
use std::sync::Arc;

/// A row with a column of most kinds.
#[derive(Clone, Debug, Model)]
#[model(app = "bench")]
pub struct Entry {
    pub id: i64,
    #[model(max_length = 200)]
    pub title: String,
    pub body: String,
    pub views: i64,
    pub rating: Option<f64>,
    pub is_public: bool,
    pub created_at: DateTime<Utc>,
}

/// So many rows that are not saved yet.
pub fn rows(count: i64) -> Vec<Entry> {
    let row = |number| Entry {
        id: 0,
        title: format!("Entry number {number}"),
        body: "Clouds, and what keeps time under them. ".repeat(5),
        views: number,
        rating: (number % 3 != 0).then_some(0.5),
        is_public: number % 2 == 0,
        created_at: DateTime::UNIX_EPOCH + Duration::milliseconds(number * 1_234_567),
    };
    (0..count).map(row).collect()
}

/// The database at a URL, with a table for the rows.
pub async fn database(url: &str) -> Result<Database> {
    let db = Database::connect(url).await?;
    let initial = Migration::new("0001_initial").create_table("bench_entry", |table| {
        table.for_model("Entry");
        table.big_auto("id");
        table.text("title").max_length(200);
        table.text("body");
        table.big_integer("views");
        table.double("rating").null();
        table.boolean("is_public");
        table.datetime("created_at");
    });
    let apps = Apps::new(vec![App::new("bench").model::<Entry>().migrations([initial])])?;
    migrate(&db, &Arc::new(apps)).await?;
    Ok(db)
}
