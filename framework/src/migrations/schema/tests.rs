use super::*;
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

#[cfg(feature = "sqlite")]
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
    fn a_column_is_added_and_dropped_with_its_index() {
        let migration = add(|column| column.foreign_key("author_id", user()).null());
        let [added, index] = &sql(Dialect::Sqlite, migration.clone(), false).unwrap()[..] else { panic!() };
        assert!(
            added.starts_with(r#"ALTER TABLE "blog_tag" ADD COLUMN "author_id" bigint NULL REFERENCES"#),
            "{added}"
        );
        let undone = sql(Dialect::Sqlite, migration, true).unwrap();
        assert_eq!(undone[0], index.replace("CREATE INDEX", "DROP INDEX").split(" ON ").next().unwrap());
        assert_eq!(undone[1], r#"ALTER TABLE "blog_tag" DROP COLUMN "author_id""#);
    }

    #[test]
    fn a_column_with_the_current_time_is_filled_by_an_update() {
        let sql = sql(Dialect::Sqlite, add(|column| column.datetime("at").default_now()), false).unwrap();
        assert_eq!(
            sql,
            [
                r#"ALTER TABLE "blog_tag" ADD COLUMN "at" datetime DEFAULT '1970-01-01 00:00:00' NOT NULL"#,
                r#"UPDATE "blog_tag" SET "at" = CURRENT_TIMESTAMP"#,
            ]
        );
    }

    #[test]
    fn what_sqlite_cannot_add_is_refused() {
        let refused = |migration| sql(Dialect::Sqlite, migration, false).unwrap_err().to_string();
        assert!(refused(add(|column| column.text("x"))).contains("has no default for the rows that exist"));
        assert!(refused(add(|column| column.foreign_key("x", user()))).contains("only if it may be NULL"));
        assert!(refused(add(|column| column.text("x").primary_key())).contains("cannot add a primary key"));
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
