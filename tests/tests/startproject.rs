//! What `nuages startproject` writes, built and used as its owner would: real cargo, real processes, real HTTP.

#![cfg(feature = "generated")]

mod generated;

use std::net::TcpListener;

use generated::{Site, Visitor, told};
use nuages::{Database, sqlx};

const PASSWORD: &str = "mauve-lantern-42";
/// Good enough for production.
const SECRET_KEY: &str = "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF";

#[test]
fn a_site_of_usernames_is_whole_from_the_first_day() {
    let site = Site::generate("generated-username", &["--user", "username"]);
    site.cargo(&["clippy", "--quiet", "--all-targets", "--", "--deny", "warnings"]);
    is_whole(&site);
}

#[test]
fn a_site_of_email_addresses_is_whole_from_the_first_day() {
    is_whole(&Site::generate("generated-email", &["--user", "email"]));
}

/// It builds without a warning, its own tests pass, and its first migration is what `makemigrations` writes.
fn is_whole(site: &Site) {
    // The folder lies below this repository's own rustfmt.toml, which is not the site's.
    site.cargo(&["fmt", "--check", "--", "--config", "max_width=100,use_small_heuristics=Default"]);
    assert!(site.cargo(&["test", "--quiet"]).contains("3 passed"));
    nobody_stays_signed_in_for_ever(site);
    assert_eq!(site.cargo(&["run", "--quiet", "--", "makemigrations", "--check"]), "No changes detected\n");
    assert!(site.run(&["sqlmigrate", "accounts", "0001"]).contains("(lower("));

    let files = ["src/accounts/migrations/mod.rs", "src/accounts/migrations/m0001_initial.rs"];
    let shipped = files.map(|file| site.read(file));
    site.remove("src/accounts/migrations");
    site.edit("src/accounts/mod.rs", "pub mod migrations;\n", "");
    site.edit("src/accounts/mod.rs", ".migrations(migrations::all())", "");
    site.cargo(&["run", "--quiet", "--", "makemigrations"]);
    assert_eq!(files.map(|file| site.read(file)), shipped);
}

/// Somebody who is remembered, and whose session began 29 days ago, has a day left.
fn nobody_stays_signed_in_for_ever(site: &Site) {
    site.write("tests/lifetime.rs", include_str!("generated/lifetime.rs.txt"));
    let field = if site.read("src/accounts/models.rs").contains("\"email\"") { "email" } else { "username" };
    site.edit("tests/lifetime.rs", "NAME_FIELD", field);
    site.edit("tests/lifetime.rs", "CRATE", &site.crate_name());
    assert!(site.cargo(&["test", "--quiet", "--test", "lifetime"]).contains("1 passed"));
    site.remove("tests/lifetime.rs");
}

#[tokio::test]
async fn a_person_signs_up_and_the_site_grows_under_the_account() {
    let site = Site::generate("generated-story", &[]);
    site.cargo(&["build", "--quiet"]);
    site.run(&["migrate"]);
    makes_a_superuser(&site, "NUAGES_SUPERUSER_USERNAME", "root");
    signs_up_and_in_and_out(&site, "username", "ada");

    let models = "src/accounts/models.rs";
    site.edit(
        models,
        "// pub nickname: Option<String>,    // then:",
        "pub nickname: Option<String>, // then:",
    );
    site.cargo(&["build", "--quiet"]);
    assert!(site.run(&["makemigrations"]).contains("Adds `nickname` to `User`."));
    site.cargo(&["build", "--quiet"]);
    assert!(site.run(&["migrate"]).contains("Applying accounts.0002_user_nickname... OK"));
    assert_eq!(site.run(&["makemigrations", "--check"]), "No changes detected\n");
    has_a_nickname_for(&site, &["root", "ada"]).await;
    logs_in(&mut Visitor::of(&site.serve().address), "ada");
}

#[test]
fn people_may_be_known_by_their_email_address() {
    let site = Site::generate("generated-by-email", &["--user", "email"]);
    site.cargo(&["build", "--quiet"]);
    site.run(&["migrate"]);
    makes_a_superuser(&site, "NUAGES_SUPERUSER_EMAIL", "root@example.com");
    signs_up_and_in_and_out(&site, "email", "ada@example.com");
    let server = site.serve();
    let login = Visitor::of(&server.address).get("/accounts/login/");
    login.assert_text("<label for=\"id_username\">Email</label>");
}

