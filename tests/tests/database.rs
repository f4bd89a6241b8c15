//! What goes into the database, and what comes out of it.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::chrono::{DateTime, Utc};
use nuages::db::sea_query::Query;
use nuages::serde_json::json;
use nuages::{Database, Error, Model};
use nuages_tests::kind::Kind;
use nuages_tests::site::{self, Everything, Post, User};
use nuages_tests::table;

nuages_tests::promises!(
    every_kind_of_column_gives_back_what_it_got,
    null_comes_back_as_none,
    extreme_values_survive,
    filters_find_what_they_say,
    an_escaped_letter_stands_for_itself,
    rows_come_in_the_order_that_was_asked_for,
    limit_and_offset_cut_a_piece_out,
    a_piece_is_counted_but_neither_changed_nor_deleted,
    who_has_nothing_there_is_not_excluded,
    get_wants_exactly_one,
    counting_and_asking_whether_there_is_any,
    update_and_delete_touch_only_what_was_filtered,
    select_related_loads_the_row_behind_a_key,
    a_deleted_row_takes_or_frees_those_that_point_to_it,
    a_save_writes_and_never_brings_a_row_back,
    a_save_that_changes_nothing_finds_its_row,
    an_insert_answers_the_key_that_was_counted_up,
    texts_are_the_same_letter_for_letter,
    a_unique_violation_is_known_as_one,
    a_key_that_points_nowhere_is_refused,
    a_text_that_is_too_long_is_no_surprise,
    moments_are_compared_as_moments,
    plain_sqlx_reads_a_model,
);

/// A moment that every database can hold: microseconds.
fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn usual() -> Everything {
    Everything::usual()
}

async fn round_trip(db: &Database, row: Everything) {
    let created = row.create(db).await.unwrap();
    assert_eq!(Everything::find(db, &created.id).await.unwrap(), created);
}

async fn every_kind_of_column_gives_back_what_it_got(on: Kind) {
    round_trip(site::client(on).await.db(), usual()).await;
}

async fn null_comes_back_as_none(on: Kind) {
    round_trip(site::client(on).await.db(), Everything::nothing()).await;
}

async fn extreme_values_survive(on: Kind) {
    let client = site::client(on).await;
    let low = Everything { small: i16::MIN, integer: i32::MIN, big: i64::MIN, double: f64::MIN, ..usual() };
    let high = Everything { small: i16::MAX, integer: i32::MAX, big: i64::MAX, double: f64::MAX, ..usual() };
    let tiny =
        Everything { double: f64::MIN_POSITIVE, moment: moment("1000-01-01T00:00:00.000001Z"), ..usual() };
    let infinite = Everything { double: f64::INFINITY, ..usual() };
    let late = Everything { moment: moment("9999-12-31T23:59:59.999999Z"), ..usual() };
    let large =
        Everything { text: "é".repeat(500_000), bytes: vec![7; 1_000_000], json: json!(null), ..usual() };
    for row in [low, high, tiny, late, large] {
        round_trip(client.db(), row).await;
    }
    match on.knows_infinity() {
        true => round_trip(client.db(), infinite).await,
        false => drop(infinite.create(client.db()).await.unwrap_err()),
    }
}

/// Posts called so, all by one author.
async fn posts(client: &nuages::test::Client, titles: &[&str]) -> User {
    let ann = site::user(client, "ann").await;
    for title in titles {
        Post::new(&ann, title).create(client.db()).await.unwrap();
    }
    ann
}

async fn titles(query: nuages::QuerySet<Post>) -> Vec<String> {
    let posts = query.order_by(Post::ID.asc()).all().await.unwrap();
    posts.into_iter().map(|post| post.title).collect()
}

async fn filters_find_what_they_say(on: Kind) {
    let client = site::client(on).await;
    let ann = posts(&client, &["a", "b", "c", "d"]).await;
    let all = || Post::objects(client.db());
    let is = |title: &str| Post::TITLE.eq(title);
    assert_eq!(titles(all().filter(is("a") | is("c"))).await, ["a", "c"]);
    assert_eq!(titles(all().filter((is("a") | is("b")) & !is("a"))).await, ["b"]);
    assert_eq!(titles(all().filter(is("a")).filter(is("b"))).await, Vec::<String>::new());
    assert_eq!(titles(all().exclude(is("a") | is("b"))).await, ["c", "d"]);
    assert_eq!(titles(all().filter(is("a") | is("b") & is("c"))).await, ["a"]);
    assert_eq!(titles(all().filter(Post::TITLE.gt("a") & Post::TITLE.lte("c"))).await, ["b", "c"]);
    assert_eq!(titles(all().filter(Post::TITLE.gte("b") & Post::TITLE.lt("c"))).await, ["b"]);
    assert_eq!(titles(all().filter(Post::TITLE.is_in(["d", "a", "z"]))).await, ["a", "d"]);
    assert_eq!(titles(all().filter(Post::TITLE.is_in(Vec::<String>::new()))).await, Vec::<String>::new());
    assert_eq!(titles(all().exclude(Post::TITLE.is_in(Vec::<String>::new()))).await.len(), 4);
    assert_eq!(
        titles(all().filter(Post::AUTHOR.eq(ann.id) & Post::EDITOR.is_null() & Post::TITLE.ne("a")))
            .await
            .len(),
        3
    );
    assert_eq!(titles(all().filter(is("' OR 1=1 --"))).await, Vec::<String>::new());
}

