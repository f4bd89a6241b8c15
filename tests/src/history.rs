//! A site that is nothing but migrations, and a database that goes through them.

use nuages::db::sea_query::{Expr, Query};
use nuages::migrations::{Goal, Histories, Migration, Runner, Step, TableBuilder};
use nuages::test::Client;
use nuages::{Database, Project, Result, Settings};

use crate::kind::Kind;
use crate::site::SECRET_KEY;

/// Migrations of one app called `shop`.
pub struct History(Vec<Migration>);

impl Histories for History {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        vec![("shop", &self.0)]
    }
}

/// A database, and what has happened to it.
pub struct Shop {
    client: Client,
    history: History,
}

impl Shop {
    /// A database with these tables, made by `0001_initial`.
    pub async fn with(on: Kind, tables: impl FnOnce(Migration) -> Migration) -> Self {
        let url = on.url();
        let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
        let client = Client::new(Project::new(Settings::from_pairs(pairs))).await;
        let mut shop = Self { client, history: History(Vec::new()) };
        shop.then(tables).await;
        shop
    }

    /// `shop_item` with a name and a price, and `shop_review` that points to it.
    pub async fn usual(on: Kind) -> Self {
        Self::with(on, |migration| {
            migration.create_table("shop_item", items).create_table("shop_review", |table| {
                table.for_model("Review");
                table.big_auto("id");
                table.foreign_key("item_id", nuages::migrations::table_of("shop", "shop_item"));
                table.text("text").max_length(100);
            })
        })
        .await
    }

    /// The same with three items, of which one has no name, and two reviews.
    pub async fn filled(on: Kind) -> Self {
        let shop = Self::usual(on).await;
        shop.run("INSERT INTO shop_item (name, price) VALUES ('tea', 3), (NULL, 5), ('pot', 40)").await;
        shop.run("INSERT INTO shop_review (item_id, text) VALUES (1, 'good'), (3, 'heavy')").await;
        shop
    }

    /// The database.
    pub fn db(&self) -> &Database {
        self.client.db()
    }

    /// One more migration, applied.
    ///
    /// # Panics
    /// If it fails.
    pub async fn then(&mut self, operations: impl FnOnce(Migration) -> Migration) {
        self.attempt(operations).await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// One more migration, which may fail; then it is taken out again.
    pub async fn attempt(&mut self, operations: impl FnOnce(Migration) -> Migration) -> Result<()> {
        let name = format!("{:04}_step", self.history.0.len() + 1);
        self.history.0.push(operations(Migration::new(name)));
        let outcome = self.go(Goal::All).await;
        if outcome.is_err() {
            self.history.0.pop();
        }
        outcome
    }

    /// Undoes the last migration and takes it out.
    ///
    /// # Panics
    /// If it cannot be undone.
    pub async fn back(&mut self) {
        let name = match self.history.0.len() {
            0 | 1 => "zero".to_owned(),
            many => self.history.0[many - 2].name().to_owned(),
        };
        self.go(Goal::Named("shop", &name)).await.unwrap_or_else(|error| panic!("undoing: {error}"));
        self.history.0.pop();
    }

    async fn go(&self, goal: Goal<'_>) -> Result<()> {
        let runner = Runner::open(self.db(), &self.history).await?;
        for step in runner.steps(goal).await? {
            assert!(runner.run(step).await?, "{}", runner.node(step).label());
            let (Step::Apply(_) | Step::Undo(_)) = step;
        }
        Ok(())
    }

    /// Runs SQL.
    ///
    /// # Panics
    /// If the database refuses.
    pub async fn run(&self, sql: &str) {
        crate::table::run(self.db(), sql).await;
    }

    /// Whether the database takes this SQL.
    pub async fn takes(&self, sql: &str) -> bool {
        self.db().execute_sql(sql).await.is_ok()
    }

    /// What an expression is in every row of a table, in the order of the key.
    pub async fn texts(&self, table: &'static str, expression: &'static str) -> Vec<String> {
        crate::table::texts_by_key(self.db(), table, expression).await
    }

    /// How many rows a table has.
    ///
    /// # Panics
    /// If there is no such table.
    pub async fn count(&self, table: &'static str) -> usize {
        let query = Query::select().expr(Expr::cust("1")).from(table).take();
        self.db().fetch_all(&query, |_| Ok(())).await.unwrap_or_else(|error| panic!("{error}")).len()
    }
}

/// The columns of `shop_item`.
pub fn items(table: &mut TableBuilder) {
    table.for_model("Item");
    table.big_auto("id");
    table.text("name").max_length(50).null();
    table.integer("price").default(1);
    table.boolean("sold").default(false);
}
