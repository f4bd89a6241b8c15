//! Logins whose password was right, and whose second factor is still to be shown.

use super::find;
use crate::backends::{AuthBackend, Backends};
use crate::layer::Auth;
use crate::next::wanted;
use crate::two_factor::TwoFactor;
use crate::{AbstractUser, Authenticated, proof};
use nuages::chrono::Utc;
use nuages::{Error, FormData, RequestExt, Result};
use poem::Request;
use serde::{Deserialize, Serialize};

/// The name under which the session keeps it.
pub(crate) const WAITING: &str = "_auth_two_factor_waiting";
/// The name under which the session keeps that the second factor was shown.
pub(crate) const SHOWN: &str = "_auth_two_factor";
/// Seconds that a login waits for its second factor (OWASP ASVS 5.0, 6.5.5).
const AGE: i64 = 10 * 60;

/// What the session keeps meanwhile. It signs in nobody.
#[derive(Serialize, Deserialize)]
struct Waiting {
    user: String,
    backend: String,
    proof: String,
    remembered: Option<bool>,
    since: i64,
    next: String,
}

/// A login that waits, with where it goes on to.
pub(crate) struct Login<U> {
    pub(crate) user: Authenticated<U>,
    pub(crate) next: String,
}

/// Whether the user has to show the second factor before the session is theirs.
pub(crate) async fn is_asked<U: AbstractUser>(
    request: &Request,
    user: &Authenticated<U>,
    backend: &dyn AuthBackend<U>,
) -> Result<bool> {
    match user.two_factor || !backend.asks_two_factor() {
        true => Ok(false),
        false => TwoFactor::of(&request.db(), &**user).is_on().await,
    }
}

/// Lets the login wait, and says where the visitor goes meanwhile.
///
/// # Errors
/// [`Error::NotReady`] if the site has no page `login_code`.
pub(crate) fn put_off<U: AbstractUser>(
    request: &Request,
    user: &Authenticated<U>,
    proof: String,
) -> Result<Error> {
    let data = request.extensions().get::<FormData>().cloned().unwrap_or_default();
    let waiting = Waiting {
        user: user.key().to_string(),
        backend: user.backend.to_owned(),
        proof,
        remembered: user.remembered,
        since: Utc::now().timestamp(),
        next: wanted(request, &data),
    };
    request.session().set(WAITING, waiting)?;
    let unknown = |_| {
        Error::NotReady("the site has no page `login_code`; include `nuages_auth::two_factor_urls`".into())
    };
    Ok(Error::Redirect(nuages::urls::resolve(request, "login_code").map_err(unknown)?))
}

/// The login that waits in this session, unless it is too old, or the user may not log in any more or has another password by now.
pub(crate) async fn login<U: AbstractUser>(request: &Request) -> Result<Option<Login<U>>> {
    let session = request.session();
    if !session.may_hold_data() {
        return Ok(None);
    }
    let Some(waiting) = session.get::<Waiting>(WAITING).await? else { return Ok(None) };
    let backends = Backends::<U>::of(Auth::of(request));
    let Some(backend) = backends.get(&waiting.backend) else { return Ok(None) };
    let Some(user) = find::<U>(request, &waiting.user).await? else { return Ok(None) };
    let is_proven = proof::key_of(&*user, request.settings(), &waiting.proof).is_some();
    let age = Utc::now().timestamp() - waiting.since;
    if !is_proven || !(0..=AGE).contains(&age) || !backend.user_can_authenticate(&user) {
        session.remove(WAITING);
        return Ok(None);
    }
    let user = Authenticated { remembered: waiting.remembered, ..Authenticated::trust(user, backend.name()) };
    Ok(Some(Login { user, next: waiting.next }))
}
