//! Rows that leave a database as JSON and come back.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::chrono::{DateTime, NaiveDate, Utc};
use nuages::serde_json::{Value, json};
use nuages::test::Client;
use nuages::uuid::Uuid;
use nuages::{ForeignKey, Model};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::shop::{self, Item, Sale, Section};
use nuages_tests::site::{self, Everything, PASSWORD, Post, User};
use nuages_tests::table::{run, texts};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use tempfile::TempDir;

nuages_tests::promises!(
    a_dump_that_is_loaded_again_is_the_same_dump,
    stdout_gets_json_and_nothing_else,
    a_file_is_for_its_owner_alone,
    apps_and_models_are_chosen_by_name,
    a_large_table_comes_whole,
    rows_may_come_in_any_order,
    a_row_that_points_nowhere_is_refused,
    a_row_that_is_there_is_overwritten,
    a_row_without_a_key_gets_one,
    a_list_keeps_the_pairs_that_stay,
    what_django_has_dumped_is_loaded,
    bad_input_is_named_in_one_line_and_nothing_is_loaded,
);

/// The site with a shop, and a folder for files.
struct Shop {
    client: Client,
    folder: TempDir,
}

impl Shop {
    async fn open(on: Kind) -> Self {
        Self { client: Client::new(shop::project(on)).await, folder: tempfile::tempdir().unwrap() }
    }

    fn manage(&self, arguments: &[&str]) -> (i32, String, String) {
        let url = self.client.settings().database_url.expose();
        outcome(&manage(env!("CARGO_BIN_EXE_shop"), url, arguments).output().unwrap())
    }

