//! What visitors, writers and troublemakers live through.

use nuages::Settings;
use nuages::test::{Answer, Client};

const PASSWORD: &str = "mauve-lantern-42";
const DEBUG: [(&str, &str); 2] = [("DEBUG", "true"), ("SECRET_KEY", "for-tests-alone")];
const PRODUCTION: [(&str, &str); 2] =
    [("SECRET_KEY", "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF"), ("ALLOWED_HOSTS", "localhost")];

async fn visitor() -> Client {
    Client::new(blog::project_with(Settings::from_pairs(DEBUG))).await
}

/// Somebody who has just signed up and logged in.
async fn writer(name: &str) -> Client {
    let client = visitor().await;
    sign_up(&client, name).await;
    client
}

async fn sign_up(client: &Client, name: &str) {
    let account = [("username", name), ("password1", PASSWORD), ("password2", PASSWORD)];
    client.post("/accounts/signup/", &account).await.assert_redirect("/accounts/login/");
    let login = [("username", name), ("password", PASSWORD)];
    client.post("/accounts/login/", &login).await.assert_redirect("/");
}

async fn publish(client: &Client, title: &str, body: &str) -> String {
    let answer = client.post("/write/", &[("title", title), ("body", body)]).await;
    answer.location().expect("a published post is shown").to_owned()
}

/// The `Set-Cookie` line of this name.
fn set_cookie<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let is_it = |line: &&str| line.split('=').next() == Some(name);
    answer.headers("set-cookie").find(is_it).expect("the cookie is set")
}

#[tokio::test]
async fn an_empty_blog_invites_to_write() {
    let client = visitor().await;
    client.get("/").await.assert_ok().assert_text("Write the first post").assert_text("Sign up");
}

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
async fn a_stranger_who_wants_to_write_is_sent_to_log_in() {
    let client = visitor().await;
    client.get("/write/").await.assert_redirect("/accounts/login/?next=/write/");
    let post = [("title", "Swing 42"), ("body", "…")];
    client.post("/write/", &post).await.assert_redirect("/accounts/login/?next=/write/");
    client.get("/").await.assert_no_text("Swing 42");
}

#[tokio::test]
async fn a_writer_publishes_and_everyone_reads() {
    let client = writer("django").await;
    let address = publish(&client, "Nuages", "Written in 1940.").await;
    client.get(&address).await.assert_text(">Your post is published.</p>");
    client.get(&address).await.assert_no_text("Your post is published.");

    let reader = client.another();
    reader.get("/").await.assert_text("Nuages</a></h2>").assert_text("· django");
    reader.get(&address).await.assert_ok().assert_text("Written in 1940.");
}

#[tokio::test]
async fn an_unfinished_post_is_shown_again_with_what_is_missing() {
    let client = writer("ada").await;
    let refused = client.post("/write/", &[("title", "Djangology"), ("body", "  ")]).await;
    refused.assert_ok().assert_text("This field is required.").assert_text("value=\"Djangology\"");
    client.get("/").await.assert_no_text("Djangology");
}

#[tokio::test]
async fn a_title_has_at_most_200_characters() {
    let client = writer("ada").await;
    publish(&client, &"ü".repeat(200), "fits").await;
    let refused = client.post("/write/", &[("title", &"ü".repeat(201)), ("body", "does not")]).await;
    refused.assert_ok().assert_text("at most 200 characters (it has 201)");
}

#[tokio::test]
async fn what_people_write_is_text_and_never_html() {
    let client = writer("ada").await;
    let script = "<script>alert(1)</script>";
    let address = publish(&client, script, script).await;
    client.post("/accounts/profile/bio/", &[("bio", script)]).await.assert_redirect("/accounts/profile/");

    let unfinished = client.post("/write/", &[("title", script)]).await;
    let pages = [client.get("/").await, client.get(&address).await, unfinished];
    for page in pages.iter().chain([&client.get("/accounts/profile/").await]) {
        page.assert_ok().assert_no_text("<script").assert_text("&lt;script&gt;");
    }
}

#[tokio::test]
async fn the_front_page_lists_the_twenty_newest() {
    let client = writer("ada").await;
    for number in 1..=21 {
        publish(&client, &format!("Take {number:02}"), "…").await;
    }
    let page = client.get("/").await;
    page.assert_text("Take 02</a></h2>").assert_no_text("Take 01</a></h2>");
    let place = |title: &str| page.text().find(title).expect("the post is listed");
    assert!(place("Take 21</a></h2>") < place("Take 20</a></h2>"));
}

#[tokio::test]
async fn a_post_that_is_not_there_is_not_found() {
    let client = visitor().await;
    for path in ["/post/1/", "/post/0/", "/post/one/"] {
        client.get(path).await.assert_status(404);
    }
}

#[tokio::test]
async fn a_line_about_oneself_stands_under_the_posts() {
    let client = writer("ada").await;
    client.post("/accounts/profile/bio/", &[("bio", "Counts in sevens.")]).await;
    let address = publish(&client, "Seven", "…").await;
    client.get(&address).await.assert_text("Counts in sevens.");
    client.get("/accounts/profile/bio/").await.assert_text("value=\"Counts in sevens.\"");
    let refused = client.post("/accounts/profile/bio/", &[("bio", &"x".repeat(161))]).await;
    refused.assert_ok().assert_text("at most 160 characters");
}

