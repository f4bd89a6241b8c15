//! What `nuages startproject` writes: each promise kept by a real run of the program. Nothing is built here.

#![allow(clippy::unwrap_used, reason = "a test may; clippy knows only those inside a `#[test]`")]

mod desk;

use std::fs;
use std::path::Path;

use desk::*;

const FILES: &[&str] = &[
    ".dockerignore",
    ".env",
    ".env.example",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "README.md",
    "src/accounts/forms.rs",
    "src/accounts/migrations/m0001_initial.rs",
    "src/accounts/migrations/mod.rs",
    "src/accounts/mod.rs",
    "src/accounts/models.rs",
    "src/accounts/urls.rs",
    "src/accounts/views.rs",
    "src/home/mod.rs",
    "src/home/urls.rs",
    "src/home/views.rs",
    "src/lib.rs",
    "src/main.rs",
    "src/settings.rs",
    "src/urls.rs",
    "static/icon.svg",
    "static/style.css",
    "templates/404.html",
    "templates/base.html",
    "templates/home/index.html",
    "tests/signing_in.rs",
];

#[test]
fn a_site_has_all_its_files_and_nothing_of_the_template_shows() {
    let desk = desk();
    for user in ["username", "email"] {
        for database in ["sqlite", "postgres", "mysql"] {
            let dir = format!("{user}-{database}");
            made(desk.path(), &["my-site", &dir, "--user", user, "--database", database]);
            let root = desk.path().join(&dir);
            let found = files(&root);
            assert_eq!(found, FILES);
            for file in found.iter().filter(|file| !file.ends_with(".html")) {
                let text = read(root.join(file));
                assert!(!text.contains("{{") && !text.contains("{%"), "{dir}/{file}:\n{text}");
            }
        }
    }
}

#[test]
fn the_default_folder_is_the_name() {
    let desk = desk();
    made(desk.path(), &["mysite"]);
    assert_eq!(fs::read_dir(desk.path()).unwrap().count(), 1);
    assert!(desk.path().join("mysite/Cargo.toml").is_file());
}

#[test]
fn a_missing_folder_is_made_and_an_empty_one_is_used() {
    let desk = desk();
    made(desk.path(), &["mysite", "a/b/c"]);
    assert!(desk.path().join("a/b/c/Cargo.toml").is_file());
    assert_eq!(fs::read_dir(desk.path().join("a/b")).unwrap().count(), 1);

    fs::create_dir(desk.path().join("empty")).unwrap();
    made(&desk.path().join("empty"), &["mysite", "."]);
    assert!(files(&desk.path().join("empty")).contains(&"Cargo.toml".to_owned()));
    assert!(!files(&desk.path().join("empty")).iter().any(|file| file.starts_with(".nuages-")));
}

#[test]
fn the_name_is_kept_and_the_crate_is_its_rust_spelling() {
    let desk = desk();
    for (name, spelled) in [("my-site", "my_site"), ("my--site", "my__site"), ("a1_b-2", "a1_b_2")] {
        made(desk.path(), &[name]);
        let root = desk.path().join(name);
        assert!(read(root.join("Cargo.toml")).contains(&format!("\nname = \"{name}\"\n")));
        assert!(read(root.join("src/main.rs")).contains(&format!("nuages::manage({spelled}::project())")));
        assert!(read(root.join("tests/signing_in.rs")).contains(&format!("use {spelled}::project;")));
    }
}

#[test]
fn pages_and_styles_are_copied_letter_for_letter() {
    let desk = desk();
    made(desk.path(), &["mysite"]);
    for file in ["templates/base.html", "templates/home/index.html", "static/style.css"] {
        assert_eq!(read(desk.path().join("mysite").join(file)), read(template(file)));
    }
    let base = read(desk.path().join("mysite/templates/base.html"));
    assert!(base.contains("{{ user }}") && base.contains("{{ csrf_input }}"));
}

#[test]
fn a_user_logs_in_with_what_was_chosen() {
    let desk = desk();
    made(desk.path(), &["one"]);
    made(desk.path(), &["two", "--user", "email"]);
    let models = "src/accounts/models.rs";
    assert!(read(desk.path().join("one").join(models)).contains("pub fields: UserFields"));
    assert!(read(desk.path().join("two").join(models)).contains("username_field = \"email\""));
    assert!(!read(desk.path().join("two/src/accounts/migrations/m0001_initial.rs")).contains("\"username\""));
}

