//! What users see of their sessions, and how they end them.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages_tests::place::{self, Place};
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{self, PASSWORD};

nuages_tests::promises_of_stores!(
    users_see_their_sessions_and_which_is_this_one,
    a_session_ends_from_another_browser,
    all_others_end_at_once,
    nobody_sees_or_ends_another_users_session,
    a_stranger_is_sent_to_log_in,
    this_session_ends_with_a_logout,
    a_command_lists_and_ends_them,
);

const PATH: &str = "/accounts/sessions/";

/// Another browser, in which this user is signed in.
async fn signed_in(client: &Client, name: &str) -> Client {
    let browser = client.another();
    browser.login(name, PASSWORD).await.assert_redirect("/accounts/profile/");
    browser
}

/// The ids in the list, in order: what its buttons send.
async fn ids(client: &Client) -> Vec<String> {
    let page = client.get(PATH).await;
    let parts = page.assert_ok().text().split("name=\"end\" value=\"").skip(1);
    let ids = parts.filter_map(|part| part.split('"').next()).filter(|id| *id != "others");
    ids.map(str::to_owned).collect()
}

async fn users_see_their_sessions_and_which_is_this_one(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    signed_in(&client, "ann").await;
    let (first, second) = (signed_in(&client, "ann").await, signed_in(&client, "ann").await);
    let answer = second.get(PATH).await;
    answer
        .assert_text("<strong>this one</strong>")
        .assert_text("just now")
        .assert_text("End all other sessions");
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    let all = ids(&second).await;
    assert_eq!(all.len(), 3);
    assert_eq!(ids(&first).await.len(), 3);
    assert_ne!(ids(&first).await[0], all[0], "each sees its own first");
    for key in [&first, &second].map(|browser| browser.cookie("sessionid").unwrap()) {
        assert!(!answer.text().contains(&key), "no key stands in the page");
    }
}

async fn a_session_ends_from_another_browser(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    let (lost, kept) = (signed_in(&client, "ann").await, signed_in(&client, "ann").await);
    let id = ids(&kept).await.remove(1);
    kept.post(PATH, &[("end", &id)]).await.assert_redirect(PATH);
    lost.get("/me/").await.assert_text("nobody");
    kept.get("/me/").await.assert_text("ann");
    kept.get(PATH).await.assert_text("The session has ended.");
    kept.post(PATH, &[("end", &id)]).await.assert_redirect(PATH);
    kept.get(PATH).await.assert_text("had ended already");
}

async fn all_others_end_at_once(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    let others = [signed_in(&client, "ann").await, signed_in(&client, "ann").await];
    let kept = signed_in(&client, "ann").await;
    kept.post(PATH, &[("end", "others")]).await.assert_redirect(PATH);
    for other in others {
        other.get("/me/").await.assert_text("nobody");
    }
    kept.get("/me/").await.assert_text("ann");
    kept.get(PATH).await.assert_text("2 other sessions have ended.").assert_no_text("End all other sessions");
}

async fn nobody_sees_or_ends_another_users_session(on: Place) {
    let client = on.client().await;
    for name in ["ann", "bob"] {
        site::user(&client, name).await;
    }
    let (ann, bob) = (signed_in(&client, "ann").await, signed_in(&client, "bob").await);
    let (hers, his) = (ids(&ann).await, ids(&bob).await);
    assert!(hers.len() == 1 && his.len() == 1 && hers != his);
    let key = ann.cookie("sessionid").unwrap();
    for id in [hers[0].as_str(), key.as_str(), "", "' OR 1=1", "%"] {
        bob.post(PATH, &[("end", id)]).await.assert_redirect(PATH);
    }
    ann.get("/me/").await.assert_text("ann");
    bob.get("/me/").await.assert_text("bob");
}

async fn a_stranger_is_sent_to_log_in(on: Place) {
    let client = on.client().await;
    let login = "/accounts/login/?next=/accounts/sessions/";
    client.get(PATH).await.assert_redirect(login);
    client.post(PATH, &[("end", "others")]).await.assert_redirect(login);
}

async fn this_session_ends_with_a_logout(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    let browser = signed_in(&client, "ann").await;
    let id = ids(&browser).await.remove(0);
    browser.post(PATH, &[("end", &id)]).await.assert_redirect(PATH);
    browser.get("/me/").await.assert_text("nobody");
}

async fn a_command_lists_and_ends_them(on: Place) {
    let client = on.client().await;
    site::user(&client, "ann").await;
    let browser = signed_in(&client, "ann").await;
    let run = |words: &[&str]| {
        let mut command = manage(env!("CARGO_BIN_EXE_site"), client.settings().database_url.expose(), words);
        outcome(&command.envs(place::environment(&client)).output().unwrap())
    };
    let (code, said, wrong) = run(&["sessions", "ann"]);
    assert!(code == 0 && said.lines().count() == 1 && said.contains("just now"), "{said}{wrong}");
    let id = ids(&browser).await.remove(0);
    assert_eq!(said.split(' ').next(), id.get(..12));
    assert_eq!(run(&["sessions", "bob"]).2, "error: there is no user `bob`\n");
    assert_eq!(
        run(&["sessions", "ann", "--end", "zzz"]).2,
        "error: no session of the user begins with `zzz`\n"
    );
    assert_eq!(run(&["sessions", "ann", "--end", &id[..12]]).1, "Ended 1 sessions.\n");
    browser.get("/me/").await.assert_text("nobody");
    assert_eq!(run(&["sessions", "ann"]).1, "The user is signed in nowhere.\n");
    assert_eq!(run(&["sessions", "ann", "--end-all"]).1, "Ended 0 sessions.\n");
}