#[tokio::test]
async fn a_theme_is_kept_for_a_year_and_can_be_left_to_the_browser_again() {
    let client = visitor().await;
    client.get("/").await.assert_text("data-theme=\"auto\"");
    let chosen = client.post("/theme/", &[("theme", "dark"), ("next", "/accounts/login/")]).await;
    chosen.assert_redirect("/accounts/login/");
    assert!(set_cookie(&chosen, "theme").contains("; Max-Age=31536000;"));
    client.get("/").await.assert_text("data-theme=\"dark\"");

    client.post("/theme/", &[("theme", "auto")]).await.assert_redirect("/");
    client.get("/").await.assert_text("data-theme=\"auto\"");
}

#[tokio::test]
async fn an_invented_theme_is_none() {
    let client = visitor().await;
    client.post("/theme/", &[("theme", "\"><script>")]).await;
    client.get("/").await.assert_text("data-theme=\"auto\"");
    client.set_cookie("theme", "plaid");
    client.get("/").await.assert_text("data-theme=\"auto\"");
}

#[tokio::test]
async fn the_notice_is_hidden_for_a_day() {
    let client = visitor().await;
    client.get("/").await.assert_text("Hide for a day");
    let hidden = client.post("/hide-notice/", &[("next", "/")]).await;
    assert!(set_cookie(&hidden, "notice").contains("; Max-Age=86400;"));
    client.get("/").await.assert_no_text("Hide for a day");
}

#[tokio::test]
async fn the_post_last_opened_is_remembered_until_the_browser_closes() {
    let client = writer("ada").await;
    let address = publish(&client, "Daphne", "…").await;
    let opened = client.get(&address).await;
    assert!(!set_cookie(&opened, "last_read").contains("Max-Age"));
    client.get("/").await.assert_text("Continue reading");

    client.another().get("/").await.assert_no_text("Continue reading");
    for invented in ["0", "x", "-1", "99999999999999999999"] {
        client.set_cookie("last_read", invented);
        client.get("/").await.assert_ok().assert_no_text("Continue reading");
    }
}

#[tokio::test]
async fn a_stranger_keeps_posts_and_takes_the_list_along_at_login() {
    let client = writer("ada").await;
    let (first, second) =
        (publish(&client, "Nuages", "A tune.").await, publish(&client, "Belleville", "Another.").await);
    let stranger = client.another();
    stranger.get(&first).await.assert_text("Keep it for later");
    assert_eq!(stranger.cookie("sessionid"), None, "nobody gets a session for reading");
    for post in [&first, &second, &first] {
        let keep = post.replace("/post/", "/reading/keep/");
        stranger.post(&keep, &[]).await.assert_redirect(post);
    }
    stranger.get(&first).await.assert_text("On your reading list");
    let listed = |answer: &Answer| answer.text().matches("Take it off the list").count();
    assert_eq!(listed(&stranger.get("/reading/").await), 2);
    sign_up(&stranger, "eve").await;
    let page = stranger.get("/reading/").await;
    page.assert_text("Hello, eve").assert_text("Read lately").assert_text("1 post opened");
    assert_eq!(listed(&page), 2);
    stranger.post(&first.replace("/post/", "/reading/drop/"), &[]).await.assert_redirect("/reading/");
    assert_eq!(listed(&stranger.get("/reading/").await), 1);
    stranger.post("/accounts/logout/", &[]).await;
    assert_eq!(listed(&stranger.get("/reading/").await), 0, "it was eve's");
}

#[tokio::test]
async fn a_writer_sees_the_sessions_and_ends_another_one() {
    let client = writer("ada").await;
    let other = client.another();
    other.post("/accounts/login/", &[("username", "ada"), ("password", PASSWORD)]).await.assert_redirect("/");
    let page = client.get("/accounts/sessions/").await;
    page.assert_ok().assert_text("this one").assert_text("End all other sessions");
    client.post("/accounts/sessions/", &[("end", "others")]).await.assert_redirect("/accounts/sessions/");
    other.get("/").await.assert_no_text("Hello, ada");
    client.get("/").await.assert_text("Hello, ada");
}

#[tokio::test]
async fn a_choice_never_leads_to_another_site() {
    let client = visitor().await;
    let elsewhere =
        ["//evil.example/", "https://evil.example/", "/\\evil.example/", "javascript:alert(1)", "evil", ""];
    for next in elsewhere {
        client.post("/theme/", &[("theme", "dark"), ("next", next)]).await.assert_redirect("/");
        client.post("/hide-notice/", &[("next", next)]).await.assert_redirect("/");
    }
}

#[tokio::test]
async fn a_forged_form_changes_nothing() {
    let client = writer("ada").await;
    for path in ["/write/", "/theme/", "/hide-notice/", "/accounts/logout/", "/accounts/profile/bio/"] {
        client.post_bare(path, &[("title", "forged"), ("body", "forged")]).await.assert_status(403);
    }
    client.get("/").await.assert_text("Hello, ada").assert_no_text("forged");
}

#[tokio::test]
async fn in_production_cookies_are_secure_and_a_missing_page_is_the_sites_own() {
    let client = Client::new(blog::project_with(Settings::from_pairs(PRODUCTION))).await;
    let missing = client.get("/post/1/").await;
    missing.assert_status(404).assert_text("Nothing is playing here.").assert_text("Sign up");
    let chosen = client.post("/theme/", &[("theme", "dark")]).await;
    assert!(set_cookie(&chosen, "theme").contains("; Secure"));
}