    #[track_caller]
    fn dump(&self, arguments: &[&str]) -> String {
        let (code, said, wrong) = self.manage(&[&["dumpdata"], arguments].concat());
        assert_eq!(code, 0, "{wrong}");
        said
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[track_caller]
    fn load(&self, text: &str) {
        let (code, _, wrong) = self.try_to_load(text);
        assert_eq!(code, 0, "{wrong}");
    }

    fn try_to_load(&self, text: &str) -> (i32, String, String) {
        self.manage(&["loaddata", &self.file("rows.json", text)])
    }

    async fn count<M: Model>(&self) -> u64 {
        M::objects(self.client.db()).count().await.unwrap()
    }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn full() -> Everything {
    Everything {
        id: 0,
        truth: true,
        truth_or_null: Some(false),
        small: i16::MIN,
        small_or_null: Some(7),
        integer: i32::MAX,
        integer_or_null: Some(-7),
        big: i64::MIN,
        big_or_null: Some(i64::MAX),
        double: 0.1 + 0.2,
        double_or_null: Some(5e-324),
        text: "Nuages – 🎸 'quoted' \"twice\" \\ \n\t \u{202e}".into(),
        text_or_null: Some(String::new()),
        moment: moment("2030-01-02T03:04:05.678901Z"),
        moment_or_null: Some(moment("1969-12-31T23:59:59Z")),
        day: NaiveDate::from_ymd_opt(2030, 2, 28).unwrap(),
        day_or_null: NaiveDate::from_ymd_opt(1, 1, 1),
        uuid: Uuid::from_u128(7),
        uuid_or_null: Some(Uuid::nil()),
        json: json!({"b": [1, 2.5, null, "é🎸", {"a": true}], "a": {}}),
        json_or_null: Some(json!("text")),
        bytes: vec![0, 255, 39, 92, 0],
        bytes_or_null: Some(Vec::new()),
    }
}

fn empty() -> Everything {
    Everything {
        truth_or_null: None,
        small_or_null: None,
        integer_or_null: None,
        big_or_null: None,
        double: f64::INFINITY,
        double_or_null: None,
        text_or_null: None,
        moment_or_null: None,
        day_or_null: None,
        uuid_or_null: None,
        json: Value::Null,
        json_or_null: None,
        bytes_or_null: None,
        ..full()
    }
}

/// A row of every kind: users in groups, posts, sections in sections, items that are related.
async fn fill(client: &Client) {
    let db = client.db();
    for row in [full(), empty()] {
        row.create(db).await.unwrap();
    }
    let (ann, bob) = (site::user(client, "ann").await, site::user(client, "bob").await);
    let post = Post { editor: Some(ForeignKey::to(&bob)), ..Post::new(&ann, "Nuages") };
    post.create(db).await.unwrap();
    for name in ["editors", "readers"] {
        nuages_auth::Group { name: name.into(), ..Default::default() }.create(db).await.unwrap();
    }
    let outer = Section { name: "records".into(), ..Section::default() }.create(db).await.unwrap();
    let inner = Section { name: "swing".into(), parent: Some(ForeignKey::to(&outer)), id: 0 };
    let inner = inner.create(db).await.unwrap();
    for code in ["b", "a", "c'"] {
        Item { code: code.into(), section: ForeignKey::to(&inner), stock: 7 }.create(db).await.unwrap();
    }
    Sale { id: Uuid::from_u128(9), item: ForeignKey::new("a".into()) }.create(db).await.unwrap();
    for sql in [
        "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (1, 2), (1, 1), (2, 2)",
        "INSERT INTO shop_item_sections (item_id, section_id) VALUES ('a', 2), ('b', 1), ('a', 1)",
        "INSERT INTO shop_item_related (from_item_id, to_item_id) VALUES ('a', 'b'), ('c''', 'a'), ('a', 'a')",
    ] {
        run(db, sql).await;
    }
}

async fn a_dump_that_is_loaded_again_is_the_same_dump(on: Kind) {
    let shop = Shop::open(on).await;
    fill(&shop.client).await;
    let first = shop.dump(&["--exclude", "sessions"]);
    let (code, _, wrong) = shop.manage(&["flush", "--noinput"]);
    assert_eq!((code, shop.dump(&[]).as_str()), (0, "[]\n"), "{wrong}");
    shop.load(&first);
    assert_eq!(shop.dump(&[]), first);
    assert_eq!(shop.dump(&["--indent", "4"]).replace([' ', '\n'], ""), first.replace([' ', '\n'], ""));
    let rows = Everything::objects(shop.client.db()).order_by(Everything::ID.asc()).all().await.unwrap();
    assert_eq!(rows, [Everything { id: 1, ..full() }, Everything { id: 2, ..empty() }]);
    shop.client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let new = Section { name: "new".into(), ..Section::default() }.create(shop.client.db()).await.unwrap();
    assert_eq!(new.id, 3, "the counter goes on");
}

async fn stdout_gets_json_and_nothing_else(on: Kind) {
    let shop = Shop::open(on).await;
    fill(&shop.client).await;
    let (code, said, noted) = shop.manage(&["dumpdata"]);
    let rows: Vec<Value> = nuages::serde_json::from_str(&said).unwrap();
    assert!(code == 0 && rows.len() > 10);
    assert_eq!(noted.lines().count(), 1);
    assert!(noted.contains("hashes of passwords"), "{noted}");
    let ann = rows.iter().find(|row| row["fields"]["username"] == "ann").unwrap();
    assert_eq!(
        (&ann["model"], &ann["pk"], &ann["fields"]["groups"]),
        (&json!("accounts.user"), &json!(1), &json!([1, 2]))
    );
    assert!(ann["fields"]["password"].as_str().unwrap().starts_with("argon2$"));
    let post = rows.iter().find(|row| row["model"] == "blog.post").unwrap();
    assert_eq!((&post["fields"]["author"], &post["fields"]["editor"]), (&json!(1), &json!(2)));
    let item = rows.iter().find(|row| row["pk"] == "a").unwrap();
    assert_eq!(item["fields"], json!({"section": 2, "stock": 7, "sections": [1, 2], "related": ["a", "b"]}));
    let (_, _, noted) = shop.manage(&["dumpdata", "blog", "shop"]);
    assert_eq!(noted, "");
}

async fn a_file_is_for_its_owner_alone(on: Kind) {
    let shop = Shop::open(on).await;
    fill(&shop.client).await;
    let path = shop.folder.path().join("dump.json");
    assert_eq!(shop.dump(&["--output", &path.display().to_string(), "accounts"]), "");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), shop.dump(&["accounts"]));
    let (code, _, wrong) = shop.manage(&["dumpdata", "-o", "/nowhere/dump.json"]);
    assert!(code == 1 && wrong.contains("/nowhere/dump.json: No such file"), "{wrong}");
}

