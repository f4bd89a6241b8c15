//! A year of a generated site: its models change every week or so, its databases have rows, and nothing is lost.

#![cfg(feature = "generated")]

mod generated;
mod year;

use std::process::{Command, Stdio};
use std::time::Instant;

use generated::Site;
use nuages::test::Client;
use nuages::{Database, Project, Settings};
use nuages_tests::kind::Kind;
use nuages_tests::table::{run, texts};
use year::{Change, FIRST_DAY, YEAR};

const SECRET_KEY: &str = "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF";
const MODELS: &str = "src/shop/models.rs";

/// The databases that this build can reach.
fn kinds() -> Vec<Kind> {
    vec![
        Kind::Sqlite,
        #[cfg(feature = "postgres")]
        Kind::Postgres,
        #[cfg(feature = "mysql")]
        Kind::MySql,
    ]
}

/// A site with an app called `shop`, which can speak to every database.
fn site() -> Site {
    let site = Site::generate("generated-history", &[]);
    let features = [("postgres", cfg!(feature = "postgres")), ("mysql", cfg!(feature = "mysql"))];
    let features: String =
        features.iter().filter(|(_, on)| *on).map(|(name, _)| format!(", \"{name}\"")).collect();
    site.edit("Cargo.toml", "features = [\"sqlite\"", &format!("features = [\"sqlite\"{features}"));
    site.edit("src/lib.rs", "pub mod settings;", "pub mod settings;\npub mod shop;");
    site.edit("src/lib.rs", ".app(home::app())", ".app(home::app())\n        .app(shop::app())");
    site.write(MODELS, FIRST_DAY);
    site.write("src/shop/mod.rs", &app("", ".model::<models::Tag>().model::<models::Item>()"));
    site
}

fn app(module: &str, calls: &str) -> String {
    format!(
        "//! The shop.\n\nuse nuages::App;\n\n{module}pub mod models;\n\n/// The shop, as an app.\npub fn app() -> App {{\n    App::new(\"shop\"){calls}\n}}\n"
    )
}

/// A database, and what the site's program says when it works on it.
struct Shop {
    client: Client,
    kind: Kind,
}

impl Shop {
    async fn on(kind: Kind) -> Self {
        let url = kind.url();
        let pairs = [("DEBUG", "true"), ("SECRET_KEY", SECRET_KEY), ("DATABASE_URL", url.as_str())];
        Self { client: Client::new(Project::new(Settings::from_pairs(pairs))).await, kind }
    }

    fn db(&self) -> &Database {
        self.client.db()
    }

    fn manage(&self, site: &Site, words: &[&str]) -> String {
        let mut command = site.program(words);
        command.env("DATABASE_URL", self.client.settings().database_url.expose());
        let (code, out, err) = generated::told(&mut command);
        assert_eq!(code, 0, "{:?} {words:?}\n{out}\n{err}", self.kind);
        out
    }

    async fn names(&self) -> Vec<String> {
        let mut names = texts(self.db(), "shop_item", "name").await;
        names.sort();
        names
    }
}

/// Types the answers at a terminal, which `script` pretends to be.
fn makemigrations(site: &Site, change: &Change) -> String {
    let program = site.program(&[]);
    let mut command = Command::new("script");
    let line = format!("{} makemigrations shop", program.get_program().to_string_lossy());
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.current_dir(program.get_current_dir().expect("it has one"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("`script` is on every Debian");
    let mut stdin = child.stdin.take().expect("its stdin is a pipe");
    std::io::Write::write_all(&mut stdin, change.answers.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    drop(stdin);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
async fn a_year_of_changes_goes_forward_and_all_the_way_back() {
    let site = site();
    let mut shops = Vec::new();
    for kind in kinds() {
        shops.push(Shop::on(kind).await);
    }
    begin(&site, &shops).await;
    for (week, change) in YEAR.iter().enumerate() {
        let start = Instant::now();
        for (from, to) in change.edits {
            site.edit(MODELS, from, to);
        }
        register(&site);
        site.cargo(&["build", "--quiet"]);
        let said = makemigrations(&site, change);
        for words in change.says {
            assert!(said.contains(words), "week {week}: {words}\n{said}");
        }
        site.cargo(&["build", "--quiet"]);
        for shop in &shops {
            assert!(shop.manage(&site, &["migrate"]).contains("OK"));
            assert_eq!(shop.names().await, ["pot", "tea"], "week {week}");
        }
        eprintln!("week {week}: {:.1} s", start.elapsed().as_secs_f32());
    }
    assert_eq!(site.run(&["makemigrations", "--check"]), "No changes detected\n");
    end(&site, &shops).await;
}

/// The models as they are now called, and the new ones.
fn register(site: &Site) {
    let models = site.read(MODELS);
    let names = ["Tag", "Label", "Item", "Review"];
    let there = names.iter().filter(|name| models.contains(&format!("pub struct {name} {{")));
    let calls: String = there.map(|name| format!(".model::<models::{name}>()")).collect();
    site.write(
        "src/shop/mod.rs",
        &app("pub mod migrations;\n", &format!("{calls}.migrations(migrations::all())")),
    );
}

async fn begin(site: &Site, shops: &[Shop]) {
    site.cargo(&["build", "--quiet"]);
    let first = Change { edits: &[], answers: "", says: &[] };
    assert!(makemigrations(site, &first).contains("Makes `Item`."));
    register(site);
    site.cargo(&["build", "--quiet"]);
    for shop in shops {
        shop.manage(site, &["migrate"]);
        run(shop.db(), "INSERT INTO shop_tag (label) VALUES ('hot')").await;
        run(shop.db(), "INSERT INTO shop_item (name, price) VALUES ('tea', 3), ('pot', 40)").await;
    }
}

async fn end(site: &Site, shops: &[Shop]) {
    for shop in shops {
        for number in (1..YEAR.len()).rev().step_by(7) {
            shop.manage(site, &["migrate", "shop", &format!("{:04}", number + 1)]);
            assert_eq!(shop.names().await, ["pot", "tea"], "back to {number}");
        }
        shop.manage(site, &["migrate", "shop", "0001"]);
        assert_eq!(shop.names().await, ["pot", "tea"]);
        shop.manage(site, &["migrate", "shop", "zero"]);
        assert!(shop.db().execute_sql("SELECT 1 FROM shop_item").await.is_err());
        assert!(shop.manage(site, &["migrate"]).contains("OK"));
    }
}