async fn an_escaped_letter_stands_for_itself(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["100%", "100x", "a_b", "axb", "c\\d", "c\\\\d", "plain"]).await;
    let has = |text| Post::objects(client.db()).filter(Post::TITLE.contains(text));
    assert_eq!(titles(has("0%")).await, ["100%"]);
    assert_eq!(titles(has("a_b")).await, ["a_b"]);
    assert_eq!(titles(has("c\\d")).await, ["c\\d"]);
    assert_eq!(titles(has("\\")).await, ["c\\d", "c\\\\d"]);
    assert_eq!(titles(has("")).await.len(), 7);
    let begins = |text| Post::objects(client.db()).filter(Post::TITLE.startswith(text));
    assert_eq!(titles(begins("100%")).await, ["100%"]);
    assert_eq!(titles(begins("_")).await, Vec::<String>::new());
}

async fn rows_come_in_the_order_that_was_asked_for(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["b", "c", "a"]).await;
    table::run(client.db(), "UPDATE blog_post SET body = 'same'").await;
    let titles = async |query: nuages::QuerySet<Post>| -> Vec<String> {
        query.all().await.unwrap().into_iter().map(|post| post.title).collect()
    };
    let all = || Post::objects(client.db());
    assert_eq!(titles(all()).await, ["a", "c", "b"], "the newest first: the model's own ordering");
    assert_eq!(titles(all().order_by(Post::TITLE.asc())).await, ["a", "b", "c"]);
    assert_eq!(titles(all().order_by(Post::BODY.asc()).order_by(Post::TITLE.desc())).await, ["c", "b", "a"]);
}

async fn limit_and_offset_cut_a_piece_out(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a", "b", "c", "d"]).await;
    let all = || Post::objects(client.db());
    assert_eq!(titles(all().limit(2)).await, ["a", "b"]);
    assert_eq!(titles(all().limit(2).offset(1)).await, ["b", "c"]);
    assert_eq!(titles(all().offset(3)).await, ["d"]);
    assert_eq!(titles(all().limit(0)).await, Vec::<String>::new());
    assert_eq!(titles(all().limit(9).offset(9)).await, Vec::<String>::new());
}

async fn a_piece_is_counted_but_neither_changed_nor_deleted(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a", "b", "c"]).await;
    let all = || Post::objects(client.db());
    assert_eq!((all().limit(2).count().await.unwrap(), all().offset(1).count().await.unwrap()), (2, 2));
    assert!(!all().limit(0).exists().await.unwrap() && !all().offset(3).exists().await.unwrap());
    assert!(matches!(all().limit(1).delete().await, Err(Error::Refused(_))));
    assert!(matches!(all().offset(1).update([Post::BODY.set("x")]).await, Err(Error::Refused(_))));
    assert_eq!(all().update([]).await.unwrap(), 3);
    assert!(all().offset(u64::MAX).limit(u64::MAX).all().await.unwrap().is_empty());
}

async fn who_has_nothing_there_is_not_excluded(on: Kind) {
    let client = site::client(on).await;
    site::user(&client, "ann").await;
    let others = User::objects(client.db()).exclude(User::NICKNAME.eq("troll"));
    assert_eq!(others.count().await.unwrap(), 1);
}

async fn get_wants_exactly_one(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a", "b"]).await;
    let all = || Post::objects(client.db());
    assert_eq!(all().get(Post::TITLE.eq("a")).await.unwrap().title, "a");
    assert!(matches!(all().get(Post::TITLE.eq("z")).await, Err(Error::DoesNotExist("Post"))));
    assert!(matches!(all().get(Post::BODY.eq("")).await, Err(Error::MultipleObjects("Post"))));
    assert!(matches!(Post::find(client.db(), &99).await, Err(Error::DoesNotExist("Post"))));
    assert!(all().filter(Post::TITLE.eq("z")).first().await.unwrap().is_none());
}

