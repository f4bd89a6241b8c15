//! A browser that tests drive as a person would: by what is written on the page.

mod driver;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::sleep;

use driver::Driver;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pipe makes Chromium leave when its driver does.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// Notes on the page when a link or a form takes us away from it: the driver's own waiting can miss that.
const LEAVING: &str = "
    const leave = event => { if (!event.defaultPrevented) window.nuagesIsLeft = true };
    const goes = link => link && !link.target && link.href.split('#')[0] !== location.href.split('#')[0];
    addEventListener('submit', leave);
    addEventListener('click', event => { if (goes(event.target.closest('a[href]'))) leave(event) });";

const ARRIVED: &str = "return !window.nuagesIsLeft && document.readyState === 'complete'";

/// A headless Chromium with nothing remembered, closed when this is dropped.
///
/// What cannot be done panics, and says what is on the page instead.
pub struct Browser {
    client: Client,
    session: String,
    driver: Driver,
}

impl Browser {
    /// Starts one with a window of 1280 by 900.
    pub async fn start() -> Self {
        Self::start_with(json!({})).await
    }

    /// Starts one with the screen of a telephone, 390 by 844.
    pub async fn phone() -> Self {
        let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2.0 });
        Self::start_with(json!({ "mobileEmulation": { "deviceMetrics": metrics } })).await
    }

    /// Goes to an address.
    pub async fn open(&self, url: &str) {
        self.done(self.client.goto(url).await, format!("{url} does not open")).await;
    }

    /// Clicks on the link or button that says this.
    pub async fn click_text(&self, text: &str) {
        let text = quoted(text);
        let link = format!("//a[normalize-space()={text}]");
        self.click(&format!("{link} | {}", button(&text)), format!("no link and no button says {text}"))
            .await;
    }

    /// Presses the button that says this.
    pub async fn press(&self, text: &str) {
        let text = quoted(text);
        self.click(&button(&text), format!("no button says {text}")).await;
    }

    /// Types into the field with this name, in place of what is there.
    pub async fn fill(&self, name: &str, value: &str) {
        let field =
            format!("//*[self::input or self::textarea][@name={}][not(@type='hidden')]", quoted(name));
        let field = self.find(&field, format!("no field is called `{name}`")).await;
        self.done(field.clear().await, format!("`{name}` cannot be emptied")).await;
        self.done(field.send_keys(value).await, format!("`{name}` cannot be filled in")).await;
    }

    /// Ticks the box with this name.
    pub async fn tick(&self, name: &str) {
        let field = format!("//input[@type='checkbox'][@name={}]", quoted(name));
        let field = self.find(&field, format!("no box is called `{name}`")).await;
        self.done(field.click().await, format!("`{name}` cannot be ticked")).await;
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        let text = self.visible_text().await;
        self.done(text, "the page cannot be read").await
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        self.done(self.client.title().await, "the page has no title").await
    }

    /// The address in the address bar.
    pub async fn url(&self) -> String {
        self.done(self.client.current_url().await, "the page has no address").await.to_string()
    }

    /// A cookie's value, of those that this page is sent.
    pub async fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.done(self.client.get_all_cookies().await, "the cookies cannot be read").await;
        cookies.into_iter().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    /// Whether a cookie is kept when the browser is closed.
    pub async fn keeps_cookie(&self, name: &str) -> bool {
        let cookies = self.done(self.client.get_all_cookies().await, "the cookies cannot be read").await;
        cookies.iter().any(|cookie| cookie.name() == name && cookie.expires_datetime().is_some())
    }

    /// Puts a cookie in place, for the page's host.
    pub async fn set_cookie(&self, name: &str, value: &str) {
        // A script cannot replace a cookie that is hidden from scripts, and WebDriver sets none for an address.
        self.done(self.client.delete_cookie(name).await, format!("`{name}` cannot be replaced")).await;
        let cookie = json!(format!("{name}={value}; path=/"));
        let set = self.client.execute("document.cookie = arguments[0]", vec![cookie]).await;
        self.done(set, format!("`{name}` cannot be set")).await;
    }

    /// What a script, the body of a function, returns.
    pub async fn run(&self, script: &str) -> Value {
        self.done(self.client.execute(script, Vec::new()).await, format!("`{script}` failed")).await
    }

    /// Writes what is on the screen to a file, as PNG.
    pub async fn screenshot(&self, file: impl AsRef<Path>) {
        let image = self.done(self.client.screenshot().await, "no picture can be taken").await;
        let written = std::fs::write(&file, image);
        self.done(written, format!("{} cannot be written", file.as_ref().display())).await;
    }

    async fn start_with(mut options: Value) -> Self {
        let driver = Driver::start();
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
        flags.push("--window-size=1280,900".into());
        flags.push(format!("--user-data-dir={}", driver.folder().display()));
        options["args"] = json!(flags);
        let capabilities = Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.url()).await;
        let client =
            client.expect("Chromium starts; `chromium --headless --no-sandbox` says why it does not");
        let session = client.session_id().await.ok().flatten().expect("a new browser has a session");
        Self { client, session, driver }
    }

    async fn click(&self, path: &str, otherwise: String) {
        let element = self.find(path, otherwise).await;
        self.done(self.client.execute(LEAVING, Vec::new()).await, "the page cannot be watched").await;
        self.done(element.click().await, format!("{path} cannot be clicked")).await;
        self.wait_for_the_next_page().await;
    }

    /// Waits for as long as the page says that it is being left; there is no such word on the next one.
    async fn wait_for_the_next_page(&self) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            // An error is the moment between two pages.
            if let Ok(Value::Bool(true)) = self.client.execute(ARRIVED, Vec::new()).await {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("the next page does not come; {}", self.page().await);
    }

    async fn find(&self, path: &str, otherwise: String) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(path)).await;
        self.done(found, otherwise).await
    }

    async fn visible_text(&self) -> Result<String, CmdError> {
        self.client.find(Locator::Css("body")).await?.text().await
    }

    async fn done<T, E: Display>(&self, outcome: Result<T, E>, otherwise: impl Display) -> T {
        match outcome {
            Ok(value) => value,
            Err(error) => panic!("{otherwise}: {error}\n{}", self.page().await),
        }
    }

    async fn page(&self) -> String {
        let url = self.client.current_url().await.map_or_else(|error| error.to_string(), String::from);
        let text = self.visible_text().await.unwrap_or_else(|error| error.to_string());
        format!("the page is {url}, and reads:\n{text}")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Err(error) = self.driver.quit(&self.session) {
            eprintln!("the browser was not closed, but stopped: {error}");
        }
    }
}

fn button(quoted: &str) -> String {
    format!(
        "//button[normalize-space()={quoted}] | //input[@type='submit' or @type='button'][@value={quoted}]"
    )
}

/// A string as XPath writes it, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