fn makes_a_superuser(site: &Site, variable: &str, name: &str) {
    let make = |password: &str| {
        let mut command = site.program(&["createsuperuser", "--noinput"]);
        told(command.env(variable, name).env("NUAGES_SUPERUSER_PASSWORD", password))
    };
    let (code, _, err) = make("12345678");
    assert!(code == 1 && err.contains("too common"), "{code}: {err}");
    assert_eq!(make(PASSWORD).0, 0);
    let (code, _, err) = make(PASSWORD);
    assert!(code == 1 && err.contains("already exists"), "{code}: {err}");
}

fn signs_up_and_in_and_out(site: &Site, login_field: &str, name: &str) {
    let server = site.serve();
    let mut visitor = Visitor::of(&server.address);
    visitor.get("/").assert_text("Sign up");
    visitor.get("/static/style.css").assert_text("body {");

    let account = [(login_field, name), ("password1", PASSWORD), ("password2", PASSWORD)];
    visitor.post("/accounts/signup/", &account).assert_redirect("/accounts/login/");
    logs_in(&mut visitor, name);
    let key = visitor.cookie("sessionid").expect("who has logged in has a session").to_owned();

    assert_eq!(visitor.post("/accounts/logout/", &[]).status, 200);
    let sent_away = "/accounts/login/?next=/accounts/profile/";
    visitor.get("/accounts/profile/").assert_redirect(sent_away);
    visitor.set_cookie("sessionid", &key);
    visitor.get("/accounts/profile/").assert_redirect(sent_away);
    assert_eq!(server.stop(), Some(0));
}

fn logs_in(visitor: &mut Visitor, name: &str) {
    let login = [("username", name), ("password", PASSWORD)];
    visitor.post("/accounts/login/", &login).assert_redirect("/accounts/profile/");
    visitor.get("/accounts/profile/").assert_text(name);
}

async fn has_a_nickname_for(site: &Site, names: &[&str]) {
    let db = Database::connect(&site.database_url()).await.expect("the site's database opens");
    let pool = db.sqlite().expect("it is SQLite");
    let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info('accounts_user')")
        .fetch_all(pool)
        .await
        .expect("the table has columns");
    assert!(columns.iter().any(|column| column == "nickname"), "{columns:?}");
    let users: Vec<String> =
        sqlx::query_scalar("SELECT username FROM accounts_user WHERE nickname IS NULL ORDER BY id")
            .fetch_all(pool)
            .await
            .expect("the table has rows");
    assert_eq!(users, names);
}

#[test]
fn commands_say_what_they_find_and_refuse_with_their_exit_codes() {
    let site = Site::generate("generated-commands", &[]);
    site.cargo(&["build", "--quiet"]);
    refuses_what_is_wrongly_typed(&site);
    refuses_settings_that_are_not_fit_to_serve(&site);
    refuses_to_serve_until_it_is_migrated(&site);
    site.run(&["migrate"]);
    refuses_a_port_in_use(&site);
    says_what_there_is(&site);
    outside_debug_it_is_there_by_https_alone(&site);
}

fn refuses_what_is_wrongly_typed(site: &Site) {
    refused(site, &["migrat"], &[], 2, "'migrate'");
    refused(site, &["runserver", "here"], &[], 2, "`here` is no address");
    refused(site, &["check", "--nothing"], &[], 2, "--nothing");
    refused(site, &["migrate", "nobody"], &[], 1, "no app `nobody`");
    refused(site, &["sqlmigrate", "accounts", "0009"], &[], 1, "no migration `0009`");
    refused(site, &["createsuperuser"], &[], 1, "--noinput");
}

