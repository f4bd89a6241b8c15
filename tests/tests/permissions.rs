//! What users may do: permissions of their own, of their groups, and those that backends give.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::migrations::migrate;
use nuages::test::Client;
use nuages::{Database, Model};
use nuages_auth::{
    AuthApp, ContentType, ForceLogin, Group, ModelBackend, Permission, UserPermissions, with_perm,
};
use nuages_tests::kind::Kind;
use nuages_tests::press::{self, Editors, NoEdits};
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::User;
use nuages_tests::table;

nuages_tests::promises!(
    migrate_makes_the_permissions_of_every_model,
    migrate_makes_a_permission_once_and_leaves_names_and_strangers_alone,
    eight_who_migrate_at_once_make_each_permission_once,
    a_permission_that_is_gone_is_made_again_after_flush,
    what_is_given_to_a_user_counts_from_the_next_request_on,
    what_is_given_to_a_group_counts_for_its_users,
    a_superuser_may_do_everything_and_an_inactive_one_nothing,
    a_user_may_do_all_of_several_things_or_not,
    a_text_that_names_no_permission_is_an_error_of_the_site,
    a_permission_that_no_model_declares_cannot_be_given,
    the_users_who_may_do_something_are_found,
    what_a_user_may_do_is_asked_for_once_a_request,
    backends_give_permissions_with_an_object,
    a_backend_forbids_what_another_one_gives,
    a_template_knows_what_the_user_may_do,
    a_template_pays_for_permissions_only_if_it_asks_for_them,
    a_template_cannot_list_permissions,
    stale_permissions_are_removed_on_request_alone,
    stale_permissions_of_apps_that_the_site_has_not_stay,
);

async fn names(db: &Database) -> Vec<String> {
    let all = Permission::objects(db).select_related(Permission::CONTENT_TYPE).all().await.unwrap();
    let name = |permission: &Permission| {
        let kind = permission.content_type.row().unwrap();
        format!("{}.{} of {}: {}", kind.app_label, permission.codename, kind.model, permission.name)
    };
    let mut names: Vec<_> = all.iter().map(name).collect();
    names.sort();
    names
}

async fn signed_in(client: &Client, name: &str) -> User {
    let user = press::user(client, name, |_| {}).await;
    client.force_login(&user).await;
    user
}

async fn ask(client: &Client, path: &str) -> String {
    client.get(path).await.assert_ok().text().to_owned()
}

fn run(client: &Client, arguments: &[&str]) -> (i32, String, String) {
    let url = client.settings().database_url.expose();
    let mut command = manage(env!("CARGO_BIN_EXE_site"), url, arguments);
    outcome(&command.env("NUAGES_TEST_SITE", "press").output().unwrap())
}

async fn group(client: &Client, name: &str) -> Group {
    Group { name: name.into(), ..Group::default() }.create(client.db()).await.unwrap()
}

async fn migrate_makes_the_permissions_of_every_model(on: Kind) {
    let client = press::client(on).await;
    let usual = |app: &str, model: &str| {
        let of = |action| format!("{app}.{action}_{model} of {model}: Can {action} {model}");
        ["add", "change", "delete", "view"].map(of)
    };
    let mut expected =
        [usual("accounts", "user"), usual("auth", "group"), usual("auth", "permission")].concat();
    expected.extend(usual("press", "article"));
    expected.push("press.pin_article of article: Can pin article".into());
    expected.push("press.publish_article of article: Can publish article".into());
    expected.push("press.view_printrun of printrun: Can view print run".into());
    expected.sort();
    assert_eq!(names(client.db()).await, expected);
}

async fn migrate_makes_a_permission_once_and_leaves_names_and_strangers_alone(on: Kind) {
    let client = press::client(on).await;
    let db = client.db();
    let row = Permission::objects(db).filter(Permission::CODENAME.eq("pin_article"));
    row.update([Permission::NAME.set("Can nail article")]).await.unwrap();
    let kind = ContentType { id: 0, app_label: "gone".into(), model: "thing".into() };
    let kind = kind.create(db).await.unwrap();
    let old = Permission { id: 0, name: "Can x".into(), content_type: (&kind).into(), codename: "x".into() };
    old.create(db).await.unwrap();
    let before = names(db).await;
    migrate(db, client.apps()).await.unwrap();
    assert_eq!(names(db).await, before);
    assert!(before.contains(&"press.pin_article of article: Can nail article".to_owned()));
    assert!(before.contains(&"gone.x of thing: Can x".to_owned()));
}

