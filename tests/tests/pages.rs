//! Pages: what every one of them has, and what an error looks like.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::{Answer, Client};
use nuages_auth::ForceLogin;
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, Post};
use poem::http::{HeaderName, HeaderValue, Method};

nuages_tests::promises!(
    every_answer_has_the_security_headers,
    a_page_runs_what_has_its_nonce_and_nothing_else,
    a_header_of_the_view_is_not_overwritten,
    strict_transport_security_is_for_https_alone,
    http_is_sent_to_https_if_the_site_says_so,
    in_debug_nobody_is_sent_to_https,
    https_that_is_not_believed_is_told_what_to_set_and_not_redirected_for_ever,
    static_files_need_neither_https_nor_a_host,
    nobody_says_https_but_a_trusted_proxy,
    in_debug_a_template_error_shows_file_line_and_excerpt,
    outside_debug_an_error_tells_nothing,
    outside_debug_the_sites_own_error_pages_are_used,
    an_error_of_the_view_has_its_status,
    a_row_that_is_not_there_is_404,
    a_path_without_its_last_slash_is_sent_on,
    append_slash_never_leads_to_another_host,
    a_foreign_host_is_400,
    a_static_file_has_an_etag_and_is_not_sent_twice,
    a_static_path_never_leads_out_of_the_folder,
    a_message_is_shown_once,
    a_page_without_the_user_needs_no_database_for_a_signed_in_visitor,
    whoever_asks_for_the_user_varies_on_the_cookie,
    a_template_may_touch_the_user_anywhere,
    a_foreign_key_that_was_loaded_is_its_row,
    unknown_methods_are_no_server_error,
);

async fn header(client: &Client, path: &str, name: &'static str, value: &str) -> Answer {
    let mut request = client.request(Method::GET, path);
    request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    client.send(request).await
}

async fn every_answer_has_the_security_headers(on: Kind) {
    let client = site::client(on).await;
    for path in ["/plain/", "/template/form/", "/nowhere/", "/session/set/a/b/?end=panic", "/mine/", "/plain"]
    {
        let answer = client.get(path).await;
        let found =
            ["x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "x-frame-options"]
                .map(|name| answer.header(name).unwrap_or("missing"));
        assert_eq!(found, ["nosniff", "same-origin", "same-origin", "DENY"], "{path}");
        assert_eq!((answer.header("server"), answer.header("strict-transport-security")), (None, None));
    }
}

async fn a_page_runs_what_has_its_nonce_and_nothing_else(on: Kind) {
    let client = site::client(on).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = client.get("/accounts/login/").await;
        let policy = page.header("content-security-policy").unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(
            policy.contains("object-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(page.text().contains(&format!("<style nonce=\"{nonce}\">")), "{}", page.text());
        nonces.push(nonce);
    }
    assert!(nonces[0] != nonces[1] && nonces[0].len() == 22, "{nonces:?}");
    for path in ["/template/form/", "/nowhere/", "/session/set/a/b/?end=panic"] {
        let page = client.get(path).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("base-uri 'none'") && !policy.contains("nonce"), "{path}: {policy}");
    }
    assert_eq!(client.get("/plain/").await.header("content-security-policy"), None);
    let without = site::project(on).settings(|settings| settings.secure_csp = "off".into());
    let page = Client::new(without).await.get("/accounts/login/").await;
    assert_eq!(page.header("content-security-policy"), None);
}

async fn a_header_of_the_view_is_not_overwritten(on: Kind) {
    let answer = site::client(on).await.get("/own-headers/").await;
    assert_eq!(answer.headers("x-frame-options").collect::<Vec<_>>(), ["SAMEORIGIN"]);
}

async fn behind_a_proxy(on: Kind, change: impl FnOnce(&mut nuages::Settings)) -> Client {
    let project = site::project(on).settings(|settings| {
        settings.secure_proxy_ssl_header = Some(("X-Forwarded-Proto".into(), "https".into()));
        change(settings);
    });
    Client::new(project).await
}

