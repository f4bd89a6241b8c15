//! One-time notes: set by one request, shown by the next page that lists them.
//!
//! They travel in a signed cookie of Django's format; `{% for message in messages %}` shows them, and that uses them up.

use crate::app::App;
use crate::cookies::{Sent, SetCookie};
use crate::error::Result;
use crate::headers;
use crate::layer::{Layer, Pass};
use crate::settings::Settings;
use crate::signing;
use crate::templates::Global;
use chrono::Utc;
use minijinja::Value as TemplateValue;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use poem::Request;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Django's limit for the cookie, in bytes.
const MAX_COOKIE: usize = 2048;
const SALT: &str = "django.contrib.messages";
const MARK: &str = "__json_message";

/// How much a message matters; the name is its tag in templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For developers; not shown.
    Debug = 10,
    /// For the visitor's information.
    Info = 20,
    /// Something went well.
    Success = 25,
    /// Something needs attention.
    Warning = 30,
    /// Something went wrong.
    Error = 40,
}

impl Level {
    const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Success, Self::Warning, Self::Error];

    /// The tag, such as `success`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One note.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// How much it matters.
    pub level: Level,
    /// Its text, which templates escape.
    pub text: String,
}

/// The messages' app: the layer and `messages` in templates.
pub fn app() -> App {
    App::new("messages")
        .layer(Layer::pass("messages", |request| Ok(travel(request))))
        .context("messages", Global::ready(global).on_discard(forget))
}

/// Adds a note for the visitor.
pub fn add(request: &Request, level: Level, text: impl Into<String>) {
    let message = Message { level, text: text.into() };
    let worth_showing = level != Level::Debug && !message.text.is_empty();
    if let (true, Some(messages)) = (worth_showing, request.extensions().get::<Messages>()) {
        messages.0.queued.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

/// Says that something went well.
pub fn success(request: &Request, text: impl Into<String>) {
    add(request, Level::Success, text);
}

/// Tells something.
pub fn info(request: &Request, text: impl Into<String>) {
    add(request, Level::Info, text);
}

/// Asks for attention.
pub fn warning(request: &Request, text: impl Into<String>) {
    add(request, Level::Warning, text);
}

/// Says that something went wrong.
pub fn error(request: &Request, text: impl Into<String>) {
    add(request, Level::Error, text);
}

#[derive(Clone)]
struct Messages(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sent: Sent,
    settings: Arc<Settings>,
    came_with: OnceLock<Vec<Message>>,
    queued: Mutex<Vec<Message>>,
    used: AtomicBool,
}

impl Messages {
    fn open(request: &Request) -> Self {
        let (sent, settings) = (Sent::by(request), Settings::of(request).clone());
        let (came_with, queued) = (OnceLock::new(), Mutex::default());
        Self(Arc::new(Inner { sent, settings, came_with, queued, used: AtomicBool::new(false) }))
    }
}

impl Inner {
    fn cookie(&self) -> Option<String> {
        self.sent.value(self.settings.messages_cookie())
    }

    fn all(&self) -> Vec<Message> {
        let came_with = self.came_with.get_or_init(|| match self.cookie() {
            Some(cookie) => decode(&cookie, &self.settings),
            None => Vec::new(),
        });
        let queued = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        came_with.iter().chain(queued.iter()).cloned().collect()
    }

    /// The cookie for the next request, if it changes.
    fn next_cookie(&self) -> Result<Option<SetCookie>> {
        let cookie = |value| {
            SetCookie::new(self.settings.messages_cookie(), value).secure(self.settings.secure_cookies())
        };
        let queued = !self.queued.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        match (self.used.load(Relaxed), queued) {
            (true, _) if self.cookie().is_some() => Ok(Some(
                SetCookie::delete(self.settings.messages_cookie()).secure(self.settings.secure_cookies()),
            )),
            (false, true) => Ok(Some(cookie(encode(self.all(), &self.settings)?))),
            _ => Ok(None),
        }
    }
}

fn travel(request: &mut Request) -> Pass {
    let messages = Messages::open(request);
    request.extensions_mut().insert(messages.clone());
    Pass::and_then(move |response| {
        if messages.0.came_with.get().is_some() {
            headers::vary_on_cookie(response);
        }
        if !response.status().is_server_error()
            && let Some(cookie) = messages.0.next_cookie()?
        {
            headers::send_cookie(response, &cookie)?;
        }
        Ok(())
    })
}

fn global(request: &Request) -> TemplateValue {
    let messages = request.extensions().get::<Messages>();
    messages
        .map_or(TemplateValue::UNDEFINED, |messages| TemplateValue::from_dyn_object(Arc::clone(&messages.0)))
}

/// What a rendering has listed that nobody saw was not shown.
fn forget(request: &Request) {
    if let Some(messages) = request.extensions().get::<Messages>() {
        messages.0.used.store(false, Relaxed);
    }
}

/// Listing the messages uses them up; counting them does not.
impl Object for Inner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.all().is_empty()
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.all().len())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.used.store(true, Relaxed);
        Enumerator::Values(self.all().iter().map(shown).collect())
    }
}

