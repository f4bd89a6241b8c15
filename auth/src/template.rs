//! `user` and `perms` in every template.

use crate::layer::Auth;
use crate::{AbstractUser, Flag, get_user};
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

/// `perms.blog.add_post`: true for active superusers alone, until permissions are built.
pub(crate) fn perms<U: AbstractUser>() -> Global {
    global::<U>(|user, session| {
        let all = user.is_some_and(|user| user.flag(Flag::Superuser));
        Value::from_object(Perms { all, session })
    })
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
    all: bool,
    session: Session,
}

/// `perms.blog` is true if any permission of the app is; `perms.blog.add_post` is one; `"blog.add_post" in perms` too.
impl Object for Perms {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.session.mark_accessed();
        // `in` asks whether there is a value; a name with a dot is asked for in no other way.
        let asked_by_in = key.as_str().is_some_and(|name| name.contains('.'));
        (self.all || !asked_by_in).then(|| Value::from_dyn_object(Arc::clone(self)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.session.mark_accessed();
        self.all
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.all)
    }
}
