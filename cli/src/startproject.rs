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
    place.take(&template::write(&site)?)?;
    drop(workshop);

    say::out(&format!("Made {} in {}.", site.name, quoted(place.as_typed())));
    if wanted.run { run::site(place.as_typed()) } else { Ok(next_steps(place.as_typed())) }
}

fn refuse_what_is_not_there_yet(database: Database) -> Result<()> {
    if database == Database::Mysql {
        return Err(Refusal::new(
            "MySQL is not supported yet; use `--database sqlite` or `--database postgres`",
        ));
    }
    Ok(())
}

fn next_steps(dir: &Path) -> ExitCode {
    let enter = match dir.to_string_lossy() {
        here if here == "." => String::new(),
        dir => format!("    cd {}\n", for_a_shell(&dir)),
    };
    say::out(&format!(
        "
Next (the first build takes a few minutes):

{enter}    cargo run -- migrate            # makes the tables
    cargo run -- createsuperuser    # makes you an administrator
    cargo run -- runserver          # serves http://{}/",
        run::ADDRESS
    ));
    ExitCode::SUCCESS
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
