//! Pages of rows.

use super::{site, tunes};
use nuages::minijinja::value::Serde;
use nuages::minijinja::{Environment, Value, context};
use nuages::{Error, Model};
use nuages_tests::kind::Kind;
use nuages_tests::site::music::*;

nuages_tests::promises!(
    pages_hold_every_row_once,
    pages_of_what_was_filtered,
    a_page_is_found_whatever_was_asked,
    a_page_in_a_template,
);

async fn pages_hold_every_row_once(on: Kind) {
    let (client, django) = site(on).await;
    let rows = (0..25).map(|number| Tune { plays: number % 3, ..Tune::new(&django, &format!("{number}")) });
    Tune::objects(client.db()).bulk_create(rows).await.unwrap();
    for query in [Tune::objects(client.db()), Tune::objects(client.db()).order_by(Tune::PLAYS.desc())] {
        let mut seen = Vec::new();
        for number in 1..=4_u64 {
            let page = query.clone().paginate(number, 7).await.unwrap();
            assert_eq!((page.count(), page.num_pages(), page.number()), (25, 4, number));
            seen.extend(page.items.iter().map(|tune| (tune.plays, tune.id)));
        }
        assert_eq!(seen.len(), 25);
        let keys: std::collections::HashSet<_> = seen.iter().map(|(_, id)| id).collect();
        assert_eq!(keys.len(), 25);
    }
}

async fn pages_of_what_was_filtered(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c", "d"]).await;
    let query = || Tune::objects(client.db()).exclude(Tune::TITLE.eq("b")).select_related(Tune::COMPOSER);
    let page = query().paginate(2_u64, 2).await.unwrap();
    assert_eq!((page.items[0].title.as_str(), page.items.len(), page.count()), ("d", 1, 3));
    assert_eq!(page.items[0].composer.row().unwrap().name, "Django Reinhardt");
    assert!(matches!(query().limit(2).paginate(1_u64, 2).await, Err(Error::Refused(_))));
}

async fn a_page_is_found_whatever_was_asked(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c"]).await;
    for (text, title) in [("1", "a"), ("3", "c"), ("x", "a"), ("7", "c"), ("-1", "c"), ("' OR 1=1", "a")] {
        let page = Tune::objects(client.db()).paginate(text, 1).await.unwrap();
        assert_eq!(page.items[0].title, title, "{text}");
    }
    let nothing = Tune::objects(client.db()).none().paginate(None::<&str>, 0).await.unwrap();
    assert_eq!((nothing.items.len(), nothing.num_pages()), (0, 1));
}

async fn a_page_in_a_template(on: Kind) {
    let (client, _) = tunes(on, &["a", "b", "c"]).await;
    let page = Tune::objects(client.db()).paginate("2", 1).await.unwrap();
    let text = "{% for tune in page.items %}{{ tune.title }}{% endfor %} {{ page.number }} of {{ page.num_pages }}\
                {% if page.has_next %} next {{ page.next_page_number }}{% endif %}:\
                {% for number in page.elided_page_range %} {{ number }}{% endfor %}";
    let shown = Environment::new().render_str(text, context! { page => Value::from(Serde(&page)) }).unwrap();
    assert_eq!(shown, "b 2 of 3 next 3: 1 2 3");
}
