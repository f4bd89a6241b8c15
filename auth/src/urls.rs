//! Auth's URLs, bound to the site's user model.

use crate::{AbstractUser, LoginNotRequired, views};
use nuages::{FormData, Routes};
use poem::endpoint::make;
use poem::{FromRequest, IntoEndpoint, Request, Response};

/// `login`, `logout` and `sessions`: `.include("/accounts/", nuages_auth::urls::<User>())`.
pub fn urls<U: AbstractUser>() -> Routes {
    Routes::new()
        .path("login/", login::<U>(), "login")
        .login_not_required()
        .path("logout/", logout(), "logout")
        .include("", session_urls::<U>())
}

/// `sessions` alone, where users see and end their sessions, for a site with a login of its own.
pub fn session_urls<U: AbstractUser>() -> Routes {
    Routes::new().path("sessions/", sessions::<U>(), "sessions")
}

/// `accounts:signup` and `accounts:profile`, for a site that has no such views of its own.
pub fn account_urls<U: AbstractUser>() -> Routes {
    let open = Routes::new().app_name("accounts").path("signup/", signup::<U>(), "signup");
    open.login_not_required().path(
        "profile/",
        make(async |request: Request| views::profile::<U>(&request).await),
        "profile",
    )
}

fn login<U: AbstractUser>() -> impl IntoEndpoint<Endpoint: 'static> {
    make(async |request: Request| -> poem::Result<Response> {
        let (request, data) = form_of(request).await?;
        Ok(views::login::<U>(&request, data).await?)
    })
}

fn logout() -> impl IntoEndpoint<Endpoint: 'static> {
    make(async |request: Request| -> poem::Result<Response> {
        let (request, data) = form_of(request).await?;
        Ok(views::logout(&request, data).await?)
    })
}

fn sessions<U: AbstractUser>() -> impl IntoEndpoint<Endpoint: 'static> {
    make(async |request: Request| -> poem::Result<Response> {
        let (request, data) = form_of(request).await?;
        Ok(views::sessions::<U>(&request, &data).await?)
    })
}

fn signup<U: AbstractUser>() -> impl IntoEndpoint<Endpoint: 'static> {
    make(async |request: Request| -> poem::Result<Response> {
        let (request, data) = form_of(request).await?;
        Ok(views::signup::<U>(&request, data).await?)
    })
}

async fn form_of(request: Request) -> poem::Result<(Request, FormData)> {
    let (request, mut body) = request.split();
    let data = FormData::from_request(&request, &mut body).await?;
    Ok((request, data))
}
