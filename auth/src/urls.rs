//! Auth's URLs, bound to the site's user model.

use crate::{AbstractUser, LoginNotRequired, login_required, views};
use nuages::{FormData, Routes};
use poem::endpoint::make;
use poem::{FromRequest, Request, Response};

/// A view that takes a form.
macro_rules! form {
    ($view:expr) => {
        make(async |request: Request| -> poem::Result<Response> {
            let (request, data) = form_of(request).await?;
            Ok($view(&request, data).await?)
        })
    };
}

/// A view that takes nothing but the request.
macro_rules! bare {
    ($view:expr) => {
        make(async |request: Request| -> poem::Result<Response> { Ok($view(&request).await?) })
    };
}

/// All of auth's pages: [`urls`] and [`account_urls`]. `.include("/accounts/", nuages_auth::all_urls::<User>())`
pub fn all_urls<U: AbstractUser>() -> Routes {
    urls::<U>().include("", account_urls::<U>())
}

/// Django's pages, by Django's names: `login`, `logout`, `password_change`, `password_reset` and so on; and `confirm_email`, `email_change`,
/// `delete_account`, `sessions`, `activity` and `two_factor`.
pub fn urls<U: AbstractUser>() -> Routes {
    let open = Routes::new()
        .path("login/", form!(views::login::<U>), "login")
        .path("password_reset/", form!(views::password_reset::<U>), "password_reset")
        .path("password_reset/done/", bare!(views::reset_done), "password_reset_done")
        .path("reset/<str:uidb64>/<str:token>/", form!(views::reset::<U>), "password_reset_confirm")
        .path("reset/done/", bare!(views::reset_complete), "password_reset_complete")
        .path("signup/confirm/<str:uidb64>/<str:token>/", bare!(views::confirm::<U>), "confirm_email")
        .path(
            "email_change/<str:uidb64>/<str:emailb64>/<str:token>/",
            bare!(views::confirm_new_email::<U>),
            "email_change_confirm",
        );
    open.login_not_required()
        .path("logout/", form!(views::logout), "logout")
        .path("password_change/", login_required(form!(views::password_change::<U>)), "password_change")
        .path(
            "password_change/done/",
            login_required(bare!(views::password_change_done::<U>)),
            "password_change_done",
        )
        .path("email_change/", login_required(form!(views::change_email::<U>)), "email_change")
        .path("delete/", login_required(form!(views::delete::<U>)), "delete_account")
        .include("", session_urls::<U>())
        .include("", two_factor_urls::<U>())
}

/// `sessions` and `activity` alone, where users see and end their sessions and what happened to their accounts, for a site with a login
/// of its own.
pub fn session_urls<U: AbstractUser>() -> Routes {
    Routes::new().path("sessions/", login_required(form!(views::sessions::<U>)), "sessions").path(
        "activity/",
        login_required(bare!(views::activity::<U>)),
        "activity",
    )
}

/// `login_code` and the pages `two_factor…` alone: [two-factor authentication](crate::two_factor), for a site with a login of its own.
pub fn two_factor_urls<U: AbstractUser>() -> Routes {
    let open = Routes::new().path("login/code/", form!(views::login_code::<U>), "login_code");
    open.login_not_required()
        .path("two_factor/", login_required(form!(views::two_factor::<U>)), "two_factor")
        .path("two_factor/setup/", login_required(form!(views::setup::<U>)), "two_factor_setup")
        .path("two_factor/codes/", login_required(form!(views::recovery_codes::<U>)), "two_factor_codes")
        .path("two_factor/remove/", login_required(form!(views::remove::<U>)), "two_factor_remove")
}

/// `accounts:signup` and `accounts:profile`, for a site that has no such views of its own.
pub fn account_urls<U: AbstractUser>() -> Routes {
    let open = Routes::new().app_name("accounts").path("signup/", form!(views::signup::<U>), "signup");
    open.login_not_required().path("profile/", login_required(form!(views::profile::<U>)), "profile")
}

async fn form_of(request: Request) -> poem::Result<(Request, FormData)> {
    let (request, mut body) = request.split();
    let data = FormData::from_request(&request, &mut body).await?;
    Ok((request, data))
}
