//! Backends of the site's own.

use super::Article;
use crate::site::User;
use nuages::futures_util::future::BoxFuture;
use nuages::{Error, Model, Result};
use nuages_auth::{Answer, Asked, Attempt, AuthBackend, PermissionSet, Ruling};

/// A card that is held to a reader: the name of its owner.
pub struct Card(pub String);

/// Knows people by their cards.
pub struct CardBackend;

impl AuthBackend<User> for CardBackend {
    fn name(&self) -> &'static str {
        "press.CardBackend"
    }

    fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<User>>> {
        Box::pin(async move {
            let Some(Card(owner)) = attempt.credentials() else { return Ok(Answer::Unknown) };
            let user = User::objects(attempt.db()).filter(User::USERNAME.eq(owner.as_str())).first().await?;
            Ok(user.map_or(Answer::Unknown, Answer::Recognised))
        })
    }
}

/// Lets nobody in who is called `mallory`.
pub struct Blocklist;

impl AuthBackend<User> for Blocklist {
    fn name(&self) -> &'static str {
        "press.Blocklist"
    }

    fn authenticate<'a>(&'a self, attempt: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<User>>> {
        let blocked = attempt.username().is_some_and(|name| name.eq_ignore_ascii_case("mallory"));
        Box::pin(async move { Ok(if blocked { Answer::Veto } else { Answer::Unknown }) })
    }
}

/// Cannot answer.
pub struct Broken;

impl AuthBackend<User> for Broken {
    fn name(&self) -> &'static str {
        "press.Broken"
    }

    fn authenticate<'a>(&'a self, _: &'a Attempt<'a>) -> BoxFuture<'a, Result<Answer<User>>> {
        Box::pin(async { Err(Error::Refused("the directory of users does not answer".into())) })
    }
}

/// Lets users change articles that begin with their name, and pin in general.
pub struct Editors;

impl AuthBackend<User> for Editors {
    fn name(&self) -> &'static str {
        "press.Editors"
    }

    fn permissions<'a>(&'a self, asked: &'a Asked<'a, User>) -> BoxFuture<'a, Result<PermissionSet>> {
        let theirs = |article: &Article| article.title.starts_with(&asked.user().username);
        let names: &[&str] = match (asked.is_about_an_object(), asked.object::<Article>().is_some_and(theirs))
        {
            (false, _) => &["press.pin_article"],
            (true, true) => &["press.change_article"],
            (true, false) => &[],
        };
        Box::pin(async move { Ok(names.iter().copied().collect()) })
    }
}

/// Lets nobody change anything, whatever else is said.
pub struct NoEdits;

impl AuthBackend<User> for NoEdits {
    fn name(&self) -> &'static str {
        "press.NoEdits"
    }

    fn has_perm<'a>(&'a self, _: &'a Asked<'a, User>, perm: &'a str) -> BoxFuture<'a, Result<Ruling>> {
        let ruling = if perm.contains(".change_") { Ruling::Denied } else { Ruling::Unknown };
        Box::pin(async move { Ok(ruling) })
    }
}
