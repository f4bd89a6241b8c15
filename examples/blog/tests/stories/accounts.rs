//! What people live through with their accounts.

use crate::people::*;

const NEW: &str = "amber-lantern-43";

#[tokio::test]
async fn a_visitor_signs_up_logs_in_sees_the_name_and_logs_out() {
    let client = writer("ada").await;
    client.get("/").await.assert_text("Hello, ada");
    client.get("/accounts/profile/").await.assert_ok().assert_text("<h1>ada</h1>");

    let key = client.cookie("sessionid").expect("ada has a session");
    client.post("/accounts/logout/", &[]).await.assert_redirect("/");
    client.get("/").await.assert_text("Log in").assert_no_text("Hello");

    client.set_cookie("sessionid", &key);
    let sent_away = client.get("/accounts/profile/").await;
    sent_away.assert_redirect("/accounts/login/?next=/accounts/profile/");
}

#[tokio::test]
async fn opening_the_address_of_log_out_logs_nobody_out() {
    let client = writer("ada").await;
    client.get("/accounts/logout/").await.assert_status(405);
    client.get("/").await.assert_text("Hello, ada");
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_words() {
    let client = writer("ada").await;
    client.post("/accounts/logout/", &[]).await;
    let refused = client.login("ada", "something else").await;
    refused.assert_ok().assert_text("errorlist").assert_no_text("something else");
    client.get("/").await.assert_no_text("Hello");
}

#[tokio::test]
async fn a_line_about_oneself_stands_under_the_posts() {
    let client = editor("ada").await;
    client.post("/accounts/profile/bio/", &[("bio", "Counts in sevens.")]).await;
    let address = publish(&client, "Seven", "…").await;
    client.get(&address).await.assert_text("Counts in sevens.");
    client.get("/accounts/profile/bio/").await.assert_text("value=\"Counts in sevens.\"");
    let refused = client.post("/accounts/profile/bio/", &[("bio", &"x".repeat(161))]).await;
    refused.assert_ok().assert_text("at most 160 characters");
}

#[tokio::test]
async fn a_writer_sees_the_sessions_and_ends_another_one() {
    let client = writer("ada").await;
    let other = client.another();
    log_in(&other, "ada", PASSWORD).await.assert_redirect("/");
    let page = client.get("/accounts/sessions/").await;
    page.assert_ok().assert_text("this one").assert_text("End all other sessions");
    client.post("/accounts/sessions/", &[("end", "others")]).await.assert_redirect("/accounts/sessions/");
    other.get("/").await.assert_no_text("Hello, ada");
    client.get("/").await.assert_text("Hello, ada");
}

#[tokio::test]
async fn an_account_waits_until_its_address_is_confirmed() {
    let client = visitor().await;
    ask_for_an_account(&client, "ada").await.assert_ok().assert_text("ada@swing.example");
    log_in(&client, "ada", PASSWORD).await.assert_ok().assert_text("errorlist");
    let link = link_in_mail(&client);
    client.get(&link).await.assert_ok().assert_text("Yes, this is my address");
    log_in(&client, "ada", PASSWORD).await.assert_ok().assert_text("errorlist");

    client.post(&link, &[]).await.assert_redirect("/accounts/login/");
    log_in(&client, "ada", PASSWORD).await.assert_redirect("/");
    client.get(&link).await.assert_ok().assert_text("The link does not work");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let client = writer("ada").await;
    let phone = client.another();
    log_in(&phone, "ada", PASSWORD).await.assert_redirect("/");
    let change = [("old_password", PASSWORD), ("new_password1", NEW), ("new_password2", NEW)];
    client
        .post("/accounts/password_change/", &change)
        .await
        .assert_redirect("/accounts/password_change/done/");
    client.get("/").await.assert_text("Hello, ada");
    phone.get("/").await.assert_no_text("Hello, ada");
    let mail = client.outbox().pop().expect("a word about it");
    assert!(mail.subject().starts_with("Your password was changed"));
    log_in(&phone, "ada", PASSWORD).await.assert_ok().assert_text("errorlist");
    log_in(&phone, "ada", NEW).await.assert_redirect("/");
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_mail() {
    let client = writer("ada").await;
    let forgetful = client.another();
    forgetful.get("/accounts/login/").await.assert_text("/accounts/password_reset/");
    let ask = [("email", "ada@swing.example")];
    forgetful.post("/accounts/password_reset/", &ask).await.assert_redirect("/accounts/password_reset/done/");
    let link = link_in_mail(&client);
    let page = forgetful.get(&link).await.location().expect("the token leaves the address").to_owned();
    let new = [("new_password1", NEW), ("new_password2", NEW)];
    forgetful.post(&page, &new).await.assert_redirect("/accounts/reset/done/");
    client.get("/").await.assert_no_text("Hello, ada");
    log_in(&forgetful, "ada", NEW).await.assert_redirect("/");
    forgetful.get(&link).await.assert_ok().assert_text("The link does not work");
}

#[tokio::test]
async fn a_new_address_is_confirmed_from_there() {
    let client = writer("ada").await;
    let change = [("new_email", "ada@train.example"), ("password", PASSWORD)];
    client.post("/accounts/email_change/", &change).await.assert_redirect("/accounts/profile/");
    client.get("/accounts/profile/").await.assert_text("(ada@swing.example)");
    client.post(&link_in_mail(&client), &[]).await.assert_redirect("/accounts/profile/");
    client.get("/accounts/profile/").await.assert_text("(ada@train.example)");
    let told = client.outbox().pop().expect("a word to the old address");
    assert_eq!(told.recipients().collect::<Vec<_>>(), ["ada@swing.example"]);
}

#[tokio::test]
async fn the_profile_leads_to_all_pages_of_the_account() {
    let client = writer("ada").await;
    let profile = client.get("/accounts/profile/").await;
    for page in ["password_change", "email_change", "sessions", "activity", "delete"] {
        let path = format!("/accounts/{page}/");
        profile.assert_text(&path);
        client.get(&path).await.assert_ok().assert_text("Hello, ada");
    }
    client.get("/accounts/activity/").await.assert_text("Logged in");
}

#[tokio::test]
async fn who_leaves_takes_the_posts_along() {
    let client = editor("ada").await;
    let address = publish(&client, "Nuages", "Written in 1940.").await;
    client.post("/accounts/delete/", &[("password", "not it")]).await.assert_ok().assert_text("errorlist");
    client.get(&address).await.assert_ok();
    client.post("/accounts/delete/", &[("password", PASSWORD)]).await.assert_ok().assert_text("Goodbye.");
    client.get(&address).await.assert_status(404);
    log_in(&client, "ada", PASSWORD).await.assert_ok().assert_text("errorlist");
}
