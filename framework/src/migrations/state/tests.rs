use super::super::{Migration, key_of, user};
use super::*;

fn replay(migration: &Migration) -> Result<State, String> {
    let user = UserTable {
        app: "people",
        model: "Person",
        table: "people_person",
        key: "id",
        login: "name",
        kind: Kind::Uuid,
    };
    let mut state = State::default();
    for operation in migration.operations() {
        state.apply("blog", operation, Some(&user))?;
    }
    Ok(state)
}

fn posts() -> Migration {
    Migration::new("0001_initial").create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200);
    })
}

#[test]
fn a_foreign_key_has_the_type_of_the_key_it_points_to() {
    let migration = posts().create_table("blog_comment", |table| {
        table.foreign_key("author_id", user());
        table.foreign_key("title", key_of("blog", "blog_post", "title"));
    });
    let state = replay(&migration).unwrap();
    let kinds: Vec<_> =
        state.table("blog_comment").unwrap().columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Kind::Uuid, Kind::Char(200)]);
}

#[test]
fn a_column_that_is_added_altered_and_dropped_leaves_nothing() {
    let there_and_back = posts()
        .add_column("blog_post", |column| column.text("slug").null())
        .alter_column("blog_post", |column| column.text("slug").max_length(50))
        .unique_lower("blog_post", "slug")
        .drop_column("blog_post", "slug");
    assert_eq!(replay(&there_and_back), replay(&posts()));
}

#[test]
fn a_table_that_is_made_twice_is_an_error() {
    let twice = posts().create_table("blog_post", |_| ());
    assert!(replay(&twice).unwrap_err().contains("already made by app `blog`"));
}

#[test]
fn an_unknown_target_names_the_missing_dependency() {
    let migration = posts().add_column("blog_post", |column| {
        column.foreign_key("item_id", key_of("shop", "shop_item", "id")).null()
    });
    assert!(replay(&migration).unwrap_err().contains(".depends_on(\"shop\""));
}

#[test]
fn a_misspelt_column_is_an_error() {
    let migration = posts().drop_column("blog_post", "titel");
    assert_eq!(replay(&migration).unwrap_err(), "the table `blog_post` has no column `titel`");
}

#[test]
fn a_table_that_others_point_to_cannot_be_dropped() {
    let migration = posts().create_table("blog_comment", |table| {
        table.big_auto("id");
        table.foreign_key("post_id", super::super::table_of("blog", "blog_post"));
    });
    let error = replay(&migration.drop_table("blog_post")).unwrap_err();
    assert!(error.contains("`blog_comment` still points to `blog_post`"), "{error}");
}