#[test]
fn the_database_is_the_chosen_one() {
    let desk = desk();
    made(desk.path(), &["one"]);
    made(desk.path(), &["two", "--database", "postgres"]);
    assert!(read(desk.path().join("one/Cargo.toml")).contains(r#"features = ["sqlite"]"#));
    assert!(read(desk.path().join("one/.env")).contains("\nDATABASE_URL=sqlite://db.sqlite3\n"));
    assert!(read(desk.path().join("two/Cargo.toml")).contains(r#"features = ["postgres"]"#));
    assert!(read(desk.path().join("two/.env")).contains("\nDATABASE_URL=postgres://"));
    made(desk.path(), &["three", "--database", "mysql"]);
    assert!(read(desk.path().join("three/Cargo.toml")).contains(r#"features = ["mysql"]"#));
    for file in [".env", ".env.example"] {
        assert!(read(desk.path().join("three").join(file)).contains("\nDATABASE_URL=mysql://"));
    }
    assert!(read(desk.path().join("three/README.md")).contains("MariaDB"));
}

#[test]
fn every_site_has_a_secret_key_of_its_own_that_only_its_owner_reads() {
    let desk = desk();
    let key = |name: &str| {
        made(desk.path(), &[name]);
        let env = read(desk.path().join(name).join(".env"));
        env.lines().find_map(|line| line.strip_prefix("SECRET_KEY=")).unwrap().to_owned()
    };
    let (one, two) = (key("one"), key("two"));
    assert!(one.len() >= 50 && one != two);
    assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{one}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(desk.path().join("one/.env")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn every_site_on_a_server_has_a_database_password_of_its_own_in_no_other_file() {
    let desk = desk();
    for (database, scheme) in [("postgres", "postgres"), ("mysql", "mysql")] {
        let password = |name: &str| {
            let said = made(desk.path(), &[name, "--database", database]);
            let env = read(desk.path().join(name).join(".env"));
            let address = env.split_once(&format!("DATABASE_URL={scheme}://{name}:")).unwrap().1;
            let password = address.split_once("@localhost:").unwrap().0.to_owned();
            let holders = files(desk.path()).into_iter();
            let holders = holders.filter(|file| read(desk.path().join(file)).contains(&password));
            assert_eq!(holders.collect::<Vec<_>>(), [format!("{name}/.env")]);
            assert!(!said.contains(&password));
            password
        };
        let (one, two) = (password(&format!("one_{database}")), password(&format!("two_{database}")));
        assert!(one.len() == 32 && one != two, "{one} {two}");
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{one}");
    }
}

#[test]
fn the_example_of_an_environment_has_no_password_and_a_database_over_tls() {
    let desk = desk();
    for (name, checked) in [("postgres", "?sslmode=verify-full"), ("mysql", "?ssl-mode=VERIFY_IDENTITY")] {
        made(desk.path(), &[name, "--database", name]);
        let example = read(desk.path().join(name).join(".env.example"));
        let address = example.lines().find_map(|line| line.strip_prefix("DATABASE_URL=")).unwrap();
        assert_eq!(address.split_once("://").unwrap().1.split('@').next(), Some(name), "no password");
        assert!(address.ends_with(checked), "{address}");
        assert!(example.contains("\nSECRET_KEY=\n"), "{example}");
    }
}

#[test]
fn the_rules_of_passwords_stand_in_the_settings_and_none_is_about_composition() {
    let desk = desk();
    made(desk.path(), &["mysite"]);
    let settings = read(desk.path().join("mysite/src/settings.rs"));
    for rule in ["user_attribute_similarity", "minimum_length:8", "common_password", "context_words"] {
        assert!(settings.contains(&format!("\"{rule}\",")), "{settings}");
    }
    assert!(!settings.contains("numeric_password"), "{settings}");
}

#[test]
fn the_key_shows_up_nowhere_else() {
    let desk = desk();
    let said = made(desk.path(), &["mysite"]);
    let env = read(desk.path().join("mysite/.env"));
    let key = env.lines().find_map(|line| line.strip_prefix("SECRET_KEY=")).unwrap();
    assert!(!said.contains(key));
    let holders = files(desk.path()).into_iter().filter(|file| read(desk.path().join(file)).contains(key));
    assert_eq!(holders.collect::<Vec<_>>(), ["mysite/.env"]);
}

#[test]
fn the_framework_is_this_checkout_unless_a_version_is_given() {
    let desk = desk();
    made(desk.path(), &["one"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().canonicalize().unwrap();
    let cargo = read(desk.path().join("one/Cargo.toml"));
    assert!(cargo.contains(&format!("path = \"{}/framework\"", root.display())), "{cargo}");

    made(desk.path(), &["two", "--framework", "0.1"]);
    let cargo = read(desk.path().join("two/Cargo.toml"));
    assert!(cargo.contains("nuages = { version = \"0.1\"") && !cargo.contains("path ="), "{cargo}");
}

#[test]
fn a_checkout_gives_the_site_its_versions_and_a_registry_does_not() {
    let desk = desk();
    made(desk.path(), &["one"]);
    made(desk.path(), &["two", "--framework", "0.1"]);
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    assert_eq!(read(desk.path().join("one/Cargo.lock")), read(ours));
    assert!(!desk.path().join("two/Cargo.lock").exists());
}

#[test]
fn a_relative_checkout_is_written_as_an_absolute_path() {
    let desk = desk();
    checkout(&desk.path().join("here"));
    made(desk.path(), &["mysite", "sites/mysite", "--framework", "here"]);
    let root = desk.path().canonicalize().unwrap().join("here");
    assert!(
        read(desk.path().join("sites/mysite/Cargo.toml")).contains(&format!("{}/auth\"", root.display()))
    );
}

#[test]
#[cfg(unix)]
fn a_checkout_may_have_any_name_that_is_text() {
    let desk = desk();
    for name in ["with space", "quote\"d", "back\\slash", "a=b {{ x }} {% y %}", "it's", "été"] {
        checkout(&desk.path().join(name));
        let out = desk.path().join("out");
        made(desk.path(), &["mysite", "out", "--framework", name]);
        let path = desk.path().canonicalize().unwrap().join(name).join("framework");
        let cargo = read(out.join("Cargo.toml"));
        let line = cargo.lines().find(|line| line.starts_with("nuages = ")).unwrap();
        let (_, rest) = line.split_once("path = ").unwrap();
        let written = rest.split(", default-features").next().unwrap();
        assert_eq!(written, toml_string(path.to_str().unwrap()));
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn a_workspace_around_the_site_is_not_touched() {
    let desk = desk();
    let manifest = "# mine\n[workspace]\nresolver = \"3\"\nmembers = [ ]   # none yet\n";
    fs::write(desk.path().join("Cargo.toml"), manifest).unwrap();
    made(desk.path(), &["mysite", "sites/mysite"]);
    assert_eq!(read(desk.path().join("Cargo.toml")), manifest);
    assert!(read(desk.path().join("sites/mysite/Cargo.toml")).contains("\n[workspace]\n"));
}

#[test]
fn an_empty_environment_is_enough() {
    let desk = desk();
    let output = nuages(desk.path()).env_clear().args(["startproject", "mysite"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(desk.path().join("mysite/src/main.rs").is_file());
}

#[test]
fn what_cargo_generate_would_read_changes_nothing() {
    let desk = desk();
    let home = desk.path().join("home");
    fs::create_dir(&home).unwrap();
    let stranger = "[values]\ndatabase = \"postgres\"\ncrate_name = \"evil\"\nsecret_key = \"evil\"\n";
    fs::write(home.join("cargo-generate.toml"), stranger).unwrap();
    let mut command = nuages(desk.path());
    command
        .env("CARGO_HOME", &home)
        .env("CARGO_GENERATE_TEMPLATE_VALUES_FILE", home.join("cargo-generate.toml"));
    for name in ["USER", "DATABASE", "SECRET_KEY", "CRATE_NAME"] {
        command.env(format!("CARGO_GENERATE_VALUE_{name}"), "evil");
    }
    assert!(command.args(["startproject", "mysite"]).output().unwrap().status.success());
    for file in files(&desk.path().join("mysite")) {
        assert!(!read(desk.path().join("mysite").join(&file)).contains("evil"), "{file}");
    }
    assert!(read(desk.path().join("mysite/.env")).contains("sqlite://"));
}

#[test]
fn nothing_is_left_in_the_temporary_folder() {
    let (desk, temporary) = (desk(), desk());
    let mut command = nuages(desk.path());
    for name in ["TMPDIR", "TEMP", "TMP"] {
        command.env(name, temporary.path());
    }
    assert!(command.args(["startproject", "mysite"]).output().unwrap().status.success());
    assert_empty(temporary.path());
}

#[test]
fn it_ends_with_what_to_type_next() {
    let desk = desk();
    let said = made(desk.path(), &["mysite", "my sites/one"]);
    for line in [
        "cd 'my sites/one'",
        "cargo run -- migrate",
        "cargo run -- createsuperuser",
        "cargo run -- runserver",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn on_a_server_the_database_is_made_first() {
    let desk = desk();
    for (database, command) in [("postgres", "CREATE ROLE \"my_site\""), ("mysql", "CREATE USER 'my_site'")] {
        let said = made(desk.path(), &["my-site", database, "--database", database]);
        let (before, _) = said.split_once("cargo run -- migrate").unwrap();
        assert!(before.contains("README.md"), "{said}");
        let readme = read(desk.path().join(database).join("README.md"));
        assert!(readme.contains(command), "{readme}");
    }
}

#[test]
fn a_site_is_built_with_the_settings_of_this_repository() {
    let ours = read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    let (_, dev) = ours.split_once("[profile.dev]").unwrap();
    assert!(read(template("Cargo.toml.liquid")).contains(dev.trim()), "one target folder serves both");
}

fn toml_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
