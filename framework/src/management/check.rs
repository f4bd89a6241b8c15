//! `check`: what can be seen to be wrong before anyone visits.

use super::Site;
use crate::checks::{Check, Level};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::say;

pub(super) fn command(site: Site) -> Command {
    Command::new("check", "Looks for what is wrong with the site").run(move |context, _| {
        let site = site.clone();
        async move { run(&site, &context).await }
    })
}

async fn run(site: &Site, context: &Context) -> Result<()> {
    let found = look(site, context).await?;
    for check in &found {
        say!("{:?}: {check}\n", check.level);
    }
    let errors = found.iter().filter(|check| check.level == Level::Error).count();
    if errors > 0 {
        return Err(Error::Refused(format!(
            "check found {errors} errors and {} warnings",
            found.len() - errors
        )));
    }
    match found.len() {
        0 => say!("Nothing is wrong that check can see."),
        warnings => say!("check found no errors and {warnings} warnings."),
    }
    Ok(())
}

/// What the framework's own checks and those of the apps find.
pub(super) async fn look(site: &Site, context: &Context) -> Result<Vec<Check>> {
    let mut found = super::builtin::checks(site);
    found.extend(site.apps.check(context).await?);
    Ok(found)
}
