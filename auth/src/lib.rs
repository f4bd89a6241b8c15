//! Who is signed in: users, passwords, login and logout, for a user model of the site's own.
//!
//! A site names its user once, before the first migration, and hands it to [`app()`]; views ask for
//! [`CurrentUser`] or [`MaybeUser`], templates for `user`.

extern crate self as nuages_auth;

mod access;
mod app;
mod backends;
mod checks;
mod commands;
mod current_user;
mod declared;
pub mod events;
mod forms;
mod groups;
pub mod hash_pool;
pub mod hashers;
mod hidden;
mod invalid;
mod layer;
mod login;
mod mails;
mod migrations;
pub mod names;
mod new_user;
mod next;
mod password;
mod passwords;
mod permission_set;
mod permissions;
mod proof;
mod remote_user;
mod reset;
mod sessions;
pub mod stock;
mod template;
mod test;
pub mod throttle;
pub mod tokens;
pub mod two_factor;
mod urls;
mod user;
mod users;
pub mod validation;
mod views;

pub use access::{
    Guarded, LoginNotRequired, login_required, permission_required, permissions_required, recent_login,
    require_login, require_perm, require_recent_login, require_two_factor, staff_required,
    superuser_required, two_factor_required, user_passes_async_test, user_passes_test,
};
pub use app::{AuthApp, app};
pub use backends::{
    AllowAllUsersModelBackend, Answer, Asked, Attempt, AuthBackend, Authenticated, EmailOrUsernameBackend,
    MODEL_BACKEND, ModelBackend, PasswordCredentials, RemoteUser, RemoteUserBackend, Ruling, authenticate,
    authenticate_by,
};
pub use current_user::{CurrentUser, MaybeUser, StaffUser, Superuser};
pub use forms::{
    AdminPasswordChangeForm, AuthenticationForm, ConfirmPasswordForm, EmailChangeForm, PasswordChangeForm,
    PasswordResetForm, SetPasswordForm, TwoFactorForm, TwoFactorSetupForm, UserChangeForm, UserCreationForm,
};
pub use groups::{ContentType, Group, Permission};
pub use invalid::{Invalid, UserError};
pub use login::{get_user, login, logout, set_password, set_password_unchecked};
pub use new_user::NewUser;
pub use next::{redirect_after_login, redirect_to_login};
pub use nuages_auth_macros::AbstractUser;
pub use password::PasswordHash;
pub use passwords::Passwords;
pub use permission_set::PermissionSet;
pub use permissions::{UserPermissions, with_perm};
pub use remote_user::RemoteUserHeader;
pub use reset::{send_password_reset, users_for_reset};
pub use sessions::{UserSession, end_other_sessions, end_session, user_sessions};
pub use test::ForceLogin;
pub use urls::{account_urls, all_urls, session_urls, two_factor_urls, urls};
pub use user::{AbstractUser, Flag, SetText, UserFields};
pub use users::find_by_name;
