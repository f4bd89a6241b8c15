//! Finding users.

use crate::AbstractUser;
use crate::names::normalize_username;
use crate::user::longest;
use nuages::{Database, Result, Settings};

/// The user of this login name, in any case unless the settings say that case matters.
pub async fn find_by_name<U: AbstractUser>(
    db: &Database,
    settings: &Settings,
    name: &str,
) -> Result<Option<U>> {
    if name.chars().count() > longest::<U>(U::USERNAME_FIELD) {
        return Ok(None);
    }
    let name = normalize_username(name);
    if settings.username_case_sensitive {
        return U::objects(db).filter(U::username_column().eq(name)).first().await;
    }
    let column = U::username_column();
    let any_case = column.iexact(&name) | column.eq(name.as_str());
    let found = U::objects(db).filter(any_case).all().await?;
    // An adopted table may have `Ann` beside `ann`: then the one spelled so.
    let spelled_so = found.iter().position(|user| user.get_username() == name);
    Ok(found.into_iter().nth(spelled_so.unwrap_or(0)))
}
