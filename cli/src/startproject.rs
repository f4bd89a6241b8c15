//! `nuages startproject`: checks everything before the first byte, writes the site beside its place, moves it there.

use std::path::Path;
use std::process::ExitCode;

use crate::args::{Database, Expand, StartProject};
use crate::place::Place;
use crate::refusal::{Refusal, Result, quoted};
use crate::{framework, names, run, say, template};

pub(crate) fn start(wanted: StartProject) -> Result<ExitCode> {
    names::check(&wanted.name)?;
    refuse_what_is_not_there_yet(wanted.database)?;
    let framework = framework::find(wanted.framework.as_deref())?;
    let place = Place::find(wanted.dir.as_deref().unwrap_or(Path::new(&wanted.name)))?;

    let workshop = place.workshop()?;
    let StartProject { name, user, database, .. } = wanted;
    let site = Expand { folder: workshop.path().into(), name, user, database, framework };
    let written = template::write(&site)?;
    framework::keep_versions(&site.framework, &written)?;
    place.take(&written)?;
    drop(workshop);

    say::out(&format!("Made {} in {}.", site.name, quoted(place.as_typed())));
    if wanted.run { run::site(place.as_typed()) } else { Ok(next_steps(&site, place.as_typed())) }
}

fn refuse_what_is_not_there_yet(database: Database) -> Result<()> {
    if database == Database::Mysql {
        return Err(Refusal::new(
            "MySQL is not supported yet; use `--database sqlite` or `--database postgres`",
        ));
    }
    Ok(())
}

fn next_steps(site: &Expand, dir: &Path) -> ExitCode {
    let enter = go_to(dir, "\n    ");
    let database = match site.database {
        Database::Postgres => {
            let name = names::crate_name(&site.name);
            format!("{:32}# or write the address of another one into .env\n    ", format!("createdb {name}"))
        }
        _ => String::new(),
    };
    say::out(&format!(
        "
Next (the first build takes a few minutes):

    {enter}{database}cargo run -- migrate            # makes the tables
    cargo run -- createsuperuser    # makes you an administrator
    cargo run -- runserver          # serves http://{}/",
        run::ADDRESS
    ));
    ExitCode::SUCCESS
}

/// `cd mysite` and what stands between it and the next command; nothing for the folder we are in.
pub(crate) fn go_to(dir: &Path, then: &str) -> String {
    match dir.to_string_lossy() {
        here if here == "." => String::new(),
        dir => format!("cd {}{then}", for_a_shell(&dir)),
    }
}

fn for_a_shell(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%,:".contains(c);
    if text.chars().all(is_plain) { text.into() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_can_be_pasted_into_a_shell() {
        assert_eq!(for_a_shell("sites/my-site"), "sites/my-site");
        assert_eq!(for_a_shell("my site"), "'my site'");
        assert_eq!(for_a_shell("it's; rm"), r"'it'\''s; rm'");
    }
}