async fn eight_who_migrate_at_once_make_each_permission_once(on: Kind) {
    let client = press::client(on).await;
    let expected = names(client.db()).await;
    let url = client.settings().database_url.expose();
    for _ in 0..3 {
        Permission::objects(client.db()).delete().await.unwrap();
        ContentType::objects(client.db()).delete().await.unwrap();
        let one = async || {
            let db = Database::connect(url).await?;
            let done = migrate(&db, client.apps()).await;
            db.close().await;
            done
        };
        for done in futures_util::future::join_all((0..8).map(|_| one())).await {
            done.unwrap();
        }
        assert_eq!(names(client.db()).await, expected);
    }
}

async fn a_permission_that_is_gone_is_made_again_after_flush(on: Kind) {
    let client = press::client(on).await;
    let expected = names(client.db()).await;
    let (code, said, wrong) = run(&client, &["flush", "--noinput"]);
    assert_eq!(code, 0, "{said}{wrong}");
    assert_eq!(names(client.db()).await, expected);
}

async fn what_is_given_to_a_user_counts_from_the_next_request_on(on: Kind) {
    let client = press::client(on).await;
    let ann = signed_in(&client, "ann").await;
    assert_eq!(ask(&client, "/may/press.pin_article/").await, "false");
    assert_eq!(ask(&client, "/may-twice/").await, "false false true", "a user who is loaded anew has it");
    assert_eq!(ask(&client, "/may/press.pin_article/").await, "true");
    assert_eq!(ask(&client, "/may-in/press/").await, "true");
    assert_eq!(ask(&client, "/may-in/pres/").await, "false");
    assert_eq!(ask(&client, "/all/").await, "press.pin_article");
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    ann.remove_permission(client.db(), "press.pin_article").await.unwrap();
    assert_eq!(ask(&client, "/may/press.pin_article/").await, "false");
}

async fn what_is_given_to_a_group_counts_for_its_users(on: Kind) {
    let client = press::client(on).await;
    let db = client.db();
    let (ann, editors) = (signed_in(&client, "ann").await, group(&client, "editors").await);
    editors.add_permission(db, "press.publish_article").await.unwrap();
    group(&client, "readers").await.add_permission(db, "press.view_article").await.unwrap();
    assert_eq!(ask(&client, "/may/press.publish_article/").await, "false");
    ann.add_to_group(db, &editors).await.unwrap();
    ann.add_permission(db, "press.pin_article").await.unwrap();
    assert_eq!(ask(&client, "/may/press.publish_article/").await, "true");
    assert_eq!(ask(&client, "/all/").await, "press.pin_article press.publish_article");
    let by_groups = ann.get_group_permissions(db).await.unwrap();
    assert_eq!(by_groups.iter().collect::<Vec<_>>(), ["press.publish_article"]);
    let groups = ann.groups(db).all().await.unwrap();
    assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["editors"]);
    editors.remove_permission(db, "press.publish_article").await.unwrap();
    assert_eq!(ask(&client, "/may/press.publish_article/").await, "false");
    editors.add_permission(db, "press.publish_article").await.unwrap();
    ann.remove_from_group(db, &editors).await.unwrap();
    assert_eq!(ask(&client, "/all/").await, "press.pin_article");
}

async fn a_superuser_may_do_everything_and_an_inactive_one_nothing(on: Kind) {
    let client = press::client(on).await;
    let mut root = press::user(&client, "root", |user| user.is_superuser = true).await;
    client.force_login(&root).await;
    let everything = names(client.db()).await.len();
    assert_eq!(ask(&client, "/may/press.publish_article/").await, "true");
    assert_eq!(ask(&client, "/may/press.burn_article/").await, "true");
    assert_eq!(ask(&client, "/may-in/shop/").await, "true");
    assert_eq!(ask(&client, "/all/").await.split(' ').count(), everything);
    assert_eq!(root.get_group_permissions(client.db()).await.unwrap().iter().count(), everything);
    let all = AuthApp::new().backends(vec![Box::new(nuages_auth::AllowAllUsersModelBackend)]);
    let lax = Client::new(press::project(on, all)).await;
    root.is_active = false;
    let root = root.create(lax.db()).await.unwrap();
    root.add_permission(lax.db(), "press.pin_article").await.unwrap();
    let backend = "django.contrib.auth.backends.AllowAllUsersModelBackend";
    lax.force_login_by(&root, backend).await;
    assert_eq!(ask(&lax, "/me/").await, "root");
    assert_eq!(ask(&lax, "/may/press.pin_article/").await, "false");
    assert_eq!((ask(&lax, "/may-in/press/").await, ask(&lax, "/all/").await), ("false".into(), "".into()));
    assert!(root.get_group_permissions(lax.db()).await.unwrap().is_empty());
    lax.get("/template/perms/").await.assert_no_text("may ");
}

