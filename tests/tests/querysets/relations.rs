//! What belongs together.

use super::{site, titles, tunes};
use nuages::minijinja::value::Serde;
use nuages::minijinja::{Environment, context};
use nuages::test::Client;
use nuages::{Model, QuerySet, serde_json};
use nuages_tests::kind::Kind;
use nuages_tests::site::music::*;

nuages_tests::promises!(
    rows_that_point_to_each_of_many,
    what_was_added_is_there_once,
    what_was_removed_is_gone_and_the_rows_stay,
    a_set_writes_the_difference,
    a_set_that_fails_changes_nothing,
    conditions_over_a_table_between,
    a_model_that_points_to_itself_has_two_ends,
    a_model_of_ones_own_in_between,
    many_to_many_rows_of_many,
    a_deleted_row_takes_its_ties_along,
    twenty_who_add_the_same_tie_make_one,
    a_template_shows_what_was_loaded_and_nothing_else,
);

fn all(client: &Client) -> QuerySet<Tune> {
    Tune::objects(client.db())
}

/// Two tunes, and tags for them.
async fn tagged(on: Kind, names: &[&str]) -> (Client, [Tune; 2], Vec<Tag>) {
    let (client, _) = tunes(on, &["Nuages", "Daphne"]).await;
    let tags = names.iter().map(|name| Tag::new(name));
    let tags = Tag::objects(client.db()).bulk_create(tags).await.unwrap();
    let found = all(&client).order_by(Tune::ID.asc()).all().await.unwrap();
    (client, found.try_into().unwrap(), tags)
}

async fn names(query: QuerySet<Tag>) -> Vec<String> {
    query.order_by(Tag::NAME.asc()).values(Tag::NAME).await.unwrap()
}

