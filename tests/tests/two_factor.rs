//! Two-factor authentication: a code from the user's phone beside the password.

#![allow(clippy::unwrap_used, reason = "a test may")]

use futures_util::future::join_all;
use nuages::test::Client;
use nuages::{Model, Settings};
use nuages_auth::events::EventRow;
use nuages_auth::two_factor::{RecoveryCodeRow, TwoFactor, TwoFactorRow};
use nuages_auth::{AuthApp, RemoteUserBackend, RemoteUserHeader};
use nuages_tests::accounts::{NEW, PROFILE, named, open, open_with, signed_in, user, who};
use nuages_tests::kind::Kind;
use nuages_tests::place;
use nuages_tests::press;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::{self, PASSWORD, User};
use nuages_tests::table;
use nuages_tests::two_factor::{
    CODE_PAGE, CODES, HOME, REMOVE, SETUP, code, enter, halfway, protected, recovery_codes, row, turn_on,
    wrong_code,
};
use poem::http::Method;

nuages_tests::promises!(
    a_user_turns_it_on_and_logs_in_by_a_code,
    it_is_asked_for_only_once_the_app_has_shown_a_code,
    setting_it_up_takes_the_password_and_a_second_setting_up_changes_nothing,
    nobody_is_signed_in_between_the_steps,
    the_page_that_was_wanted_comes_after_the_code,
    the_second_step_alone_leads_nowhere,
    a_code_is_taken_once,
    of_a_code_that_comes_six_times_at_once_one_is_taken,
    a_recovery_code_is_taken_once_and_its_owner_is_told,
    new_recovery_codes_replace_the_old_ones,
    the_sixth_code_is_refused_even_if_it_is_right,
    a_login_waits_ten_minutes,
    a_login_does_not_wait_past_a_new_password_or_the_end_of_the_account,
    whoever_logs_in_as_somebody_else_ends_the_session_that_was_there,
    a_new_password_by_mail_does_not_skip_the_code,
    it_is_turned_off_by_the_password,
    a_command_turns_it_off,
    with_the_account_it_goes,
    what_happens_is_told_by_mail_and_in_the_activity,
    no_secret_is_on_a_page_or_in_debug_output,
    pages_ask_for_it,
    a_site_asks_its_staff_for_it_everywhere,
    a_remote_user_is_not_asked,
);

async fn events(client: &Client) -> Vec<String> {
    let rows = EventRow::objects(client.db()).order_by(EventRow::ID.asc()).all().await.unwrap();
    rows.into_iter().map(|row| row.kind).collect()
}

async fn a_user_turns_it_on_and_logs_in_by_a_code(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let browser = signed_in(&client, "ann").await;
    browser.get(HOME).await.assert_ok().assert_text("It is off");
    browser.post(HOME, &[("password", PASSWORD)]).await.assert_redirect(SETUP);
    let page = browser.get(SETUP).await;
    page.assert_ok().assert_text("<svg").assert_text("otpauth:&#x2f;&#x2f;totp&#x2f;Nuages:ann?secret=");
    assert!(page.header("cache-control").unwrap().contains("no-store"));
    browser
        .post(SETUP, &[("code", &wrong_code(&client, "ann").await)])
        .await
        .assert_text("This code is not right");
    let code_of_app = code(&client, "ann").await;
    let spaced = format!(" {} {} ", &code_of_app[..3], &code_of_app[3..]);
    browser.post(SETUP, &[("code", &spaced)]).await.assert_ok().assert_text("Recovery codes");
    browser.get(HOME).await.assert_text("It is on").assert_text("10 recovery codes left");
    let phone = halfway(&client, "ann").await;
    phone.get(CODE_PAGE).await.assert_ok().assert_text("autocomplete=\"one-time-code\"");
    enter(&phone, &wrong_code(&client, "ann").await).await.assert_ok().assert_text("This code is not right");
    assert_eq!(who(&phone).await, "nobody");
    enter(&phone, &code(&client, "ann").await).await.assert_redirect(PROFILE);
    assert_eq!(who(&phone).await, "ann");
}