async fn counting_and_asking_whether_there_is_any(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a", "b", "c"]).await;
    let some = || Post::objects(client.db()).filter(Post::TITLE.ne("c"));
    let none = || Post::objects(client.db()).filter(Post::TITLE.eq("z"));
    assert_eq!((some().count().await.unwrap(), none().count().await.unwrap()), (2, 0));
    assert_eq!((some().exists().await.unwrap(), none().exists().await.unwrap()), (true, false));
}

async fn update_and_delete_touch_only_what_was_filtered(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a", "b", "c"]).await;
    let all = || Post::objects(client.db());
    assert_eq!(all().filter(Post::TITLE.ne("c")).update([Post::BODY.set("new")]).await.unwrap(), 2);
    assert_eq!(titles(all().filter(Post::BODY.eq("new"))).await, ["a", "b"]);
    assert_eq!(all().filter(Post::TITLE.eq("a")).delete().await.unwrap(), 1);
    assert_eq!(
        (titles(all()).await, all().filter(Post::TITLE.eq("a")).delete().await.unwrap()),
        (vec!["b".into(), "c".into()], 0)
    );
}

async fn select_related_loads_the_row_behind_a_key(on: Kind) {
    let client = site::client(on).await;
    let ann = posts(&client, &["a", "b"]).await;
    let bob = site::user(&client, "bob").await;
    let edited = Post::objects(client.db()).filter(Post::TITLE.eq("b"));
    edited.update([Post::EDITOR.set(bob.id)]).await.unwrap();
    let query = || Post::objects(client.db()).order_by(Post::TITLE.asc());
    let found = query().select_related(Post::AUTHOR).select_related(Post::EDITOR).all().await.unwrap();
    assert!(found.iter().all(|post| post.author.row().unwrap().username == "ann"));
    assert!(found[0].editor.is_none());
    assert_eq!(found[1].editor.as_ref().unwrap().row().unwrap().username, "bob");
    let bare = query().all().await.unwrap();
    assert!(bare[1].author.row().is_none() && bare[1].editor.as_ref().unwrap().row().is_none());
    assert_eq!(bare[0].author.fetch(client.db()).await.unwrap().id, ann.id);
    let first = query().select_related(Post::EDITOR).get(Post::TITLE.eq("b")).await.unwrap();
    assert_eq!(first.editor.unwrap().row().unwrap().id, bob.id);
}

async fn a_deleted_row_takes_or_frees_those_that_point_to_it(on: Kind) {
    let client = site::client(on).await;
    let ann = posts(&client, &["a"]).await;
    let bob = site::user(&client, "bob").await;
    Post::objects(client.db()).update([Post::EDITOR.set(bob.id)]).await.unwrap();
    assert!(bob.delete(client.db()).await.unwrap());
    let post = Post::objects(client.db()).get(Post::TITLE.eq("a")).await.unwrap();
    assert!(post.editor.is_none());
    assert!(ann.delete(client.db()).await.unwrap() && !ann.delete(client.db()).await.unwrap());
    assert_eq!(Post::objects(client.db()).count().await.unwrap(), 0);
}

async fn a_save_writes_and_never_brings_a_row_back(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a"]).await;
    let mut post = Post::objects(client.db()).get(Post::TITLE.eq("a")).await.unwrap();
    post.title = "b".into();
    post.save(client.db()).await.unwrap();
    assert_eq!(Post::find(client.db(), &post.id).await.unwrap().title, "b");
    post.delete(client.db()).await.unwrap();
    assert!(matches!(post.save(client.db()).await, Err(Error::DoesNotExist("Post"))));
    assert_eq!(Post::objects(client.db()).count().await.unwrap(), 0);
}

async fn a_save_that_changes_nothing_finds_its_row(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a"]).await;
    let mut post = Post::objects(client.db()).get(Post::TITLE.eq("a")).await.unwrap();
    post.save(client.db()).await.unwrap();
    let same = Post::objects(client.db()).update([Post::TITLE.set("a")]).await.unwrap();
    assert_eq!(same, 1, "it counts what it finds, not what is different afterwards");
}

async fn an_insert_answers_the_key_that_was_counted_up(on: Kind) {
    let client = site::client(on).await;
    let group = |name: &str| {
        let group = Query::insert().into_table("auth_group").columns(["name"]).take();
        group.to_owned().values_panic([name.into()]).take()
    };
    let first: i32 = client.db().insert(&group("a"), "id").await.unwrap();
    let inside = client.db().transaction(async |db| db.insert::<i64>(&group("b"), "id").await);
    assert_eq!(inside.await.unwrap(), i64::from(first) + 1);
    assert!(client.db().insert::<i32>(&group("a"), "id").await.unwrap_err().is_unique_violation());
    let names = table::texts(client.db(), "auth_group", "id || name").await;
    assert_eq!(names.len(), 2);
    assert!(names.contains(&format!("{first}a")), "{names:?}");
}

