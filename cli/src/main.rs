//! `nuages`: starts a site. Once it is there, the site's own program runs its commands.

mod args;
mod framework;
mod names;
mod place;
mod refusal;
mod run;
mod say;
mod secret_key;
mod startproject;
mod template;

use std::process::ExitCode;

use args::Command;
use refusal::Result;

fn main() -> ExitCode {
    act().unwrap_or_else(|refusal| {
        say::err(&format!("nuages: {refusal}"));
        ExitCode::FAILURE
    })
}

fn act() -> Result<ExitCode> {
    match args::read()? {
        Command::Startproject(wanted) => startproject::start(wanted),
        Command::Expand(site) => template::expand(&site),
    }
}
