//! The mail by which someone who forgot the password gets a new one.

use crate::names::is_same_email;
use crate::tokens::{PASSWORD_RESET, uid};
use crate::{AbstractUser, Flag};
use nuages::chrono::Utc;
use nuages::db::Column;
use nuages::email::EmailTemplates;
use nuages::minijinja::Value;
use nuages::{Database, Mailer, RequestExt, Result, Settings, context};
use poem::Request;

/// The users who may set a new password by mail to this address: active, with a password, and with the same address without
/// regard to case. One who only looks the same (`ı` for `i`) is another.
///
/// # Errors
/// If the database is not reachable.
pub async fn users_for_reset<U: AbstractUser>(db: &Database, email: &str) -> Result<Vec<U>> {
    let Some(field) = U::EMAIL_FIELD.filter(|_| !email.is_empty()) else { return Ok(Vec::new()) };
    let mut users =
        U::objects(db).filter(Column::<U, String>::new(U::column_name(field)).iexact(email)).all().await?;
    users.retain(|user| {
        user.flag(Flag::Active) && user.password_hash().is_usable() && is_same_email(user.get_email(), email)
    });
    Ok(users)
}

/// Sends the users of this address a link to set a new password, to the address that is stored. All of it happens behind the
/// back of the request: the answer is the same, and takes as long, whether there is such a user or not, and whether the mail
/// can be sent.
///
/// The templates know `user`, `email`, `uid`, `token`, `site_name`, `site_url`, Django's `domain` and `protocol`, and what is in
/// `more`.
pub async fn send_password_reset<U: AbstractUser>(
    request: &Request,
    email: &str,
    templates: EmailTemplates<'static>,
    more: Value,
) {
    let (mailer, db) = (request.mailer().clone(), request.db());
    let (settings, email) = (request.settings().clone(), email.to_owned());
    let work = async move {
        for user in users_for_reset::<U>(&db, &email).await? {
            send_to(&user, &mailer, &settings, templates, more.clone()).await?;
        }
        Ok(())
    };
    request.mailer().later(work).await;
}

async fn send_to<U: AbstractUser>(
    user: &U,
    mailer: &Mailer,
    settings: &Settings,
    templates: EmailTemplates<'_>,
    more: Value,
) -> Result<()> {
    let origin = settings.site_origin();
    let (protocol, domain) = origin.split_once("://").unwrap_or(("https", &origin));
    let email = user.get_email();
    let (uid, token) = (uid(user), PASSWORD_RESET.make(user, settings, Utc::now()));
    let context = context! { user, email, uid, token, protocol, domain };
    let context = nuages::minijinja::value::merge_maps([context, more]);
    mailer.queue(mailer.render(templates, context)?.to(email)).await
}
