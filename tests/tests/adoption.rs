//! A live Django database becomes ours: `migrate --fake-initial`.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::Model;
use nuages::migrations::{Goal, Histories, Migration, Runner, UserTable, Way};
use nuages::test::Client;
use nuages_auth::Permission;
use nuages_tests::django::{self, Post, User};
use nuages_tests::kind::Kind;
use nuages_tests::process::{manage, outcome};
use nuages_tests::site::PASSWORD;
use nuages_tests::table;

nuages_tests::promises!(
    a_django_database_is_adopted_and_its_users_log_in,
    what_django_has_granted_counts_until_it_is_removed,
    an_adopted_database_needs_no_second_adoption,
    what_is_only_in_part_there_is_named_and_nothing_is_touched,
    a_key_of_another_type_is_refused_where_that_matters,
    an_empty_database_is_migrated_as_ever,
    twins_are_adopted_and_warned_about,
    an_adopted_table_can_be_altered_and_altered_back,
    a_fake_migration_is_remembered_and_forgotten_and_nothing_else,
);

fn run(client: &Client, arguments: &[&str]) -> (i32, String, String) {
    let url = client.settings().database_url.expose();
    let mut command = manage(env!("CARGO_BIN_EXE_site"), url, arguments);
    outcome(&command.env("NUAGES_TEST_SITE", "django").output().unwrap())
}

fn done(client: &Client, arguments: &[&str]) -> String {
    let (code, said, wrong) = run(client, arguments);
    assert_eq!(code, 0, "{said} {wrong}");
    said
}

async fn a_django_database_is_adopted_and_its_users_log_in(on: Kind) {
    let client = django::client(on).await;
    let said = done(&client, &["migrate", "--fake-initial"]);
    for line in ["auth.0001_initial... FAKED", "accounts.0001_initial... FAKED", "blog.0001_initial... OK"] {
        assert!(said.contains(line), "{said}");
    }
    assert!(done(&client, &["showmigrations", "accounts"]).contains("[X] 0001_initial"));
    done(&client, &["makemigrations", "--check"]);
    done(&client, &["check"]);
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    client.get("/accounts/profile/").await.assert_text("ann");
    let ann = User::objects(client.db()).get(User::USERNAME.eq("ann")).await.unwrap();
    Post { id: 0, title: "Moved".into(), author: (&ann).into() }.create(client.db()).await.unwrap();
    assert_eq!(
        table::texts(client.db(), "auth_user_groups", "user_id").await,
        ["1"],
        "she is still in her group"
    );
    assert_eq!(
        table::texts(client.db(), "django_migrations", "id").await,
        [""; 0],
        "Django's records are its own"
    );
}

/// `auth.User` and `sessions.Session` are Django's models and not ours, so their permissions are stale; what Django's other apps
/// have stays. On MySQL the fixture's users are of a model that is called as ours is.
async fn what_django_has_granted_counts_until_it_is_removed(on: Kind) {
    let client = django::client(on).await;
    done(&client, &["migrate", "--fake-initial"]);
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
    let [theirs, other] = if on.is_mysql() { ["accounts", "auth"] } else { ["auth", "accounts"] };
    client.get(&format!("/may/{theirs}.add_user/")).await.assert_text("true");
    client.get(&format!("/may/{other}.add_user/")).await.assert_text("false");
    let count = async || Permission::objects(client.db()).count().await.unwrap();
    let before = count().await;
    let said = done(&client, &["remove_stale_permissions", "--noinput"]);
    assert!(said.contains("content type sessions.session") && !said.contains("contenttypes"), "{said}");
    let removed = said.contains("permission auth.add_user (1 users and 0 groups have it)");
    assert_eq!((removed, before - count().await), if on.is_mysql() { (false, 4) } else { (true, 8) });
    client.get(&format!("/may/{theirs}.add_user/")).await.assert_text(&on.is_mysql().to_string());
}

async fn an_adopted_database_needs_no_second_adoption(on: Kind) {
    let client = django::client(on).await;
    done(&client, &["migrate", "--fake-initial"]);
    for arguments in [&["migrate"][..], &["migrate", "--fake-initial"], &["migrate", "--check"]] {
        let said = done(&client, arguments);
        assert!(!said.contains("FAKED"), "{said}");
    }
}

async fn what_is_only_in_part_there_is_named_and_nothing_is_touched(on: Kind) {
    for (sql, missing) in [
        ("DROP TABLE auth_user_groups", "the table `auth_user_groups` is not"),
        ("ALTER TABLE auth_user DROP COLUMN email", "the column `email` of `auth_user` is not"),
    ] {
        let client = django::client(on).await;
        table::run(client.db(), sql).await;
        let (code, _, said) = run(&client, &["migrate", "--fake-initial"]);
        assert_eq!((code, said.lines().count()), (1, 1), "{said}");
        for word in ["the table `auth_user`", missing, "sqlmigrate accounts 0001_initial"] {
            assert!(said.contains(word), "{said}");
        }
        client.db().execute_sql("SELECT app FROM nuages_migrations").await.unwrap_err();
        assert_eq!(table::texts(client.db(), "auth_user", "username").await, ["ann"]);
    }
}

