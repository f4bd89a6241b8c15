//! A site whose users have a key of their own kind, an address, a password, and nothing else.

use crate::kind::Kind;
use crate::site;
use nuages::uuid::Uuid;
use nuages::{App, Migration, Model, Project, Result, Routes, render};
use nuages_auth::{
    self as auth, AbstractUser, AuthApp, CurrentUser, EmailOrUsernameBackend, PasswordHash, UserPermissions,
    permission_required,
};
use poem::{Request, Response, get, handler};

/// Somebody who may log in.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "members")]
#[user(username_field = "email", email_field = "email")]
pub struct Member {
    /// The key, which we make ourselves.
    pub id: Uuid,
    /// What they log in with.
    #[model(max_length = 254, unique)]
    pub email: String,
    /// The hashed password.
    pub password: PasswordHash,
}

/// The site.
pub fn project(on: Kind) -> Project {
    let auth = AuthApp::<Member>::new().backends(vec![Box::new(EmailOrUsernameBackend)]);
    Project::new(site::settings(on, true))
        .templates(nuages::dir!("templates"))
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(auth.app())
        .app(App::new("members").model::<Member>().migrations([members()]))
        .urls(
            Routes::new()
                .include("/accounts/", auth::urls::<Member>())
                .path("me/", get(me), "me")
                .path("perms/", get(perms), "perms")
                .path("may/", permission_required("members.add_member", get(me)), "may"),
        )
}

#[handler]
async fn me(request: &Request, member: CurrentUser<Member>) -> Result<String> {
    let may = member.has_perm(request, "members.add_member").await?;
    Ok(format!("{} {may}", member.email))
}

#[handler]
async fn perms(request: &Request) -> Result<Response> {
    render(request, "perms.html", nuages::context! {}).await
}

fn members() -> Migration {
    Migration::new("0001_initial").depends_on("auth", "0001_initial").create_table(
        "members_member",
        |table| {
            table.for_model("Member");
            table.uuid("id").primary_key();
            table.text("email").max_length(254).unique();
            table.text("password").max_length(128);
        },
    )
}