async fn it_is_asked_for_only_once_the_app_has_shown_a_code(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let browser = signed_in(&client, "ann").await;
    browser.post(HOME, &[("password", PASSWORD)]).await.assert_redirect(SETUP);
    signed_in(&client, "ann").await;
    browser.get(HOME).await.assert_text("It is off");
}

async fn setting_it_up_takes_the_password_and_a_second_setting_up_changes_nothing(on: Kind) {
    let client = open(on).await;
    user(&client, "ann").await;
    let browser = signed_in(&client, "ann").await;
    browser.get(SETUP).await.assert_redirect(HOME);
    browser.post(HOME, &[("password", "not-her-password")]).await.assert_text("The password is not right.");
    browser.get(SETUP).await.assert_redirect(HOME);
    turn_on(&browser, "ann").await;
    let before = row(&client, "ann").await;
    browser.post(HOME, &[("password", PASSWORD)]).await.assert_text("It is on");
    assert!(!TwoFactor::of(client.db(), &named(&client, "ann").await).begin().await.unwrap());
    browser.post(SETUP, &[("code", &code(&client, "ann").await)]).await.assert_redirect(HOME);
    assert_eq!(row(&client, "ann").await.secret.base32(), before.secret.base32());
    for path in [HOME, SETUP, CODES, REMOVE] {
        client.get(path).await.assert_redirect(&format!("/accounts/login/?next={path}"));
    }
}

async fn nobody_is_signed_in_between_the_steps(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    let browser = halfway(&client, "ann").await;
    assert_eq!(who(&browser).await, "nobody");
    browser.get(PROFILE).await.assert_redirect("/accounts/login/?next=/accounts/profile/");
    browser.get(HOME).await.assert_redirect(&format!("/accounts/login/?next={HOME}"));
    assert_eq!(
        events(&client).await.iter().filter(|kind| *kind == "login").count(),
        1,
        "the first login alone"
    );
    let before = browser.cookie("sessionid").unwrap();
    enter(&browser, &code(&client, "ann").await).await.assert_redirect(PROFILE);
    assert_ne!(browser.cookie("sessionid").unwrap(), before, "the session has a new key");
}

async fn the_page_that_was_wanted_comes_after_the_code(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    for (next, to) in [("/me/?x=1", "/me/?x=1"), ("//evil.example/", PROFILE)] {
        let browser = client.another();
        let fields = [("username", "ann"), ("password", PASSWORD), ("next", next)];
        browser.post("/accounts/login/", &fields).await.assert_redirect(CODE_PAGE);
        enter(&browser, &code(&client, "ann").await).await.assert_redirect(to);
    }
}

async fn the_second_step_alone_leads_nowhere(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    let browser = client.another();
    browser.get(CODE_PAGE).await.assert_redirect("/accounts/login/");
    enter(&browser, &code(&client, "ann").await).await.assert_redirect("/accounts/login/");
    assert_eq!(who(&browser).await, "nobody");
}

async fn a_code_is_taken_once(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    let code = code(&client, "ann").await;
    let (first, second) = (halfway(&client, "ann").await, halfway(&client, "ann").await);
    enter(&first, &code).await.assert_redirect(PROFILE);
    enter(&second, &code).await.assert_ok().assert_text("was used before");
}

async fn of_a_code_that_comes_six_times_at_once_one_is_taken(on: Kind) {
    let client = open(on).await;
    let (_, recovery) = protected(&client, "ann").await;
    for code in [code(&client, "ann").await, recovery[0].clone()] {
        let factor = TwoFactor::of(client.db(), &named(&client, "ann").await);
        let taken = join_all((0..6).map(|_| factor.take(&code))).await;
        let taken = taken.into_iter().filter(|taken| matches!(taken, Ok(Some(_)))).count();
        assert_eq!(taken, 1, "{code}");
    }
}