/// `auth_user` of a Django site that never had a user model of its own.
async fn a_key_of_another_type_is_refused_where_that_matters(on: Kind) {
    if !on.is_mysql() {
        return;
    }
    let client = django::client(on).await;
    django::empty(on, client.db()).await;
    let narrow = django::made_by_django(on).replace("`user_id` bigint(20)", "`user_id` int(11)");
    let key = "`id` bigint(20) NOT NULL AUTO_INCREMENT, `password`";
    table::run(client.db(), &narrow.replace(key, &key.replace("bigint(20)", "int(11)"))).await;
    let (code, _, said) = run(&client, &["migrate", "--fake-initial"]);
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    assert!(said.contains("the key `id` of `auth_user`") && said.contains("an `i32`"), "{said}");
}

async fn an_empty_database_is_migrated_as_ever(on: Kind) {
    let client = django::client(on).await;
    django::empty(on, client.db()).await;
    let said = done(&client, &["migrate", "--fake-initial"]);
    assert!(!said.contains("FAKED") && said.contains("accounts.0001_initial... OK"), "{said}");
    client.db().execute_sql("SELECT id FROM auth_user_groups").await.unwrap();
}

/// MySQL, where Django's tables compare names without case, has none.
async fn twins_are_adopted_and_warned_about(on: Kind) {
    if on.is_mysql() {
        return;
    }
    let client = django::client(on).await;
    let twin = "INSERT INTO auth_user (username, password, first_name, last_name, email, is_staff, is_active, is_superuser, date_joined) \
                SELECT 'Ann', password, first_name, last_name, email, is_staff, is_active, is_superuser, date_joined FROM auth_user";
    table::run(client.db(), twin).await;
    done(&client, &["migrate", "--fake-initial"]);
    let said = done(&client, &["check"]);
    assert!(
        said.contains("(auth.W100) two users are called the same but for case: `Ann` and `ann`"),
        "{said}"
    );
    for name in ["ann", "Ann"] {
        client.forget_cookies();
        client.login(name, PASSWORD).await.assert_redirect("/accounts/profile/");
        client.get("/accounts/profile/").await.assert_text(name);
    }
    let later = Migration::new("0002_later").drop_column("auth_user", "first_name");
    Later::of(&client, later).go(Goal::All, Way::Run).await;
    assert_eq!(table::texts(client.db(), "auth_user", "id").await.len(), 2);
    table::run(client.db(), "UPDATE auth_user SET username = 'anna' WHERE username = 'Ann'").await;
    assert!(!done(&client, &["check"]).contains("auth.W100"));
}

/// The site's history, and one migration more.
struct Later<'a>(&'a Client, Vec<Migration>);

impl Histories for Later<'_> {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        let own = self.0.apps().migrations().into_iter();
        own.map(|(app, migrations)| (app, if app == "accounts" { &self.1[..] } else { migrations })).collect()
    }

    fn user_table(&self) -> Option<&UserTable> {
        self.0.apps().user_table()
    }
}

impl<'a> Later<'a> {
    fn of(client: &'a Client, migration: Migration) -> Self {
        let own = client.apps().migrations().into_iter().find(|(app, _)| *app == "accounts");
        Self(client, [own.unwrap().1, &[migration]].concat())
    }

    async fn go(&self, goal: Goal<'_>, way: Way) {
        let runner = Runner::open(self.0.db(), self).await.unwrap();
        for step in runner.steps(goal).await.unwrap() {
            runner.perform(step, way).await.unwrap();
        }
    }
}

async fn an_adopted_table_can_be_altered_and_altered_back(on: Kind) {
    let client = django::client(on).await;
    done(&client, &["migrate", "--fake-initial"]);
    let later = Migration::new("0002_later")
        .add_column("auth_user", |column| column.text("nickname").max_length(20).default("none"))
        .alter_column("auth_user", |column| column.text("username").max_length(190).unique())
        .alter_column("auth_user", |column| column.text("email").max_length(254).null().index())
        .drop_column("auth_user", "first_name")
        .drop_unique("auth_user_groups", ["user_id", "group_id"])
        .rename_column("auth_user", "last_name", "surname");
    let later = Later::of(&client, later);
    for _ in 0..2 {
        later.go(Goal::All, Way::Run).await;
        assert_eq!(table::texts(client.db(), "auth_user", "nickname || surname").await, ["none"]);
        table::run(client.db(), "INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)").await;
        table::run(client.db(), "DELETE FROM auth_user_groups WHERE id > 1").await;
        later.go(Goal::Named("accounts", "0001"), Way::Run).await;
        assert_eq!(table::texts(client.db(), "auth_user", "username || last_name").await, ["ann"]);
        let twice = "INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)";
        client.db().execute_sql(twice).await.unwrap_err();
    }
    client.login("ann", PASSWORD).await.assert_redirect("/accounts/profile/");
}

async fn a_fake_migration_is_remembered_and_forgotten_and_nothing_else(on: Kind) {
    let client = django::client(on).await;
    assert!(done(&client, &["migrate", "blog", "0001", "--fake"]).contains("blog.0001_initial... FAKED"));
    client.db().execute_sql("SELECT id FROM blog_post").await.unwrap_err();
    assert!(done(&client, &["showmigrations", "blog"]).contains("[X] 0001_initial"));
    let said = done(&client, &["migrate", "blog", "zero", "--fake"]);
    assert!(said.contains("Unapplying blog.0001_initial... FAKED"), "{said}");
    assert!(done(&client, &["showmigrations", "blog"]).contains("[ ] 0001_initial"));
    done(&client, &["migrate", "blog"]);
    client.db().execute_sql("SELECT id FROM blog_post").await.unwrap();
    let (code, _, said) = run(&client, &["migrate", "--fake", "--fake-initial"]);
    assert_eq!(code, 2, "{said}");
}
