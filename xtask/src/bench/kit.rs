//! The peers' benchmark kit: where it is, what it needs, and our own entry in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::STORES;
use crate::cargo::succeed;
use crate::install::find_or_install;
use crate::services::postgres::Postgres;
use crate::{Result, root};

/// Debian's own is built with profile-guided optimisation; another one would flatter us.
const PYTHON: &str = "/usr/bin/python3";
/// Where the kit expects PostgreSQL.
const POSTGRES_PORT: u16 = 5544;

/// The kit, ready to run.
pub(super) struct Kit {
    folder: PathBuf,
    work: PathBuf,
    postgres: Option<Postgres>,
}

impl Kit {
    /// Finds the kit, and installs what it needs.
    pub(super) fn open(folder: Option<&Path>, postgres: bool) -> Result<Self> {
        let folder = folder.map_or_else(|| root().join("../shared/bench"), Path::to_owned);
        if !folder.join("run.py").is_file() {
            return Err(format!("{} holds no benchmark kit; name its folder by --kit", folder.display()));
        }
        find_or_install(&["wrk"], &["wrk"])?;
        let work = std::env::var_os("BENCH_WORK").map_or_else(|| root().join("target/bench"), PathBuf::from);
        let kit = Self { folder, work, postgres: postgres.then(start_postgres).transpose()? };
        kit.prepare().map(|()| kit)
    }

    /// Runs one of the kit's own commands.
    pub(super) fn run(&self, chore: &str, apps: &[String], more: &[String]) -> Result {
        let mut command = self.python();
        command.arg(self.folder.join("run.py")).arg(chore).args(apps).args(more);
        command.arg("--out").arg(self.work.join("ours.jsonl"));
        succeed(&mut command)
    }

    /// Our program, told what the kit's entry tells it.
    pub(super) fn ours(&self) -> Command {
        let mut command = Command::new(program("bench-blog"));
        command.envs(environment(&self.database("sqlite"))).current_dir(&self.work);
        command
    }

    fn prepare(&self) -> Result {
        fs::create_dir_all(self.work.join("data")).map_err(|error| format!("no work folder: {error}"))?;
        if !self.work.join("venv/bin/pip").is_file() {
            succeed(Command::new(PYTHON).args(["-m", "venv"]).arg(self.work.join("venv")))?;
        }
        let packages = ["argon2-cffi", "psycopg[binary]"];
        succeed(Command::new(self.work.join("venv/bin/pip")).args(["install", "--quiet"]).args(packages))?;
        succeed(self.python().arg(self.folder.join("tools/seed.py")).arg("data").arg(self.seed()))?;
        // Figures of an earlier run must not be in this one's medians.
        let _ = fs::remove_file(self.work.join("ours.jsonl"));
        fs::write(self.entries_file(), self.entries()).map_err(|error| format!("no entry: {error}"))
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.work.join("venv/bin/python"));
        command.env("BENCH_WORK", &self.work).env("BENCH_APPS", self.entries_file());
        command.envs(self.postgres.iter().map(|server| ("BENCH_PGDATA", server.data())));
        command
    }

    fn entries_file(&self) -> PathBuf {
        self.work.join("ours.json")
    }

    fn seed(&self) -> PathBuf {
        self.work.join("seed.json")
    }

    fn database(&self, name: &str) -> String {
        match name {
            "pg" => format!("postgres://bench:bench@127.0.0.1:{POSTGRES_PORT}/ours?sslmode=disable"),
            _ => format!("sqlite://{}/data/ours-{name}.db", self.work.display()),
        }
    }

    /// Our entries, in the form of the kit's `apps.json`.
    fn entries(&self) -> String {
        let psql = format!("PGPASSWORD=bench psql -q -h 127.0.0.1 -p {POSTGRES_PORT} -U bench postgres");
        let empty =
            format!("{psql} -c 'DROP DATABASE IF EXISTS ours WITH (FORCE)' -c 'CREATE DATABASE ours'");
        let mut entries =
            vec![self.sqlite("sqlite", 8130, "database"), self.entry("pg", 8131, &empty, "database")];
        for (store, port) in STORES.into_iter().zip(8132..) {
            entries.push(self.sqlite(&format!("sqlite-{store}"), port, store));
        }
        format!("[{}]\n", entries.join(",\n"))
    }

    fn sqlite(&self, name: &str, port: u16, store: &str) -> String {
        let empty = format!("rm -f {}/data/ours-{name}.db*", self.work.display());
        self.entry(name, port, &empty, store)
    }

    /// One entry; `empty` is the command that makes an empty database.
    fn entry(&self, name: &str, port: u16, empty: &str, store: &str) -> String {
        let (work, root, program) = (self.work.display(), root().display(), program("bench-blog"));
        let (program, seed, url) = (program.display(), self.seed(), self.database(name));
        let environment = environment(&url).into_iter().chain([("SESSION_STORE", store.to_owned())]);
        let environment: Vec<_> = environment.map(|(name, value)| format!("{name:?}: {value:?}")).collect();
        let (environment, seed) = (environment.join(", "), seed.display());
        let kind = if name == "pg" { "postgres" } else { "sqlite" };
        let sessions = if store == "django" { "django_session" } else { "sessions_session" };
        format!(
            r#"{{"name": "ours-{name}", "framework": "ours", "db": "{kind}", "url": "{url}", "port": {port},
 "build": "cargo build --release -p bench-blog --manifest-path {root}/Cargo.toml",
 "seed": "{empty} && {program} migrate && {program} seed {seed}",
 "start": "{program} runserver {port}", "cwd": "{work}", "env": {{{environment}}},
 "artifact": "{program}", "posts_table": "blog_post", "sessions_table": "{sessions}"}}"#
        )
    }
}

/// The usual policy, but for the style of the pages, which stands in them without a nonce: the kit compares them with the other applications'.
const CSP: &str = "default-src 'self'; img-src 'self' data:; script-src 'self' {nonce}; style-src 'self' 'unsafe-inline'; \
                   object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A site in production, but for https, which the kit's client does not speak.
pub(super) fn environment(url: &str) -> [(&'static str, String); 6] {
    [
        ("SECURE_CSP", CSP.into()),
        ("DATABASE_URL", url.to_owned()),
        ("DEBUG", "false".into()),
        ("ALLOWED_HOSTS", "127.0.0.1".into()),
        ("SESSION_COOKIE_SECURE", "false".into()),
        ("SECRET_KEY", "only-for-the-benchmark-7XqvR2mKz9LpW4sTfYb8NcJd5HgA3eUo".into()),
    ]
}

/// A program of ours, as a release build leaves it.
pub(super) fn program(name: &str) -> PathBuf {
    root().join("target/release").join(name)
}

fn start_postgres() -> Result<Postgres> {
    let psql = find_or_install(&["psql"], &["postgresql"])?;
    let server = Postgres::start_on(POSTGRES_PORT, &[])?;
    let mut role = Command::new(psql);
    role.args(["-q", "-h", "127.0.0.1", "-p", &POSTGRES_PORT.to_string(), "-U", "postgres"]);
    succeed(role.args(["-c", "CREATE ROLE bench LOGIN SUPERUSER"])).map(|()| server)
}
