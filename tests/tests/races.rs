//! Two requests with one session at the same time.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::test::{Answer, Client};
use nuages_tests::place::{self, Place};
use nuages_tests::site::{self, PASSWORD};

nuages_tests::promises_of_stores!(
    fifty_requests_that_each_set_a_value_of_their_own_all_win,
    a_save_never_brings_back_a_session_that_was_ended,
    a_save_never_brings_back_a_session_that_was_logged_out,
    what_is_set_without_a_look_begins_a_session_with_nothing_old_in_it,
    a_new_key_in_one_tab_disturbs_no_reader_in_another,
    two_tabs_that_both_change_the_key_lose_nothing,
    two_logins_from_one_session_both_arrive,
    fifty_requests_that_count_in_one_value_are_all_counted,
);

/// The same browser in another tab: its cookies as they are now.
fn tab(client: &Client) -> Client {
    let tab = client.another();
    for name in ["sessionid", "csrftoken"] {
        client.cookie(name).inspect(|value| tab.set_cookie(name, value));
    }
    tab
}

fn key(client: &Client) -> String {
    client.cookie("sessionid").expect("there is a session cookie")
}

async fn fifty_requests_that_each_set_a_value_of_their_own_all_win(on: Place) {
    let client = on.client().await;
    client.get("/session/set/first/yes/").await.assert_ok();
    let set = async |number: usize| {
        let answer = tab(&client).get(&format!("/session/set/k{number}/v{number}/?wait=100")).await;
        answer.assert_ok();
    };
    join_all((0..50).map(set)).await;
    for number in 0..50 {
        let kept = client.get(&format!("/session/read/k{number}/")).await;
        assert_eq!(kept.text(), format!("v{number}"));
    }
    client.get("/session/read/first/").await.assert_text("yes");
}

/// A slow writer, and somebody who ends its session meanwhile. Answers the writer's status.
async fn race(client: &Client, end: &str, round: u64) -> u16 {
    let (writer, ender, old) = (tab(client), tab(client), key(client));
    let path = format!("/session/set/colour/blue/?look=1&wait={}", round % 4);
    let write = async { writer.get(&path).await.status() };
    let end = async {
        tokio::time::sleep(std::time::Duration::from_millis(round % 3)).await;
        match end {
            "/accounts/logout/" => ender.post(end, &[]).await.assert_ok(),
            _ => ender.get(end).await.assert_ok(),
        };
    };
    let (status, ()) = tokio::join!(write, end);
    for cookie in [Some(old.clone()), writer.cookie("sessionid")].into_iter().flatten() {
        let ghost = client.another();
        ghost.set_cookie("sessionid", &cookie);
        ghost.get("/me/").await.assert_text("nobody");
        ghost.set_cookie("sessionid", &cookie);
        assert_eq!(ghost.get("/session/read/first/").await.text(), "nothing", "round {round}");
    }
    // What the writer has begun anew holds what it has set.
    if status == 200 && writer.cookie("sessionid").is_some_and(|cookie| cookie != old) {
        writer.get("/session/read/colour/").await.assert_text("blue");
    }
    status
}

async fn a_save_never_brings_back_a_session_that_was_ended(on: Place) {
    let mut conflicts = 0;
    let client = on.client().await;
    for round in 0..100 {
        client.forget_cookies();
        client.get("/session/set/first/yes/").await.assert_ok();
        let status = race(&client, "/session/flush/", round).await;
        assert!([200, 409].contains(&status), "the writer got {status}");
        conflicts += usize::from(status == 409);
    }
    assert!(conflicts > 0, "no round had the session end between the writer's look and its save");
}

async fn a_save_never_brings_back_a_session_that_was_logged_out(on: Place) {
    use nuages_auth::ForceLogin;
    let client = on.client().await;
    let ann = site::user(&client, "ann").await;
    for round in 0..100 {
        client.forget_cookies();
        client.force_login(&ann).await;
        client.get("/session/set/first/yes/").await.assert_ok();
        let status = race(&client, "/accounts/logout/", round).await;
        assert!([200, 409].contains(&status), "the writer got {status}");
    }
}

async fn what_is_set_without_a_look_begins_a_session_with_nothing_old_in_it(on: Place) {
    let client = on.client().await;
    for path in ["/session/set/colour/blue/?wait=100", "/session/cycle-and-set/colour/blue/?wait=100"] {
        client.forget_cookies();
        client.get("/session/set/first/yes/").await.assert_ok();
        let (writer, old) = (tab(&client), key(&client));
        let (answer, _) = tokio::join!(writer.get(path), client.get("/session/flush/"));
        answer.assert_ok();
        assert_ne!(key(&writer), old);
        assert_eq!(writer.get("/session/read/colour/").await.text(), "blue");
        assert_eq!(writer.get("/session/read/first/").await.text(), "nothing");
    }
}

async fn a_new_key_in_one_tab_disturbs_no_reader_in_another(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    for _ in 0..5 {
        client.forget_cookies();
        client.get("/session/set/first/yes/").await.assert_ok();
        let readers: Vec<_> = (0..5).map(|_| tab(&client)).collect();
        let reads = join_all(readers.iter().map(|reader| reader.get("/session/read/first/")));
        let (login, reads) = tokio::join!(client.login("ann", PASSWORD), reads);
        login.assert_redirect("/accounts/profile/");
        assert!(reads.iter().all(|read| read.status() == 200), "{reads:?}");
        client.get("/session/read/first/").await.assert_text("yes");
    }
    assert_eq!(place::count(&client).await, 5);
}

async fn two_tabs_that_both_change_the_key_lose_nothing(on: Place) {
    let client = on.client().await;
    for _ in 0..20 {
        client.forget_cookies();
        client.get("/session/set/first/yes/").await.assert_ok();
        let tabs = [tab(&client), tab(&client)];
        let cycle = "/session/cycle/?read=first&wait=5";
        let answers = join_all(tabs.iter().map(|tab| tab.get(cycle))).await;
        // Whoever came after the change has read nothing, and must not disturb the one who made it.
        let undisturbed = |answer: &Answer| answer.text() == "yes" || answer.header("set-cookie").is_none();
        assert!(answers.iter().all(|answer| answer.status() == 200 && undisturbed(answer)), "{answers:?}");
        let old = key(&client);
        let winners: Vec<_> = tabs.iter().filter(|tab| key(tab) != old).collect();
        assert_eq!(winners.len(), 1, "the browser keeps one cookie, and it must be the one with the data");
        winners[0].get("/session/read/first/").await.assert_text("yes");
    }
    assert_eq!(place::count(&client).await, 20);
}

async fn two_logins_from_one_session_both_arrive(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    for _ in 0..5 {
        client.forget_cookies();
        client.get("/session/set/first/yes/").await.assert_ok();
        client.csrf_token();
        let tabs = [tab(&client), tab(&client)];
        join_all(tabs.iter().map(|tab| tab.login("ann", PASSWORD))).await;
        for tab in &tabs {
            tab.get("/me/").await.assert_text("ann");
        }
    }
}

async fn fifty_requests_that_count_in_one_value_are_all_counted(on: Place) {
    let client = on.client().await;
    client.get("/session/count/").await.assert_text("1");
    let count = async |_: usize| {
        tab(&client).get("/session/count/?look=1&wait=20").await.assert_ok();
    };
    join_all((0..50).map(count)).await;
    client.get("/session/count/").await.assert_text("52");
}
