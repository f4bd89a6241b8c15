//! Random work of eight clients on shared sessions, beside a model of what should be there.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::test::Client;
use nuages_tests::place::Place;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

nuages_tests::promises_of_stores!(what_eight_clients_do_at_random_is_what_is_there);

const CLIENTS: usize = 8;
const SESSIONS: usize = 3;
const ROUNDS: usize = 5;

/// How many requests: `NUAGES_TEST_OPERATIONS`, or enough for every day.
fn operations() -> usize {
    std::env::var("NUAGES_TEST_OPERATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(800)
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// One client: its browser in each session, and what it has put there under names of its own.
struct Worker {
    number: usize,
    tabs: Vec<Client>,
    model: Vec<BTreeMap<String, String>>,
    dice: Dice,
}

impl Worker {
    async fn work(&mut self, steps: usize, counts: &[AtomicUsize]) {
        for step in 0..steps {
            let session = self.dice.throw(SESSIONS);
            let name = format!("c{}n{}", self.number, self.dice.throw(4));
            match self.dice.throw(10) {
                0..4 => self.set(session, name, format!("v{step}")).await,
                4..6 => self.remove(session, &name).await,
                6..8 => {
                    self.tabs[session].get("/session/count/").await.assert_ok();
                    counts[session].fetch_add(1, Relaxed);
                }
                _ => self.read(session, &name).await,
            }
        }
    }

    async fn set(&mut self, session: usize, name: String, value: String) {
        self.tabs[session].get(&format!("/session/set/{name}/{value}/")).await.assert_ok();
        self.model[session].insert(name, value);
    }

    async fn remove(&mut self, session: usize, name: &str) {
        self.tabs[session].get(&format!("/session/remove/{name}/")).await.assert_ok();
        self.model[session].remove(name);
    }

    async fn read(&self, session: usize, name: &str) {
        let found = self.tabs[session].get(&format!("/session/read/{name}/")).await;
        let wanted = self.model[session].get(name).map_or("nothing", String::as_str);
        assert_eq!(found.text(), wanted, "{name} of session {session}");
    }

    async fn read_all(&self) {
        for session in 0..SESSIONS {
            for name in 0..4 {
                self.read(session, &format!("c{}n{name}", self.number)).await;
            }
        }
    }
}

async fn begin(client: &Client) -> Client {
    let browser = client.another();
    browser.get("/session/set/first/yes/").await.assert_ok();
    browser
}

fn tab(browser: &Client) -> Client {
    let tab = browser.another();
    tab.set_cookie("sessionid", &browser.cookie("sessionid").unwrap());
    tab
}

async fn what_eight_clients_do_at_random_is_what_is_there(on: Place) {
    let client = on.client().await;
    for round in 0..ROUNDS {
        let browsers = join_all((0..SESSIONS).map(|_| begin(&client))).await;
        let worker = |number| Worker {
            number,
            tabs: browsers.iter().map(tab).collect(),
            model: vec![BTreeMap::new(); SESSIONS],
            dice: Dice((round * CLIENTS + number) as u64),
        };
        let mut workers: Vec<_> = (0..CLIENTS).map(worker).collect();
        let counts: Vec<_> = (0..SESSIONS).map(|_| AtomicUsize::new(0)).collect();
        let steps = operations() / ROUNDS / CLIENTS;
        join_all(workers.iter_mut().map(|worker| worker.work(steps, &counts))).await;
        for worker in &workers {
            worker.read_all().await;
        }
        for (browser, count) in browsers.iter().zip(&counts) {
            let next = (count.load(Relaxed) + 1).to_string();
            browser.get("/session/count/").await.assert_text(&next);
            tab(browser).get("/session/flush/").await.assert_ok();
            tab(browser).get("/session/read/first/").await.assert_text("nothing");
        }
    }
}