async fn apps_and_models_are_chosen_by_name(on: Kind) {
    let shop = Shop::open(on).await;
    fill(&shop.client).await;
    let models = |arguments: &[&str]| -> Vec<String> {
        let rows: Vec<Value> = nuages::serde_json::from_str(&shop.dump(arguments)).unwrap();
        let mut models: Vec<_> = rows.iter().map(|row| row["model"].as_str().unwrap().to_owned()).collect();
        models.dedup();
        models
    };
    assert_eq!(models(&["shop"]), ["shop.section", "shop.item", "shop.sale"]);
    assert_eq!(models(&["shop.Item", "blog.post"]), ["blog.post", "shop.item"]);
    assert_eq!(models(&["shop", "-e", "shop.item", "--exclude", "shop.SALE"]), ["shop.section"]);
    assert_eq!(models(&["messages"]), Vec::<String>::new());
    for (name, says) in [
        ("shpo", "the site has no app `shpo`; it has sessions"),
        ("shop.itme", "app `shop` has no model `itme`; it has Section, Item, Sale"),
        ("shop.Item_related", "app `shop` has no model `Item_related`"),
    ] {
        for arguments in [&["dumpdata", name][..], &["dumpdata", "--exclude", name]] {
            let (code, said, wrong) = shop.manage(arguments);
            assert!((code, said.as_str()) == (1, "") && wrong.contains(says), "{wrong}");
        }
    }
}

async fn a_large_table_comes_whole(on: Kind) {
    let shop = Shop::open(on).await;
    let row = |pk| json!({"model": "shop.item", "pk": format!("{pk:04}"), "fields": {"section": 1, "sections": [1], "related": [format!("{:04}", 1200 - pk)]}});
    let rows: Vec<_> = (0..=1200).map(row).collect();
    let section = json!({"model": "shop.section", "pk": 1, "fields": {"name": "all"}});
    let all = [rows, vec![section]].concat();
    shop.load(&Value::from(all).to_string());
    let found: Vec<Value> = nuages::serde_json::from_str(&shop.dump(&["shop.item"])).unwrap();
    let keys: Vec<_> = found.iter().map(|row| row["pk"].as_str().unwrap().to_owned()).collect();
    assert_eq!(keys, (0..=1200).map(|pk| format!("{pk:04}")).collect::<Vec<_>>());
    let last = &found[1200]["fields"];
    assert_eq!(
        (&last["sections"], &last["related"], &last["stock"]),
        (&json!([1]), &json!(["0000"]), &json!(1))
    );
}

async fn rows_may_come_in_any_order(on: Kind) {
    let shop = Shop::open(on).await;
    shop.load(
        r#"[{"model": "shop.sale", "pk": "00000000-0000-0000-0000-000000000009", "fields": {"item": "x"}},
            {"model": "SHOP.Item", "pk": "x", "fields": {"section": 7, "related": ["y"]}},
            {"model": "shop.section", "pk": 7, "fields": {"name": "inner", "parent": 8}},
            {"model": "shop.item", "pk": "y", "fields": {"section": 8, "sections": [7, 8, 7]}},
            {"model": "shop.section", "pk": 8, "fields": {"name": "outer", "parent": null}}]"#,
    );
    assert_eq!(
        (shop.count::<Sale>().await, shop.count::<Item>().await, shop.count::<Section>().await),
        (1, 2, 2)
    );
    let inner = Section::find(shop.client.db(), &7).await.unwrap();
    assert_eq!(inner.parent.unwrap().key, 8);
}

async fn a_row_that_points_nowhere_is_refused(on: Kind) {
    let shop = Shop::open(on).await;
    let section = r#"{"model": "shop.section", "pk": 1, "fields": {"name": "a"}}"#;
    for (row, says) in [
        (
            r#"{"model": "shop.section", "pk": 7, "fields": {"name": "b", "parent": 9}}"#,
            "shop.section 7: `parent_id` points to shop.section 9, which is not there; nothing was loaded",
        ),
        (
            r#"{"model": "shop.item", "pk": "x", "fields": {"section": 1, "related": ["x", "y"]}}"#,
            r#"shop.item "x": `to_item_id` points to shop.item "y", which is not there; nothing was loaded"#,
        ),
    ] {
        let (code, said, wrong) = shop.try_to_load(&format!("[{section}, {row}]"));
        assert_eq!((code, said.as_str()), (1, ""));
        assert_eq!(wrong.trim(), format!("error: {says}"));
        assert_eq!((shop.count::<Section>().await, shop.count::<Item>().await), (0, 0));
    }
}

