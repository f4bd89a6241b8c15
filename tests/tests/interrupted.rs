//! What becomes of migrations when the process is killed, and when many run at once.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::db::inspect;
use nuages::db::schema::Table;
use nuages::migrations::{Goal, Histories, Migration, Runner};
use nuages::test::Client;
use nuages::{Database, Project};
use nuages_tests::kind::Kind;
use nuages_tests::long::{BOOKS, history};
use nuages_tests::process::{manage, outcome};
use nuages_tests::{site, table};
use std::process::{Child, Stdio};
use std::time::Instant;

nuages_tests::promises!(
    a_killed_process_leaves_each_step_in_or_out,
    a_killed_process_is_explained_where_tables_are_not_rolled_back,
    eight_processes_alter_tables_and_take_it_back,
);

struct Shelf(Vec<Migration>);

impl Histories for Shelf {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        vec![("shelf", &self.0)]
    }
}

async fn empty(on: Kind) -> Client {
    Client::new(Project::new(site::settings(on, true))).await
}

fn start(client: &Client, arguments: &[&str]) -> Child {
    let mut command = manage(env!("CARGO_BIN_EXE_site"), client.settings().database_url.expose(), arguments);
    command.env("NUAGES_TEST_SITE", "long").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) {
    let (code, said, wrong) = outcome(&child.wait_with_output().unwrap());
    assert_eq!(code, 0, "{said} {wrong}");
}

const FORWARD: [&str; 1] = ["migrate"];
const BACK: [&str; 3] = ["migrate", "shelf", "zero"];

/// Tables, columns and rows, as text.
async fn all(db: &Database) -> Vec<String> {
    let mut all: Vec<_> =
        inspect::tables(db).await.unwrap().iter().map(|table| format!("{table:?}")).collect();
    all.extend(table::texts(db, "shelf_volume", "id || title || length").await);
    all.extend(table::texts(db, "shelf_loan", "id || reader || book_id").await);
    all.sort();
    all
}

/// How many steps are applied, by the records.
async fn applied(db: &Database) -> usize {
    let shelf = Shelf(history());
    let runner = Runner::open(db, &shelf).await.unwrap();
    shelf.0.len() - runner.steps(Goal::All).await.unwrap().len()
}

/// The tables are what the records say, and no row is lost; answers how many steps are applied.
async fn assert_whole(db: &Database) -> usize {
    let shelf = Shelf(history());
    let (applied, found) = settled(db).await;
    let runner = Runner::open(db, &shelf).await.unwrap();
    let expected = runner.graph().state(|position| position < applied).unwrap();
    assert_eq!(found, columns(expected.tables()), "after {applied} steps");
    if applied > 0 {
        assert_eq!(table::texts(db, "shelf_loan", "reader").await.len(), BOOKS);
    }
    applied
}

/// What is applied, and the columns that there are. A server may do what it was told a moment after the process died.
async fn settled(db: &Database) -> (usize, Vec<(String, String, bool)>) {
    loop {
        let before = applied(db).await;
        let tables = inspect::tables(db).await.unwrap();
        if before == applied(db).await {
            return (before, columns(&tables));
        }
    }
}

fn columns(tables: &[Table]) -> Vec<(String, String, bool)> {
    let shelf = tables.iter().filter(|table| table.name.starts_with("shelf"));
    let of = |table: &Table| {
        let columns = table.columns.iter();
        columns.map(|column| (table.name.clone(), column.name.clone(), column.null)).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = shelf.flat_map(of).collect();
    all.sort();
    all
}

async fn a_killed_process_leaves_each_step_in_or_out(on: Kind) {
    if !on.rolls_tables_back() {
        return;
    }
    let (undisturbed, client) = (empty(on).await, empty(on).await);
    let begun = Instant::now();
    end(start(&undisturbed, &FORWARD));
    let mut whole = begun.elapsed();
    let (mut goes_on, mut kills, mut counts) = (true, 0, Vec::new());
    for round in 0_u32..60 {
        let mut child = start(&client, if goes_on { &FORWARD } else { &BACK });
        std::thread::sleep(whole * (round * 37 % 100) / 100);
        match child.try_wait().unwrap() {
            None => kills += 1,
            // It was too fast for us.
            Some(_) => whole = whole * 3 / 4,
        }
        child.kill().unwrap();
        child.wait().unwrap();
        counts.push(assert_whole(client.db()).await);
        goes_on = match counts.last() {
            Some(0) => true,
            Some(12) => false,
            _ => goes_on,
        };
        if kills == 20 {
            break;
        }
    }
    assert!(kills == 20 && counts.iter().any(|count| (1..12).contains(count)), "{kills}: {counts:?}");
    end(start(&client, &FORWARD));
    assert_eq!(all(client.db()).await, all(undisturbed.db()).await);
}

async fn a_killed_process_is_explained_where_tables_are_not_rolled_back(on: Kind) {
    if on.rolls_tables_back() {
        return;
    }
    let undisturbed = empty(on).await;
    let begun = Instant::now();
    end(start(&undisturbed, &FORWARD));
    let (whole, mut explained) = (begun.elapsed(), 0);
    for round in 0..10 {
        let client = empty(on).await;
        let mut child = start(&client, &FORWARD);
        std::thread::sleep(whole * round / 10);
        child.kill().unwrap();
        child.wait().unwrap();
        let (code, _, said) = outcome(&start(&client, &FORWARD).wait_with_output().unwrap());
        match code {
            0 => assert_eq!(all(client.db()).await, all(undisturbed.db()).await),
            _ => {
                let is_one_line = said.lines().count() == 1;
                assert!(is_one_line && said.contains("is half done: what comes before "), "{said}");
                explained += 1;
            }
        }
    }
    assert!(explained > 0, "no kill came between two statements");
}

async fn eight_processes_alter_tables_and_take_it_back(on: Kind) {
    let client = empty(on).await;
    for (arguments, count) in [(&FORWARD[..], history().len()), (&BACK, 0), (&FORWARD, history().len())] {
        (0..8).map(|_| start(&client, arguments)).collect::<Vec<_>>().into_iter().for_each(end);
        assert_eq!(assert_whole(client.db()).await, count);
    }
}
