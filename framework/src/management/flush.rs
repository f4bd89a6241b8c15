//! `flush`: empties the site's tables.

use crate::app::Apps;
use crate::command::{Arg, ArgAction, ArgMatches, Command, Context, Prompt};
use crate::db::schema::Table;
use crate::db::sea_query::Query;
use crate::db::{Database, Shell, counters, inspect};
use crate::error::Result;
use crate::say;
use std::sync::Arc;

/// Says which models there are, and has no rows of the site's own.
const KEPT: &str = "django_content_type";

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("flush", "Deletes all rows of the site's tables; migrations stay applied")
        .arguments(|command| {
            let noinput = Arg::new("noinput").long("noinput").alias("no-input").action(ArgAction::SetTrue);
            command.arg(noinput.help("Asks nothing"))
        })
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    if !matches.get_flag("noinput") {
        let mut prompt = Prompt::terminal("give --noinput to delete all rows without being asked")?;
        if !is_sure(&context, &mut prompt)? {
            say!("Flush cancelled.");
            return Ok(());
        }
    }
    let db = context.db().await?;
    flush(&db, &apps).await?;
    db.transaction(async |db| apps.after_migrate(&db).await).await
}

fn is_sure(context: &Context, prompt: &mut Prompt) -> Result<bool> {
    let database = Shell::of(context.settings.database_url.expose())?.database;
    say!("This deletes ALL ROWS of the site's tables in {database}, for good.");
    prompt.ask("Are you sure? Type 'yes' to go on, anything else to stop:", |answer| Ok(answer == "yes"))
}

/// Deletes all rows of the apps' tables, as far as they are there, in one transaction; then resets their counters.
async fn flush(db: &Database, apps: &Apps) -> Result<()> {
    let there = inspect::names(db).await?;
    let tables = apps.iter().flat_map(|app| &app.tables).filter(|table| table.name != KEPT);
    let tables: Vec<_> = tables.filter(|table| there.contains(&table.name)).collect();
    db.in_any_order(async |db| {
        for table in &tables {
            db.execute(&Query::delete().from_table(table.name.clone()).take()).await?;
        }
        Ok(())
    })
    .await?;
    for table in tables {
        restart(db, table).await?;
    }
    Ok(())
}

async fn restart(db: &Database, table: &Table) -> Result<()> {
    for column in table.columns.iter().filter(|column| column.auto) {
        counters::restart(db, &table.name, &column.name).await?;
    }
    Ok(())
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::db::schema::{ColumnDef, Kind};
    use crate::{App, Migration, Settings, migrations};
    use futures_util::future::BoxFuture;

    #[tokio::test]
    async fn what_runs_after_migrate_runs_after_flush_too() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("site.db").display());
        let pairs = [("DEBUG", "true"), ("SECRET_KEY", "x"), ("DATABASE_URL", url.as_str())];
        let context = Context::new(Arc::new(Settings::from_pairs(pairs).unwrap()));
        let key = ColumnDef { primary_key: true, auto: true, ..ColumnDef::new("id", Kind::BigInt) };
        let tags = Table { columns: vec![key], ..Table::new("blog", "Tag", "blog_tag") };
        let migration = Migration::new("0001_initial").create_table("blog_tag", |table| {
            table.for_model("Tag").big_auto("id");
        });
        let insert = |db: Database, _| -> BoxFuture<'static, Result<()>> {
            Box::pin(async move { db.execute_sql("INSERT INTO blog_tag DEFAULT VALUES").await })
        };
        let app = App::new("blog").table(tags).migrations([migration]).after_migrate(Arc::new(insert));
        let apps = Arc::new(Apps::new(vec![app]).unwrap());
        let db = context.db().await.unwrap();
        migrations::migrate(&db, &apps).await.unwrap();
        db.execute_sql("INSERT INTO blog_tag DEFAULT VALUES").await.unwrap();
        let command = command(apps);
        let matches = command.parser().get_matches_from(["flush", "--noinput"]);
        command.call(context, matches).await.unwrap();
        let ids = Query::select().column("id").from("blog_tag").take();
        assert_eq!(db.fetch_all(&ids, |row| row.get::<i64>("id")).await.unwrap(), [1]);
    }
}
