use super::*;
use crate::db::schema::OnDelete;
use crate::migrations::{Graph, Migration, TableBuilder, table_of, user};

const USER: UserTable = UserTable {
    app: "accounts",
    model: "User",
    table: "accounts_user",
    key: "id",
    login: "username",
    kind: Kind::BigInt,
};

fn sql(dialect: Dialect, migration: Migration, backwards: bool) -> Result<Vec<String>> {
    let first =
        Migration::new("0001_initial").create_table("blog_tag", |table| drop(table.auto("id").build()));
    let migrations = [first, migration];
    let graph = Graph::new([("blog", &migrations[..])], Some(&USER)).unwrap();
    graph.sql(1, dialect, backwards)
}

fn create(columns: impl FnOnce(&mut TableBuilder)) -> Migration {
    Migration::new("0002_post").create_table("blog_post", columns)
}

#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn add(column: impl FnOnce(&mut TableBuilder) -> &mut crate::migrations::ColumnBuilder) -> Migration {
    Migration::new("0002_column").add_column("blog_tag", column)
}

fn every_kind(table: &mut TableBuilder) {
    table.big_auto("id");
    table.text("title").max_length(200).unique();
    table.text("body").default("it's");
    table.boolean("draft").default(true);
    table.small_integer("a").default(-1);
    table.integer("b").index();
    table.big_integer("c").null();
    table.double("d").default(1.5);
    table.date("day").default_now();
    table.datetime("moment").default_now();
    table.uuid("key");
    table.json("data");
    table.binary("bytes");
    table.foreign_key("author_id", user());
    table.foreign_key("tag_id", table_of("blog", "blog_tag")).null().on_delete(OnDelete::SetNull);
    table.unique_together(["title", "author_id"]);
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;

    #[test]
    fn a_table_has_djangos_types() {
        let sql = sql(Dialect::Sqlite, create(every_kind), false).unwrap();
        let columns: Vec<_> = sql[0].split(", ").collect();
        assert_eq!(
            columns,
            [
                r#"CREATE TABLE "blog_post" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT"#,
                r#""title" varchar(200) NOT NULL"#,
                r#""body" text DEFAULT 'it''s' NOT NULL"#,
                r#""draft" bool DEFAULT 1 NOT NULL"#,
                r#""a" smallint DEFAULT -1 NOT NULL"#,
                r#""b" integer NOT NULL"#,
                r#""c" bigint NULL"#,
                r#""d" real DEFAULT 1.5 NOT NULL"#,
                r#""day" date DEFAULT CURRENT_DATE NOT NULL"#,
                r#""moment" datetime DEFAULT CURRENT_TIMESTAMP NOT NULL"#,
                r#""key" char(32) NOT NULL"#,
                r#""data" text CHECK ((JSON_VALID("data") OR "data" IS NULL)) NOT NULL"#,
                r#""bytes" BLOB NOT NULL"#,
                r#""author_id" bigint NOT NULL REFERENCES "accounts_user" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"#,
                r#""tag_id" integer NULL REFERENCES "blog_tag" ("id") ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED)"#,
            ]
        );
    }

    #[test]
    fn indexes_follow_the_table() {
        let sql = sql(Dialect::Sqlite, create(every_kind), false).unwrap();
        let starts = [
            r#"CREATE UNIQUE INDEX "blog_post_title_author_id_"#,
            r#"CREATE UNIQUE INDEX "blog_post_title_"#,
            r#"CREATE INDEX "blog_post_b_"#,
            r#"CREATE INDEX "blog_post_author_id_"#,
            r#"CREATE INDEX "blog_post_tag_id_"#,
        ];
        assert_eq!(sql.len(), 1 + starts.len());
        assert!(sql[1..].iter().zip(starts).all(|(sql, start)| sql.starts_with(start)), "{sql:#?}");
    }

    #[test]
    fn what_sqlite_can_add_is_added() {
        let migration = add(|column| column.foreign_key("author_id", user()).null());
        let [added, index] = &sql(Dialect::Sqlite, migration, false).unwrap()[..] else { panic!() };
        assert!(
            added.starts_with(r#"ALTER TABLE "blog_tag" ADD COLUMN "author_id" bigint NULL REFERENCES"#),
            "{added}"
        );
        assert!(index.starts_with(r#"CREATE INDEX "blog_tag_author_id_"#), "{index}");
    }

    #[test]
    fn what_sqlite_cannot_do_is_done_by_writing_the_table_anew() {
        let migration = add(|column| column.text("name").fill_with("none").unique());
        let forwards = sql(Dialect::Sqlite, migration.clone(), false).unwrap();
        assert_eq!(
            forwards[..2],
            [
                r#"CREATE TABLE "new__blog_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" text NOT NULL)"#,
                r#"INSERT INTO "new__blog_tag" ("id", "name") SELECT "id", 'none' FROM "blog_tag""#,
            ]
        );
        assert_eq!(
            forwards[3..7],
            [
                r#"DROP TABLE "blog_tag""#,
                "PRAGMA legacy_alter_table = ON",
                r#"ALTER TABLE "new__blog_tag" RENAME TO "blog_tag""#,
                "PRAGMA legacy_alter_table = OFF",
            ]
        );
        assert!(forwards[7].starts_with(r#"CREATE UNIQUE INDEX "blog_tag_name_"#), "{}", forwards[7]);
        let undone = sql(Dialect::Sqlite, migration, true).unwrap();
        assert_eq!(undone[1], r#"INSERT INTO "new__blog_tag" ("id") SELECT "id" FROM "blog_tag""#);
        assert_eq!(undone.len(), forwards.len() - 1);
    }

    #[test]
    fn the_rows_that_exist_get_the_time_of_the_migration() {
        let sql = sql(Dialect::Sqlite, add(|column| column.datetime("at").default_now()), false).unwrap();
        assert!(sql[0].contains(r#""at" datetime DEFAULT CURRENT_TIMESTAMP NOT NULL"#), "{}", sql[0]);
        assert!(sql[1].contains(r#"SELECT "id", CURRENT_TIMESTAMP FROM"#), "{}", sql[1]);
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::*;

    #[test]
    fn a_table_has_djangos_types() {
        let sql = sql(Dialect::Postgres, create(every_kind), false).unwrap();
        let columns: Vec<_> = sql[0].split(", ").collect();
        assert_eq!(
            columns[..14],
            [
                r#"CREATE TABLE "blog_post" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY"#,
                r#""title" varchar(200) NOT NULL UNIQUE"#,
                r#""body" text DEFAULT 'it''s' NOT NULL"#,
                r#""draft" boolean DEFAULT true NOT NULL"#,
                r#""a" smallint DEFAULT -1 NOT NULL"#,
                r#""b" integer NOT NULL"#,
                r#""c" bigint NULL"#,
                r#""d" double precision DEFAULT 1.5 NOT NULL"#,
                r#""day" date DEFAULT CURRENT_DATE NOT NULL"#,
                r#""moment" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL"#,
                r#""key" uuid NOT NULL"#,
                r#""data" jsonb NOT NULL"#,
                r#""bytes" bytea NOT NULL"#,
                r#""author_id" bigint NOT NULL REFERENCES "accounts_user" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"#,
            ]
        );
        assert!(sql[0].contains(r#", CONSTRAINT "blog_post_title_author_id_"#), "{}", sql[0]);
    }

    fn alter(migration: Migration) -> Vec<String> {
        let first = Migration::new("0001_initial").create_table("blog_tag", |table| {
            table.big_auto("id");
            table.text("name").max_length(50).null();
            table.boolean("shown").default(true);
        });
        let migrations = [first, migration];
        let graph = Graph::new([("blog", &migrations[..])], Some(&USER)).unwrap();
        let both = [graph.sql(1, Dialect::Postgres, false), graph.sql(1, Dialect::Postgres, true)];
        both.into_iter().flat_map(Result::unwrap).collect()
    }

    #[test]
    fn a_column_is_altered_and_altered_back() {
        let migration = Migration::new("0002_alter")
            .alter_column("blog_tag", |column| column.text("name").max_length(20).default("none"));
        assert_eq!(
            alter(migration),
            [
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "name" TYPE varchar(20)"#,
                r#"UPDATE "blog_tag" SET "name" = 'none' WHERE "name" IS NULL"#,
                "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "name" SET NOT NULL"#,
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "name" SET DEFAULT 'none'"#,
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "name" DROP DEFAULT"#,
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "name" TYPE varchar(50)"#,
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "name" DROP NOT NULL"#,
            ]
        );
    }

    #[test]
    fn true_and_false_become_numbers() {
        let migration =
            Migration::new("0002_alter").alter_column("blog_tag", |column| column.big_integer("shown"));
        let sql = alter(migration);
        assert_eq!(sql[0], r#"ALTER TABLE "blog_tag" ALTER COLUMN "shown" DROP DEFAULT"#);
        assert!(sql[1].ends_with(r#"TYPE bigint USING "shown"::integer::bigint"#), "{}", sql[1]);
        assert!(sql[2].ends_with(r#"TYPE boolean USING "shown" <> 0"#), "{}", sql[2]);
    }

    #[test]
    fn a_new_column_gets_a_value_for_the_rows_that_exist_alone() {
        let migration = Migration::new("0002_add")
            .add_column("blog_tag", |column| column.text("slug").fill_with("x").unique());
        let sql = alter(migration);
        assert_eq!(
            sql[..2],
            [
                r#"ALTER TABLE "blog_tag" ADD COLUMN "slug" text NOT NULL DEFAULT 'x'"#,
                r#"ALTER TABLE "blog_tag" ALTER COLUMN "slug" DROP DEFAULT"#,
            ]
        );
        assert!(sql[2].starts_with(r#"ALTER TABLE "blog_tag" ADD CONSTRAINT "blog_tag_slug_"#), "{}", sql[2]);
        assert!(sql[3].starts_with("DO $each$") && sql[3].contains("contype = 'u'"), "{}", sql[3]);
        assert_eq!(sql[4], r#"ALTER TABLE "blog_tag" DROP COLUMN "slug""#);
    }

    #[test]
    fn a_key_of_32_bits_counts_up_too() {
        let sql = sql(Dialect::Postgres, create(|table| drop(table.auto("id").build())), false).unwrap();
        assert!(
            sql[0].contains(r#""id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY"#),
            "{}",
            sql[0]
        );
    }
}

#[cfg(feature = "mysql")]
mod mysql {
    use super::*;

    #[test]
    fn a_table_has_djangos_types_and_keys_behind_them() {
        let sql = sql(Dialect::MySql, create(every_kind), false).unwrap();
        let columns: Vec<_> = sql[0].split(", ").collect();
        assert_eq!(
            columns[..15],
            [
                r#"CREATE TABLE "blog_post" ("id" bigint NOT NULL AUTO_INCREMENT PRIMARY KEY"#,
                r#""title" varchar(200) NOT NULL UNIQUE"#,
                r#""body" longtext DEFAULT ('it''s') NOT NULL"#,
                r#""draft" tinyint(1) DEFAULT 1 NOT NULL"#,
                r#""a" smallint DEFAULT -1 NOT NULL"#,
                r#""b" integer NOT NULL"#,
                r#""c" bigint NULL"#,
                r#""d" double precision DEFAULT 1.5 NOT NULL"#,
                r#""day" date DEFAULT (CURRENT_DATE) NOT NULL"#,
                r#""moment" datetime(6) DEFAULT CURRENT_TIMESTAMP(6) NOT NULL"#,
                r#""key" char(32) NOT NULL"#,
                r#""data" json NOT NULL"#,
                r#""bytes" longblob NOT NULL"#,
                r#""author_id" bigint NOT NULL"#,
                r#""tag_id" integer NULL"#,
            ]
        );
        let key = r#"FOREIGN KEY ("author_id") REFERENCES "accounts_user" ("id") ON DELETE CASCADE"#;
        let end = format!(r#"_uniq" UNIQUE ("title", "author_id"), {key}, FOREIGN KEY ("tag_id")"#);
        assert!(sql[0].contains(&end), "{}", sql[0]);
        assert!(sql[0].ends_with(") CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"), "{}", sql[0]);
    }

    #[test]
    fn text_in_an_index_has_a_longest_length() {
        let texts = |table: &mut TableBuilder| {
            table.text("slug").primary_key();
            table.text("a").unique();
            table.text("b").index();
            table.text("c");
            table.text("d");
            table.unique_together(["c", "b"]);
        };
        let sql = sql(Dialect::MySql, create(texts), false).unwrap();
        for column in ["slug", "a", "b", "c"] {
            assert!(sql[0].contains(&format!(r#""{column}" varchar(255) NOT NULL"#)), "{}", sql[0]);
        }
        assert!(sql[0].contains(r#""d" longtext NOT NULL"#), "{}", sql[0]);
    }

    #[test]
    fn a_column_is_added_with_its_keys_in_one_statement_and_dropped_by_what_they_are() {
        let migration = add(|column| column.foreign_key("author_id", user()).null());
        let [added] = &sql(Dialect::MySql, migration.clone(), false).unwrap()[..] else { panic!() };
        let start =
            r#"ALTER TABLE "blog_tag" ADD COLUMN "author_id" bigint NULL, ADD INDEX "blog_tag_author_id_"#;
        let end = r#", ADD FOREIGN KEY ("author_id") REFERENCES "accounts_user" ("id") ON DELETE CASCADE"#;
        assert!(added.starts_with(start) && added.ends_with(end), "{added}");
        let [key, column] = &sql(Dialect::MySql, migration, true).unwrap()[..] else { panic!() };
        assert!(key.contains("DROP FOREIGN KEY ") && key.contains("column_name = 'author_id'"), "{key}");
        assert!(
            column.contains("DROP INDEX ") && column.contains(r#"'DROP COLUMN "author_id"'"#),
            "{column}"
        );
    }

    #[test]
    fn a_column_without_a_value_is_for_tables_without_rows() {
        let sql = sql(Dialect::MySql, add(|column| column.text("x")), false).unwrap();
        assert!(sql[0].contains(r#"ADD COLUMN "x" longtext NULL, ADD CONSTRAINT"#), "{sql:?}");
        assert!(sql[1].ends_with(r#"MODIFY COLUMN "x" longtext NOT NULL"#), "{sql:?}");
    }

    #[test]
    fn text_without_case_is_unique_by_a_column_that_nobody_sees() {
        let migration = create(|table| drop(table.text("name").max_length(9).build()));
        let migration = migration.unique_lower("blog_post", "name");
        let made = sql(Dialect::MySql, migration.clone(), false).unwrap();
        let lower =
            r#""lower(name)" varchar(9) GENERATED ALWAYS AS (lower("name")) STORED INVISIBLE, ADD UNIQUE"#;
        assert!(made[1].contains(lower), "{}", made[1]);
        let undone = sql(Dialect::MySql, migration, true).unwrap();
        assert_eq!(undone[0], r#"ALTER TABLE "blog_post" DROP COLUMN "lower(name)""#);
    }

    #[test]
    fn a_backslash_is_written_twice() {
        let path = create(|table| drop(table.text("path").default("C:\\it's").build()));
        let sql = sql(Dialect::MySql, path, false).unwrap();
        assert!(sql[0].contains(r"DEFAULT ('C:\\it''s')"), "{}", sql[0]);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn own_sql_is_run_as_it_stands_and_undone_if_it_is_said_how() {
    use crate::migrations::RunSql;
    let forwards = RunSql { sqlite: "UPDATE blog_tag SET id = id", ..RunSql::default() };
    let once = Migration::new("0002_sql").run_sql(forwards);
    assert_eq!(sql(Dialect::Sqlite, once.clone(), false).unwrap(), ["UPDATE blog_tag SET id = id"]);
    assert!(sql(Dialect::Sqlite, once.clone(), true).unwrap_err().to_string().contains(".undone_by(…)"));
    assert_eq!(sql(Dialect::Sqlite, once.undone_by(RunSql::same("SELECT 1")), true).unwrap(), ["SELECT 1"]);
}

#[cfg(feature = "sqlite")]
#[test]
fn names_are_quoted() {
    let odd = Migration::new("0002_odd").create_table("od\"d", |table| drop(table.text("or'der").build()));
    let sql = sql(Dialect::Sqlite, odd, false).unwrap();
    assert_eq!(sql, [r#"CREATE TABLE "od""d" ("or'der" text NOT NULL)"#]);
}