async fn a_user_may_do_all_of_several_things_or_not(on: Kind) {
    let client = press::client(on).await;
    let ann = signed_in(&client, "ann").await;
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    assert_eq!(ask(&client, "/may-all/press.pin_article,press.publish_article/").await, "false");
    ann.add_permission(client.db(), "press.publish_article").await.unwrap();
    assert_eq!(ask(&client, "/may-all/press.pin_article,press.publish_article/").await, "true");
}

async fn a_text_that_names_no_permission_is_an_error_of_the_site(on: Kind) {
    let client = press::client(on).await;
    let root = press::user(&client, "root", |user| user.is_superuser = true).await;
    client.force_login(&root).await;
    for path in ["/may/publish/", "/may/.publish/", "/may/press./", "/for/nonsense/", "/in/perm/publish/"] {
        client.get(path).await.assert_status(500).assert_text("names no permission");
    }
    assert!(with_perm::<User>(client.db(), "publish").is_err());
}

async fn a_permission_that_no_model_declares_cannot_be_given(on: Kind) {
    let client = press::client(on).await;
    let ann = press::user(&client, "ann", |_| {}).await;
    let error = ann.add_permission(client.db(), "press.burn_article").await.unwrap_err().to_string();
    assert!(error.contains("no permission `press.burn_article`") && error.contains("`migrate`"), "{error}");
    assert!(group(&client, "a").await.add_permission(client.db(), "shop.pin_article").await.is_err());
}

async fn the_users_who_may_do_something_are_found(on: Kind) {
    let client = press::client(on).await;
    let db = client.db();
    let editors = group(&client, "editors").await;
    editors.add_permission(db, "press.pin_article").await.unwrap();
    let by_group = press::user(&client, "by_group", |_| {}).await;
    by_group.add_to_group(db, &editors).await.unwrap();
    for (name, active) in [("by_user", true), ("inactive", false)] {
        let user = press::user(&client, name, |user| user.is_active = active).await;
        user.add_permission(db, "press.pin_article").await.unwrap();
    }
    press::user(&client, "nobody", |_| {}).await;
    press::user(&client, "root", |user| user.is_superuser = true).await;
    let found =
        with_perm::<User>(db, "press.pin_article").unwrap().order_by(User::USERNAME.asc()).all().await;
    let found: Vec<_> = found.unwrap().iter().map(|user| user.username.clone()).collect();
    assert_eq!(found, ["by_group", "by_user", "root"]);
}

async fn what_a_user_may_do_is_asked_for_once_a_request(on: Kind) {
    let client = press::client(on).await;
    let ann = signed_in(&client, "ann").await;
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    let perms = ["press.pin_article"; 5].join(",");
    client.assert_num_queries(2, client.get(&format!("/may-all/{perms}/"))).await.assert_text("true");
    let root = press::user(&client, "root", |user| user.is_superuser = true).await;
    client.force_login(&root).await;
    client.assert_num_queries(1, client.get(&format!("/may-all/{perms}/"))).await.assert_text("true");
}

async fn with_backends(on: Kind, auth: AuthApp<User>) -> (Client, User) {
    let client = Client::new(press::project(on, auth)).await;
    let ann = signed_in(&client, "ann").await;
    (client, ann)
}

async fn backends_give_permissions_with_an_object(on: Kind) {
    let auth = AuthApp::new().backends(vec![Box::new(ModelBackend), Box::new(Editors)]);
    let (client, ann) = with_backends(on, auth).await;
    ann.add_permission(client.db(), "press.publish_article").await.unwrap();
    assert_eq!(ask(&client, "/may-with/ann's/").await, "true");
    assert_eq!(ask(&client, "/may-with/bob's/").await, "false");
    assert_eq!(ask(&client, "/may/press.change_article/").await, "false");
    assert_eq!(ask(&client, "/may/press.pin_article/").await, "true");
    assert_eq!(ask(&client, "/all/").await, "press.pin_article press.publish_article");
    client.get("/template/perms/").await.assert_text("True").assert_text("may publish");
    ann.add_permission(client.db(), "press.change_article").await.unwrap();
    assert_eq!(ask(&client, "/may-with/bob's/").await, "false", "the tables know of no objects");
}

async fn a_backend_forbids_what_another_one_gives(on: Kind) {
    let auth = AuthApp::new().backends(vec![Box::new(NoEdits), Box::new(ModelBackend)]);
    let (client, ann) = with_backends(on, auth).await;
    ann.add_permission(client.db(), "press.change_article").await.unwrap();
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    assert_eq!(ask(&client, "/may/press.change_article/").await, "false");
    assert_eq!(ask(&client, "/may/press.pin_article/").await, "true");
}

