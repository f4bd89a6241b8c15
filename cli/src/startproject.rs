//! `nuages startproject`: checks everything before the first byte, writes the site beside its place, moves it there.

use std::path::Path;
use std::process::ExitCode;

use crate::args::{Database, Expand, StartProject};
use crate::place::Place;
use crate::refusal::{Result, quoted};
use crate::{framework, names, run, say, template};

pub(crate) fn start(wanted: StartProject) -> Result<ExitCode> {
    names::check(&wanted.name)?;
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

fn next_steps(site: &Expand, dir: &Path) -> ExitCode {
    let enter = say::go_to(dir, "\n    ");
    let database = match site.database {
        Database::Sqlite => "",
        Database::Postgres | Database::Mysql => {
            "cat README.md                   # has the SQL for the database that .env names\n    "
        }
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