fn refuses_settings_that_are_not_fit_to_serve(site: &Site) {
    let production = [("DEBUG", "false"), ("SECRET_KEY", SECRET_KEY), ("ALLOWED_HOSTS", "example.com")];
    let but = |name: &'static str, value: &'static str| {
        production.map(|pair| if pair.0 == name { (name, value) } else { pair })
    };
    refused(site, &["runserver"], &but("SECRET_KEY", ""), 3, "SECRET_KEY is missing");
    refused(site, &["runserver"], &but("SECRET_KEY", "short"), 3, "SECRET_KEY is shorter");
    refused(site, &["runserver"], &but("ALLOWED_HOSTS", ""), 3, "ALLOWED_HOSTS is empty");
    refused(site, &["check"], &but("DEBUG", "perhaps"), 3, "DEBUG is `perhaps`");
    refused(site, &["migrate"], &[("DATABASE_URL", "sqlite:///nowhere/db.sqlite3")], 1, "cannot be opened");
    refused(site, &["migrate"], &[("DATABASE_URL", "mysql://localhost/db")], 3, "DATABASE_URL");
}

fn refuses_to_serve_until_it_is_migrated(site: &Site) {
    refused(site, &["runserver", "0"], &[], 3, "cargo run -- migrate");
    refused(site, &["migrate", "--check"], &[], 1, "run `migrate`");
}

fn refuses_a_port_in_use(site: &Site) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has an address").to_string();
    refused(site, &["runserver", &address], &[], 1, "is in use");
}

fn says_what_there_is(site: &Site) {
    assert_eq!(site.run(&["check"]), "Nothing is wrong that check can see.\n");
    let routes = site.run(&["routes"]);
    for row in [
        ["/", "home:index", "view"],
        ["/accounts/login/", "login", "view"],
        ["/accounts/delete/", "delete_account", "login"],
        ["/accounts/signup/", "accounts:signup", "view"],
    ] {
        let is_listed = |line: &str| line.split_whitespace().eq(row);
        assert!(routes.lines().any(is_listed), "{routes}");
    }
    assert!(site.run(&["showmigrations", "accounts"]).ends_with("accounts\n [X] 0001_initial\n"));
    let sql = site.run(&["sqlmigrate", "accounts", "0001"]);
    assert!(sql.starts_with("BEGIN;\nCREATE TABLE \"accounts_user\"") && sql.ends_with("COMMIT;\n"), "{sql}");
    assert!(site.run(&["help"]).contains("createsuperuser"));
    assert!(site.run(&["migrate"]).contains("No migrations to apply."));
}

/// As behind a proxy that ends https, and as behind one that the site does not know of.
fn outside_debug_it_is_there_by_https_alone(site: &Site) {
    let production = [("DEBUG", "false"), ("SECRET_KEY", SECRET_KEY), ("ALLOWED_HOSTS", "127.0.0.1")];
    let proxy = ("SECURE_PROXY_SSL_HEADER", "X-Forwarded-Proto:https");
    let by_https = "X-Forwarded-Proto: https";

    let server = site.serve_with(&[&production[..], &[proxy]].concat());
    let mut visitor = Visitor::of(&server.address);
    let http = visitor.get("/accounts/login/");
    let address = format!("https://{}/accounts/login/", server.address);
    assert_eq!((http.status, http.location.as_deref()), (301, Some(&*address)));
    let https = visitor.get_with("/accounts/login/", by_https);
    assert_eq!(https.status, 200);
    assert_eq!(https.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
    drop(server);

    let server = site.serve_with(&production);
    let unknown = Visitor::of(&server.address).get_with("/accounts/login/", by_https);
    assert_eq!((unknown.status, unknown.location), (400, None));
    let log = server.log();
    assert!(log.contains("set SECURE_PROXY_SSL_HEADER=X-Forwarded-Proto:https"), "{log}");
}

/// One clear line on stderr, no backtrace, and nothing on stdout.
#[track_caller]
fn refused(site: &Site, words: &[&str], environment: &[(&str, &str)], code: i32, because: &str) {
    let (ended, out, err) = told(site.program(words).envs(environment.iter().copied()));
    assert_eq!((ended, out.as_str()), (code, ""), "{words:?}: {err}");
    assert!(err.starts_with("error: ") && err.contains(because), "{words:?}: {err}");
    assert!(code == 2 || err.lines().count() == 1, "{words:?}: {err}");
}
