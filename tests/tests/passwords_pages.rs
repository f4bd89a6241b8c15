//! A new password: by whoever knows the old one, or by mail.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join;
use nuages::Model;
use nuages::test::{Answer, Client};
use nuages_auth::{ForceLogin, PasswordHash};
use nuages_tests::accounts::{DEAD, NEW, ORIGIN, link, open, user, who, words};
use nuages_tests::kind::Kind;
use nuages_tests::site::PASSWORD;
use nuages_tests::table;
use poem::http::{Method, header};

nuages_tests::promises!(
    the_old_password_is_asked_for,
    a_changed_password_keeps_this_session_under_a_new_key_and_ends_the_others,
    strangers_are_sent_to_log_in,
    a_new_password_keeps_the_rules_and_is_typed_twice,
    asking_for_a_mail_looks_the_same_whoever_has_the_address,
    the_link_of_the_mail_takes_the_token_out_of_the_address,
    nobody_sets_a_password_without_the_mail,
    a_reset_signs_nobody_in_and_ends_all_sessions,
    a_link_works_once,
    a_password_that_is_refused_leaves_the_link_alive,
    of_two_who_follow_a_link_at_once_one_wins,
    a_link_that_cannot_be_is_a_page_that_says_so,
    a_link_of_somebody_else_proves_nothing,
    no_host_but_the_sites_own_gets_into_a_link,
    the_owner_is_told_of_a_new_password,
    what_is_no_address_is_an_error_of_the_field,
    a_password_that_is_too_long_or_has_a_nul_is_an_error_of_the_field,
    a_password_is_kept_letter_by_letter,
    pages_of_a_reset_are_never_stored,
);

const ASK: &str = "/accounts/password_reset/";
const CHANGE: &str = "/accounts/password_change/";
const DONE: &str = "/accounts/reset/done/";

async fn change(client: &Client, old: &str, new: &str) -> Answer {
    let fields = [("old_password", old), ("new_password1", new), ("new_password2", new)];
    client.post(CHANGE, &fields).await
}

async fn set(client: &Client, page: &str, new: &str) -> Answer {
    client.post(page, &[("new_password1", new), ("new_password2", new)]).await
}

async fn ask(client: &Client, email: &str) -> String {
    client.post(ASK, &[("email", email)]).await.assert_redirect("/accounts/password_reset/done/");
    link(client)
}

/// Follows a link to the page that asks for the password.
async fn follow(client: &Client, link: &str) -> String {
    let answer = client.get(link).await;
    answer.assert_status(302);
    answer.location().unwrap().to_owned()
}

async fn opens(client: &Client, name: &str, password: &str) -> bool {
    client.another().login(name, password).await.status() == 302
}

async fn the_old_password_is_asked_for(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    client.get(CHANGE).await.assert_ok().assert_text("csrfmiddlewaretoken").assert_no_text("argon2");
    let page = change(&client, "not-her-password", NEW).await;
    page.assert_ok().assert_text("Your old password was entered incorrectly. Please enter it again.");
    page.assert_no_text(NEW).assert_no_text("not-her-password");
    change(&client, "", NEW).await.assert_ok().assert_text("This field is required.");
    assert!(opens(&client, "ann", PASSWORD).await && !opens(&client, "ann", NEW).await);
    assert!(client.outbox().is_empty());
}

async fn a_changed_password_keeps_this_session_under_a_new_key_and_ends_the_others(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let phone = client.another();
    for browser in [&client, &phone] {
        browser.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    }
    client.get("/session/set/colour/blue/").await.assert_ok();
    let old = client.cookie("sessionid").unwrap();
    change(&client, PASSWORD, NEW).await.assert_redirect("/accounts/password_change/done/");
    client.get("/accounts/password_change/done/").await.assert_ok().assert_text("Your password is changed");
    assert_ne!(client.cookie("sessionid").unwrap(), old);
    assert_eq!(client.get("/session/read/colour/").await.text(), "blue");
    let thief = client.another();
    thief.set_cookie("sessionid", &old);
    assert_eq!(
        [who(&client).await, who(&phone).await, who(&thief).await].map(|name| name.len()),
        ["ann".len(), "nobody".len(), "nobody".len()]
    );
    assert!(opens(&client, "ann", NEW).await && !opens(&client, "ann", PASSWORD).await);
}

