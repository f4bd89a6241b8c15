//! What is written.

use super::{site, titles, tunes};
use nuages::futures_util::future::join_all;
use nuages::{Error, Model, QuerySet};
use nuages_tests::kind::Kind;
use nuages_tests::site::Everything;
use nuages_tests::site::music::*;

nuages_tests::promises!(
    many_rows_at_once_get_their_keys_in_order,
    more_rows_than_one_statement_can_bind,
    rows_with_keys_of_their_own_among_them,
    many_rows_are_all_written_or_none,
    a_row_is_made_once_by_twenty_at_a_time,
    a_row_is_made_once_inside_transactions,
    what_was_taken_by_another_value_is_an_error,
    a_row_is_found_or_made_and_changed,
    twenty_who_change_or_make_one_row_lose_nothing,
    some_fields_are_saved,
    many_rows_are_changed_at_once,
    every_kind_of_column_is_written_for_many_rows,
    a_row_is_read_again,
    a_future_of_each_may_run_on_any_thread,
);

fn all(client: &nuages::test::Client) -> QuerySet<Tune> {
    Tune::objects(client.db())
}

async fn many_rows_at_once_get_their_keys_in_order(on: Kind) {
    let (client, django) = site(on).await;
    let rows = ["a", "b", "c"].map(|title| Tune::new(&django, title));
    let made = all(&client).bulk_create(rows).await.unwrap();
    for tune in &made {
        assert_eq!(Tune::find(client.db(), &tune.id).await.unwrap().title, tune.title);
        assert!(tune.created_at.timestamp() > 0 && tune.changed_at == tune.created_at);
    }
    assert!(made.is_sorted_by_key(|tune| tune.id));
    assert!(all(&client).bulk_create([]).await.unwrap().is_empty());
    let players = ["x", "y"].map(Musician::new);
    let players = Musician::objects(client.db()).bulk_create(players).await.unwrap();
    assert_eq!(Musician::find(client.db(), &players[1].id).await.unwrap().name, "y");
}

async fn more_rows_than_one_statement_can_bind(on: Kind) {
    let (client, django) = site(on).await;
    let rows = (0..7_000).map(|number| Tune { plays: number, ..Tune::new(&django, "a") });
    let made = all(&client).bulk_create(rows).await.unwrap();
    assert_eq!((made.len(), all(&client).count().await.unwrap()), (7_000, 7_000));
    let found = all(&client).in_bulk(made.iter().map(|tune| tune.id)).await.unwrap();
    assert!(made.iter().all(|tune| found[&tune.id].plays == tune.plays));
}

async fn rows_with_keys_of_their_own_among_them(on: Kind) {
    let (client, django) = site(on).await;
    let keyed = |id, title: &str| Tune { id, ..Tune::new(&django, title) };
    let rows = [keyed(0, "a"), keyed(700, "b"), keyed(701, "c"), keyed(0, "d")];
    let made = all(&client).bulk_create(rows).await.unwrap();
    assert_eq!((made[1].id, made[2].id), (700, 701));
    for tune in &made {
        assert_eq!(Tune::find(client.db(), &tune.id).await.unwrap().title, tune.title);
    }
}

async fn many_rows_are_all_written_or_none(on: Kind) {
    let (client, _) = site(on).await;
    let tags = |names: &[&str]| names.iter().map(|name| Tag::new(name)).collect::<Vec<_>>();
    let one = Tag::objects(client.db()).bulk_create(tags(&["a", "b", "a"])).await.unwrap_err();
    assert!(one.is_unique_violation(), "{one}");
    let mut two = tags(&["a", "b"]);
    two[1].id = 7;
    two.push(Tag { id: 7, ..Tag::new("c") });
    assert!(Tag::objects(client.db()).bulk_create(two).await.is_err());
    assert_eq!(Tag::objects(client.db()).count().await.unwrap(), 0);
}

async fn a_row_is_made_once_by_twenty_at_a_time(on: Kind) {
    let (client, _) = site(on).await;
    let make = async |_| {
        let tag = Tag::objects(client.db()).get_or_create(Tag::NAME.eq("swing"), || Tag::new("swing"));
        tag.await.unwrap()
    };
    let made = join_all((0..20).map(make)).await;
    assert_eq!(made.iter().filter(|(_, created)| *created).count(), 1);
    assert!(made.iter().all(|(tag, _)| tag.id == made[0].0.id));
    assert_eq!(Tag::objects(client.db()).count().await.unwrap(), 1);
}