async fn rows_that_point_to_each_of_many(on: Kind) {
    let (client, django) = tunes(on, &["a", "b"]).await;
    let steph = Musician::new("Stéphane Grappelli").create(client.db()).await.unwrap();
    let nobody = Musician::new("nobody").create(client.db()).await.unwrap();
    Tune::new(&steph, "c").create(client.db()).await.unwrap();
    let everyone = [django.clone(), steph.clone(), nobody.clone()];
    let by_composer = Tune::COMPOSER.prefetch(client.db(), &everyone).await.unwrap();
    let of = |musician: &Musician| {
        by_composer[&musician.id].iter().map(|tune| tune.title.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((of(&django), of(&steph), of(&nobody)), (vec!["a", "b"], vec!["c"], vec![]));
    assert_eq!(by_composer[&steph.id][0].composer.key, steph.id);
    all(&client).filter(Tune::TITLE.eq("a")).update([Tune::ARRANGER.set(steph.id)]).await.unwrap();
    let by_arranger = Tune::ARRANGER.prefetch(client.db(), [&steph]).await.unwrap();
    assert_eq!((by_arranger.len(), by_arranger[&steph.id][0].title.as_str()), (1, "a"));
    assert!(Tune::ARRANGER.prefetch(client.db(), []).await.unwrap().is_empty());
}

async fn what_was_added_is_there_once(on: Kind) {
    let (client, [nuages, daphne], tags) = tagged(on, &["swing", "slow"]).await;
    let db = client.db();
    assert_eq!(names(Tune::TAGS.of(db, &nuages)).await, Vec::<String>::new());
    Tune::TAGS.add(db, &nuages, [&tags[0]]).await.unwrap();
    Tune::TAGS.add(db, &nuages, &tags).await.unwrap();
    Tune::TAGS.add(db, &nuages, []).await.unwrap();
    assert_eq!(names(Tune::TAGS.of(db, &nuages)).await, ["slow", "swing"]);
    assert_eq!(names(Tune::TAGS.of(db, &daphne)).await, Vec::<String>::new());
    let ghost = Tag { id: 99, ..Tag::new("ghost") };
    assert!(Tune::TAGS.add(db, &nuages, [&ghost]).await.is_err(), "a row that is not saved");
}

async fn what_was_removed_is_gone_and_the_rows_stay(on: Kind) {
    let (client, [nuages, daphne], tags) = tagged(on, &["a", "b", "c"]).await;
    let db = client.db();
    Tune::TAGS.add(db, &nuages, &tags).await.unwrap();
    Tune::TAGS.add(db, &daphne, &tags).await.unwrap();
    Tune::TAGS.remove(db, &nuages, [&tags[0], &tags[2]]).await.unwrap();
    Tune::TAGS.remove(db, &nuages, []).await.unwrap();
    assert_eq!(names(Tune::TAGS.of(db, &nuages)).await, ["b"]);
    Tune::TAGS.clear(db, &nuages).await.unwrap();
    assert_eq!(names(Tune::TAGS.of(db, &nuages)).await, Vec::<String>::new());
    assert_eq!(names(Tune::TAGS.of(db, &daphne)).await, ["a", "b", "c"]);
    assert_eq!(Tag::objects(db).count().await.unwrap(), 3);
}

async fn a_set_writes_the_difference(on: Kind) {
    let (client, [nuages, _], tags) = tagged(on, &["a", "b", "c"]).await;
    let db = client.db();
    Tune::TAGS.set(db, &nuages, &tags[..2]).await.unwrap();
    let ties = async || nuages_tests::table::texts(db, "music_tune_tags", "id").await;
    let before = ties().await;
    Tune::TAGS.set(db, &nuages, &tags[1..]).await.unwrap();
    assert_eq!(names(Tune::TAGS.of(db, &nuages)).await, ["b", "c"]);
    let after = ties().await;
    assert!(after.contains(&before[1]) && !after.contains(&before[0]), "{before:?} {after:?}");
    Tune::TAGS.set(db, &nuages, &tags[1..]).await.unwrap();
    assert_eq!(ties().await, after);
    Tune::TAGS.set(db, &nuages, []).await.unwrap();
    assert_eq!(ties().await, Vec::<String>::new());
}

async fn a_set_that_fails_changes_nothing(on: Kind) {
    let (client, [nuages, _], tags) = tagged(on, &["a"]).await;
    Tune::TAGS.set(client.db(), &nuages, &tags).await.unwrap();
    let ghost = Tag { id: 99, ..Tag::new("ghost") };
    assert!(Tune::TAGS.set(client.db(), &nuages, [&ghost]).await.is_err());
    assert_eq!(names(Tune::TAGS.of(client.db(), &nuages)).await, ["a"]);
}

async fn conditions_over_a_table_between(on: Kind) {
    let (client, [nuages, daphne], tags) = tagged(on, &["slow", "swing", "waltz"]).await;
    let db = client.db();
    Tune::TAGS.add(db, &nuages, &tags[..2]).await.unwrap();
    Tune::TAGS.add(db, &daphne, [&tags[1]]).await.unwrap();
    assert_eq!(titles(all(&client).filter(Tune::TAGS.contains(&tags[1]))).await, ["Nuages", "Daphne"]);
    assert_eq!(titles(all(&client).exclude(Tune::TAGS.contains(&tags[0]))).await, ["Daphne"]);
    assert_eq!(titles(Tune::TAGS.reverse(db, &tags[0])).await, ["Nuages"]);
    let s = Tune::TAGS.is(Tag::NAME.startswith("s"));
    assert_eq!(titles(all(&client).filter(s.clone())).await, ["Nuages", "Daphne"], "each once");
    let slow = s & !Tune::TAGS.is(Tag::NAME.eq("slow"));
    assert_eq!(titles(all(&client).filter(slow)).await, ["Daphne"]);
    let both = Tune::TAGS.contains(&tags[0]) & Tune::TAGS.contains(&tags[1]);
    assert_eq!(titles(all(&client).filter(both)).await, ["Nuages"]);
    let composers = Musician::objects(db).filter(!Musician::ID.is_in([nuages.composer.key]));
    assert_eq!(composers.count().await.unwrap(), 0);
    assert_eq!(names(Tune::TAGS.of(db, &nuages).exclude(Tag::NAME.eq("slow"))).await, ["swing"]);
}

async fn a_model_that_points_to_itself_has_two_ends(on: Kind) {
    let (client, django) = site(on).await;
    let db = client.db();
    let pupil = Musician::new("Babik").create(db).await.unwrap();
    Musician::TEACHERS.add(db, &pupil, [&django]).await.unwrap();
    let names = async |query: QuerySet<Musician>| query.values(Musician::NAME).await.unwrap();
    assert_eq!(names(Musician::TEACHERS.of(db, &pupil)).await, ["Django Reinhardt"]);
    assert_eq!(names(Musician::TEACHERS.of(db, &django)).await, Vec::<String>::new());
    assert_eq!(names(Musician::TEACHERS.reverse(db, &django)).await, ["Babik"]);
    let taught = Musician::TEACHERS.is(Musician::NAME.startswith("Django"));
    assert_eq!(names(Musician::objects(db).filter(taught)).await, ["Babik"]);
    let mut both = [django, pupil];
    Musician::TEACHERS.load(db, &mut both).await.unwrap();
    let teachers = both.each_ref().map(|musician| musician.teachers.rows().unwrap().len());
    assert_eq!(teachers, [0, 1]);
}

async fn a_model_of_ones_own_in_between(on: Kind) {
    let (client, [nuages, daphne], _) = tagged(on, &[]).await;
    let db = client.db();
    let django = nuages.composer.fetch(db).await.unwrap();
    let part = Part {
        instrument: "guitar".into(),
        player: (&*django).into(),
        tune: (&nuages).into(),
        ..Part::default()
    };
    part.create(db).await.unwrap();
    let players = Tune::PLAYERS.of(db, &nuages).values(Musician::NAME).await.unwrap();
    assert_eq!(players, ["Django Reinhardt"]);
    assert_eq!(titles(Tune::PLAYERS.reverse(db, &django)).await, ["Nuages"]);
    let on_guitar = Part::objects(db).filter(Part::INSTRUMENT.eq("guitar")).values(Part::TUNE).await.unwrap();
    assert_eq!(on_guitar, [nuages.id]);
    let groups = Tune::PLAYERS.prefetch(db, [&nuages, &daphne]).await.unwrap();
    assert_eq!((groups[&nuages.id].len(), groups[&daphne.id].len()), (1, 0));
    assert!(Tune::PLAYERS.add(db, &daphne, [&*django]).await.is_err(), "nobody said on what instrument");
    Tune::PLAYERS.clear(db, &nuages).await.unwrap();
    assert_eq!(Part::objects(db).count().await.unwrap(), 0);
}

async fn many_to_many_rows_of_many(on: Kind) {
    let (client, [nuages, daphne], tags) = tagged(on, &["a", "b"]).await;
    let db = client.db();
    Tune::TAGS.add(db, &nuages, &tags).await.unwrap();
    Tune::TAGS.add(db, &daphne, &tags[1..]).await.unwrap();
    let groups = Tune::TAGS.prefetch(db, [&nuages, &daphne]).await.unwrap();
    assert_eq!((&groups[&nuages.id], &groups[&daphne.id]), (&tags, &tags[1..].to_vec()));
    let mut rows = all(&client).order_by(Tune::ID.asc()).all().await.unwrap();
    assert!(rows[0].tags.rows().is_none());
    Tune::TAGS.load(db, &mut rows).await.unwrap();
    assert_eq!((rows[0].tags.rows(), rows[1].tags.rows()), (Some(&tags[..]), Some(&tags[1..])));
    assert!(rows[0].players.rows().is_none());
}

async fn a_deleted_row_takes_its_ties_along(on: Kind) {
    let (client, [nuages, _], tags) = tagged(on, &["a"]).await;
    Tune::TAGS.add(client.db(), &nuages, &tags).await.unwrap();
    nuages.delete(client.db()).await.unwrap();
    assert_eq!(nuages_tests::table::texts(client.db(), "music_tune_tags", "id").await, Vec::<String>::new());
    assert_eq!(Tag::objects(client.db()).count().await.unwrap(), 1);
}

async fn twenty_who_add_the_same_tie_make_one(on: Kind) {
    let (client, [nuages, _], tags) = tagged(on, &["a", "b"]).await;
    let add = async |number: usize| match number % 2 {
        0 => Tune::TAGS.add(client.db(), &nuages, &tags).await,
        _ => Tune::TAGS.set(client.db(), &nuages, &tags).await,
    };
    for outcome in nuages::futures_util::future::join_all((0..20).map(add)).await {
        outcome.unwrap();
    }
    assert_eq!(names(Tune::TAGS.of(client.db(), &nuages)).await, ["a", "b"]);
}

async fn a_template_shows_what_was_loaded_and_nothing_else(on: Kind) {
    let (client, [nuages, _], tags) = tagged(on, &["a", "b"]).await;
    Tune::TAGS.add(client.db(), &nuages, &tags).await.unwrap();
    let mut rows = all(&client).order_by(Tune::ID.asc()).all().await.unwrap();
    let shown = |template: &str, rows: &[Tune]| {
        let tunes = nuages::minijinja::Value::from(Serde(rows));
        Environment::new().render_str(template, context! { tunes })
    };
    assert_eq!(shown("{{ tunes[0].title }}", &rows).unwrap(), "Nuages");
    for look in [
        "{{ tunes[0].tags }}",
        "{% for tag in tunes[0].tags %}{% endfor %}",
        "{% if tunes[0].tags %}{% endif %}",
        "{{ tunes[0].tags|length }}",
        "{{ tunes[0].tags[0].name }}",
        "{% for tune in tunes %}{{ tune.tags|join }}{% endfor %}",
    ] {
        let error = shown(look, &rows).unwrap_err().to_string();
        assert!(error.contains("Tag were not loaded") && error.contains(".load("), "{look}: {error}");
    }
    let json = serde_json::to_value(&rows[0]).unwrap();
    assert_eq!((&json["title"], &json["tags"]), (&"Nuages".into(), &serde_json::Value::Null));
    Tune::TAGS.load(client.db(), &mut rows).await.unwrap();
    let list =
        "{% for tune in tunes %}{% for tag in tune.tags %}{{ tag.name }}{% else %}-{% endfor %}{% endfor %}";
    assert_eq!(shown(list, &rows).unwrap(), "ab-");
    assert_eq!(serde_json::to_value(&rows[0]).unwrap()["tags"][1]["name"], "b");
}
