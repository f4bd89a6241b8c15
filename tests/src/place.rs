//! Where sessions are kept: every store on every database.

use crate::kind::Kind;
use crate::site;
use crate::table::{run, texts};
use nuages::test::{Answer, Client};
use nuages::{Project, SessionStoreKind};

/// A session store on a database.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The database.
    pub on: Kind,
    /// The store.
    pub store: SessionStoreKind,
}

impl Place {
    /// The site in debug, with its sessions here.
    pub fn project(self) -> Project {
        site::project(self.on).settings(|settings| settings.session_store = self.store)
    }

    /// A visitor of the site in debug.
    pub async fn client(self) -> Client {
        Client::new(self.project()).await
    }
}

/// The table that a site's sessions are in, and the column that holds what they hold.
fn table(client: &Client) -> (&'static str, &'static str) {
    match client.settings().session_store {
        SessionStoreKind::Database => ("sessions_session", "data"),
        SessionStoreKind::Django => ("django_session", "session_data"),
        SessionStoreKind::SignedCookie => panic!("sessions in cookies are in no table"),
    }
}

/// How many sessions there are, dead ones too.
pub async fn count(client: &Client) -> usize {
    let (table, data) = table(client);
    texts(client.db(), table, data).await.len()
}

/// Lets all sessions have expired long ago.
pub async fn expire_all(client: &Client) {
    let (table, _) = table(client);
    run(client.db(), &format!("UPDATE {table} SET expire_date = '2020-01-01 00:00:00'")).await;
}

/// Puts something else in the place of what all sessions hold.
pub async fn overwrite_all(client: &Client, data: &str) {
    let (table, column) = table(client);
    run(client.db(), &format!("UPDATE {table} SET {column} = '{data}'")).await;
}

/// The attributes of a cookie that an answer sets, sorted.
///
/// # Panics
/// If it sets none of this name.
pub fn attributes(answer: &Answer, name: &str) -> Vec<String> {
    let line = answer.headers("set-cookie").find(|line| line.starts_with(&format!("{name}=")));
    let line = line.unwrap_or_else(|| panic!("no cookie {name}: {answer:?}")).to_owned();
    let mut attributes: Vec<_> = line.split("; ").skip(1).map(str::to_owned).collect();
    attributes.sort();
    attributes
}