async fn a_row_that_is_there_is_overwritten(on: Kind) {
    let shop = Shop::open(on).await;
    fill(&shop.client).await;
    shop.load(
        r#"[{"model": "shop.section", "pk": 2, "fields": {"name": "jazz"}},
            {"model": "shop.item", "pk": "a", "fields": {"stock": 0}},
            {"model": "shop.item", "pk": "b", "fields": {}},
            {"model": "shop.section", "pk": 2, "fields": {"parent": null}}]"#,
    );
    let section = Section::find(shop.client.db(), &2).await.unwrap();
    assert_eq!((section.name.as_str(), section.parent), ("jazz", None));
    let item = Item::find(shop.client.db(), &"a".into()).await.unwrap();
    assert_eq!((item.stock, item.section.key), (0, 2), "what is not given stays");
    assert_eq!(shop.count::<Item>().await, 3);
}

async fn a_row_without_a_key_gets_one(on: Kind) {
    let shop = Shop::open(on).await;
    shop.load(
        r#"[{"model": "shop.section", "pk": 5, "fields": {"name": "a"}},
            {"model": "accounts.user", "pk": null, "fields": {"username": "eve", "password": "!", "first_name": "",
             "last_name": "", "email": "", "is_staff": false, "is_active": true, "is_superuser": false,
             "date_joined": "2030-01-02T03:04:05Z", "groups": [3]}},
            {"model": "auth.group", "pk": 3, "fields": {"name": "editors"}}]"#,
    );
    let eve = User::objects(shop.client.db()).get(User::USERNAME.eq("eve")).await.unwrap();
    let groups = texts(shop.client.db(), "accounts_user_groups", "user_id").await;
    assert_eq!(groups, [eve.id.to_string()]);
    shop.load(r#"[{"model": "shop.section", "fields": {"name": "b"}}]"#);
    let section = Section::objects(shop.client.db()).get(Section::NAME.eq("b")).await.unwrap();
    assert!(section.id > 5, "{section:?}");
}

async fn a_list_keeps_the_pairs_that_stay(on: Kind) {
    let shop = Shop::open(on).await;
    fill(&shop.client).await;
    let pairs = async || {
        let mut pairs =
            texts(shop.client.db(), "shop_item_sections", "id || ' ' || item_id || ' ' || section_id").await;
        pairs.sort();
        pairs
    };
    assert_eq!(pairs().await, ["1 a 2", "2 b 1", "3 a 1"]);
    shop.load(
        r#"[{"model": "shop.item", "pk": "a", "fields": {"sections": [1]}},
            {"model": "shop.item", "pk": "b", "fields": {"sections": []}},
            {"model": "shop.item", "pk": "c'", "fields": {"stock": 1}}]"#,
    );
    assert_eq!(pairs().await, ["3 a 1"]);
}

async fn what_django_has_dumped_is_loaded(on: Kind) {
    let shop = Shop::open(on).await;
    shop.load(
        r#"[
{
  "model": "auth.group",
  "pk": 1,
  "fields": {
    "name": "éditeurs",
    "permissions": []
  }
},
{
  "model": "accounts.user",
  "pk": 1,
  "fields": {
    "password": "pbkdf2_sha256$1000000$seasalt$5YGFAWS1Cu+xASixJYSbolqCUgtwAdKNxflr6PT+Mys=",
    "last_login": "2030-01-02T03:04:05.678Z",
    "is_superuser": false,
    "username": "ann",
    "first_name": "",
    "last_name": "",
    "email": "",
    "is_staff": false,
    "is_active": true,
    "date_joined": "2029-01-02T03:04:05+02:00",
    "groups": [
      1
    ],
    "user_permissions": []
  }
}
]
"#,
    );
    let ann = User::find(shop.client.db(), &1).await.unwrap();
    assert_eq!(ann.last_login, Some(moment("2030-01-02T03:04:05.678Z")));
    assert_eq!(ann.date_joined, moment("2029-01-02T01:04:05Z"));
    shop.client.login("ann", "correct horse battery staple").await.assert_redirect("/accounts/profile/");
}

