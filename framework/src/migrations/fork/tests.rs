use super::*;
use crate::migrations::{Migration, TableBuilder};

fn post(table: &mut TableBuilder) {
    table.for_model("Post").big_auto("id");
    table.text("title").max_length(200);
    table.text("body").null();
}

fn next(name: &str) -> Migration {
    Migration::new(name).depends_on("blog", "0001_initial")
}

fn with_graph<T>(one: Migration, other: Migration, look: impl FnOnce(&Graph<'_>) -> T) -> T {
    let initial = Migration::new("0001_initial").create_table("blog_post", post);
    let blog = [initial, one, other];
    look(&Graph::new([("blog", &blog[..])], None).unwrap())
}

fn merged(one: Migration, other: Migration) -> Result<()> {
    with_graph(one, other, |graph| graph.check_merge(&graph.fork("blog").unwrap()))
}

fn refusal(one: Migration, other: Migration) -> String {
    merged(one, other).unwrap_err().to_string()
}

#[test]
fn a_fork_begins_after_the_last_migration_in_common() {
    with_graph(next("0002_a"), next("0002_b"), |graph| {
        assert_eq!(graph.fork("blog").unwrap().branches, [[1], [2]]);
        assert_eq!(graph.fork("shop"), None);
    });
}

#[test]
fn two_ends_are_refused_with_both_files_and_the_command() {
    let text =
        with_graph(next("0002_a"), next("0002_b"), |graph| graph.check_forks().unwrap_err().to_string());
    for word in ["m0002_a.rs", "m0002_b.rs", "makemigrations --merge"] {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn one_that_follows_the_other_is_no_fork() {
    let later = Migration::new("0003_b").depends_on("blog", "0002_a");
    with_graph(next("0002_a"), later, |graph| {
        graph.check_forks().unwrap();
        assert_eq!(graph.fork("blog"), None);
    });
    with_graph(Migration::new("0002_a"), Migration::new("0003_b"), |graph| graph.check_forks().unwrap());
}

#[test]
fn branches_that_change_different_things_can_be_merged() {
    let slug = || next("0002_a").add_column("blog_post", |column| column.text("slug").null());
    let tags = |table: &mut TableBuilder| _ = table.big_auto("id");
    merged(slug(), next("0002_b").create_table("blog_tag", tags)).unwrap();
    merged(slug(), next("0002_b").add_column("blog_post", |column| column.text("mood").null())).unwrap();
    merged(slug(), next("0002_b").alter_column("blog_post", |column| column.text("title"))).unwrap();
    merged(slug(), next("0002_b").add_index("blog_post", ["title"])).unwrap();
    merged(slug(), next("0002_b").rename_column("blog_post", "title", "headline")).unwrap();
}

#[test]
fn branches_that_change_the_same_column_are_refused_by_its_name() {
    let longer = || next("0002_a").alter_column("blog_post", |column| column.text("title"));
    let null = next("0002_b").alter_column("blog_post", |column| column.text("title").max_length(200).null());
    let text = refusal(longer(), null);
    assert!(
        text.contains("blog.0002_a and blog.0002_b cannot be merged: both change `title` of `blog_post`"),
        "{text}"
    );
    for other in [
        next("0002_b").drop_column("blog_post", "title"),
        next("0002_b").rename_column("blog_post", "title", "headline"),
    ] {
        let text = refusal(longer(), other);
        assert!(text.contains("the table `blog_post` has no column `title`"), "{text}");
    }
}

#[test]
fn branches_that_make_the_same_are_refused() {
    let slug = |name| next(name).add_column("blog_post", |column| column.text("slug").null());
    assert!(refusal(slug("0002_a"), slug("0002_b")).contains("has two columns `slug`"));
    let tags = |name| next(name).create_table("blog_tag", |table| _ = table.big_auto("id"));
    assert!(refusal(tags("0002_a"), tags("0002_b")).contains("the table `blog_tag` is already made"));
}

#[test]
fn branches_that_order_rows_in_two_ways_are_refused() {
    let text = refusal(
        next("0002_a").ordering("blog_post", ["title"]),
        next("0002_b").ordering("blog_post", ["-id"]),
    );
    assert!(text.contains("both change the ordering of `blog_post`"), "{text}");
}

#[test]
fn a_table_that_is_renamed_or_dropped_by_one_side_cannot_be_changed_by_the_other() {
    let slug = || next("0002_b").add_column("blog_post", |column| column.text("slug").null());
    for one in [
        next("0002_a").rename_table("blog_post", "blog_article", "Article"),
        next("0002_a").drop_table("blog_post"),
    ] {
        let text = refusal(one, slug());
        assert!(text.contains("there is no table `blog_post` at this point"), "{text}");
    }
}