async fn strict_transport_security_is_for_https_alone(on: Kind) {
    let client = behind_a_proxy(on, |settings| settings.secure_hsts_seconds = 3600).await;
    let https = header(&client, "/plain/", "x-forwarded-proto", "https").await;
    assert_eq!(https.header("strict-transport-security"), Some("max-age=3600"));
    assert_eq!(client.get("/plain/").await.header("strict-transport-security"), None);
    let client = behind_a_proxy(on, |settings| {
        settings.secure_hsts_seconds = 31_536_000;
        settings.secure_hsts_include_subdomains = true;
        settings.secure_hsts_preload = true;
    });
    let https = header(&client.await, "/plain/", "x-forwarded-proto", "https").await;
    let all = "max-age=31536000; includeSubDomains; preload";
    assert_eq!(https.header("strict-transport-security"), Some(all));
}

async fn in_debug_nobody_is_sent_to_https(on: Kind) {
    let client = behind_a_proxy(on, |settings| settings.secure_ssl_redirect = true).await;
    client.get("/plain/").await.assert_ok();
}

async fn https_that_is_not_believed_is_told_what_to_set_and_not_redirected_for_ever(on: Kind) {
    let no_header =
        Client::new(site::production(on).settings(|settings| settings.secure_ssl_redirect = true)).await;
    for (name, value) in [("x-forwarded-proto", "https"), ("x-forwarded-ssl", "on")] {
        header(&no_header, "/plain/", name, value).await.assert_status(400);
    }
    header(&no_header, "/plain/", "x-forwarded-proto", "http").await.assert_status(301);

    let a_stranger =
        redirecting(on, |settings| settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]);
    let a_stranger = a_stranger.await.at("203.0.113.9");
    header(&a_stranger, "/plain/", "x-forwarded-proto", "https").await.assert_status(400);
    let proxy = a_stranger.another().at("10.0.0.7");
    header(&proxy, "/plain/", "x-forwarded-proto", "https").await.assert_ok();
}

/// So that whoever looks whether the server lives has something to ask for.
async fn static_files_need_neither_https_nor_a_host(on: Kind) {
    let client = redirecting(on, |_| {}).await;
    header(&client, "/static/style.css", "host", "10.0.0.1:8000").await.assert_ok();
}

async fn redirecting(on: Kind, change: impl FnOnce(&mut nuages::Settings)) -> Client {
    behind_a_proxy(on, |settings| {
        settings.debug = false;
        settings.secure_ssl_redirect = true;
        change(settings);
    })
    .await
}

async fn http_is_sent_to_https_if_the_site_says_so(on: Kind) {
    let client = redirecting(on, |_| {}).await;
    client.get("/plain/?a=1").await.assert_status(301).assert_redirect("https://localhost/plain/?a=1");
    header(&client, "/plain/", "x-forwarded-proto", "https").await.assert_ok();
    // What was posted has gone over the wire already.
    client.post("/form/", &[("a", "b")]).await.assert_status(400);
}

