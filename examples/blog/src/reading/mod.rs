//! The reading list: posts kept for later, and those read before. It is in the session, so a stranger has one too, and takes it
//! along at login: an app without tables.

use nuages::{App, Result, Session};

pub mod urls;
pub mod views;

/// The names in the session.
const LIST: &str = "reading_list";
const RECENT: &str = "recently_read";
const OPENED: &str = "posts_opened";
/// Posts kept, and those that are remembered as read.
const MOST: usize = 50;
const RECENTLY: usize = 5;

/// The reading list, as an app.
pub fn app() -> App {
    App::new("reading")
}

/// Keeps a post for later.
pub fn keep(session: &Session, post: i64) -> Result<()> {
    session.update(LIST, move |list: &mut Vec<i64>| put_first(list, post, MOST))
}

/// Takes it off the list.
pub fn drop_from_list(session: &Session, post: i64) -> Result<()> {
    session.update(LIST, move |list: &mut Vec<i64>| list.retain(|kept| *kept != post))
}

/// Remembers that a post was read, for visitors who have a session anyway: nobody gets one for reading.
pub fn remember(session: &Session, post: i64) -> Result<()> {
    if !session.may_hold_data() {
        return Ok(());
    }
    session.update(OPENED, |opened: &mut u32| *opened += 1)?;
    session.update(RECENT, move |read: &mut Vec<i64>| put_first(read, post, RECENTLY))
}

/// How many posts were opened in this session.
pub async fn opened(session: &Session) -> Result<u32> {
    Ok(session.get(OPENED).await?.unwrap_or_default())
}

/// The posts on the list, the last kept first.
pub async fn list(session: &Session) -> Result<Vec<i64>> {
    Ok(session.get(LIST).await?.unwrap_or_default())
}

/// The posts read before, the last first.
pub async fn recent(session: &Session) -> Result<Vec<i64>> {
    Ok(session.get(RECENT).await?.unwrap_or_default())
}

fn put_first(posts: &mut Vec<i64>, post: i64, most: usize) {
    posts.retain(|other| *other != post);
    posts.insert(0, post);
    posts.truncate(most);
}