async fn a_row_is_made_once_inside_transactions(on: Kind) {
    let (client, _) = site(on).await;
    let make = async |number: usize| {
        let work = client.db().transaction(async |db| {
            Tag::new(&number.to_string()).create(&db).await?;
            let query = Tag::objects(&db);
            let (tag, created) = query.get_or_create(Tag::NAME.eq("swing"), || Tag::new("swing")).await?;
            Tag::objects(&db).filter(Tag::ID.eq(tag.id)).update([Tag::USES.set(Tag::USES + 1)]).await?;
            Ok::<_, Error>(created)
        });
        work.await.unwrap()
    };
    let made = join_all((0..20).map(make)).await;
    assert_eq!(made.iter().filter(|created| **created).count(), 1);
    let tag = Tag::objects(client.db()).get(Tag::NAME.eq("swing")).await.unwrap();
    assert_eq!((tag.uses, Tag::objects(client.db()).count().await.unwrap()), (20, 21));
}

async fn what_was_taken_by_another_value_is_an_error(on: Kind) {
    let (client, _) = site(on).await;
    Tag::new("a").create(client.db()).await.unwrap();
    let tags = || Tag::objects(client.db());
    let wrong = tags().get_or_create(Tag::NAME.eq("b"), || Tag::new("a")).await.unwrap_err();
    assert!(wrong.is_unique_violation(), "{wrong}");
    Tag::new("b").create(client.db()).await.unwrap();
    let both = tags().get_or_create(Tag::USES.eq(0), || Tag::new("c")).await;
    assert!(matches!(both, Err(Error::MultipleObjects("Tag"))));
}

async fn a_row_is_found_or_made_and_changed(on: Kind) {
    let (client, _) = site(on).await;
    for (uses, new) in [(1, true), (2, false), (3, false)] {
        let tags = Tag::objects(client.db());
        let first = || Tag { uses: 1, ..Tag::new("a") };
        let (tag, created) =
            tags.update_or_create(Tag::NAME.eq("a"), |tag| tag.uses += 1, first).await.unwrap();
        assert_eq!((tag.uses, created), (uses, new));
        assert_eq!(Tag::find(client.db(), &tag.id).await.unwrap(), tag);
    }
}

async fn twenty_who_change_or_make_one_row_lose_nothing(on: Kind) {
    let (client, _) = site(on).await;
    let count = async |_| {
        let tags = Tag::objects(client.db());
        let first = || Tag { uses: 1, ..Tag::new("a") };
        tags.update_or_create(Tag::NAME.eq("a"), |tag| tag.uses += 1, first).await.unwrap().1
    };
    let made = join_all((0..20).map(count)).await;
    assert_eq!(made.into_iter().filter(|created| *created).count(), 1);
    assert_eq!(Tag::objects(client.db()).get(Tag::NAME.eq("a")).await.unwrap().uses, 20);
}

async fn some_fields_are_saved(on: Kind) {
    let (client, _) = tunes(on, &["a"]).await;
    let mut tune = all(&client).first().await.unwrap().unwrap();
    all(&client).update([Tune::PLAYS.set(7)]).await.unwrap();
    let before = tune.changed_at;
    (tune.title, tune.rating, tune.plays) = ("b".into(), Some(1.0), 1);
    tune.save_fields(client.db(), (Tune::TITLE, Tune::RATING)).await.unwrap();
    let saved = Tune::find(client.db(), &tune.id).await.unwrap();
    assert_eq!((saved.title.as_str(), saved.rating, saved.plays), ("b", Some(1.0), 7));
    assert!(saved.changed_at > before && saved.changed_at == tune.changed_at, "an auto_now field goes along");
    tune.delete(client.db()).await.unwrap();
    assert!(matches!(tune.save_fields(client.db(), Tune::TITLE).await, Err(Error::DoesNotExist("Tune"))));
}