async fn nobody_says_https_but_a_trusted_proxy(on: Kind) {
    let client = behind_a_proxy(on, |settings| {
        settings.secure_hsts_seconds = 3600;
        settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    for (address, believed) in [("10.0.0.7", Some("max-age=3600")), ("203.0.113.9", None)] {
        let client = client.another().at(address);
        let answer = header(&client, "/plain/", "x-forwarded-proto", "https").await;
        assert_eq!(answer.header("strict-transport-security"), believed, "{address}");
    }
}

async fn in_debug_a_template_error_shows_file_line_and_excerpt(on: Kind) {
    let page = site::client(on).await.get("/template/broken/").await;
    page.assert_status(500)
        .assert_text("broken.html:2")
        .assert_text("nobody.name.of.this")
        .assert_text("first line");
    let missing = site::client(on).await.get("/template/nothing/").await;
    missing.assert_status(500).assert_text("nothing.html");
    let nowhere = site::client(on).await.get("/nowhere/").await;
    nowhere.assert_status(404).assert_text("&lt;int:id&gt;").assert_text("accounts:profile");
}

async fn outside_debug_an_error_tells_nothing(on: Kind) {
    let client = Client::new(site::production(on)).await;
    let ends = ["broken", "panic", "missing", "forbidden", "busy"];
    let paths = ends.map(|end| format!("/session/set/a/b/?end={end}"));
    let others = ["/template/broken/", "/template/nothing/", "/nowhere/", "/post/7/", "/session/read/%00/"];
    for path in paths.iter().map(String::as_str).chain(others) {
        let page = client.get(path).await;
        // The request's id, which is random, and the letter set are all that may look like something.
        let id = page.header("x-request-id").unwrap();
        let text = page.text().replace("utf-8", "").replace(id, "");
        for word in
            ["as asked", "broken.html", "nobody", "src/", "panicked", "accounts:profile", "SELECT", "7"]
        {
            assert!(!text.contains(word) || page.status() == 200, "{path} says {word}: {}", page.text());
        }
    }
    assert_eq!(client.get("/session/set/a/b/?end=busy").await.header("retry-after"), Some("5"));
}

async fn outside_debug_the_sites_own_error_pages_are_used(on: Kind) {
    let project = site::production(on).app(nuages::App::new("pages").templates(nuages::dir!("pages")));
    let client = Client::new(project).await;
    client
        .get("/nowhere/")
        .await
        .assert_status(404)
        .assert_text("Our own 404 for a stranger at &#x2f;nowhere&#x2f;");
    client.force_login(&site::user(&client, "ann").await).await;
    client.get("/nowhere/").await.assert_status(404).assert_text("Our own 404 for ann");
    client.get("/session/set/a/b/?end=missing").await.assert_status(404).assert_text("Our own 404 for ann");
    client.get("/session/set/a/b/?end=forbidden").await.assert_status(403).assert_text("Our own 403");
    client.post_bare("/plain/", &[]).await.assert_status(403).assert_text("Our own 403");
    for broken in ["/template/broken/", "/session/set/a/b/?end=broken", "/session/set/a/b/?end=panic"] {
        client.get(broken).await.assert_status(500).assert_text("Our own 500");
    }
}

async fn an_error_of_the_view_has_its_status(on: Kind) {
    let client = site::client(on).await;
    for (end, status) in
        [("missing", 404), ("forbidden", 403), ("broken", 500), ("busy", 503), ("panic", 500)]
    {
        client.get(&format!("/session/set/a/b/?end={end}")).await.assert_status(status);
    }
}

async fn a_row_that_is_not_there_is_404(on: Kind) {
    let client = site::client(on).await;
    for path in
        ["/post/7/", "/post/9223372036854775807/", "/post/9223372036854775808/", "/post/x/", "/post/-1/"]
    {
        client.get(path).await.assert_status(404);
    }
}

async fn a_path_without_its_last_slash_is_sent_on(on: Kind) {
    let client = site::client(on).await;
    client.get("/plain?a=1&b=%20").await.assert_status(301).assert_redirect("/plain/?a=1&b=%20");
    client.get("/post/7").await.assert_status(301).assert_redirect("/post/7/");
    client.get("/nowhere").await.assert_status(404);
    let without = site::project(on).settings(|settings| settings.append_slash = false);
    Client::new(without).await.get("/plain").await.assert_status(404);
}

async fn append_slash_never_leads_to_another_host(on: Kind) {
    let client = site::client(on).await;
    for path in [
        "//evil.example/plain",
        "//evil.example",
        "///evil.example/session/flush",
        "/%5Cevil.example",
        "//evil.example/post/7",
    ] {
        let answer = client.get(path).await;
        let location = answer.location().unwrap_or("/");
        assert!(
            location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\"),
            "{path}: {location}"
        );
    }
}

async fn a_foreign_host_is_400(on: Kind) {
    for client in [site::client(on).await, Client::new(site::production(on)).await] {
        for host in [
            "evil.example",
            "localhost@evil.example",
            "localhost/evil",
            "",
            "localhost:80@evil",
            "localhost,evil",
        ] {
            let answer = header(&client, "/session/set/a/b/", "host", host).await;
            answer.assert_status(400).assert_no_text("evil");
            assert_eq!(answer.header("set-cookie"), None);
        }
        header(&client, "/plain/", "host", "LOCALHOST:8000").await.assert_ok();
        let mut two = client.request(Method::GET, "/plain/");
        two.headers_mut().append("host", HeaderValue::from_static("evil.example"));
        client.send(two).await.assert_status(400);
    }
}

async fn a_static_file_has_an_etag_and_is_not_sent_twice(on: Kind) {
    let client = site::client(on).await;
    let file = client.get("/static/style.css").await;
    file.assert_ok().assert_text("color: teal");
    assert_eq!(file.header("content-type"), Some("text/css; charset=utf-8"));
    let etag = file.header("etag").unwrap().to_owned();
    for known in [etag.clone(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".into()] {
        let again = header(&client, "/static/style.css", "if-none-match", &known).await;
        assert_eq!(
            (again.status(), again.text(), again.header("etag")),
            (304, "", Some(etag.as_str())),
            "{known}"
        );
    }
    header(&client, "/static/style.css", "if-none-match", "\"other\"").await.assert_ok();
    let head = client.send(client.request(Method::HEAD, "/static/style.css")).await;
    assert_eq!((head.status(), head.text()), (200, ""));
}

async fn a_static_path_never_leads_out_of_the_folder(on: Kind) {
    let client = site::client(on).await;
    let paths = [
        "/static/../templates/page.html",
        "/static/%2e%2e/templates/page.html",
        "/static/..%2ftemplates/page.html",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/..%5ctemplates",
        "/static/.",
        "/static/",
        "/static",
        "/static/style.css/",
        "/static/%00style.css",
        "/static/./style.css/..",
        "/static/../Cargo.toml",
    ];
    for path in paths {
        client.get(path).await.assert_status(404);
    }
}

async fn a_message_is_shown_once(on: Kind) {
    let client = site::client(on).await;
    client.get("/message/%3Cb%3EWell%20done/").await.assert_redirect("/template/messages/");
    client.get("/plain/").await.assert_ok();
    client.get("/template/messages/").await.assert_text("<p class=\"success\">&lt;b&gt;Well done</p>");
    client.get("/template/messages/").await.assert_no_text("Well done");
    assert_eq!(client.cookie("messages"), None);
}

async fn a_page_without_the_user_needs_no_database_for_a_signed_in_visitor(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    client.db().close().await;
    let page = client.get("/template/page/").await;
    assert_eq!((page.assert_ok().header("vary"), page.header("set-cookie")), (None, None));
    client.get("/template/greeting/").await.assert_status(503);
}

async fn whoever_asks_for_the_user_varies_on_the_cookie(on: Kind) {
    let client = site::client(on).await;
    let paths = ["/me/", "/mine/", "/template/greeting/", "/template/everything/", "/accounts/profile/"];
    for path in paths {
        assert_eq!(client.get(path).await.header("vary"), Some("Cookie"), "{path} for a stranger");
    }
    client.force_login(&site::user(&client, "ann").await).await;
    for path in paths {
        assert_eq!(client.get(path).await.header("vary"), Some("Cookie"), "{path} for ann");
    }
}

async fn a_template_may_touch_the_user_anywhere(on: Kind) {
    let client = site::client(on).await;
    client.force_login(&site::user(&client, "ann").await).await;
    client.get("/message/hello/").await;
    client.get("/template/greeting/").await.assert_ok().assert_text("Hello ann");
    client.get("/template/everything/").await.assert_ok().assert_text("ann").assert_text("[hello] False ann");
    client.another().get("/template/greeting/").await.assert_text("Hello stranger");
    client.another().get("/template/everything/").await.assert_ok().assert_text("AnonymousUser");
}

/// Nothing may wait for the only thread while it is needed elsewhere.
#[tokio::test]
async fn a_template_may_touch_the_user_where_there_is_one_thread() {
    a_template_may_touch_the_user_anywhere(Kind::Sqlite).await;
}

async fn a_foreign_key_that_was_loaded_is_its_row(on: Kind) {
    use nuages::Model;
    let client = site::client(on).await;
    let ann = site::user(&client, "ann").await;
    Post::new(&ann, "Minor <Swing>").create(client.db()).await.unwrap();
    client.get("/template/posts/").await.assert_ok().assert_text("Minor &lt;Swing&gt; by ann;");
}

async fn unknown_methods_are_no_server_error(on: Kind) {
    let client = site::client(on).await;
    for (method, path) in [
        ("TRACE", "/plain/"),
        ("CONNECT", "/plain/"),
        ("BREW", "/plain/"),
        ("POST", "/me/"),
        ("PUT", "/static/style.css"),
    ] {
        let answer = client.send(client.request(method.parse().unwrap(), path)).await;
        assert!(answer.status() < 500, "{method} {path}: {}", answer.status());
    }
}
