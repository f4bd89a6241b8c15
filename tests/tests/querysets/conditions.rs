//! What is found.

use super::{site, titles, tunes};
use nuages::db::Condition;
use nuages::{Model, QuerySet};
use nuages_tests::kind::Kind;
use nuages_tests::site::music::*;

nuages_tests::promises!(
    parts_of_text_are_told_apart_by_case,
    parts_of_text_in_any_case,
    what_has_a_meaning_in_a_pattern_stands_for_itself,
    a_pattern_of_ones_own,
    the_whole_text_in_any_case,
    null_is_found_by_none,
    ranges_and_lists,
    columns_are_compared_with_columns,
    arithmetic_on_columns,
    conditions_in_a_list,
    conditions_on_the_row_behind_a_key,
    conditions_work_in_updates_and_deletes,
);

type Column = nuages::db::Column<Tune, String>;
const TITLE: Column = Tune::TITLE;

fn all(client: &nuages::test::Client) -> QuerySet<Tune> {
    Tune::objects(client.db())
}

async fn parts_of_text_are_told_apart_by_case(on: Kind) {
    let (client, _) = tunes(on, &["Nuages", "nuages", "Été", "été", "NUAGES D'ÉTÉ"]).await;
    let found = async |condition| titles(all(&client).filter(condition)).await;
    assert_eq!(found(TITLE.contains("uag")).await, ["Nuages", "nuages"]);
    assert_eq!(found(TITLE.contains("UAG")).await, ["NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.startswith("N")).await, ["Nuages", "NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.startswith("é")).await, ["été"]);
    assert_eq!(found(TITLE.endswith("s")).await, ["Nuages", "nuages"]);
    assert_eq!(found(TITLE.endswith("É")).await, ["NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.contains("")).await.len(), 5);
    assert_eq!(found(!TITLE.startswith("")).await.len(), 0);
}

async fn parts_of_text_in_any_case(on: Kind) {
    let (client, _) = tunes(on, &["Nuages", "nuages", "Été", "été", "NUAGES D'ÉTÉ", "two\nLines"]).await;
    let found = async |condition| titles(all(&client).filter(condition)).await;
    assert_eq!(found(TITLE.icontains("UAg")).await, ["Nuages", "nuages", "NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.icontains("éTÉ")).await, ["Été", "été", "NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.istartswith("nU")).await, ["Nuages", "nuages", "NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.istartswith("É")).await, ["Été", "été"]);
    assert_eq!(found(TITLE.iendswith("S")).await, ["Nuages", "nuages", "two\nLines"]);
    assert_eq!(found(TITLE.iendswith("d'été")).await, ["NUAGES D'ÉTÉ"]);
    assert_eq!(found(TITLE.icontains("O\nl")).await, ["two\nLines"]);
    assert_eq!(found(TITLE.icontains("")).await.len(), 6);
    assert_eq!(found(!TITLE.icontains("t")).await, ["Nuages", "nuages"]);
}

async fn what_has_a_meaning_in_a_pattern_stands_for_itself(on: Kind) {
    let odd = ["100%", "a_b", "c\\d", "*", "?", "[a]", "^$", ".", "(", "|", "\\E", "'", "\"", "🎸", "{", "#"];
    let (client, _) = tunes(on, &[&odd[..], &["axb", "plain"]].concat()).await;
    for text in odd {
        let conditions = [
            TITLE.contains(text),
            TITLE.startswith(text),
            TITLE.endswith(text),
            TITLE.icontains(text),
            TITLE.istartswith(text),
            TITLE.iendswith(text),
            TITLE.iexact(text),
        ];
        for (number, condition) in conditions.into_iter().enumerate() {
            assert_eq!(titles(all(&client).filter(condition)).await, [text], "{number}");
        }
    }
    let (percent, backslash) = (TITLE.icontains("%"), TITLE.contains("\\"));
    assert_eq!(titles(all(&client).filter(percent)).await, ["100%"]);
    assert_eq!(titles(all(&client).filter(backslash)).await, ["c\\d", "\\E"]);
}

async fn a_pattern_of_ones_own(on: Kind) {
    let (client, _) = tunes(on, &["a%c", "abc", "ac"]).await;
    assert_eq!(titles(all(&client).filter(TITLE.like("a_c"))).await, ["a%c", "abc"]);
    assert_eq!(titles(all(&client).filter(TITLE.like(r"a\%%"))).await, ["a%c"]);
}

async fn the_whole_text_in_any_case(on: Kind) {
    let (client, _) = tunes(on, &["Swing", "swing 42", "ÉTÉ", "Été", "l'été"]).await;
    assert_eq!(titles(all(&client).filter(TITLE.iexact("SWING"))).await, ["Swing"]);
    assert_eq!(titles(all(&client).filter(TITLE.iexact("été"))).await, ["ÉTÉ", "Été"]);
    let either = TITLE.iexact("été") | TITLE.eq("Swing");
    assert_eq!(titles(all(&client).filter(either)).await, ["Swing", "ÉTÉ", "Été"]);
}

async fn null_is_found_by_none(on: Kind) {
    let (client, _) = site(on).await;
    let stephane = Musician { nickname: Some("Steph".into()), ..Musician::new("Stéphane Grappelli") };
    stephane.create(client.db()).await.unwrap();
    let names = async |condition| {
        Musician::objects(client.db()).filter(condition).values(Musician::NAME).await.unwrap()
    };
    let nobody: Option<String> = None;
    assert_eq!(names(Musician::NICKNAME.eq(nobody.clone())).await, ["Django Reinhardt"]);
    assert_eq!(names(Musician::NICKNAME.ne(nobody)).await, ["Stéphane Grappelli"]);
    assert_eq!(names(Musician::NICKNAME.is_null()).await, ["Django Reinhardt"]);
    assert_eq!(names(Musician::NICKNAME.is_not_null()).await, ["Stéphane Grappelli"]);
    assert_eq!(names(Musician::NICKNAME.eq("Steph")).await, ["Stéphane Grappelli"]);
    assert_eq!(names(Musician::NICKNAME.eq(Some("Steph"))).await, ["Stéphane Grappelli"]);
    assert_eq!(names(Musician::NICKNAME.icontains("ST")).await, ["Stéphane Grappelli"]);
    let everybody = Musician::objects(client.db());
    everybody.clone().update([Musician::NICKNAME.set(None::<String>)]).await.unwrap();
    assert_eq!(everybody.clone().filter(Musician::NICKNAME.is_null()).count().await.unwrap(), 2);
    everybody.clone().update([Musician::NICKNAME.set(Some("x"))]).await.unwrap();
    everybody.clone().update([Musician::NICKNAME.set_null()]).await.unwrap();
    assert_eq!(everybody.filter(Musician::NICKNAME.is_null()).count().await.unwrap(), 2);
}

async fn ranges_and_lists(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c", "d"]).await;
    assert_eq!(titles(all(&client).filter(TITLE.between("b", "c"))).await, ["b", "c"]);
    assert_eq!(titles(all(&client).filter(TITLE.not_in(["b", "c"]))).await, ["a", "d"]);
    assert_eq!(titles(all(&client).filter(TITLE.not_in(Vec::<String>::new()))).await.len(), 4);
    assert_eq!(titles(all(&client).filter(!TITLE.is_in(["a"]))).await, ["b", "c", "d"]);
}

/// Gives a tune so many plays and skips.
async fn played(client: &nuages::test::Client, title: &str, plays: i64, skips: i32) {
    let tune = all(client).filter(TITLE.eq(title));
    tune.update([Tune::PLAYS.set(plays), Tune::SKIPS.set(skips)]).await.unwrap();
}

async fn columns_are_compared_with_columns(on: Kind) {
    let (client, django) = tunes(on, &["a", "b"]).await;
    all(&client).filter(TITLE.eq("b")).update([Tune::ARRANGER.set(django.id)]).await.unwrap();
    assert_eq!(titles(all(&client).filter(Tune::ARRANGER.eq(Tune::COMPOSER))).await, ["b"]);
    assert_eq!(
        titles(all(&client).filter(Tune::CHANGED_AT.lt(Tune::CREATED_AT))).await,
        Vec::<String>::new()
    );
    assert_eq!(titles(all(&client).filter(TITLE.gte(TITLE))).await, ["a", "b"]);
}

async fn arithmetic_on_columns(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c"]).await;
    played(&client, "a", 10, 3).await;
    played(&client, "b", 5, 9).await;
    assert_eq!(titles(all(&client).filter(Tune::PLAYS.lt(Tune::PLAYS * 2 - 5))).await, ["a"]);
    let changes =
        [Tune::PLAYS.set((Tune::PLAYS + 1) * 2), Tune::SKIPS.set(Tune::SKIPS - 1), Tune::RATING.set(0.5)];
    assert_eq!(all(&client).update(changes).await.unwrap(), 3);
    all(&client).filter(TITLE.ne("c")).update([Tune::RATING.set(Tune::RATING + 1.0)]).await.unwrap();
    let values = all(&client).order_by(Tune::ID.asc()).values((Tune::PLAYS, Tune::SKIPS, Tune::RATING));
    assert_eq!(values.await.unwrap(), [(22, 2, Some(1.5)), (12, 8, Some(1.5)), (2, -1, Some(0.5))]);
}

async fn conditions_in_a_list(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c"]).await;
    let is = |title| TITLE.eq(title);
    assert_eq!(titles(all(&client).filter(Condition::any([is("a"), is("c")]))).await, ["a", "c"]);
    assert_eq!(titles(all(&client).filter(!Condition::any([is("a"), is("c")]))).await, ["b"]);
    assert_eq!(titles(all(&client).filter(Condition::all([is("a"), !is("c")]))).await, ["a"]);
    assert_eq!(titles(all(&client).filter(Condition::any([]))).await, Vec::<String>::new());
    assert_eq!(titles(all(&client).filter(Condition::all([]))).await, ["a", "b", "c"]);
    assert_eq!(titles(all(&client).exclude(Condition::any([]))).await, ["a", "b", "c"]);
    assert_eq!(titles(all(&client).none()).await, Vec::<String>::new());
    assert_eq!(all(&client).none().update([Tune::PLAYS.set(1)]).await.unwrap(), 0);
}

async fn conditions_on_the_row_behind_a_key(on: Kind) {
    let (client, django) = tunes(on, &["Nuages", "Daphne"]).await;
    let steph = Musician::new("Stéphane Grappelli").create(client.db()).await.unwrap();
    Tune::new(&steph, "Sweet Chorus").create(client.db()).await.unwrap();
    all(&client).filter(TITLE.eq("Daphne")).update([Tune::ARRANGER.set(steph.id)]).await.unwrap();
    let reinhardt = || Musician::NAME.endswith("Reinhardt");
    assert_eq!(titles(all(&client).filter(Tune::COMPOSER.is(reinhardt()))).await, ["Nuages", "Daphne"]);
    assert_eq!(titles(all(&client).filter(!Tune::COMPOSER.is(reinhardt()))).await, ["Sweet Chorus"]);
    let both = Tune::COMPOSER.is(reinhardt()) & Tune::ARRANGER.is(Musician::NAME.icontains("STÉPH"));
    assert_eq!(titles(all(&client).filter(both)).await, ["Daphne"]);
    let not_his = all(&client).exclude(Tune::ARRANGER.is(Musician::ID.eq(steph.id)));
    assert_eq!(titles(not_his).await, ["Nuages", "Sweet Chorus"], "who has no arranger is not excluded");
    assert_eq!(titles(Tune::COMPOSER.of(client.db(), &django)).await, ["Nuages", "Daphne"]);
    assert_eq!(titles(Tune::ARRANGER.of(client.db(), &steph)).await, ["Daphne"]);
}

async fn conditions_work_in_updates_and_deletes(on: Kind) {
    let (client, _) = tunes(on, &["Été", "été", "Nuages"]).await;
    let touched = all(&client).filter(TITLE.icontains("ÉT") & TITLE.contains("É"));
    assert_eq!(touched.update([Tune::PLAYS.set(1)]).await.unwrap(), 1);
    let his = Tune::COMPOSER.is(Musician::NAME.istartswith("django"));
    assert_eq!(all(&client).filter(TITLE.startswith("N") & his).delete().await.unwrap(), 1);
    assert_eq!(titles(all(&client)).await, ["Été", "été"]);
}
