//! Where a visitor goes after login: Django's own cases, through the real page.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::serde_json::Value;
use nuages::test::{Answer, Client};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, PASSWORD};
use poem::Request;
use poem::http::{HeaderValue, Method, header};

nuages_tests::promises!(
    a_visitor_by_http_goes_where_django_would_go,
    a_visitor_by_https_goes_where_django_would_go,
    the_form_beats_the_query,
    next_leads_to_a_path_and_never_to_a_name,
    logout_goes_only_to_this_site_too,
);

/// Each address with what Django says of it by http, and where only https is good.
fn cases() -> Vec<(String, bool, bool)> {
    let all: Value =
        nuages::serde_json::from_str(include_str!("../../framework/testdata/django_vectors.json")).unwrap();
    let cases = all["url_has_allowed_host_and_scheme"]["cases"].as_array().unwrap();
    assert!(cases.len() > 40);
    let case = |case: &Value| {
        let verdict = |name: &str| case[name].as_bool().unwrap();
        (case["url"].as_str().unwrap().to_owned(), verdict("http"), verdict("require_https"))
    };
    cases.iter().map(case).collect()
}

/// Django was told of two hosts; a request has one.
fn host_for(url: &str) -> &'static str {
    if url.contains("example.com:8000") { "example.com:8000" } else { "example.com" }
}

fn from_host(client: &Client, path: &str, host: &str, https: bool) -> Request {
    let mut request = client.request(Method::POST, path);
    let scheme = if https { "https" } else { "http" };
    let pairs = [
        ("host", host.to_owned()),
        ("x-forwarded-proto", scheme.into()),
        ("origin", format!("{scheme}://{host}")),
    ];
    for (name, value) in pairs {
        request.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
    }
    request
}

async fn log_in(client: &Client, host: &str, https: bool, next: &str) -> Answer {
    let token = client.csrf_token();
    let fields =
        [("username", "ann"), ("password", PASSWORD), ("csrfmiddlewaretoken", &token), ("next", next)];
    let mut request = from_host(client, "/accounts/login/", host, https);
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    request.set_body(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
    client.send(request).await
}

async fn visitor(on: Kind) -> Client {
    let project = site::project(on).settings(|settings| {
        settings.allowed_hosts = vec!["example.com".into(), "localhost".into()];
        settings.secure_proxy_ssl_header = Some(("X-Forwarded-Proto".into(), "https".into()));
    });
    let client = Client::new(project).await;
    site::user(&client, "ann").await;
    client
}

async fn check(on: Kind, https: bool) {
    let client = visitor(on).await;
    for (url, by_http, by_https) in cases() {
        let answer = log_in(&client, host_for(&url), https, &url).await;
        let safe = if https { by_https } else { by_http };
        let wanted = if safe { as_location(&url) } else { "/accounts/profile/".to_owned() };
        assert_eq!((answer.status(), answer.location()), (302, Some(wanted.as_str())), "{url:?}");
    }
}

/// Django's `iri_to_uri`: what a header may not hold is percent-encoded, and a backslash is among that.
fn as_location(url: &str) -> String {
    let keeps = |byte: u8| byte.is_ascii_alphanumeric() || b"/#%[]=:;$&()+,!?*@'~-._".contains(&byte);
    let write = |byte: u8| if keeps(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    url.bytes().map(write).collect()
}

async fn a_visitor_by_http_goes_where_django_would_go(on: Kind) {
    check(on, false).await;
}

async fn a_visitor_by_https_goes_where_django_would_go(on: Kind) {
    check(on, true).await;
}

async fn the_form_beats_the_query(on: Kind) {
    let client = visitor(on).await;
    let fields = [("username", "ann"), ("password", PASSWORD)];
    client.post("/accounts/login/?next=/me/", &fields).await.assert_redirect("/me/");
    client.post("/accounts/login/?next=//evil", &fields).await.assert_redirect("/accounts/profile/");
    let both = [&fields[..], &[("next", "/mine/")]].concat();
    client.post("/accounts/login/?next=/me/", &both).await.assert_redirect("/mine/");
    let page = client.get("/accounts/login/?next=/%22%3E%3Cscript%3E").await;
    page.assert_ok().assert_no_text("\"><script>");
}

async fn next_leads_to_a_path_and_never_to_a_name(on: Kind) {
    let client = visitor(on).await;
    let fields = [("username", "ann"), ("password", PASSWORD), ("next", "logout")];
    client.post("/accounts/login/", &fields).await.assert_redirect("logout");
}

async fn logout_goes_only_to_this_site_too(on: Kind) {
    let client = visitor(on).await;
    client.post("/accounts/logout/", &[("next", "/plain/")]).await.assert_redirect("/plain/");
    client
        .post("/accounts/logout/", &[("next", "//evil.example")])
        .await
        .assert_ok()
        .assert_text("Logged out");
    client.post("/accounts/logout/?next=/a/b?c=d", &[]).await.assert_redirect("/a/b?c=d");
}
