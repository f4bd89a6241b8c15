//! Forged requests.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::{Answer, Client};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD};
use poem::Request;
use poem::http::{HeaderName, HeaderValue, Method};

nuages_tests::promises!(
    every_unsafe_method_needs_the_token,
    a_safe_method_needs_none,
    login_needs_the_token_too,
    an_unknown_path_is_404_before_anyone_asks_for_a_token,
    a_path_that_is_exempt_needs_none,
    the_cookie_and_the_token_have_djangos_form,
    the_bare_secret_is_good_in_the_header,
    a_token_for_another_cookie_is_refused,
    a_cookie_that_is_no_secret_is_refused_and_never_shown,
    an_origin_that_is_not_ours_is_refused,
    a_trusted_origin_is_welcome,
    a_request_that_the_browser_calls_cross_site_is_refused,
    https_without_origin_needs_our_referer,
    login_rotates_the_secret,
    the_form_is_still_there_for_the_view,
    a_body_that_is_too_large_is_413,
    a_body_of_no_announced_length_is_bounded_too,
    too_many_fields_are_400,
    outside_debug_the_cookie_is_bound_to_the_host,
    a_refused_request_changes_nothing,
);

const SECRET: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";
const FORM: &str = "application/x-www-form-urlencoded";

fn with(mut request: Request, headers: &[(&'static str, &str)]) -> Request {
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    request
}

/// A POST with a good token in the header, and these headers besides.
async fn post(client: &Client, headers: &[(&'static str, &str)]) -> Answer {
    client.set_cookie("csrftoken", SECRET);
    let request =
        with(client.request(Method::POST, "/form/"), &[("x-csrftoken", SECRET), ("content-type", FORM)]);
    let mut request = with(request, headers);
    request.set_body("text=hello");
    client.send(request).await
}

async fn every_unsafe_method_needs_the_token(on: Kind) {
    let client = site::client(on).await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, "BREW".parse().unwrap()] {
        let bare = client.request(method.clone(), "/form/");
        client.send(bare).await.assert_status(403).assert_text("CSRF cookie not set.");
        client.set_cookie("csrftoken", SECRET);
        let without =
            with(client.request(method.clone(), "/form/"), &[("x-requested-with", "XMLHttpRequest")]);
        client.send(without).await.assert_status(403).assert_text("CSRF token missing.");
        let good = with(client.request(method, "/form/"), &[("x-csrftoken", SECRET)]);
        client.send(good).await.assert_ok();
        client.forget_cookies();
    }
}

async fn a_safe_method_needs_none(on: Kind) {
    let client = site::client(on).await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        client.send(client.request(method, "/form/")).await.assert_ok();
    }
}

async fn login_needs_the_token_too(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    for path in ["/accounts/login/", "/accounts/logout/", "/accounts/signup/"] {
        let fields = [("username", "ann"), ("password", PASSWORD)];
        client.post_bare(path, &fields).await.assert_status(403);
    }
    client.get("/me/").await.assert_text("nobody");
}

async fn an_unknown_path_is_404_before_anyone_asks_for_a_token(on: Kind) {
    site::client(on).await.post_bare("/nowhere/", &[]).await.assert_status(404);
}

async fn a_path_that_is_exempt_needs_none(on: Kind) {
    site::client(on).await.post_bare("/api/", &[("a", "1")]).await.assert_ok().assert_text("a=1");
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_else(|| panic!("{text}"))
}

async fn the_cookie_and_the_token_have_djangos_form(on: Kind) {
    let client = site::client(on).await;
    let page = client.get("/template/form/").await;
    let cookie = page.headers("set-cookie").find(|line| line.starts_with("csrftoken=")).unwrap();
    let secret = client.cookie("csrftoken").unwrap();
    assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{secret}");
    assert!(
        cookie.contains("Max-Age=31449600") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/")
    );
    assert!(!cookie.contains("HttpOnly"), "{cookie}");
    assert_eq!((page.header("vary"), page.header("cache-control")), (Some("Cookie"), Some("private")));
    let tokens = [between(page.text(), "value=\"", "\""), between(page.text(), "content=\"", "\"")];
    assert!(tokens[0] != tokens[1] && tokens.iter().all(|token| token.len() == 64), "{tokens:?}");
    for token in tokens {
        client.post_bare("/form/", &[("csrfmiddlewaretoken", token)]).await.assert_ok();
    }
}

async fn the_bare_secret_is_good_in_the_header(on: Kind) {
    post(&site::client(on).await, &[]).await.assert_ok().assert_text("hello");
}

async fn a_token_for_another_cookie_is_refused(on: Kind) {
    let client = site::client(on).await;
    let other = "ABCDEFabcdefghijklmnopqrstuvwxyz";
    for token in [other, &SECRET[1..], "", &format!("{SECRET}{SECRET}"), "é", &SECRET.to_lowercase()] {
        client.set_cookie("csrftoken", SECRET);
        client.post_bare("/form/", &[("csrfmiddlewaretoken", token)]).await.assert_status(403);
    }
}

async fn a_cookie_that_is_no_secret_is_refused_and_never_shown(on: Kind) {
    let client = site::client(on).await;
    for cookie in ["\"><script>", "short", "", &"a".repeat(5000), "abcdefghijklmnopqrstuvwxyzABCDE-"] {
        client.set_cookie("csrftoken", cookie);
        client.post_bare("/form/", &[("csrfmiddlewaretoken", cookie)]).await.assert_status(403);
        client.set_cookie("csrftoken", cookie);
        let page = client.get("/template/form/").await;
        assert!(cookie.is_empty() || !page.assert_ok().text().contains(cookie), "{cookie}");
        assert_eq!(client.cookie("csrftoken").unwrap().len(), 32);
    }
}

async fn an_origin_that_is_not_ours_is_refused(on: Kind) {
    let client = site::client(on).await;
    for origin in [
        "http://evil.example",
        "https://localhost",
        "http://localhost:8000",
        "null",
        "",
        "http://localhost.evil",
    ] {
        post(&client, &[("origin", origin)]).await.assert_status(403).assert_text("Origin checking failed");
    }
    post(&client, &[("origin", "http://localhost")]).await.assert_ok();
}

async fn a_trusted_origin_is_welcome(on: Kind) {
    let trusted = vec!["https://shop.example".into(), "https://*.friends.example".into()];
    let project = site::project(on).settings(|settings| settings.csrf_trusted_origins = trusted);
    let client = Client::new(project).await;
    for origin in ["https://shop.example", "https://a.friends.example"] {
        post(&client, &[("origin", origin), ("sec-fetch-site", "cross-site")]).await.assert_ok();
    }
    for origin in ["http://shop.example", "https://shop.example.evil", "https://evilfriends.example"] {
        post(&client, &[("origin", origin)]).await.assert_status(403);
    }
}

async fn a_request_that_the_browser_calls_cross_site_is_refused(on: Kind) {
    let client = site::client(on).await;
    post(&client, &[("sec-fetch-site", "cross-site")]).await.assert_status(403);
    for site in ["same-origin", "same-site", "none"] {
        post(&client, &[("sec-fetch-site", site)]).await.assert_ok();
    }
}

async fn https_without_origin_needs_our_referer(on: Kind) {
    let header = Some(("X-Forwarded-Proto".into(), "https".into()));
    let project = site::project(on).settings(|settings| settings.secure_proxy_ssl_header = header);
    let client = Client::new(project).await;
    let https = ("x-forwarded-proto", "https");
    post(&client, &[https]).await.assert_status(403).assert_text("no Referer");
    for bad in
        ["http://localhost/form/", "https://evil.example/localhost", "localhost", "https://localhost@evil/"]
    {
        post(&client, &[https, ("referer", bad)]).await.assert_status(403);
    }
    post(&client, &[https, ("referer", "https://localhost/form/")]).await.assert_ok();
    post(&client, &[https, ("origin", "https://localhost")]).await.assert_ok();
    post(&client, &[("x-forwarded-proto", "http")]).await.assert_ok();
}

async fn login_rotates_the_secret(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    client.get("/accounts/login/").await;
    let before = client.cookie("csrftoken").unwrap();
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    assert_ne!(client.cookie("csrftoken").unwrap(), before);
    client.post_bare("/form/", &[("csrfmiddlewaretoken", &before)]).await.assert_status(403);
    client.post("/form/", &[("text", "hello")]).await.assert_ok().assert_text("hello");
}

async fn the_form_is_still_there_for_the_view(on: Kind) {
    let client = site::client(on).await;
    client.post("/form/", &[("text", "héllo +&=")]).await.assert_ok().assert_text("héllo +&=");
    let raw = client.post("/body/", &[("text", "a b")]).await;
    assert!(raw.assert_ok().text().starts_with("text=a+b&csrfmiddlewaretoken="), "{}", raw.text());
}

async fn a_body_that_is_too_large_is_413(on: Kind) {
    let client = site::client(on).await;
    let most = "x".repeat(2_621_440 - 200);
    client.post("/form/", &[("text", &most)]).await.assert_ok();
    for path in ["/form/", "/accounts/login/", "/body/"] {
        client.post(path, &[("text", &format!("{most}{}", "x".repeat(200)))]).await.assert_status(413);
    }
}

async fn a_body_of_no_announced_length_is_bounded_too(on: Kind) {
    let client = site::client(on).await;
    let token = client.csrf_token();
    for (bytes, status) in [(1_000, 200), (3_000_000, 413)] {
        let mut request = client.request(Method::POST, "/body/");
        let headers = request.headers_mut();
        headers.insert("transfer-encoding", HeaderValue::from_static("chunked"));
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        headers.insert("x-csrftoken", HeaderValue::from_str(&token).unwrap());
        request.set_body("x".repeat(bytes));
        client.send(request).await.assert_status(status);
    }
}

async fn too_many_fields_are_400(on: Kind) {
    let client = site::client(on).await;
    client.post("/form/", &vec![("a", "1"); 999]).await.assert_ok();
    client.post("/form/", &vec![("a", "1"); 1000]).await.assert_status(400);
}

async fn outside_debug_the_cookie_is_bound_to_the_host(on: Kind) {
    let client = Client::new(site::production(on)).await;
    let page = client.get("/template/form/").await;
    let cookie = page.headers("set-cookie").find(|line| line.starts_with("__Host-csrftoken=")).unwrap();
    assert!(cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
    client.post("/form/", &[("text", "hello")]).await.assert_ok().assert_text("hello");
    let refused = client.post_bare("/form/", &[]).await;
    refused.assert_status(403).assert_no_text("CSRF token missing");
}

async fn a_refused_request_changes_nothing(on: Kind) {
    let client = site::client(on).await;
    client.get("/session/set/colour/blue/").await;
    let key = client.cookie("sessionid");
    client.post_bare("/accounts/logout/", &[]).await.assert_status(403);
    assert_eq!((client.get("/session/read/colour/").await.text(), client.cookie("sessionid")), ("blue", key));
}
