//! Where a migration is written: the `migrations` folder of an app in the project's sources.

use super::changes::Change;
use super::listing::Listing;
use crate::error::{Error, Result};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A migration and the list that it goes into; both are known to have a place.
#[derive(Debug)]
pub(crate) struct Folder {
    app: PathBuf,
    file: PathBuf,
    text: String,
    listing: Listing,
    hint: Option<String>,
}

impl Folder {
    /// Finds the place for a migration, and writes nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] if this is no project, the app has no folder in it, the file is there already, or
    /// `migrations/mod.rs` does not look as expected.
    pub(crate) fn of(project: &Path, change: &Change) -> Result<Self> {
        let app = project.join("src").join(&change.app);
        let file = project.join(change.file());
        check_place(project, &app, &file, change)?;
        let listing = listing(&app, change)?;
        let hint = hint(&app, change)?;
        Ok(Self { app, file, text: change.text.clone(), listing, hint })
    }

    /// Writes the migration and the list, and answers what is left to do by hand.
    pub(crate) fn write(self) -> Result<Option<String>> {
        let folder = self.app.join("migrations");
        fs::create_dir_all(&folder)?;
        let mut file = fs::File::create_new(&self.file)?;
        // Renamed into place, so that the list is never half there.
        let new = folder.join("mod.rs.new");
        let listed = file
            .write_all(self.text.as_bytes())
            .and_then(|()| fs::write(&new, self.listing.text()))
            .and_then(|()| fs::rename(&new, folder.join("mod.rs")));
        match listed {
            Ok(()) => Ok(self.hint),
            Err(error) => {
                fs::remove_file(&self.file)?;
                Err(error.into())
            }
        }
    }
}

fn check_place(project: &Path, app: &Path, file: &Path, change: &Change) -> Result<()> {
    if !project.join("Cargo.toml").is_file() {
        return refuse("there is no Cargo.toml here; run `makemigrations` in the project's folder");
    }
    if !app.is_dir() {
        let label = &change.app;
        return refuse(format!(
            "app `{label}` has no folder src/{label} to write its migration into; make it, or call the folder as the label"
        ));
    }
    match file.exists() {
        true => refuse(format!(
            "{} is there already, but the app does not list it; add its lines to migrations/mod.rs and `.migrations(migrations::all())` to the app, or delete it",
            change.file()
        )),
        false => Ok(()),
    }
}

fn listing(app: &Path, change: &Change) -> Result<Listing> {
    let module = change.module();
    match fs::read_to_string(app.join("migrations/mod.rs")) {
        Ok(text) => Listing::read(text).with(&module).ok_or_else(|| unexpected(change)),
        Err(error) if error.kind() == ErrorKind::NotFound && change.first => Ok(Listing::new(&module)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unexpected(change)),
        Err(error) => Err(error.into()),
    }
}

fn unexpected(change: &Change) -> Error {
    let (module, app) = (change.module(), &change.app);
    Error::Refused(format!(
        "src/{app}/migrations/mod.rs is missing or not laid out as expected, so nothing was written; add to it by hand\n\n\
         \x20   mod {module};\n\n\
         and, at the end of the list in `all()`,\n\n\
         \x20   {module}::migration(),\n\n\
         and save this as {}:\n\n{}",
        change.file(),
        change.text
    ))
}

/// What to add to the app itself when these are its first migrations.
fn hint(app: &Path, change: &Change) -> Result<Option<String>> {
    let text = match fs::read_to_string(app.join("mod.rs")) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        other => other?,
    };
    let missing = change.first && !(text.contains("mod migrations") && text.contains("migrations::all()"));
    Ok(missing.then(|| {
        format!(
            "  Now add to src/{}/mod.rs: `pub mod migrations;`, and `.migrations(migrations::all())` to its `App`",
            change.app
        )
    }))
}

fn refuse<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Refused(text.into()))
}
