//! The promise that the site makes from its first day.

use nuages::test::Client;

use {{ crate_name }}::project;

const NAME: &str = "{% if user == "email" %}ada@example.com{% else %}ada{% endif %}";
const PASSWORD: &str = "mauve-lantern-42";

const NEW_ACCOUNT: [(&str, &str); 3] = [
    ("{{ user }}", NAME),
    ("password1", PASSWORD),
    ("password2", PASSWORD),
];
const PAGES: [&str; 5] = [
    "/accounts/password_change/",
    "/accounts/email_change/",
    "/accounts/sessions/",
    "/accounts/activity/",
    "/accounts/delete/",
];
const LOGIN: [(&str, &str); 2] = [("username", NAME), ("password", PASSWORD)];

#[tokio::test]
async fn a_visitor_signs_up_logs_in_sees_the_name_and_logs_out() {
    let client = Client::new(project()).await;

    let signed_up = client.post("/accounts/signup/", &NEW_ACCOUNT).await;
    signed_up.assert_redirect("/accounts/login/");
    let logged_in = client.post("/accounts/login/", &LOGIN).await;
    logged_in.assert_redirect("/accounts/profile/");
    client.get("/accounts/profile/").await.assert_text(NAME);
    client.get("/").await.assert_text("Visit number 1");

    client.post("/accounts/logout/", &[]).await.assert_ok();
    let sent_away = client.get("/accounts/profile/").await;
    sent_away.assert_redirect("/accounts/login/?next=/accounts/profile/");
}

#[tokio::test]
async fn a_visitor_finds_the_way_to_an_account() {
    let client = Client::new(project()).await;
    client.get("/").await.assert_text("Sign up");
    let login = client.get("/accounts/login/").await;
    login.assert_text("/accounts/password_reset/");
    client.get("/accounts/password_reset/").await.assert_ok();
}

#[tokio::test]
async fn the_profile_leads_to_all_pages_of_the_account() {
    let client = Client::new(project()).await;
    client.post("/accounts/signup/", &NEW_ACCOUNT).await;
    client.post("/accounts/login/", &LOGIN).await;
    let profile = client.get("/accounts/profile/").await;
    for page in PAGES {
        profile.assert_text(page);
        client.get(page).await.assert_ok();
    }
}
