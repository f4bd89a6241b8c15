//! The blog, in a real browser, served by its real program.

#![cfg(feature = "browser")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nuages_tests::browser::Browser;
use serde_json::json;
use tempfile::TempDir;

const NAME: &str = "django";
const PASSWORD: &str = "mauve-lantern-42";
const NOTICE: &str = "This is an open session";

/// The blog on a port and a database of its own, stopped when this is dropped.
struct Blog {
    server: Child,
    url: String,
    _folder: TempDir,
}

impl Blog {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let migrated = program(&folder).arg("migrate").stdout(Stdio::null()).status();
        assert!(migrated.expect("the blog's program starts").success(), "`blog migrate` failed");
        let server = program(&folder).args(["runserver", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn();
        let mut server = server.expect("the blog's program starts");
        let url = address(&mut server);
        Self { server, url, _folder: folder }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Blog {
    fn drop(&mut self) {
        let stopped = self.server.kill().and_then(|()| self.server.wait());
        if let Err(error) = stopped {
            eprintln!("the blog may still be running: {error}");
        }
    }
}

/// The blog's program, which knows nothing of our own environment's settings.
fn program(folder: &TempDir) -> Command {
    let path = built().join("blog");
    assert!(path.exists(), "{} is missing; run: cargo build -p blog", path.display());
    let database = format!("sqlite://{}", folder.path().join("blog.db").display());
    let mut command = Command::new(path);
    command.current_dir(folder.path()).env_clear().env("RUST_LOG", "warn");
    command.env("DEBUG", "true").env("DATABASE_URL", database);
    command
}

/// The folder of the programs: this test stands one below.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(2).expect("a test is in `deps`").to_owned()
}

/// What the server says once it listens: `Serving http://127.0.0.1:41234/ (quit with Control-C)`.
fn address(server: &mut Child) -> String {
    let mut line = String::new();
    let stdout = server.stdout.as_mut().expect("its stdout is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("the server says where it is");
    let url = line.split(' ').find(|word| word.starts_with("http://"));
    url.unwrap_or_else(|| panic!("the server did not start; it said `{line}`")).trim_end_matches('/').into()
}

#[tokio::test]
async fn a_person_lives_through_the_whole_blog() {
    let blog = Blog::start();
    let browser = Browser::start().await;
    browser.open(&blog.url).await;
    picture(&browser, "empty").await;
    sign_up(&browser).await;
    log_in(&browser).await;
    let key = browser.cookie("sessionid").await.expect("who has logged in has a session");
    write_and_read(&browser, &blog).await;
    choose_the_dark_theme(&browser).await;
    hide_the_notice(&browser, &blog).await;
    keep_a_post_for_later(&browser, &blog).await;
    end_a_session_from_another_browser(&browser, &blog).await;
    log_out(&browser, &blog, &key).await;
    look_at_a_telephone(&blog).await;
}

async fn sign_up(browser: &Browser) {
    browser.click_text("Sign up").await;
    browser.fill("username", NAME).await;
    browser.fill("password1", PASSWORD).await;
    browser.fill("password2", PASSWORD).await;
    picture(browser, "signup").await;
    browser.press("Make my account").await;
    says(browser, "Welcome!").await;
    picture(browser, "login").await;
}

async fn log_in(browser: &Browser) {
    browser.fill("username", NAME).await;
    browser.fill("password", PASSWORD).await;
    browser.press("Log in").await;
    says(browser, "Hello, django").await;
}

async fn write_and_read(browser: &Browser, blog: &Blog) {
    for (title, body) in POSTS {
        publish(browser, blog, title, body).await;
    }
    publish(browser, blog, "Nuages", "Written in <b>1940</b>, and whistled all over Paris.").await;
    says(browser, "Written in <b>1940</b>, and whistled").await;
    assert_eq!(browser.run("return document.querySelectorAll('main b').length").await, json!(0));
    picture(browser, "post-published").await;
    browser.click_text("← All posts").await;
    says(browser, "Continue reading: Nuages").await;
    picture(browser, "home").await;
}

/// It holds on the page where it was chosen.
async fn choose_the_dark_theme(browser: &Browser) {
    browser.click_text(POSTS[0].0).await;
    picture(browser, "post").await;
    let (page, light) = (browser.url().await, page_color(browser).await);
    browser.press("Dark").await;
    assert_eq!(browser.url().await, page);
    assert_ne!(page_color(browser).await, light);
    picture(browser, "post-dark").await;
}

async fn hide_the_notice(browser: &Browser, blog: &Blog) {
    browser.open(&blog.url).await;
    says(browser, NOTICE).await;
    browser.press("Hide for a day").await;
    assert!(!browser.text().await.contains(NOTICE));
    picture(browser, "home-dark").await;
}

async fn keep_a_post_for_later(browser: &Browser, blog: &Blog) {
    browser.open(&blog.at("/post/1/")).await;
    browser.press("Keep it for later").await;
    says(browser, "On your reading list").await;
    browser.click_text("To read").await;
    says(browser, POSTS[0].0).await;
    picture(browser, "reading-list").await;
}

/// Whoever is signed in elsewhere too sees it, and ends it.
async fn end_a_session_from_another_browser(browser: &Browser, blog: &Blog) {
    let phone = Browser::phone().await;
    phone.open(&blog.at("/accounts/login/")).await;
    log_in(&phone).await;
    phone.open(&blog.at("/accounts/sessions/")).await;
    says(&phone, "this one").await;
    fits(&phone).await;
    picture(&phone, "sessions-phone").await;
    browser.open(&blog.at("/accounts/sessions/")).await;
    picture(browser, "sessions").await;
    browser.press("End this session").await;
    says(browser, "The session has ended.").await;
    phone.open(&blog.at("/accounts/profile/")).await;
    assert!(phone.url().await.contains("/accounts/login/"));
}

/// Afterwards neither the address nor the old cookie opens the door again.
async fn log_out(browser: &Browser, blog: &Blog, key: &str) {
    browser.press("Log out").await;
    is_sent_to_log_in(browser, blog).await;
    browser.set_cookie("sessionid", key).await;
    is_sent_to_log_in(browser, blog).await;
}

async fn is_sent_to_log_in(browser: &Browser, blog: &Blog) {
    browser.open(&blog.at("/write/")).await;
    assert_eq!(browser.url().await, blog.at("/accounts/login/?next=/write/"));
    assert!(!browser.text().await.contains("Hello"));
}

/// The same pages on a narrow screen, where nothing sticks out.
async fn look_at_a_telephone(blog: &Blog) {
    let browser = Browser::phone().await;
    let pages = [("home-phone", "/"), ("post-phone", "/post/1/"), ("login-phone", "/accounts/login/")];
    for (name, path) in pages {
        browser.open(&blog.at(path)).await;
        picture(&browser, name).await;
        fits(&browser).await;
    }
    log_in(&browser).await;
    picture(&browser, "home-phone-logged-in").await;
    fits(&browser).await;
    publish(&browser, blog, &"Tchavolo".repeat(20), &"Doudou".repeat(50)).await;
    fits(&browser).await;
}

async fn publish(browser: &Browser, blog: &Blog, title: &str, body: &str) {
    browser.open(&blog.at("/write/")).await;
    browser.fill("title", title).await;
    browser.fill("body", body).await;
    browser.press("Publish").await;
    says(browser, "Your post is published.").await;
}

async fn says(browser: &Browser, words: &str) {
    let text = browser.text().await;
    assert!(text.contains(words), "the page does not say `{words}`, but:\n{text}");
}

async fn fits(browser: &Browser) {
    let fits = browser.run("return document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(fits, json!(true), "{} is wider than the screen", browser.url().await);
}

async fn page_color(browser: &Browser) -> String {
    let color = browser.run("return getComputedStyle(document.body).backgroundColor").await;
    color.as_str().expect("a page has a colour").to_owned()
}

/// Keeps what is on the screen in `target/screenshots`.
async fn picture(browser: &Browser, name: &str) {
    let target = built().parent().map(Path::to_owned).expect("the programs are inside the target folder");
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    browser.screenshot(folder.join(format!("blog-{name}.png"))).await;
}

const POSTS: [(&str, &str); 3] = [
    (
        "The last train keeps the best time",
        "A dance band on a night train has two conductors. One of them punches tickets.\n\nBetween Lyon and Dijon the \
         rails are jointed every eighteen metres, and a good guitarist will not fight that: he lets the carriage have \
         the two and the four, and takes what is left.\n\nBy the time we reached Paris nobody could say who had been \
         accompanying whom, and the ticket inspector had learned the bridge of Honeysuckle Rose.",
    ),
    (
        "Two fingers are enough",
        "After the fire he had two fingers left for solos, and he wrote the rest of us ten fingers' worth of work.\n\n\
         Try it for an evening: no ring finger, no little finger, only the first two and whatever the melody needs. \
         You will find that most of what you played before was habit.",
    ),
    (
        "How to tune a room",
        "Before the first number, clap once and listen to who answers. A stone cellar in the rue Saint-Benoît \
         comes back bright and late, so the rhythm guitars play shorter. A wooden dance hall swallows everything \
         above the fifth fret.\n\nThe violin always knows first.",
    ),
];