fn shown(message: &Message) -> TemplateValue {
    TemplateValue::from_object(message.clone())
}

/// `{{ message }}` is its text; `message.tags` and `message.level` say how much it matters.
impl Object for Message {
    fn get_value(self: &Arc<Self>, key: &TemplateValue) -> Option<TemplateValue> {
        match key.as_str()? {
            "text" | "message" => Some(TemplateValue::from(self.text.as_str())),
            "tags" | "level_tag" => Some(TemplateValue::from(self.level.tag())),
            "level" => Some(TemplateValue::from(self.level as u8)),
            _ => None,
        }
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Signs the messages as Django does; the oldest are left out, and logged, if the cookie would be too long.
fn encode(mut messages: Vec<Message>, settings: &Settings) -> Result<String> {
    loop {
        let list: Vec<_> = messages.iter().map(|m| json!([MARK, 0, m.level as u8, m.text, ""])).collect();
        let cookie = signer(settings).dumps(&Value::from(list), Utc::now())?;
        if cookie.len() <= MAX_COOKIE || messages.is_empty() {
            return Ok(cookie);
        }
        let lost = messages.remove(0);
        tracing::warn!("a {} message did not fit into the cookie and was left out", lost.level.tag());
    }
}

/// A cookie that is forged or broken holds no messages.
fn decode(cookie: &str, settings: &Settings) -> Vec<Message> {
    let list: Option<Value> = signer(settings).loads(cookie, None, Utc::now()).ok();
    let items = list.as_ref().and_then(Value::as_array).into_iter().flatten();
    items.filter_map(message).collect()
}

fn message(item: &Value) -> Option<Message> {
    let level = item.get(2)?.as_u64()?;
    let level = Level::ALL.into_iter().find(|known| *known as u64 == level)?;
    (item.get(0)? == MARK).then_some(Message { level, text: item.get(3)?.as_str()?.to_owned() })
}

fn signer(settings: &Settings) -> signing::Signer {
    signing::Signer::for_cookies(settings.keys(), SALT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings { secret_key: "a-key-for-tests".into(), ..Settings::default() }
    }

    #[test]
    fn messages_come_back_as_they_went() {
        let messages = vec![Message { level: Level::Success, text: "Sch\u{f6}n, \u{1f3b8}".into() }];
        assert_eq!(decode(&encode(messages.clone(), &settings()).unwrap(), &settings()), messages);
    }

    #[test]
    fn a_forged_cookie_holds_no_messages() {
        let mut cookie =
            encode(vec![Message { level: Level::Info, text: "hello".into() }], &settings()).unwrap();
        cookie.push('x');
        assert_eq!(decode(&cookie, &settings()), []);
    }

    #[test]
    fn a_cookie_never_grows_past_the_limit() {
        let long = |n: u8| Message { level: Level::Info, text: n.to_string().repeat(900) };
        let cookie = encode((1..5).map(long).collect(), &settings()).unwrap();
        assert!(cookie.len() <= MAX_COOKIE);
        assert_eq!(decode(&cookie, &settings()).last(), Some(&long(4)));
    }
}
