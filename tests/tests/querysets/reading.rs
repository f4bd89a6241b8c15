//! What a query answers.

use super::{site, titles, tunes};
use nuages::futures_util::TryStreamExt;
use nuages::{Error, Model, QuerySet};
use nuages_tests::kind::Kind;
use nuages_tests::site::music::*;

nuages_tests::promises!(
    the_first_and_the_last,
    aggregates_of_all_rows,
    aggregates_of_no_rows,
    aggregates_of_a_piece,
    a_sum_that_does_not_fit_is_an_error,
    values_of_columns,
    each_value_once,
    rows_by_their_keys,
    rows_are_held_against_other_writers,
    the_plan_names_the_table,
    a_stream_gives_all_rows_in_order,
    a_stream_may_be_left,
    a_stream_holds_one_connection_and_no_more,
);

fn all(client: &nuages::test::Client) -> QuerySet<Tune> {
    Tune::objects(client.db())
}

async fn the_first_and_the_last(on: Kind) {
    let (client, _) = tunes(on, &["b", "a", "c"]).await;
    let title = |tune: Option<Tune>| tune.map_or_else(|| "none".into(), |tune| tune.title);
    assert_eq!(title(all(&client).first().await.unwrap()), "b");
    assert_eq!(title(all(&client).last().await.unwrap()), "c");
    let by_title = || all(&client).order_by(Tune::PLAYS.asc()).order_by(Tune::TITLE.desc());
    assert_eq!(title(by_title().first().await.unwrap()), "c");
    assert_eq!(title(by_title().last().await.unwrap()), "a");
    assert_eq!(title(by_title().offset(1).first().await.unwrap()), "b");
    assert_eq!(title(all(&client).none().last().await.unwrap()), "none");
    assert_eq!(title(all(&client).limit(0).first().await.unwrap()), "none");
    assert!(matches!(all(&client).limit(2).last().await, Err(Error::Refused(_))));
    let django = Musician::objects(client.db()).last().await.unwrap().unwrap();
    assert_eq!(django.name, "Django Reinhardt", "the model's own ordering turns round too");
}

/// Three tunes with 1, 2 and 6 plays.
async fn played(on: Kind) -> nuages::test::Client {
    let (client, django) = site(on).await;
    let tune = |title: &str, plays, rating| Tune { plays, rating, skips: 1, ..Tune::new(&django, title) };
    let rows = [tune("a", 1, Some(0.5)), tune("b", 2, None), tune("c", 6, Some(2.0))];
    all(&client).bulk_create(rows).await.unwrap();
    client
}

async fn aggregates_of_all_rows(on: Kind) {
    let client = played(on).await;
    assert_eq!(all(&client).aggregate(Tune::PLAYS.sum()).await.unwrap(), Some(9));
    let numbers =
        (Tune::PLAYS.avg(), Tune::PLAYS.min(), Tune::PLAYS.max(), Tune::ID.count(), Tune::SKIPS.sum());
    assert_eq!(all(&client).aggregate(numbers).await.unwrap(), (Some(3.0), Some(1), Some(6), 3, Some(3)));
    let ratings = (Tune::RATING.count(), Tune::RATING.sum(), Tune::RATING.avg(), Tune::RATING.max());
    assert_eq!(all(&client).aggregate(ratings).await.unwrap(), (2, Some(2.5), Some(1.25), Some(2.0)));
    let distinct = (Tune::SKIPS.count_distinct(), Tune::TITLE.count_distinct(), Tune::TITLE.max());
    assert_eq!(all(&client).aggregate(distinct).await.unwrap(), (1, 3, Some("c".into())));
    let newest = all(&client).aggregate(Tune::CREATED_AT.max()).await.unwrap();
    assert_eq!(
        newest,
        all(&client).order_by(Tune::CREATED_AT.asc()).last().await.unwrap().map(|t| t.created_at)
    );
    let some = all(&client).filter(Tune::PLAYS.lt(6)).aggregate((Tune::PLAYS.sum(), Tune::ARRANGER.count()));
    assert_eq!(some.await.unwrap(), (Some(3), 0));
}

async fn aggregates_of_no_rows(on: Kind) {
    let (client, _) = site(on).await;
    let all_of_them = (Tune::PLAYS.sum(), Tune::PLAYS.avg(), Tune::TITLE.min(), Tune::ID.count());
    assert_eq!(all(&client).aggregate(all_of_them).await.unwrap(), (None, None, None, 0));
}

async fn aggregates_of_a_piece(on: Kind) {
    let client = played(on).await;
    let best = || all(&client).order_by(Tune::PLAYS.desc());
    assert_eq!(best().limit(2).aggregate(Tune::PLAYS.sum()).await.unwrap(), Some(8));
    assert_eq!(
        best().offset(2).aggregate((Tune::PLAYS.sum(), Tune::TITLE.min())).await.unwrap(),
        (Some(1), Some("a".into()))
    );
    assert_eq!((best().limit(2).count().await.unwrap(), best().offset(9).count().await.unwrap()), (2, 0));
    assert_eq!(best().limit(u64::MAX).offset(1).count().await.unwrap(), 2);
}

async fn a_sum_that_does_not_fit_is_an_error(on: Kind) {
    let (client, _) = tunes(on, &["a", "b"]).await;
    all(&client).update([Tune::PLAYS.set(i64::MAX)]).await.unwrap();
    assert!(all(&client).aggregate(Tune::PLAYS.sum()).await.is_err());
}