async fn strangers_are_sent_to_log_in(on: Kind) {
    let client = open(on).await;
    for path in [CHANGE, "/accounts/password_change/done/"] {
        client.get(path).await.assert_redirect(&format!("/accounts/login/?next={path}"));
    }
    change(&client, PASSWORD, NEW).await.assert_redirect(&format!("/accounts/login/?next={CHANGE}"));
}

async fn a_new_password_keeps_the_rules_and_is_typed_twice(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "annabelle").await).await;
    let twice = [("old_password", PASSWORD), ("new_password1", NEW), ("new_password2", PASSWORD)];
    client.post(CHANGE, &twice).await.assert_ok().assert_text("password fields didn’t match");
    for (password, rule) in [
        ("x7-plum", "This password is too short."),
        ("password1", "This password is too common."),
        ("8201937465018", "This password is entirely numeric."),
        ("annabelle1", "The password is too similar to the username."),
    ] {
        change(&client, PASSWORD, password)
            .await
            .assert_ok()
            .assert_text(rule)
            .assert_no_text(&format!("\"{password}\""));
    }
    let link = ask(&client, "annabelle@site.example").await;
    let page = follow(&client, &link).await;
    set(&client, &page, "annabelle1").await.assert_ok().assert_text("too similar to the username");
    assert!(opens(&client, "annabelle", PASSWORD).await);
}

