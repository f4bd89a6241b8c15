//! What a query set can be asked, on every database.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod conditions;
mod pages;
mod reading;
mod relations;
mod writing;

use nuages::test::Client;
use nuages::{Model, QuerySet};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, music::*};

/// A site, and a musician in it.
async fn site(on: Kind) -> (Client, Musician) {
    let client = site::client(on).await;
    let django = Musician::new("Django Reinhardt").create(client.db()).await.unwrap();
    (client, django)
}

/// A site with tunes that are called so.
async fn tunes(on: Kind, titles: &[&str]) -> (Client, Musician) {
    let (client, django) = site(on).await;
    let rows = titles.iter().map(|title| Tune::new(&django, title));
    Tune::objects(client.db()).bulk_create(rows).await.unwrap();
    (client, django)
}

/// The titles of tunes, in the order of their keys.
async fn titles(query: QuerySet<Tune>) -> Vec<String> {
    query.order_by(Tune::ID.asc()).values(Tune::TITLE).await.unwrap()
}