async fn values_of_columns(on: Kind) {
    let client = played(on).await;
    let in_order = || all(&client).order_by(Tune::ID.asc());
    assert_eq!(in_order().values(Tune::TITLE).await.unwrap(), ["a", "b", "c"]);
    assert_eq!(in_order().values(Tune::RATING).await.unwrap(), [Some(0.5), None, Some(2.0)]);
    let pairs = in_order().limit(2).values((Tune::TITLE, Tune::PLAYS)).await.unwrap();
    assert_eq!(pairs, [("a".into(), 1), ("b".into(), 2)]);
    let django = Musician::objects(client.db()).first().await.unwrap().unwrap();
    let keys = in_order().limit(1).values((Tune::COMPOSER, Tune::ARRANGER)).await.unwrap();
    assert_eq!(keys, [(django.id, None)], "of a foreign key the key");
}

async fn each_value_once(on: Kind) {
    let (client, _) = tunes(on, &["b", "a", "b"]).await;
    let mut once = all(&client).distinct().values(Tune::TITLE).await.unwrap();
    once.sort();
    assert_eq!(once, ["a", "b"]);
    let in_order = all(&client).distinct().order_by(Tune::TITLE.desc()).values(Tune::TITLE).await.unwrap();
    assert_eq!(in_order, ["b", "a"]);
    let nicknames = Musician::objects(client.db()).distinct().values(Musician::NICKNAME).await.unwrap();
    assert_eq!(nicknames, [None], "though the model is ordered by another column");
}

async fn rows_by_their_keys(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c"]).await;
    let keys = all(&client).order_by(Tune::ID.asc()).values(Tune::ID).await.unwrap();
    let found = all(&client).in_bulk([keys[2], keys[0], -7]).await.unwrap();
    assert_eq!((found.len(), found[&keys[2]].title.as_str()), (2, "c"));
    let not_a = all(&client).exclude(Tune::TITLE.eq("a")).in_bulk(keys.clone()).await.unwrap();
    assert_eq!(not_a.len(), 2);
    let many = all(&client).in_bulk((1..=40_000).chain(keys)).await.unwrap();
    assert_eq!(many.len(), 3, "more keys than a statement can bind");
    assert!(matches!(all(&client).limit(1).in_bulk([1]).await, Err(Error::Refused(_))));
}

async fn rows_are_held_against_other_writers(on: Kind) {
    let (client, _) = tunes(on, &["a"]).await;
    let outside = all(&client).select_for_update().all().await.unwrap_err();
    assert!(outside.to_string().contains("db.transaction"), "{outside}");
    let count = async |_| {
        let add = client.db().transaction(async |db| {
            let mut tune = Tune::objects(&db)
                .select_for_update()
                .select_related(Tune::ARRANGER)
                .limit(1)
                .first()
                .await?
                .unwrap();
            tune.plays += 1;
            tune.save(&db).await
        });
        add.await.unwrap();
    };
    nuages::futures_util::future::join_all((0..20).map(count)).await;
    assert_eq!(all(&client).values(Tune::PLAYS).await.unwrap(), [20]);
}

async fn the_plan_names_the_table(on: Kind) {
    let (client, _) = site(on).await;
    let plan = all(&client).filter(Tune::TITLE.eq("a")).limit(3).explain().await.unwrap();
    assert!(plan.contains("music_tune"), "{plan}");
}

async fn a_stream_gives_all_rows_in_order(on: Kind) {
    let (client, django) = site(on).await;
    let rows = (0..2_000).map(|number| Tune { plays: number, ..Tune::new(&django, "a") });
    all(&client).bulk_create(rows).await.unwrap();
    let mut stream = all(&client).order_by(Tune::PLAYS.desc()).select_related(Tune::COMPOSER).stream();
    let mut expected = 2_000;
    while let Some(tune) = stream.try_next().await.unwrap() {
        expected -= 1;
        assert_eq!((tune.plays, tune.composer.row().unwrap().name.as_str()), (expected, "Django Reinhardt"));
    }
    assert_eq!(expected, 0);
    let in_between =
        client.db().transaction(async |db| Tune::objects(&db).stream().try_next().await.map(drop));
    assert!(matches!(in_between.await, Err(Error::Refused(_))));
    let broken = Tune::objects(client.db()).filter(Tune::PLAYS.gt(Tune::PLAYS * i64::MAX)).stream();
    let outcome: Result<Vec<_>, _> = broken.try_collect().await;
    assert_eq!(outcome.is_err(), on != Kind::Sqlite, "PostgreSQL does not let numbers overflow");
}

async fn a_stream_may_be_left(on: Kind) {
    let (client, django) = site(on).await;
    let rows = (0..2_000).map(|_| Tune::new(&django, "a"));
    all(&client).bulk_create(rows).await.unwrap();
    for _ in 0..50 {
        let mut stream = all(&client).stream();
        assert!(stream.try_next().await.unwrap().is_some());
    }
    assert_eq!(all(&client).count().await.unwrap(), 2_000);
}

async fn a_stream_holds_one_connection_and_no_more(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c"]).await;
    let mut stream = all(&client).stream();
    while let Some(mut tune) = stream.try_next().await.unwrap() {
        tune.plays = 7;
        tune.save(client.db()).await.unwrap();
        client.db().transaction(async |db| tune.refresh(&db).await).await.unwrap();
    }
    assert_eq!(titles(all(&client).filter(Tune::PLAYS.eq(7))).await, ["a", "b", "c"]);
}