async fn a_recovery_code_is_taken_once_and_its_owner_is_told(on: Kind) {
    let client = open(on).await;
    let (_, codes) = protected(&client, "ann").await;
    let browser = halfway(&client, "ann").await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    enter(&browser, &typed).await.assert_redirect(PROFILE);
    browser.get(PROFILE).await.assert_text("9 recovery codes are left.");
    assert!(client.outbox().last().unwrap().body().contains("A recovery code was used to log in"));
    let again = halfway(&client, "ann").await;
    enter(&again, &codes[0]).await.assert_ok().assert_text("This code is not right");
    user(&client, "bob").await;
    let bob = TwoFactor::of(client.db(), &named(&client, "bob").await);
    assert_eq!(bob.take(&codes[1]).await.unwrap(), None, "it is nobody else's");
}

async fn new_recovery_codes_replace_the_old_ones(on: Kind) {
    let client = open(on).await;
    let (browser, old) = protected(&client, "ann").await;
    browser.post(CODES, &[("password", "not-her-password")]).await.assert_text("The password is not right.");
    let new = recovery_codes(browser.post(CODES, &[("password", PASSWORD)]).await.assert_ok());
    assert!(new.len() == 10 && !new.contains(&old[0]));
    enter(&halfway(&client, "ann").await, &old[0]).await.assert_ok();
    enter(&halfway(&client, "ann").await, &new[0]).await.assert_redirect(PROFILE);
}

async fn the_sixth_code_is_refused_even_if_it_is_right(on: Kind) {
    let client = open_with(on, |settings: &mut Settings| settings.throttle_per_account = 5).await;
    protected(&client, "ann").await;
    let wrong = wrong_code(&client, "ann").await;
    let browser = halfway(&client, "ann").await;
    for _ in 0..5 {
        enter(&browser, &wrong).await.assert_ok();
    }
    let right = code(&client, "ann").await;
    let refused = enter(&browser, &right).await;
    refused.assert_status(429).assert_text("oo many attempts; try again in ").assert_text("One more step");
    assert!(refused.header("retry-after").is_some());
    enter(&halfway(&client, "ann").await, &right).await.assert_status(429);
    let url = client.settings().database_url.expose();
    let output = manage(env!("CARGO_BIN_EXE_site"), url, &["unlock", "ann"]).output().unwrap();
    assert_eq!(outcome(&output).0, 0);
    enter(&browser, &right).await.assert_redirect(PROFILE);
}

/// Makes the login that waits begin so many seconds earlier.
async fn age(client: &Client, seconds: i64) {
    let data = table::texts(client.db(), "sessions_session", "data").await;
    let waiting = data.into_iter().find(|data| data.contains("_auth_two_factor_waiting")).unwrap();
    let mut data: serde_json::Value = serde_json::from_str(&waiting).unwrap();
    let since = &mut data["_auth_two_factor_waiting"]["since"];
    *since = (since.as_i64().unwrap() - seconds).into();
    place::overwrite_all(client, &data.to_string()).await;
}

async fn a_login_waits_ten_minutes(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    for (seconds, waits) in [(590, true), (601, false), (-60, false)] {
        let browser = halfway(&client, "ann").await;
        age(&client, seconds).await;
        let code = code(&client, "ann").await;
        enter(&browser, &code).await.assert_redirect(if waits { PROFILE } else { "/accounts/login/" });
        table::run(client.db(), "DELETE FROM sessions_session").await;
    }
}

async fn a_login_does_not_wait_past_a_new_password_or_the_end_of_the_account(on: Kind) {
    let client = open(on).await;
    let (browser, _) = protected(&client, "ann").await;
    let waiting = halfway(&client, "ann").await;
    let change = [("old_password", PASSWORD), ("new_password1", NEW), ("new_password2", NEW)];
    browser.post("/accounts/password_change/", &change).await.assert_status(302);
    enter(&waiting, &code(&client, "ann").await).await.assert_redirect("/accounts/login/");
    let waiting = client.another();
    waiting.login("ann", NEW).await.assert_redirect(CODE_PAGE);
    let ann = User::objects(client.db()).filter(User::USERNAME.eq("ann"));
    ann.update([User::IS_ACTIVE.set(false)]).await.unwrap();
    enter(&waiting, &code(&client, "ann").await).await.assert_redirect("/accounts/login/");
    assert_eq!(who(&waiting).await, "nobody");
}

