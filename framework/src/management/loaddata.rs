//! `loaddata`: writes the rows of fixtures into the database.

use super::dumpdata::all_shapes;
use crate::app::Apps;
use crate::command::{Arg, ArgMatches, Command, Context};
use crate::error::Result;
use crate::fixtures::load;
use crate::say;
use std::sync::Arc;

pub(super) fn command(apps: Arc<Apps>) -> Command {
    Command::new("loaddata", "Loads the rows of fixtures, all or none")
        .arguments(|command| {
            let files = Arg::new("file").value_name("FILE").num_args(1..).required(true);
            command.arg(files.help("A file that `dumpdata` has written, ours or Django's; `-` is stdin"))
        })
        .run(move |context, matches| run(context, Arc::clone(&apps), matches))
}

async fn run(context: Context, apps: Arc<Apps>, matches: ArgMatches) -> Result<()> {
    let files: Vec<_> = matches.get_many::<String>("file").into_iter().flatten().cloned().collect();
    let count = load(&context.db().await?, &all_shapes(&apps)?, &files).await?;
    say!("Installed {count} object(s) from {} fixture(s)", files.len());
    Ok(())
}
