//! `user` and `perms` in every template.

use crate::layer::Auth;
use crate::permissions::MayDo;
use crate::{AbstractUser, get_user};
use nuages::minijinja::value::{Enumerator, Object, ObjectRepr, Serde};
use nuages::minijinja::{Error, ErrorKind, State, Value};
use nuages::{Global, RequestExt, Session};
use poem::Request;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// `user`: the signed-in user's fields, without the password; `user.is_authenticated` is false for a stranger.
pub(crate) fn user<U: AbstractUser>() -> Global {
    global::<U>(|user, session| Value::from_object(Shown { user, fields: OnceLock::new(), session }))
}

/// `perms.blog.add_post`: whether the user may do that. What a backend knows of single objects is not in it.
pub(crate) fn perms<U: AbstractUser>() -> Global {
    let now = |request: &Request| {
        let may_do = match Auth::of(request).known::<U>() {
            Some(Some(user)) => MayDo::at_once(&*user)?,
            Some(None) => MayDo::nothing(),
            None if !request.session().may_hold_data() => MayDo::nothing(),
            None => return None,
        };
        Some(Perms::shown(may_do, request))
    };
    Global::lazy(now, |request| Box::pin(load_perms::<U>(request))).apart()
}

async fn load_perms<U: AbstractUser>(request: &Request) -> nuages::Result<Value> {
    let may_do = match get_user::<U>(request).await? {
        Some(user) => MayDo::of(request, &*user).await?,
        None => MayDo::nothing(),
    };
    Ok(Perms::shown(may_do, request))
}

/// A page that shows a stranger as such depends on the cookie too, so the objects tell the session when they are touched.
fn global<U: AbstractUser>(show: fn(Option<Arc<U>>, Session) -> Value) -> Global {
    let now = move |request: &Request| {
        let session = request.session();
        match Auth::of(request).known::<U>() {
            Some(user) => Some(show(user, session.clone())),
            None if !session.may_hold_data() => Some(show(None, session.clone())),
            None => None,
        }
    };
    Global::lazy(now, move |request| {
        Box::pin(async move { Ok(show(get_user::<U>(request).await?, request.session().clone())) })
    })
}

/// A user as templates see it; no fields for a stranger. Most pages ask for the name alone, so only a field that is no
/// text has all of them made into values.
#[derive(Debug)]
struct Shown<U> {
    user: Option<Arc<U>>,
    fields: OnceLock<Value>,
    session: Session,
}

impl<U: AbstractUser> Shown<U> {
    fn field(&self, name: &str) -> Option<Value> {
        let user = self.user.as_deref()?;
        match user.text(name) {
            Some(text) => Some(Value::from(text)),
            None => self.fields.get_or_init(|| Value::from(Serde(user))).get_attr(name).ok(),
        }
    }

    fn signed_in(&self) -> bool {
        self.session.mark_accessed();
        self.user.is_some()
    }

    fn name(&self) -> &str {
        self.user.as_deref().map_or("", AbstractUser::get_username)
    }

    fn full_name(&self) -> String {
        let part = |name| self.field(name).and_then(|value| value.as_str().map(str::to_owned));
        let parts: Vec<_> = ["first_name", "last_name"].into_iter().filter_map(part).collect();
        parts.join(" ").trim().to_owned()
    }
}

impl<U: AbstractUser> Object for Shown<U> {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let signed_in = self.signed_in();
        match key.as_str()? {
            "is_authenticated" => Some(Value::from(signed_in)),
            "is_anonymous" => Some(Value::from(!signed_in)),
            "username" if !signed_in => Some(Value::from("")),
            "is_active" | "is_staff" | "is_superuser" if !signed_in => Some(Value::from(false)),
            name => self.field(name),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "get_username" => Ok(Value::from(self.name())),
            "get_full_name" => Ok(Value::from(self.full_name())),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.signed_in()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.signed_in() { self.name() } else { "AnonymousUser" })
    }
}

#[derive(Debug)]
struct Perms {
    may_do: MayDo,
    session: Session,
}

impl Perms {
    fn shown(may_do: MayDo, request: &Request) -> Value {
        Value::from_object(Self { may_do, session: request.session().clone() })
    }
}

/// `perms.blog` is true if any permission of the app is; `perms.blog.add_post` is one; `"blog.add_post" in perms` too.
impl Object for Perms {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.session.mark_accessed();
        match key.as_str()? {
            // `in` asks whether there is a value; a name with a dot is asked for in no other way.
            perm if perm.contains('.') => self.may_do.contains(perm).then(|| true.into()),
            app => Some(Value::from_object(AppPerms { app: app.to_owned(), may_do: self.may_do.clone() })),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("perms")
    }
}

/// `perms.blog`.
#[derive(Debug)]
struct AppPerms {
    app: String,
    may_do: MayDo,
}

impl Object for AppPerms {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(self.may_do.contains(&format!("{}.{}", self.app, key.as_str()?)).into())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.may_do.anything_in(&self.app)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Value::from(self.may_do.anything_in(&self.app)))
    }
}
