//! What visitors choose, keep and try.

use nuages::test::Answer;

use crate::people::*;

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
    let client = editor("ada").await;
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
    let client = editor("ada").await;
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
    let client = client(&PRODUCTION).await;
    let missing = client.get("/post/1/").await;
    missing.assert_status(404).assert_text("Nothing is playing here.").assert_text("Sign up");
    let chosen = client.post("/theme/", &[("theme", "dark")]).await;
    assert!(set_cookie(&chosen, "theme").contains("; Secure"));
}
