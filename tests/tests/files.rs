//! Files that visitors have sent, as others get them.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::{Answer, Client};
use nuages::{FileResponse, FormData, RequestExt, Result, Routes, UploadedFile};
use nuages_tests::kind::Kind;
use nuages_tests::site;
use poem::http::{HeaderMap, HeaderName, Method, header};
use poem::web::Path;
use poem::{Request, handler};
use tempfile::TempDir;

/// Keeps what was sent, and answers the name under which it is kept.
#[handler]
async fn upload(request: &Request, data: FormData) -> Result<String> {
    let papers = request.settings().media_root.join("papers");
    data.files("paper").next().unwrap().save_in(papers).await
}

#[handler]
async fn paper(Path(name): Path<String>, request: &Request) -> Result<FileResponse> {
    FileResponse::media(request, &name).await
}

/// A name and a type that the site knows.
#[handler]
async fn named(Path(name): Path<String>, request: &Request) -> Result<FileResponse> {
    let file = FileResponse::media(request, "papers/a.txt").await?;
    Ok(file.name(&name).content_type("text/plain"))
}

/// A file that is made in the view.
#[handler]
fn made() -> FileResponse {
    FileResponse::new("report.csv", "name,posts\n")
        .content_type("text/csv\r\nX-Evil: 1")
        .content_type("text/csv")
}

async fn site_with_media() -> (Client, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let media = folder.path().join("media");
    let routes = Routes::new()
        .path("/upload/", upload, "upload")
        .path("/paper/<path:name>", paper, "paper")
        .path("/named/<str:name>/", named, "named")
        .path("/report/", made, "report");
    let project = site::project(Kind::Sqlite).settings(|settings| settings.media_root = media).urls(routes);
    let client = Client::new(project).await;
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    (client, folder)
}

async fn keep(client: &Client, name: &str, content: &str) -> String {
    let file = UploadedFile::new(name, "text/html", content);
    let answer = client.post_files("/upload/", &[], &[("paper", file)]).await;
    answer.assert_ok().text().to_owned()
}

async fn asked(client: &Client, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = client.request(Method::GET, path);
    let headers: HeaderMap =
        headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    request.headers_mut().extend(headers);
    client.send(request).await
}

#[tokio::test]
async fn a_page_that_was_uploaded_is_saved_and_never_shown() {
    let (client, _folder) = site_with_media().await;
    let name = keep(&client, "evil.html", "<script>alert(1)</script>").await;
    let answer = client.get(&format!("/paper/papers/{name}")).await;
    answer.assert_ok();
    assert_eq!(answer.text(), "<script>alert(1)</script>");
    for (name, value) in [
        ("content-disposition", "attachment; filename=\"evil.html\""),
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox"),
        ("content-length", "25"),
    ] {
        assert_eq!(answer.headers(name).collect::<Vec<_>>(), [value], "{name}");
    }
}

#[tokio::test]
async fn a_file_is_saved_under_any_name_that_the_site_gives_it() {
    let (client, _folder) = site_with_media().await;
    keep(&client, "a.txt", "text").await;
    for (path, disposition) in [
        (
            "/named/%22%0D%0ASet-Cookie:x%22.txt/",
            "attachment; filename=\"_Set-Cookie:x_.txt\"; filename*=UTF-8''%22Set-Cookie%3Ax%22.txt",
        ),
        ("/named/%C3%A9t%C3%A9.txt/", "attachment; filename=\"_t_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9.txt"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.assert_ok().header("content-disposition"), Some(disposition));
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert!(!answer.headers("set-cookie").any(|cookie| cookie.starts_with('x')));
    }
    let report = client.get("/report/").await;
    assert_eq!(
        (report.assert_ok().header("content-type"), report.header("x-evil")),
        (Some("text/csv"), None)
    );
    assert_eq!(report.header("content-disposition"), Some("attachment; filename=\"report.csv\""));
}

#[tokio::test]
async fn no_path_leads_out_of_the_media_folder() {
    let (client, _folder) = site_with_media().await;
    keep(&client, "a.txt", "text").await;
    client.get("/paper/papers/a.txt").await.assert_ok();
    for path in [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "papers/..%2f..%2fsecret.txt",
        "..%5csecret.txt",
        "%2fetc/passwd",
        "papers",
        "none.txt",
        "a%00.txt",
    ] {
        client.get(&format!("/paper/{path}")).await.assert_status(404).assert_no_text("secret\n");
    }
}

#[tokio::test]
async fn a_download_goes_on_where_it_stopped_and_what_is_known_is_not_sent_again() {
    let (client, _folder) = site_with_media().await;
    keep(&client, "a.txt", "0123456789").await;
    let path = "/paper/papers/a.txt";
    let whole = client.get(path).await;
    let etag = whole.header("etag").unwrap();
    let rest = asked(&client, path, &[(header::RANGE, "bytes=4-")]).await;
    rest.assert_status(206);
    assert_eq!((rest.text(), rest.header("content-range")), ("456789", Some("bytes 4-9/10")));
    assert_eq!(rest.header("content-disposition"), whole.header("content-disposition"));
    asked(&client, path, &[(header::IF_NONE_MATCH, etag)]).await.assert_status(304);
    let changed = [(header::RANGE, "bytes=4-"), (header::IF_RANGE, "\"another\"")];
    assert_eq!(asked(&client, path, &changed).await.assert_ok().text(), "0123456789");
    for range in ["bytes=9-4", "bytes=x", "bytes=-0", "bytes=0-1,4-5", "pages=1-2", "bytes=-99"] {
        asked(&client, path, &[(header::RANGE, range)]).await.assert_ok().assert_text("0123456789");
    }
    let behind = asked(&client, path, &[(header::RANGE, "bytes=20-30")]).await;
    assert_eq!(behind.assert_status(416).header("content-range"), Some("bytes */10"));
    keep(&client, "empty.txt", "").await;
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        let answer = asked(&client, "/paper/papers/empty.txt", &[(header::RANGE, range)]).await;
        assert!([200, 416].contains(&answer.status()), "{range}: {}", answer.status());
    }
}
