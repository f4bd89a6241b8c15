//! What `check` looks for among the users.

use crate::AbstractUser;
use crate::passwords::Choices;
use nuages::db::inspect;
use nuages::db::sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use nuages::{Check, Checker, Database, Result};

/// Looks for users whose names differ in capitals alone, which an adopted table may have: `auth.W100`.
pub(crate) fn twins<U: AbstractUser>() -> Checker {
    Checker::new(|context| async move {
        if context.settings.username_case_sensitive {
            return Ok(Vec::new());
        }
        Ok(find::<U>(&context.db().await?).await?.map(warning).into_iter().collect())
    })
}

/// Two users could have one login name: Django's `auth.E003`, or `auth.W004` where a backend of the site's own may find them otherwise.
pub(crate) fn unique_name<U: AbstractUser>(has_own_backend: bool) -> Checker {
    Checker::new(move |_| async move { Ok(ambiguous::<U>(has_own_backend).into_iter().collect()) })
}

fn ambiguous<U: AbstractUser>(has_own_backend: bool) -> Option<Check> {
    let (table, name) = (U::table(), U::column_name(U::USERNAME_FIELD));
    let is_unique = table.column(name).is_some_and(|column| column.unique || column.primary_key)
        || table.unique_together.iter().any(|columns| *columns == [name]);
    let text = format!("the login name `{}` of {} is not unique", U::USERNAME_FIELD, U::NAME);
    let hint = "put #[model(unique)] on the field, and run makemigrations";
    match has_own_backend {
        _ if is_unique => None,
        true => Some(Check::warning("auth.W004", text, hint)),
        false => Some(Check::error("auth.E003", text, hint)),
    }
}

/// Settings about passwords that are wrong keep the site from starting; hashes that protect nothing are `auth.W101`.
pub(crate) fn passwords(choices: Choices) -> Checker {
    Checker::new(move |context| {
        let found = choices.passwords(&context.settings).map(|passwords| {
            let writes = passwords.pool().algorithm();
            let is_weak = writes == "md5" && !context.settings.debug;
            is_weak.then(unprotected).into_iter().collect()
        });
        async move { found }
    })
}

fn unprotected() -> Check {
    let text = "new passwords are stored as MD5, which protects nothing";
    Check::warning("auth.W101", text, "put argon2 first in PASSWORD_HASHERS")
}

fn warning(names: [String; 2]) -> Check {
    let [one, other] = names.map(|name| format!("`{name}`"));
    Check::warning(
        "auth.W100",
        format!("two users are called the same but for case: {one} and {other}"),
        "rename one of them; until then each logs in with the name spelled exactly so",
    )
}

async fn find<U: AbstractUser>(db: &Database) -> Result<Option<[String; 2]>> {
    if inspect::table(db, U::TABLE).await?.is_none() {
        return Ok(None);
    }
    let found = db.fetch_optional(&twice::<U>(), |row| row.get::<String>("name")).await?;
    let Some(lower) = found else { return Ok(None) };
    let name = U::column_name(U::USERNAME_FIELD);
    let column = Expr::col(name);
    let mut alike = Query::select();
    alike.expr_as(column.clone(), Alias::new("name")).from(U::TABLE).limit(2);
    alike.and_where(Expr::expr(Func::lower(column)).eq(lower)).order_by(name, Order::Asc);
    let names = db.fetch_all(&alike, |row| row.get::<String>("name")).await?;
    Ok(names.try_into().ok())
}

/// A name in small letters that more than one user has.
fn twice<U: AbstractUser>() -> SelectStatement {
    let lower = || Expr::expr(Func::lower(Expr::col(U::column_name(U::USERNAME_FIELD))));
    let mut query = Query::select();
    query.expr_as(lower(), Alias::new("name")).from(U::TABLE).limit(1);
    query.add_group_by([lower()]).and_having(Expr::cust("count(*) > 1"));
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PasswordHash, stock};
    use nuages::Model;

    /// Of whom two may be called the same.
    #[derive(Clone, Debug, Model, AbstractUser)]
    #[model(app = "checks")]
    struct Twin {
        id: i64,
        #[model(max_length = 150)]
        username: String,
        password: PasswordHash,
    }

    #[test]
    fn a_login_name_that_is_not_unique_is_an_error_unless_a_backend_may_tell_them_apart() {
        let id = |check: Option<Check>| check.map(|check| check.id);
        assert_eq!(id(ambiguous::<Twin>(false)), Some("auth.E003"));
        assert_eq!(id(ambiguous::<Twin>(true)), Some("auth.W004"));
        assert_eq!(id(ambiguous::<stock::User>(false)), None);
    }
}
