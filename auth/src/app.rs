//! The auth app: everything that a site gets by one line.

use crate::groups::{ContentType, Group, Permission, groups, user_permissions};
use crate::hash_pool::HashPool;
use crate::{AbstractUser, checks, commands, layer, migrations, template};
use nuages::App;
use nuages::db::Field;
use nuages::migrations::{UserTable, user_model_checker};

/// The auth app for this user model: `.app(nuages_auth::app::<AuthUserModel>())`, behind the sessions' app.
pub fn app<U: AbstractUser>() -> App {
    let pool = HashPool::shared();
    let (key, login) = (U::KEY, U::USERNAME_FIELD);
    let user = UserTable { app: U::APP, model: U::NAME, table: U::TABLE, key, login, kind: U::Key::KIND };
    let app = App::new("auth")
        .user_table(user.clone())
        .model::<ContentType>()
        .model::<Permission>()
        .model::<Group>()
        .migrations(migrations::all())
        .templates(nuages::dir!("templates"))
        .layer(layer::layer::<U>(pool.clone()))
        .context("user", template::user::<U>())
        .context("perms", template::perms::<U>())
        .check(user_model_checker(user))
        .check(checks::twins::<U>())
        .command(commands::createsuperuser::<U>(pool))
        .command(commands::sessions::<U>());
    match U::HAS_PERMISSIONS {
        true => app.table(groups::<U>().table()).table(user_permissions::<U>().table()),
        false => app,
    }
}
