//! A header by which the site's own proxy says who the visitor is.

use crate::backends::{RemoteUser, RemoteUserBackend};
use crate::login::BACKEND;
use crate::names::normalize_username;
use crate::{AbstractUser, AuthBackend, authenticate_by, get_user, login, logout};
use nuages::{Error, Layer, RequestExt, Result};
use poem::Request;
use poem::http::HeaderName;
use std::sync::Arc;

/// A header by which the site's own proxy says who the visitor is; [`AuthApp::remote_user`](crate::AuthApp::remote_user) takes it.
///
/// Whoever can send a request with that header is whom they like, so the proxy must remove it from what visitors send, and
/// nobody may reach the site but by the proxy. With the setting `trusted_proxies` only what those send is looked at.
///
/// ```no_run
/// # use nuages::Model;
/// # use nuages_auth::{AbstractUser, UserFields};
/// # #[derive(Clone, Debug, Model, AbstractUser)]
/// # #[model(app = "accounts")]
/// # pub struct User { #[model(flatten)] pub fields: UserFields }
/// use nuages_auth::{AuthApp, ModelBackend, RemoteUserBackend, RemoteUserHeader};
///
/// let auth = AuthApp::<User>::new()
///     .backends(vec![Box::new(RemoteUserBackend::new()), Box::new(ModelBackend)])
///     .remote_user(RemoteUserHeader::new("X-Remote-User"))
///     .app();
/// ```
#[derive(Clone, Debug)]
pub struct RemoteUserHeader {
    name: String,
    persistent: bool,
}

impl RemoteUserHeader {
    /// The header of this name. Where it is missing, whom it had signed in is signed out.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), persistent: false }
    }

    /// Leaves a visitor signed in where the header is missing: for a proxy that knows visitors on the login page alone.
    pub fn persistent(self) -> Self {
        Self { persistent: true, ..self }
    }

    /// What is to be done with each request.
    ///
    /// # Errors
    /// [`Error::NotReady`] if the name is none.
    pub(crate) fn read(&self) -> Result<Reader> {
        let unreadable = |_| {
            Error::NotReady(format!("no header can be called `{}`; correct it in `remote_user`", self.name))
        };
        Ok(Reader { name: self.name.parse().map_err(unreadable)?, persistent: self.persistent })
    }
}

/// Reads the header.
pub(crate) struct Reader {
    name: HeaderName,
    persistent: bool,
}

impl Reader {
    /// The layer that signs visitors in and out as the header says.
    pub(crate) fn layer<U: AbstractUser>(self) -> Layer {
        let reader = Arc::new(self);
        Layer::new("remote_user", move |request, next| {
            let reader = Arc::clone(&reader);
            async move {
                reader.follow::<U>(&request).await?;
                Ok(next.run(request).await)
            }
        })
    }

    async fn follow<U: AbstractUser>(&self, request: &Request) -> Result<()> {
        let named = self.named(request)?;
        let user = get_user::<U>(request).await?;
        match (named, user) {
            (None, Some(_)) if !self.persistent => leave::<U>(request).await,
            (None, _) => Ok(()),
            (Some(name), Some(user)) if is_called(request, &*user, &name) => Ok(()),
            (Some(name), user) => {
                if user.is_some() {
                    leave::<U>(request).await?;
                }
                match authenticate_by::<U>(request, RemoteUser(name)).await? {
                    Some(user) => login(request, user).await,
                    None => Ok(()),
                }
            }
        }
    }

    /// Who the visitor is, if the header says so, and may.
    fn named(&self, request: &Request) -> Result<Option<String>> {
        let mut values = request.headers().get_all(&self.name).iter();
        let value = values.next().filter(|_| is_trusted(request));
        match (value, values.next()) {
            (Some(_), Some(_)) => {
                Err(Error::BadRequest(format!("the header `{}` is there twice", self.name)))
            }
            (value, _) => {
                let text = value.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).map(str::trim);
                Ok(text.filter(|text| !text.is_empty()).map(str::to_owned))
            }
        }
    }
}

/// Whether the one who sends a request may say who the visitor is.
fn is_trusted(request: &Request) -> bool {
    let proxies = &request.settings().trusted_proxies;
    let sender = request.remote_addr().as_socket_addr().map(|address| address.ip().to_canonical());
    proxies.is_empty() || sender.is_some_and(|sender| proxies.iter().any(|proxy| proxy.contains(&sender)))
}

fn is_called<U: AbstractUser>(request: &Request, user: &U, name: &str) -> bool {
    let name = normalize_username(name);
    match request.settings().username_case_sensitive {
        true => user.get_username() == name,
        false => user.get_username().to_lowercase() == name.to_lowercase(),
    }
}

/// Signs out whom the header had signed in; one who came by the login form stays.
async fn leave<U: AbstractUser>(request: &Request) -> Result<()> {
    let backend = request.session().get::<String>(BACKEND).await?;
    match backend.as_deref() == Some(AuthBackend::<U>::name(&RemoteUserBackend::new())) {
        true => logout(request).await,
        false => Ok(()),
    }
}