async fn a_template_knows_what_the_user_may_do(on: Kind) {
    let client = press::client(on).await;
    client.get("/template/perms/").await.assert_no_text("may ").assert_no_text("is in").assert_text("False");
    let ann = signed_in(&client, "ann").await;
    client.get("/template/perms/").await.assert_no_text("may ").assert_no_text("is in").assert_text("False");
    ann.add_permission(client.db(), "press.publish_article").await.unwrap();
    let page = client.get("/template/perms/").await;
    page.assert_text("may publish").assert_text("publish is in").assert_text("may do something in press");
    page.assert_no_text("shop").assert_no_text("burn").assert_text("False");
    assert!(page.headers("vary").any(|value| value.contains("Cookie")), "the page is the user's own");
    let root = press::user(&client, "root", |user| user.is_superuser = true).await;
    client.force_login(&root).await;
    client
        .get("/template/perms/")
        .await
        .assert_text("may burn")
        .assert_text("something in shop")
        .assert_text("True");
}

async fn a_template_pays_for_permissions_only_if_it_asks_for_them(on: Kind) {
    let client = press::client(on).await;
    client.assert_num_queries(0, client.get("/template/perms/")).await.assert_ok();
    let ann = signed_in(&client, "ann").await;
    client.assert_num_queries(1, client.get("/template/greeting/")).await.assert_text("Hello ann");
    client.assert_num_queries(2, client.get("/template/perms/")).await.assert_ok();
    client
        .assert_num_queries(2, client.get("/template/greeting_with_perms/"))
        .await
        .assert_no_text("publish");
    ann.add_permission(client.db(), "press.publish_article").await.unwrap();
    client
        .assert_num_queries(2, client.get("/template/greeting_with_perms/"))
        .await
        .assert_text("ann, publish");
    client.forget_cookies();
    client.assert_num_queries(0, client.get("/template/greeting_with_perms/")).await.assert_no_text("Hello");
}

async fn a_template_cannot_list_permissions(on: Kind) {
    let client = press::client(on).await;
    client.get("/template/perms_listed/").await.assert_status(500);
}

/// A permission and a content type that no model stands behind any more, which ann and the editors have.
async fn stale(client: &Client, app: &str) -> (User, Group) {
    let db = client.db();
    let kind = ContentType { id: 0, app_label: app.into(), model: "gone".into() };
    let kind = kind.create(db).await.unwrap();
    let article = ContentType::objects(db).get(ContentType::MODEL.eq("article")).await.unwrap();
    let (ann, editors) = (press::user(client, "ann", |_| {}).await, group(client, "editors").await);
    for (kind, codename) in [(&kind, "view_gone"), (&article, "burn_article")] {
        let (name, codename) = ("Can".to_owned(), codename.to_owned());
        Permission { id: 0, name, content_type: kind.into(), codename }.create(db).await.unwrap();
    }
    ann.add_permission(db, &format!("{app}.view_gone")).await.unwrap();
    editors.add_permission(db, "press.burn_article").await.unwrap();
    (ann, editors)
}

async fn stale_permissions_are_removed_on_request_alone(on: Kind) {
    let client = press::client(on).await;
    let expected = names(client.db()).await;
    let (code, said, _) = run(&client, &["remove_stale_permissions", "--noinput"]);
    assert_eq!((code, said.as_str()), (0, "There are no stale permissions.\n"));
    let (ann, editors) = stale(&client, "press").await;
    ann.add_permission(client.db(), "press.pin_article").await.unwrap();
    let (code, said, wrong) = run(&client, &["remove_stale_permissions"]);
    assert!(code == 1 && wrong.contains("--noinput"), "{said}{wrong}");
    for line in [
        "permission press.view_gone (1 users and 0 groups have it)",
        "permission press.burn_article (0 users and 1 groups have it)",
        "content type press.gone",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(names(client.db()).await.len(), expected.len() + 2);
    let (code, said, wrong) = run(&client, &["remove_stale_permissions", "--noinput"]);
    assert!(code == 0 && said.contains("Deleted 2 permissions and 1 content types."), "{said}{wrong}");
    assert_eq!(names(client.db()).await, expected);
    assert_eq!(
        table::texts(client.db(), "accounts_user_user_permissions", "user_id").await,
        [ann.id.to_string()]
    );
    assert!(Group::PERMISSIONS.of(client.db(), &editors).all().await.unwrap().is_empty());
}

async fn stale_permissions_of_apps_that_the_site_has_not_stay(on: Kind) {
    let client = press::client(on).await;
    stale(&client, "shop").await;
    let (code, said, wrong) = run(&client, &["remove_stale_permissions", "--noinput"]);
    assert!(code == 0 && said.contains("Deleted 1 permissions and 0 content types."), "{said}{wrong}");
    let (code, said, wrong) =
        run(&client, &["remove_stale_permissions", "--noinput", "--include-stale-apps"]);
    assert!(code == 0 && said.contains("Deleted 1 permissions and 1 content types."), "{said}{wrong}");
}