async fn whoever_logs_in_as_somebody_else_ends_the_session_that_was_there(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    user(&client, "bob").await;
    let browser = signed_in(&client, "bob").await;
    browser.get("/session/set/colour/blue/").await.assert_ok();
    browser.login("ann", PASSWORD).await.assert_redirect(CODE_PAGE);
    assert_eq!(who(&browser).await, "nobody");
    browser.get("/session/read/colour/").await.assert_no_text("blue");
    enter(&browser, &code(&client, "ann").await).await.assert_redirect(PROFILE);
    assert_eq!(who(&browser).await, "ann");
}

async fn a_new_password_by_mail_does_not_skip_the_code(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    let browser = client.another();
    browser.post("/accounts/password_reset/", &[("email", "ann@site.example")]).await.assert_status(302);
    let link = nuages_tests::accounts::link(&client);
    let form = browser.get(&link).await.location().unwrap().to_owned();
    browser.post(&form, &[("new_password1", NEW), ("new_password2", NEW)]).await.assert_status(302);
    browser.login("ann", NEW).await.assert_redirect(CODE_PAGE);
    assert_eq!(who(&browser).await, "nobody");
}

async fn it_is_turned_off_by_the_password(on: Kind) {
    let client = open(on).await;
    let (browser, _) = protected(&client, "ann").await;
    browser.post(REMOVE, &[("password", "not-her-password")]).await.assert_text("The password is not right.");
    halfway(&client, "ann").await;
    browser.post(REMOVE, &[("password", PASSWORD)]).await.assert_redirect(HOME);
    browser.get(HOME).await.assert_text("It is off");
    signed_in(&client, "ann").await;
    assert_eq!(RecoveryCodeRow::objects(client.db()).count().await.unwrap(), 0);
}

async fn a_command_turns_it_off(on: Kind) {
    let client = open(on).await;
    protected(&client, "ann").await;
    let url = client.settings().database_url.expose();
    let run = |name| {
        outcome(&manage(env!("CARGO_BIN_EXE_site"), url, &["removetwofactor", name]).output().unwrap())
    };
    assert_eq!(run("nobody"), (1, String::new(), "error: there is no user `nobody`\n".into()));
    let (code, said, _) = run("ann");
    assert!(code == 0 && said.contains("by the password alone"), "{said}");
    signed_in(&client, "ann").await;
    assert!(run("ann").1.contains("has no two-factor authentication"));
}

async fn with_the_account_it_goes(on: Kind) {
    let client = open(on).await;
    let (browser, _) = protected(&client, "ann").await;
    browser.post("/accounts/delete/", &[("password", PASSWORD)]).await.assert_ok();
    assert_eq!(TwoFactorRow::objects(client.db()).count().await.unwrap(), 0);
    assert_eq!(RecoveryCodeRow::objects(client.db()).count().await.unwrap(), 0);
}

async fn what_happens_is_told_by_mail_and_in_the_activity(on: Kind) {
    let client = open(on).await;
    let (browser, codes) = protected(&client, "ann").await;
    let phone = halfway(&client, "ann").await;
    enter(&phone, "111").await.assert_ok();
    enter(&phone, &codes[3]).await.assert_redirect(PROFILE);
    browser.post(CODES, &[("password", PASSWORD)]).await.assert_ok();
    browser.post(REMOVE, &[("password", PASSWORD)]).await.assert_redirect(HOME);
    let kinds = events(&client).await;
    let expected = [
        "login",
        "two_factor_on",
        "two_factor_failed",
        "recovery_code_used",
        "login",
        "recovery_codes_made",
        "two_factor_off",
    ];
    assert_eq!(kinds, expected);
    browser.get("/accounts/activity/").await.assert_text("Two-factor authentication was turned on");
    let mails: Vec<_> = client.outbox().iter().map(|mail| mail.body().to_owned()).collect();
    let words = ["turned on", "A recovery code was used", "New recovery codes were made", "turned off"];
    assert_eq!(mails.len(), words.len());
    assert!(mails.iter().zip(words).all(|(mail, word)| mail.contains(word)), "{mails:?}");
}