async fn bad_input_is_named_in_one_line_and_nothing_is_loaded(on: Kind) {
    let shop = Shop::open(on).await;
    let first = r#"{"model": "shop.section", "pk": 1, "fields": {"name": "a"}}"#;
    let second = |row: &str| format!("[{first}, {row}]");
    for (text, says) in [
        (
            second(r#"{"model": "shop.secion", "pk": 1, "fields": {}}"#),
            "object 2: the site has no model `shop.secion`",
        ),
        (
            second(r#"{"model": "shop.section", "pk": 2, "fields": {"title": "b"}}"#),
            "object 2: field `title` of shop.section: there is no such field; there are name, parent",
        ),
        (
            second(r#"{"model": "shop.section", "pk": "x", "fields": {}}"#),
            "object 2: field `pk` of shop.section: \"x\" is no whole number of 64 bits",
        ),
        (
            second(r#"{"model": "shop.section", "pk": 2, "fields": {"name": 7}}"#),
            "object 2: field `name` of shop.section: 7 is no text",
        ),
        (
            second(r#"{"model": "shop.section", "pk": 2, "fields": {"name": null}}"#),
            "field `name` of shop.section: it may not be null",
        ),
        (
            second(r#"{"model": "shop.section", "pk": 2, "fields": {}}"#),
            "object 2: field `name` of shop.section: it is missing",
        ),
        (
            second(r#"{"model": "shop.item", "fields": {"section": 1}}"#),
            "object 2: field `pk` of shop.item: it is missing",
        ),
        (
            second(r#"{"model": "shop.item", "pk": "x", "fields": {"section": 1, "related": "x"}}"#),
            "field `related` of shop.item: it is no list of keys",
        ),
        (
            second(r#"{"model": "shop.item", "pk": "x", "fields": {"section": 1, "sections": [1, "x"]}}"#),
            "field `sections` of shop.item: \"x\" is no whole number",
        ),
        (
            second(r#"{"model": "shop.section", "pk": 2, "fields": {"name": "a"}}"#),
            "object 2: the database refused:",
        ),
        (second(r#"{"model": "shop.section", "pk": 2}"#), "object 2: a shop.section has no `fields`"),
        (second(r#"{"pk": 2, "fields": {}}"#), "object 2: it has no text `model`"),
        (second("7"), "object 2: it is no object"),
        (format!("[{first}, {{\"model\": \"shop."), "object 2: EOF while parsing a string at line 1"),
        (format!("[{first}"), "object 2: EOF while parsing a list"),
        (format!("[{first}] x"), "object 2: trailing characters"),
        (first.to_owned(), "object 1: invalid type: map, expected a list of objects"),
        (String::new(), "object 1: EOF while parsing"),
    ] {
        let (code, said, wrong) = shop.try_to_load(&text);
        assert_eq!((code, said.as_str()), (1, ""), "{wrong}");
        assert!(wrong.contains("rows.json: ") && wrong.contains(says), "{wrong}");
        assert!(wrong.ends_with("; nothing was loaded\n") && wrong.lines().count() == 1, "{wrong}");
        assert_eq!(shop.count::<Section>().await, 0, "{text}");
    }
    let good = shop.file("good.json", &format!("[{first}]"));
    let (code, _, wrong) = shop.manage(&["loaddata", &good, "missing.json"]);
    assert_eq!(
        (code, wrong.as_str()),
        (1, "error: missing.json: No such file or directory (os error 2); nothing was loaded\n")
    );
    assert_eq!(shop.count::<Section>().await, 0);
    let (code, said, _) = shop.manage(&["loaddata", &good]);
    assert_eq!((code, said.as_str()), (0, "Installed 1 object(s) from 1 fixture(s)\n"));
}

#[tokio::test]
async fn a_fixture_may_come_by_stdin() {
    let shop = Shop::open(Kind::Sqlite).await;
    let url = shop.client.settings().database_url.expose();
    let mut command = manage(env!("CARGO_BIN_EXE_shop"), url, &["loaddata", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(br#"[{"model": "shop.section", "fields": {"name": "a"}}]"#)
        .unwrap();
    let (code, _, wrong) = outcome(&child.wait_with_output().unwrap());
    assert_eq!((code, shop.count::<Section>().await), (0, 1), "{wrong}");
}