async fn many_rows_are_changed_at_once(on: Kind) {
    let (client, django) = site(on).await;
    let rows = (0..250).map(|_| Tune::new(&django, "a"));
    let mut rows = all(&client).bulk_create(rows).await.unwrap();
    for (number, tune) in rows.iter_mut().enumerate() {
        tune.plays = i64::try_from(number).unwrap();
        tune.rating = (number % 2 == 0).then_some(0.5);
        tune.arranger = (number % 3 == 0).then(|| (&django).into());
        tune.title = "not written".into();
    }
    let columns = (Tune::PLAYS, Tune::RATING, Tune::ARRANGER);
    assert_eq!(all(&client).bulk_update(&mut rows, columns).await.unwrap(), 250);
    let found = all(&client).in_bulk(rows.iter().map(|tune| tune.id)).await.unwrap();
    for tune in &rows {
        let found = &found[&tune.id];
        assert_eq!((found.plays, found.rating, &found.arranger), (tune.plays, tune.rating, &tune.arranger));
        assert_eq!((found.title.as_str(), found.changed_at), ("a", tune.changed_at));
    }
    assert_eq!(all(&client).bulk_update(&mut [], columns).await.unwrap(), 0);
}

async fn every_kind_of_column_is_written_for_many_rows(on: Kind) {
    use Everything as E;
    let (client, _) = site(on).await;
    let all = || E::objects(client.db());
    let mut rows = all().bulk_create([E::usual(), E::nothing()]).await.unwrap();
    let by_key = async |rows: &[E]| all().in_bulk(rows.iter().map(|row| row.id)).await.unwrap();
    let found = by_key(&rows).await;
    assert!(rows.iter().all(|row| found[&row.id] == *row));
    let keys = (rows[0].id, rows[1].id);
    rows = vec![E { id: keys.0, ..E::nothing() }, E { id: keys.1, ..E::usual() }];
    let numbers = (E::SMALL_OR_NULL, E::INTEGER_OR_NULL, E::BIG_OR_NULL, E::DOUBLE_OR_NULL, E::TRUTH_OR_NULL);
    let others = (E::TEXT_OR_NULL, E::MOMENT_OR_NULL, E::DAY_OR_NULL, E::UUID_OR_NULL, E::JSON_OR_NULL);
    let columns = (numbers, others, E::BYTES_OR_NULL, E::UUID);
    assert_eq!(all().bulk_update(&mut rows, columns).await.unwrap(), 2);
    let found = by_key(&rows).await;
    assert!(rows.iter().all(|row| found[&row.id] == *row), "{rows:?} {found:?}");
    let values =
        all().filter(E::ID.eq(keys.1)).values((E::JSON_OR_NULL, E::UUID, E::MOMENT, E::DAY)).await.unwrap();
    let row = rows.pop().unwrap();
    assert_eq!(values, [(row.json_or_null, row.uuid, row.moment, row.day)]);
    let last =
        all().aggregate((E::MOMENT_OR_NULL.max(), E::DAY_OR_NULL.min(), E::SMALL.sum(), E::DOUBLE.max()));
    assert_eq!(last.await.unwrap(), (row.moment_or_null, row.day_or_null, Some(14), Some(0.1)));
}

async fn a_row_is_read_again(on: Kind) {
    let (client, _) = tunes(on, &["a"]).await;
    let mut tune = all(&client).first().await.unwrap().unwrap();
    all(&client).update([Tune::TITLE.set("b")]).await.unwrap();
    tune.refresh(client.db()).await.unwrap();
    assert_eq!(tune.title, "b");
    all(&client).delete().await.unwrap();
    assert!(matches!(tune.refresh(client.db()).await, Err(Error::DoesNotExist("Tune"))));
    assert_eq!(titles(all(&client)).await, Vec::<String>::new());
}

async fn a_future_of_each_may_run_on_any_thread(on: Kind) {
    let (client, django) = site(on).await;
    let db = client.db().clone();
    let work = async move {
        let tune = Tune::objects(&db).bulk_create([Tune::new(&django, "a")]).await?.remove(0);
        Tune::objects(&db).bulk_update(&mut [tune], (Tune::TITLE, Tune::PLAYS)).await?;
        Tag::objects(&db).get_or_create(Tag::NAME.eq("a"), || Tag::new("a")).await?;
        Tag::objects(&db).update_or_create(Tag::NAME.eq("a"), |tag| tag.uses += 1, || Tag::new("a")).await?;
        Tune::objects(&db).aggregate((Tune::PLAYS.sum(), Tune::ID.count())).await?;
        Tune::objects(&db).values((Tune::ID, Tune::TITLE)).await?;
        Tune::COMPOSER.prefetch(&db, [&django]).await.map(|groups| groups[&django.id].len())
    };
    assert_eq!(tokio::spawn(work).await.unwrap().unwrap(), 1);
}