async fn no_secret_is_on_a_page_or_in_debug_output(on: Kind) {
    let client = open(on).await;
    let (browser, codes) = protected(&client, "ann").await;
    let row = row(&client, "ann").await;
    let secret = row.secret.base32();
    for path in [HOME, CODES, REMOVE, PROFILE, "/accounts/activity/"] {
        browser.get(path).await.assert_ok().assert_no_text(secret).assert_no_text(&codes[0]);
    }
    assert!(!format!("{row:?}").contains(secret));
    assert!(!serde_json::to_string(&row).unwrap().contains(secret));
    let digests = table::texts(client.db(), "auth_recovery_code", "digest").await;
    assert!(digests.iter().all(|digest| digest.len() == 64 && !codes.contains(digest)));
}

async fn pages_ask_for_it(on: Kind) {
    let client = press::client(on).await;
    client.get("/for/two-factor/").await.assert_redirect("/accounts/login/?next=/for/two-factor/");
    press::user(&client, "ann", |_| {}).await;
    let browser = signed_in_at_press(&client, "ann").await;
    browser.get("/for/two-factor/").await.assert_redirect(HOME);
    browser.get(HOME).await.assert_text("set up two-factor authentication first");
    let other = signed_in_at_press(&client, "ann").await;
    turn_on(&browser, "ann").await;
    browser.get("/for/two-factor/").await.assert_ok().assert_text("seen");
    other.get("/for/two-factor/").await.assert_redirect("/accounts/login/?next=/for/two-factor/");
    other.login("ann", PASSWORD).await.assert_redirect(CODE_PAGE);
    enter(&other, &code(&client, "ann").await).await.assert_status(302);
    other.get("/for/two-factor/").await.assert_text("seen");
}

async fn signed_in_at_press(client: &Client, name: &str) -> Client {
    let browser = client.another();
    browser.login(name, PASSWORD).await.assert_status(302);
    browser
}

async fn a_site_asks_its_staff_for_it_everywhere(on: Kind) {
    let auth = AuthApp::<User>::new().two_factor_required(|user: &User| user.is_staff).app();
    let client = Client::new(site::with_auth(on, auth)).await;
    let mut ann = user(&client, "ann").await;
    (ann.is_staff, ann.email) = (true, String::new());
    ann.save(client.db()).await.unwrap();
    user(&client, "bob").await;
    let bob = signed_in(&client, "bob").await;
    assert_eq!(who(&bob).await, "bob");
    let browser = signed_in(&client, "ann").await;
    browser.get("/me/").await.assert_redirect(HOME);
    browser.get(PROFILE).await.assert_redirect(HOME);
    client.get("/me/").await.assert_ok();
    turn_on(&browser, "ann").await;
    assert_eq!(who(&browser).await, "ann");
    browser.post("/accounts/logout/", &[]).await.assert_ok();
    browser.login("ann", PASSWORD).await.assert_redirect(CODE_PAGE);
    enter(&browser, &code(&client, "ann").await).await.assert_redirect(PROFILE);
    assert_eq!(who(&browser).await, "ann");
}

async fn a_remote_user_is_not_asked(on: Kind) {
    let client = press::client(on).await;
    press::user(&client, "ann", |_| {}).await;
    turn_on(&signed_in_at_press(&client, "ann").await, "ann").await;
    let auth = AuthApp::new()
        .backends(vec![Box::new(RemoteUserBackend::new())])
        .remote_user(RemoteUserHeader::new("X-Remote-User"));
    let url = client.settings().database_url.clone();
    let proxied =
        Client::new(press::project(on, auth).settings(|settings| settings.database_url = url)).await;
    let mut request = proxied.request(Method::GET, "/me/");
    request.headers_mut().append("X-Remote-User", "ann".parse().unwrap());
    proxied.send(request).await.assert_ok().assert_text("ann");
}
