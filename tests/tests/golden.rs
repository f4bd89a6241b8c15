//! The examples of what `makemigrations` writes lead from the models before to those after, and back.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "../../framework/src/migrations/write/golden/mod.rs"]
mod golden;

use golden::{Case, cases};
use nuages::db::inspect;
use nuages::db::schema::{Index, Table};
use nuages::migrations::{Goal, Graph, Histories, Migration, NoInput, Runner, State, detect};
use nuages::test::Client;
use nuages::{Database, Project};
use nuages_tests::kind::Kind;
use nuages_tests::site;

nuages_tests::promises!(each_example_makes_the_tables_of_its_models_and_takes_them_back);

struct Blog(Vec<Migration>);

impl Histories for Blog {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        vec![("blog", &self.0)]
    }
}

impl Blog {
    /// A first migration that makes these tables, if there are any.
    fn of(tables: &[Table]) -> Self {
        let made = detect("blog", &State::default(), tables, None, &mut NoInput).unwrap();
        let made = (!made.is_empty()).then_some(made);
        let migration =
            |made: Vec<_>| made.into_iter().fold(Migration::new("0001_initial"), Migration::operation);
        Self(made.map(migration).into_iter().collect())
    }

    /// The tables of the blog once the history has led there.
    async fn tables(&self, db: &Database, goal: Goal<'_>) -> Vec<Table> {
        let runner = Runner::open(db, self).await.unwrap();
        for step in runner.steps(goal).await.unwrap() {
            assert!(runner.run(step).await.unwrap());
        }
        let tables = inspect::tables(db).await.unwrap().into_iter();
        tables.filter(|table| table.name.starts_with("blog")).map(plain).collect()
    }
}

/// A table without what does not count: the order of columns, and what indexes are called.
fn plain(mut table: Table) -> Table {
    table.columns.sort_by(|one, other| one.name.cmp(&other.name));
    table.unique_together.sort();
    table.indexes = table.indexes.into_iter().map(|index| Index { name: None, ..index }).collect();
    table.indexes.sort_by(|one, other| one.columns.cmp(&other.columns));
    table
}

fn history(case: &Case) -> Blog {
    let mut blog = Blog::of(&case.before);
    blog.0.push(case.migration.clone());
    blog
}

#[test]
fn each_example_leads_to_its_models() {
    for case in cases() {
        let blog = history(&case);
        let state = Graph::of(&blog).unwrap().state(|_| true).unwrap();
        let left = detect("blog", &state, &case.after, None, &mut NoInput).unwrap();
        assert_eq!(left, [], "{}: {}", case.name, case.text);
    }
}

async fn each_example_makes_the_tables_of_its_models_and_takes_them_back(on: Kind) {
    let client = Client::new(Project::new(site::settings(on, true))).await;
    let (db, zero) = (client.db(), Goal::Named("blog", "zero"));
    for case in cases() {
        let (before, after, blog) = (Blog::of(&case.before), Blog::of(&case.after), history(&case));
        let wanted_before = before.tables(db, Goal::All).await;
        assert_eq!(before.tables(db, zero).await, []);
        let wanted_after = after.tables(db, Goal::All).await;
        assert_eq!(after.tables(db, zero).await, []);
        let back = if before.0.is_empty() { "zero" } else { "0001_initial" };
        for _ in 0..2 {
            assert_eq!(blog.tables(db, Goal::All).await, wanted_after, "{}", case.name);
            assert_eq!(
                blog.tables(db, Goal::Named("blog", back)).await,
                wanted_before,
                "{} undone",
                case.name
            );
        }
        assert_eq!(blog.tables(db, zero).await, []);
    }
}
