//! Users without a flag, a group or a permission, whose keys are UUIDs.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::test::Client;
use nuages_auth::{Group, NewUser, Passwords, UserPermissions, with_perm};
use nuages_tests::bare::{self, Member};
use nuages_tests::kind::Kind;
use nuages_tests::site::PASSWORD;

nuages_tests::promises!(
    who_has_nothing_but_an_address_logs_in,
    where_there_are_no_superusers_nobody_has_a_permission,
    where_there_are_no_groups_nobody_is_put_into_one,
);

async fn signed_in(on: Kind) -> (Client, Member) {
    let client = Client::new(bare::project(on)).await;
    let new = NewUser::<Member>::new("ann@site.example").password(PASSWORD);
    let ann = new.create(client.db(), &Passwords::default()).await.unwrap();
    client.login("ann@site.example", PASSWORD).await.assert_redirect("/accounts/profile/");
    (client, ann)
}

async fn who_has_nothing_but_an_address_logs_in(on: Kind) {
    let (client, ann) = signed_in(on).await;
    client.get("/me/").await.assert_text("ann@site.example");
    let sessions = nuages_tests::table::sessions(client.db()).await;
    assert!(sessions[0].contains(&format!(r#""_auth_user_id":"{}""#, ann.id)), "{sessions:?}");
    client.forget_cookies();
    client.login("Ann@Site.example", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn where_there_are_no_superusers_nobody_has_a_permission(on: Kind) {
    let (client, ann) = signed_in(on).await;
    client.get("/me/").await.assert_text("ann@site.example false");
    client.get("/may/").await.assert_status(403);
    client.assert_num_queries(1, client.get("/perms/")).await.assert_no_text("may ");
    assert!(ann.get_group_permissions(client.db()).await.unwrap().is_empty());
    let found = with_perm::<Member>(client.db(), "members.add_member").unwrap();
    assert!(found.all().await.unwrap().is_empty());
}

async fn where_there_are_no_groups_nobody_is_put_into_one(on: Kind) {
    let (client, ann) = signed_in(on).await;
    let db = client.db();
    let group = Group { name: "editors".into(), ..Group::default() }.create(db).await.unwrap();
    group.add_permission(db, "members.add_member").await.unwrap();
    for error in [
        ann.add_to_group(db, &group).await.unwrap_err(),
        ann.add_permission(db, "members.add_member").await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("`pub is_superuser: bool`"), "{error}");
    }
    assert!(ann.groups(db).all().await.unwrap().is_empty());
}
