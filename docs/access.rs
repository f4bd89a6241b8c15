//! The chapter of who may see what is made by asking: as a stranger, as a user, as the staff.

#![cfg(test)]

use crate::accounts::{self, User};
use crate::made::assert_written;
use nuages::test::Client;
use nuages::{Project, Routes};
use nuages_auth::{Flag, ForceLogin, NewUser};
use poem::handler;

/// What stands above the table.
const HEAD: &str = "# Who may see what

`cargo run -- routes` lists every path of your site with who may see it, as far as the routes know: what the [wrappers](permissions.md) `login_required`, `staff_required` and
so on ask for, the gates of a site for members, and whether no CSRF token is asked for. `view` stands where the view decides: that may be everybody, or what a parameter
like `CurrentUser<User>` or a `require_perm` inside asks for. So it is the wrappers that make the rule readable from outside. A wrapper has to be the outermost: `login_required(get(view))`,
not `get(login_required(view))`. A guard of your own says for whom it is by `nuages::urls::ViewFor`; in a test, `routes.access()` is the list.

This is a site with the paths of a new one, asked by GET as a stranger, as a user and as one of the staff; `login` is a redirect to the login page, which comes back
afterwards. Where a stranger is sent to log in, a POST is sent there too. `NUAGES_WRITE_PAGES=1 cargo test -p nuages-docs` writes the page, and without the variable the test
fails where the site answers something else.

| path | name | by the route | stranger | user | staff |
|---|---|---|---|---|---|
";

#[handler]
fn index() -> &'static str {
    "Welcome"
}

/// The paths of a new site.
fn routes() -> Routes {
    Routes::new()
        .include("/", Routes::new().app_name("home").path("", index, "index"))
        .include("/accounts/", nuages_auth::all_urls::<User>())
}

async fn visitor(client: &Client, name: &str, is_staff: bool) -> Client {
    let new = NewUser::<User>::new(name).flag(Flag::Staff, is_staff);
    let user = new.create(client.db(), &Default::default()).await.unwrap();
    let visitor = client.another();
    visitor.force_login(&user).await;
    visitor
}

/// What a visitor gets.
async fn asked(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    match answer.location() {
        Some(to) if to.starts_with("/accounts/login/?next=") => {
            client.post(path, &[]).await.assert_redirect(to);
            "login".to_owned()
        }
        Some(to) => format!("to `{to}`"),
        None => answer.status().to_string(),
    }
}

#[tokio::test]
async fn the_page_of_who_may_see_what_says_what_the_site_answers() {
    let project = Project::new(crate::settings::settings())
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<User>())
        .app(accounts::app())
        .urls(routes());
    let stranger = Client::new(project).await;
    let (user, staff) = (visitor(&stranger, "ann", false).await, visitor(&stranger, "boss", true).await);
    let mut page = HEAD.to_owned();
    for access in routes().access() {
        let path = access.path.replace("<str:", "").replace('>', "");
        let answers = [asked(&stranger, &path).await, asked(&user, &path).await, asked(&staff, &path).await];
        let (path, whom) = (access.path, access.whom(&[]));
        page += &format!("| `{path}` | `{}` | {whom} | {} |\n", access.name, answers.join(" | "));
        assert_eq!(
            whom == "login",
            answers[0] == "login",
            "{path}: the route says it where a login is asked for"
        );
    }
    assert_written("access.md", &page);
}
