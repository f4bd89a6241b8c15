use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::Browser;

const HOME: &str = "<title>Home</title><h1>Welcome</h1><p hidden>Secret</p><a href='/signup/'> Sign up </a>";
const SIGNUP: &str = "<form method=post><input type=hidden name=token><input name=username value=nobody>
    <input name=password type=password><button>That's <b>it</b></button></form>";

/// A site with a link, a form, and a greeting for whoever fills it in.
fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Chromium opens connections that it may never use, so that each has a thread.
    thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| drop(thread::spawn(|| answer(stream))))
    });
    format!("http://{address}/")
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let head: Vec<String> =
        reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let Some(request) = head.first() else { return };
    let length =
        head.iter().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let page = match request.as_str() {
        "GET / HTTP/1.1" => HOME.to_owned(),
        "GET /signup/ HTTP/1.1" => SIGNUP.to_owned(),
        "POST /signup/ HTTP/1.1" => {
            thread::sleep(Duration::from_millis(700));
            format!("Hello, {}", String::from_utf8(body).unwrap())
        }
        _ => "Nothing here".to_owned(),
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Set-Cookie: sessionid=abc; HttpOnly; Path=/\r\n\r\n{page}",
        page.len()
    )
    .unwrap();
}

#[tokio::test]
async fn a_person_finds_the_way_by_what_is_written() {
    let site = site();
    let browser = Browser::start().await;
    browser.open(&site).await;
    assert_eq!(browser.text().await, "Welcome\nSign up");
    assert_eq!(browser.title().await, "Home");
    assert_eq!(browser.cookie("sessionid").await.as_deref(), Some("abc"));
    assert_eq!(browser.cookie("other").await, None);

    browser.click_text("Sign up").await;
    assert_eq!(browser.url().await, format!("{site}signup/"));
    browser.fill("username", "ann").await;
    browser.fill("password", "secret").await;
    browser.press("That's it").await;
    assert_eq!(browser.text().await, "Hello, token=&username=ann&password=secret");
}

#[tokio::test]
async fn a_cookie_can_be_put_back() {
    let browser = Browser::start().await;
    browser.open(&site()).await;
    browser.set_cookie("sessionid", "stolen").await;
    assert_eq!(browser.cookie("sessionid").await.as_deref(), Some("stolen"));
}

#[tokio::test]
#[should_panic = "no button says 'Log in'"]
async fn what_is_not_there_is_said() {
    let browser = Browser::start().await;
    browser.open(&site()).await;
    browser.press("Log in").await;
}

#[tokio::test]
#[should_panic = "reads:\nWelcome\nSign up"]
async fn what_is_there_instead_is_said() {
    let browser = Browser::start().await;
    browser.open(&site()).await;
    browser.fill("username", "ann").await;
}

#[tokio::test]
async fn a_telephone_has_a_narrow_screen_and_a_picture_of_it_can_be_taken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("home.png");
    let browser = Browser::phone().await;
    browser.open(&site()).await;
    assert_eq!(browser.run("return [screen.width, screen.height]").await, serde_json::json!([390, 844]));
    browser.screenshot(&file).await;
    assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));
}