async fn texts_are_the_same_letter_for_letter(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["e", "E", "é", "e\u{301}", "ß", "ss", "🎸", "🎺"]).await;
    for title in ["e", "E", "é", "e\u{301}", "ß", "ss", "🎸", "🎺"] {
        assert_eq!(titles(Post::objects(client.db()).filter(Post::TITLE.eq(title))).await, [title]);
    }
    let spaced = Post::objects(client.db()).filter(Post::TITLE.eq("e ")).exists().await.unwrap();
    assert_eq!(spaced, !on.sees_spaces_at_the_end());
}

async fn a_unique_violation_is_known_as_one(on: Kind) {
    let client = site::client(on).await;
    let ann = posts(&client, &["a", "b"]).await;
    let again = Post::new(&ann, "a").create(client.db()).await.unwrap_err();
    assert!(again.is_unique_violation(), "{again}");
    let mut b = Post::objects(client.db()).get(Post::TITLE.eq("b")).await.unwrap();
    b.title = "a".into();
    assert!(b.save(client.db()).await.unwrap_err().is_unique_violation());
    let other = client.db().execute_sql("SELECT nothing FROM nowhere").await.unwrap_err();
    assert!(!other.is_unique_violation());
}

async fn a_key_that_points_nowhere_is_refused(on: Kind) {
    let client = site::client(on).await;
    let mut ghost = posts(&client, &[]).await;
    ghost.fields.id = 999;
    let error = Post::new(&ghost, "a").create(client.db()).await.unwrap_err();
    assert!(!error.is_unique_violation() && error.status().as_u16() == 500, "{error}");
}

async fn a_text_that_is_too_long_is_no_surprise(on: Kind) {
    let client = site::client(on).await;
    let ann = posts(&client, &[]).await;
    let long = Post::new(&ann, &"é".repeat(200)).create(client.db()).await.unwrap();
    assert_eq!(Post::find(client.db(), &long.id).await.unwrap().title.chars().count(), 200);
    let longer = Post::new(&ann, &"é".repeat(201)).create(client.db()).await;
    // SQLite counts no letters; nobody cuts them off.
    assert_eq!(longer.is_ok(), on == Kind::Sqlite);
    assert!(longer.is_err() || longer.unwrap().title.chars().count() == 201);
}

async fn moments_are_compared_as_moments(on: Kind) {
    let client = site::client(on).await;
    let moments = [
        "2030-01-02T03:04:05Z",
        "2030-01-02T03:04:05.000001Z",
        "2030-01-02T03:04:06Z",
        "2029-12-31T23:59:59.999999Z",
    ];
    for text in moments {
        Everything { moment: moment(text), ..usual() }.create(client.db()).await.unwrap();
    }
    let all = || Everything::objects(client.db());
    let after = all().filter(Everything::MOMENT.gt(moment(moments[0]))).count().await.unwrap();
    let same = all().filter(Everything::MOMENT.eq(moment(moments[0]))).count().await.unwrap();
    assert_eq!((after, same), (2, 1));
    let in_order = all().order_by(Everything::MOMENT.asc()).all().await.unwrap();
    let in_order: Vec<_> = in_order.into_iter().map(|row| row.moment).collect();
    assert_eq!(in_order, [3, 0, 1, 2].map(|at| moment(moments[at])));
    if on == Kind::Sqlite {
        let text = table::texts(client.db(), "blog_everything", "moment").await;
        assert_eq!(text[..2], ["2030-01-02 03:04:05", "2030-01-02 03:04:05.000001"], "Django's form");
    }
}

async fn plain_sqlx_reads_a_model(on: Kind) {
    let client = site::client(on).await;
    posts(&client, &["a"]).await;
    let sql = "SELECT * FROM blog_post";
    let post: Post = match on {
        Kind::Sqlite => sqlx::query_as(sql).fetch_one(client.db().sqlite().unwrap()).await.unwrap(),
        #[cfg(feature = "postgres")]
        Kind::Postgres => sqlx::query_as(sql).fetch_one(client.db().postgres().unwrap()).await.unwrap(),
        #[cfg(feature = "mysql")]
        Kind::MySql => sqlx::query_as(sql).fetch_one(client.db().mysql().unwrap()).await.unwrap(),
    };
    assert_eq!((post.title.as_str(), post.editor), ("a", None));
}
