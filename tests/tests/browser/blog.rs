//! The blog's own story.

use nuages_tests::browser::Browser;
use serde_json::json;

use crate::served::{self, Served, fits, says};

const NAME: &str = "django";
const PASSWORD: &str = "mauve-lantern-42";
const NOTICE: &str = "This is an open session";

#[tokio::test]
async fn a_person_lives_through_the_whole_blog() {
    let blog = Served::start("blog", &[]);
    let browser = Browser::start().await;
    browser.open(&blog.at("/")).await;
    picture(&browser, "empty").await;
    sign_up(&browser, &blog).await;
    log_in(&browser).await;
    blog.run(&["promote", NAME]);
    let key = browser.cookie("sessionid").await.expect("who has logged in has a session");
    write_and_read(&browser, &blog).await;
    choose_the_dark_theme(&browser).await;
    hide_the_notice(&browser, &blog).await;
    keep_a_post_for_later(&browser, &blog).await;
    look_at_the_account(&browser, &blog, "").await;
    end_a_session_from_another_browser(&browser, &blog).await;
    log_out(&browser, &blog, &key).await;
    look_at_a_telephone(&blog).await;
}

async fn sign_up(browser: &Browser, blog: &Served) {
    browser.click_text("Sign up").await;
    browser.fill("username", NAME).await;
    browser.fill("email", "django@swing.example").await;
    browser.fill("password1", PASSWORD).await;
    browser.fill("password2", PASSWORD).await;
    picture(browser, "signup").await;
    browser.press("Sign up").await;
    says(browser, "Look into your mail").await;
    browser.open(&blog.link_in_mail()).await;
    browser.press("Yes, this is my address").await;
    says(browser, "Your address is confirmed.").await;
    picture(browser, "login").await;
}

async fn log_in(browser: &Browser) {
    browser.fill("username", NAME).await;
    browser.fill("password", PASSWORD).await;
    browser.press("Log in").await;
    says(browser, "Hello, django").await;
}

async fn write_and_read(browser: &Browser, blog: &Served) {
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

async fn hide_the_notice(browser: &Browser, blog: &Served) {
    browser.open(&blog.at("/")).await;
    says(browser, NOTICE).await;
    browser.press("Hide for a day").await;
    assert!(!browser.text().await.contains(NOTICE));
    picture(browser, "home-dark").await;
}

async fn keep_a_post_for_later(browser: &Browser, blog: &Served) {
    browser.open(&blog.at("/post/1/")).await;
    browser.press("Keep it for later").await;
    says(browser, "On your reading list").await;
    browser.click_text("To read").await;
    says(browser, POSTS[0].0).await;
    picture(browser, "reading-list").await;
}

/// The pages that come with `nuages_auth`, in the blog's own clothes.
async fn look_at_the_account(browser: &Browser, blog: &Served, width: &str) {
    for page in ["profile", "password_change", "email_change", "sessions", "activity", "delete"] {
        browser.open(&blog.at(&format!("/accounts/{page}/"))).await;
        says(browser, "Hello, django").await;
        fits(browser).await;
        picture(browser, &format!("account-{page}{width}")).await;
    }
    browser.open(&blog.at("/drafts/")).await;
    picture(browser, &format!("drafts{width}")).await;
}

/// Whoever is signed in elsewhere too sees it, and ends it.
async fn end_a_session_from_another_browser(browser: &Browser, blog: &Served) {
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
async fn log_out(browser: &Browser, blog: &Served, key: &str) {
    browser.press("Log out").await;
    is_sent_to_log_in(browser, blog).await;
    browser.set_cookie("sessionid", key).await;
    is_sent_to_log_in(browser, blog).await;
}

async fn is_sent_to_log_in(browser: &Browser, blog: &Served) {
    browser.open(&blog.at("/write/")).await;
    assert_eq!(browser.url().await, blog.at("/accounts/login/?next=/write/"));
    assert!(!browser.text().await.contains("Hello"));
}

/// The same pages on a narrow screen, where nothing sticks out.
async fn look_at_a_telephone(blog: &Served) {
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
    look_at_the_account(&browser, blog, "-phone").await;
    publish(&browser, blog, &"Tchavolo".repeat(20), &"Doudou".repeat(50)).await;
    fits(&browser).await;
}

async fn publish(browser: &Browser, blog: &Served, title: &str, body: &str) {
    browser.open(&blog.at("/write/")).await;
    browser.fill("title", title).await;
    browser.fill("body", body).await;
    browser.press("Keep the draft").await;
    says(browser, "Your draft is kept.").await;
    browser.press("Publish").await;
    says(browser, "The post is published.").await;
}

async fn page_color(browser: &Browser) -> String {
    let color = browser.run("return getComputedStyle(document.body).backgroundColor").await;
    color.as_str().expect("a page has a colour").to_owned()
}

async fn picture(browser: &Browser, name: &str) {
    served::picture(browser, &format!("blog-{name}")).await;
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
