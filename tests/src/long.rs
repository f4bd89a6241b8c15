//! A site with a long history of its tables, which have rows from the first step on.

use nuages::migrations::{Migration, OnDelete, RunSql, table_of};
use nuages::{App, Database, Project, Result, Settings};

/// How many books there are once the first step is done.
pub const BOOKS: usize = 300;

/// The site.
pub fn project(settings: Result<Settings>) -> Project {
    Project::new(settings).app(App::new("shelf").migrations(history()))
}

/// Every kind of change, each of which can be taken back.
pub fn history() -> Vec<Migration> {
    let steps: [fn(Migration) -> Migration; 12] = [
        tables,
        |step| step.add_column("shelf_book", |column| column.integer("pages").fill_with(100)),
        |step| {
            step.alter_column("shelf_book", |column| column.text("title"))
                .add_index("shelf_book", ["-pages", "title"])
        },
        |step| {
            step.rename_column("shelf_book", "pages", "length").add_check(
                "shelf_book",
                "has_pages",
                "length > 0",
            )
        },
        |step| {
            step.run_rust(number)
                .undone_by_rust(async |_| Ok(()))
                .add_unique("shelf_book", ["title", "length"])
        },
        |step| step.alter_column("shelf_book", |column| column.big_integer("length").null()),
        |step| {
            step.alter_column("shelf_loan", |column| {
                column
                    .foreign_key("book_id", table_of("shelf", "shelf_book"))
                    .null()
                    .on_delete(OnDelete::SetNull)
            })
        },
        |step| step.rename_table("shelf_book", "shelf_volume", "Volume"),
        |step| {
            step.add_column("shelf_volume", |column| column.datetime("seen_at").default_now())
                .unique_lower("shelf_volume", "title")
        },
        |step| {
            step.create_table("shelf_mark", |table| {
                table.big_auto("id");
                table.foreign_key("volume_id", table_of("shelf", "shelf_volume"));
            })
        },
        |step| step.drop_column("shelf_volume", "seen_at").drop_unique("shelf_volume", ["title", "length"]),
        |step| {
            let sql = RunSql::same("UPDATE shelf_volume SET length = 7 WHERE length = 1");
            let back = RunSql::same("UPDATE shelf_volume SET length = 1 WHERE length = 7");
            step.run_sql(sql)
                .undone_by(back)
                .alter_column("shelf_loan", |column| column.text("reader").max_length(90))
        },
    ];
    let names = (1..).map(|number| Migration::new(format!("{number:04}_step")));
    names.zip(steps).map(|(migration, step)| step(migration)).collect()
}

fn tables(step: Migration) -> Migration {
    let step = step.create_table("shelf_book", |table| {
        table.big_auto("id");
        table.text("title").max_length(50);
    });
    let step = step.create_table("shelf_loan", |table| {
        table.big_auto("id");
        table.foreign_key("book_id", table_of("shelf", "shelf_book"));
        table.text("reader").max_length(30);
    });
    step.run_rust(fill).undone_by_rust(async |_| Ok(()))
}

async fn fill(db: Database) -> Result<()> {
    for number in 1..=BOOKS {
        db.execute_sql(&format!("INSERT INTO shelf_book (title) VALUES ('book {number}')")).await?;
        db.execute_sql(&format!("INSERT INTO shelf_loan (book_id, reader) VALUES ({number}, 'ann')")).await?;
    }
    Ok(())
}

async fn number(db: Database) -> Result<()> {
    db.execute_sql("UPDATE shelf_book SET length = id").await
}