async fn asking_for_a_mail_looks_the_same_whoever_has_the_address(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let mut idle = user(&client, "idle").await;
    idle.is_active = false;
    idle.save(client.db()).await.unwrap();
    let mut remote = user(&client, "remote").await;
    remote.password = PasswordHash::unusable();
    remote.save(client.db()).await.unwrap();
    let mut seen = Vec::new();
    for name in ["ann", "eve", "idle", "remote"] {
        let visitor = client.another();
        let answer = visitor.post(ASK, &[("email", &format!("{name}@site.example"))]).await;
        answer.assert_redirect("/accounts/password_reset/done/");
        let done = visitor.get("/accounts/password_reset/done/").await;
        done.assert_ok().assert_text("If there is an account");
        let cookies = answer.headers("set-cookie").count();
        seen.push((answer.status(), answer.text().to_owned(), cookies, words(&done, name)));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    assert_eq!(client.outbox().len(), 1, "Ann alone has got one");
    assert_eq!(client.outbox()[0].recipients().collect::<Vec<_>>(), ["ann@site.example"]);
}

async fn the_link_of_the_mail_takes_the_token_out_of_the_address(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let link = ask(&client, "ANN@site.example").await;
    let [uid, token] = link.split('/').skip(3).take(2).collect::<Vec<_>>()[..] else { panic!("{link}") };
    let page = follow(&client, &link).await;
    assert_eq!(page, format!("/accounts/reset/{uid}/set-password/"));
    let form = client.get(&page).await;
    form.assert_ok().assert_text("new_password1").assert_no_text(token);
    set(&client, &page, NEW).await.assert_redirect(DONE);
    client.get(DONE).await.assert_ok().assert_text("Your password is set");
    assert!(opens(&client, "ann", NEW).await && !opens(&client, "ann", PASSWORD).await);
}

async fn nobody_sets_a_password_without_the_mail(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let link = ask(&client, "ann@site.example").await;
    let page = follow(&client.another(), &link).await;
    client.get(&page).await.assert_ok().assert_text(DEAD);
    set(&client, &page, NEW).await.assert_ok().assert_text(DEAD);
    // A password that comes with the link itself is not taken: the link only opens the page.
    let answer = set(&client.another(), &link, NEW).await;
    assert_eq!(answer.location(), Some(&*page));
    assert!(opens(&client, "ann", PASSWORD).await);
}

async fn a_reset_signs_nobody_in_and_ends_all_sessions(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let phone = client.another();
    phone.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let link = ask(&client, "ann@site.example").await;
    let page = follow(&client, &link).await;
    assert_eq!(who(&phone).await, "ann", "a mail alone ends nothing");
    set(&client, &page, NEW).await.assert_redirect(DONE);
    assert_eq!((who(&client).await, who(&phone).await), ("nobody".into(), "nobody".into()));
}

async fn a_link_works_once(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let links = [ask(&client, "ann@site.example").await, ask(&client, "ann@site.example").await];
    let page = follow(&client, &links[0]).await;
    let other = client.another();
    assert_eq!(follow(&other, &links[1]).await, page);
    set(&client, &page, NEW).await.assert_redirect(DONE);
    for (visitor, path) in [(&client, &page), (&other, &page), (&client, &links[0]), (&other, &links[1])] {
        visitor.get(path).await.assert_ok().assert_text(DEAD);
        set(visitor, path, "plum-lantern-44").await.assert_ok().assert_text(DEAD);
    }
    assert!(opens(&client, "ann", NEW).await);
}

async fn a_password_that_is_refused_leaves_the_link_alive(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let link = ask(&client, "ann@site.example").await;
    let page = follow(&client, &link).await;
    set(&client, &page, "plum").await.assert_ok().assert_text("too short");
    set(&client, &page, NEW).await.assert_redirect(DONE);
}

async fn of_two_who_follow_a_link_at_once_one_wins(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let link = ask(&client, "ann@site.example").await;
    let (one, other) = (client.another(), client.another());
    let page = follow(&one, &link).await;
    follow(&other, &link).await;
    let passwords = [NEW, "plum-lantern-44"];
    let (first, second) = join(set(&one, &page, passwords[0]), set(&other, &page, passwords[1])).await;
    let (winner, loser, number) = if first.status() == 302 { (first, second, 0) } else { (second, first, 1) };
    winner.assert_redirect(DONE);
    loser.assert_ok().assert_text(DEAD);
    assert!(
        opens(&client, "ann", passwords[number]).await && !opens(&client, "ann", passwords[1 - number]).await
    );
}

async fn a_link_that_cannot_be_is_a_page_that_says_so(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let good = ask(&client, "ann@site.example").await;
    let [uid, token] = good.split('/').skip(3).take(2).collect::<Vec<_>>()[..] else { panic!("{good}") };
    let long = "A".repeat(5000);
    // Keys that are none: nothing, a word, NUL, minus one, 2^63 and more, not of this base.
    let uids = [
        "AA",
        "YW5u",
        "LTE",
        "OTIyMzM3MjAzNjg1NDc3NTgwOA",
        "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
        "%00",
        "!!",
        "OTk5",
    ];
    for uid in uids.into_iter().chain([&*long]) {
        for token in [token, "set-password"] {
            client.get(&format!("/accounts/reset/{uid}/{token}/")).await.assert_ok().assert_text(DEAD);
        }
    }
    let cut = &token[..token.len() - 1];
    for token in ["-", "a-b", "zzzzzzzzzzzzz-a", "1y2p0ij32e8e7-0", "%00", "-1-a", "%F0%9F%98%80", cut, &long]
    {
        client.get(&format!("/accounts/reset/{uid}/{token}/")).await.assert_ok().assert_text(DEAD);
    }
    client.get("/accounts/reset/%FF/%FE/").await;
    follow(&client, &good).await;
}

async fn a_link_of_somebody_else_proves_nothing(on: Kind) {
    let client = open(on).await;
    for name in ["ann", "eve"] {
        user(&client, name).await;
    }
    let anns = follow(&client.another(), &ask(&client, "ann@site.example").await).await;
    let eves = ask(&client, "eve@site.example").await;
    follow(&client, &eves).await;
    set(&client, &anns, NEW).await.assert_ok().assert_text(DEAD);
    assert!(opens(&client, "ann", PASSWORD).await);
}

async fn no_host_but_the_sites_own_gets_into_a_link(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let token = client.csrf_token();
    for (host, status) in [("evil.example", 400), ("testserver", 302), ("localhost:8000@evil.example", 400)] {
        let mut request = client.request(Method::POST, ASK);
        let form = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        request.headers_mut().insert(header::HOST, host.parse().unwrap());
        request.headers_mut().insert("x-forwarded-host", "evil.example".parse().unwrap());
        request.set_body(format!("email=ann@site.example&csrfmiddlewaretoken={token}"));
        client.send(request).await.assert_status(status);
    }
    let [mail] = &client.outbox()[..] else { panic!("one mail") };
    assert!(
        mail.body().contains(ORIGIN) && !mail.body().contains("evil") && !mail.body().contains("testserver")
    );
}

async fn the_owner_is_told_of_a_new_password(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    change(&client, PASSWORD, NEW).await.assert_redirect("/accounts/password_change/done/");
    let page = follow(&client, &ask(&client, "ann@site.example").await).await;
    set(&client, &page, PASSWORD).await.assert_redirect(DONE);
    let outbox = client.outbox();
    assert_eq!(outbox.len(), 3, "a notice, the link, a notice");
    for notice in [&outbox[0], &outbox[2]] {
        assert!(notice.subject().starts_with("Your password was changed on "), "{}", notice.subject());
        assert_eq!(notice.recipients().collect::<Vec<_>>(), ["ann@site.example"]);
        assert!(!notice.body().contains(NEW) && !notice.body().contains(PASSWORD));
    }
}

async fn what_is_no_address_is_an_error_of_the_field(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let long = format!("{}@site.example", "a".repeat(400));
    for email in [
        "",
        "ann",
        "ann@",
        "@site.example",
        "ann@site.example\r\nBcc: eve@site.example",
        "ann@site.example\nBcc:eve@site.example",
        "ann@site.example,eve@site.example",
        "ann@site.example eve@site.example",
        "Ann <ann@site.example>",
        "ann\0@site.example",
        &long,
    ] {
        client.post(ASK, &[("email", email)]).await.assert_ok().assert_text("id_email_error");
    }
    assert!(client.outbox().is_empty());
}

async fn a_password_that_is_too_long_or_has_a_nul_is_an_error_of_the_field(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    let long = "mauve ".repeat(175_000);
    for odd in [&*long, "mauve\0lantern", &"é".repeat(2049)] {
        change(&client, PASSWORD, odd).await.assert_ok().assert_text("id_new_password2_errors");
        change(&client, odd, NEW).await.assert_ok().assert_text("id_old_password_error");
    }
    let page = follow(&client, &ask(&client, "ann@site.example").await).await;
    set(&client, &page, &long).await.assert_ok().assert_text("id_new_password2_errors");
    assert!(opens(&client, "ann", PASSWORD).await);
}

async fn a_password_is_kept_letter_by_letter(on: Kind) {
    let client = open(on).await;
    client.force_login(&user(&client, "ann").await).await;
    let odd = ["\u{202e}mauve-lantern", " mauve lantern ", "ｍａｕｖｅ－ｌａｎｔｅｒｎ", "😀😀😀😀😀😀😀😀"];
    let mut now = PASSWORD;
    for password in odd {
        change(&client, now, password).await.assert_redirect("/accounts/password_change/done/");
        let alike = password.trim().replace('\u{202e}', "").replace('ｍ', "m").replace("😀", "😁");
        assert!(opens(&client, "ann", password).await && !opens(&client, "ann", &alike).await, "{password}");
        now = password;
    }
    assert_eq!(table::sessions(client.db()).await.iter().filter(|row| row.contains("mauve")).count(), 0);
}

async fn pages_of_a_reset_are_never_stored(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let page = follow(&client, &ask(&client, "ann@site.example").await).await;
    for path in [ASK, "/accounts/password_reset/done/", &page, DONE] {
        let answer = client.get(path).await;
        assert!(answer.assert_ok().header("cache-control").unwrap().contains("no-store"), "{path}");
    }
}
