//! Users that move, and what points to them.

use super::*;
use crate::migrations::Graph;
use crate::migrations::write::swaps::swap;

/// The users have moved to a model that no migration makes yet, and the posts point to them.
#[test]
fn new_users_that_others_point_to_already_get_their_first_migration() {
    let create = |table: &mut TableBuilder| {
        table.for_model("Post").big_auto("id");
        table.foreign_key("author_id", user());
    };
    let site = || {
        let blog = Migration::new("0001_initial").depends_on_user().create_table("blog_post", create);
        Site(vec![("accounts", vec![]), ("blog", vec![blog])])
    };
    let change = one(&site(), "accounts", vec![model("accounts", "User", users)]);
    assert!(change.text.contains("create_table(\"accounts_user\""), "{}", change.text);
    let refused = made(&site(), vec![("blog", vec![])]).unwrap_err();
    assert!(refused.to_string().contains("run `makemigrations accounts`"), "{refused}");
}

/// After the users have moved, the table of `liked_by` names its column after the new model, as the model wants it.
#[test]
fn the_columns_of_many_to_many_fields_follow_the_users() {
    let former = |table: &mut TableBuilder| {
        table.for_model("Member").big_auto("id");
        users(table);
    };
    let likes = |column: &'static str| {
        move |table: &mut TableBuilder| {
            table.for_model("Post_liked_by").big_auto("id");
            table.foreign_key("post_id", table_of("blog", "blog_post"));
            table.foreign_key(column, user());
            table.unique_together(["post_id", column]);
        }
    };
    let blog = Migration::new("0001_initial")
        .depends_on_user()
        .create_table("blog_post", |table| {
            table.for_model("Post").big_auto("id");
            table.text("title");
        })
        .create_table("blog_post_liked_by", likes("member_id"));
    let club = ("club", vec![Migration::new("0001_initial").create_table("club_member", former)]);
    let site = Site(vec![club, accounts(), ("blog", vec![blog])]);
    let old = Graph::of(&site).unwrap().state(|_| true).unwrap().table("club_member").unwrap().clone();
    let mut between = TableBuilder::new("blog_post_liked_by");
    likes("user_id")(&mut between);
    let between = Table { app: "blog".into(), ..between.build() };
    let models = vec![("blog", vec![model("blog", "Post", |_| {}), between])];
    let changes = swap(&site, "club.Member", &old, models).unwrap();
    assert_eq!(
        changes.iter().map(Change::file).collect::<Vec<_>>(),
        [
            "src/accounts/migrations/m0002_swap_user_from_club_member.rs",
            "src/blog/migrations/m0002_rename_member_id_post_liked_by_user_id.rs",
        ]
    );
    let text = &changes[1].text;
    assert!(text.contains(".depends_on(\"accounts\", \"0002_swap_user_from_club_member\")\n"), "{text}");
    assert!(text.contains(".rename_column(\"blog_post_liked_by\", \"member_id\", \"user_id\")"), "{text}");
    assert!(!text.contains("title"), "what else has changed is not touched: {text}");
    assert_formatted(text);
}
