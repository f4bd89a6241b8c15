//! `seed FILE`: the benchmark's users and posts, into an empty database.

use nuages::chrono::DateTime;
use nuages::command::{Arg, Command, Context};
use nuages::{Database, Model, Result, serde_json};
use nuages_auth::{AbstractUser, PasswordHash};
use serde::Deserialize;

use super::models::Post;
use crate::accounts::models::User;

/// The file that the benchmark's `seed.py data` writes. The rows are in the order of their keys, from 1 on.
#[derive(Deserialize)]
struct Data {
    /// The hash of everyone's password, as a PHC string.
    phc: String,
    /// Key and name.
    users: Vec<(i64, String)>,
    /// Key, title, body, key and name of the author, and the second in which it was written.
    posts: Vec<(i64, String, String, i64, String, i64)>,
}

pub fn command() -> Command {
    Command::new("seed", "Fills an empty database with the benchmark's users and posts")
        .arguments(|command| command.arg(Arg::new("file").required(true).help("What `seed.py data` wrote")))
        .run(|context, matches| async move {
            let file = matches.get_one::<String>("file").cloned().unwrap_or_default();
            run(&context, &file).await
        })
}

async fn run(context: &Context, file: &str) -> Result<()> {
    let data: Data = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let db = context.db().await?;
    db.transaction(async |db| fill(&db, data).await).await?;
    // The query planner of each peer knows its tables.
    db.execute_sql("ANALYZE").await
}

async fn fill(db: &Database, data: Data) -> Result<()> {
    for (_, name) in &data.users {
        user(name, &data.phc).create(db).await?;
    }
    for (_, title, body, author, name, second) in data.posts {
        let mut owner = user(&name, "");
        owner.set_key(author);
        let mut post = Post::new(&owner, &title, &body).create(db).await?;
        post.created_at = DateTime::from_timestamp(second, 0).unwrap_or_default();
        post.save(db).await?;
    }
    Ok(())
}

fn user(name: &str, phc: &str) -> User {
    let mut user = User::blank();
    user.username = name.to_owned();
    user.set_password_hash(PasswordHash::new(format!("argon2{phc}")));
    user
}
