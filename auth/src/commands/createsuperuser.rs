//! `createsuperuser`: from the environment, or by asking.

use super::{ask_password, system_user};
use crate::names::is_valid_username;
use crate::passwords::{Choices, PASSWORD, Passwords};
use crate::{AbstractUser, NewUser};
use nuages::command::{Arg, ArgAction, ArgMatches, Prompt};
use nuages::{Command, Context, Database, Error, Result, say};

pub(crate) fn createsuperuser<U: AbstractUser>(choices: Choices) -> Command {
    Command::new("createsuperuser", "Makes a user who may do everything")
        .arguments(|command| {
            let name = Arg::new("username").long("username").value_name("NAME").help("The login name");
            let email = Arg::new("email").long("email").value_name("ADDRESS").help("The e-mail address");
            let noinput = Arg::new("noinput").long("noinput").alias("no-input").action(ArgAction::SetTrue);
            command.arg(name).arg(email).arg(noinput.help(
                "Asks nothing: takes NUAGES_SUPERUSER_USERNAME, _EMAIL, _PASSWORD and so on from the environment",
            ))
        })
        .run(move |context, matches| {
            let choices = choices.clone();
            async move { run::<U>(&context, &matches, &choices.passwords(&context.settings)?).await }
        })
}

async fn run<U: AbstractUser>(context: &Context, matches: &ArgMatches, passwords: &Passwords) -> Result<()> {
    let new = match matches.get_flag("noinput") {
        true => from_outside::<U>(matches)?,
        false => {
            let prompt = Prompt::terminal("give --noinput, and NUAGES_SUPERUSER_USERNAME and _PASSWORD")?;
            let asking = Asking { prompt, db: context.db().await?, passwords, matches };
            asking.new_user::<U>().await?
        }
    };
    let has_password = new.has_password();
    new.superuser().create(&context.db().await?, passwords).await?;
    match has_password {
        true => say!("Superuser created successfully."),
        false => say!("Superuser created without a password: nobody can log in as it until one is set."),
    }
    Ok(())
}

/// From options, then from the environment.
fn from_outside<U: AbstractUser>(matches: &ArgMatches) -> Result<NewUser<U>> {
    let mut new = NewUser::new(&needed(matches, U::USERNAME_FIELD)?);
    for field in others::<U>() {
        let text = match is_required::<U>(field) {
            true => needed(matches, field)?,
            false => given(matches, field).unwrap_or_default(),
        };
        new = new.set(field, text);
    }
    Ok(match from_environment(PASSWORD) {
        Some(password) => new.password(password),
        None => new,
    })
}

fn needed(matches: &ArgMatches, field: &'static str) -> Result<String> {
    let missing = || Error::Refused(format!("--noinput needs the {field}; set {}", variable(field)));
    given(matches, field).ok_or_else(missing)
}

/// Someone at the terminal, and what the answers are judged by.
struct Asking<'a> {
    prompt: Prompt,
    db: Database,
    passwords: &'a Passwords,
    matches: &'a ArgMatches,
}

impl Asking<'_> {
    async fn new_user<U: AbstractUser>(mut self) -> Result<NewUser<U>> {
        let mut new = NewUser::<U>::new("");
        for field in std::iter::once(U::USERNAME_FIELD).chain(others::<U>()) {
            new = self.ask_field(new, field).await?;
        }
        self.ask_password(new).await
    }

    /// What was given for a field, or else the first answer that has no fault.
    async fn ask_field<U: AbstractUser>(
        &mut self,
        mut new: NewUser<U>,
        field: &'static str,
    ) -> Result<NewUser<U>> {
        if let Some(text) = given(self.matches, field) {
            new = new.set(field, text);
            let faults = self.faults(&new, field).await?;
            return if faults.is_empty() { Ok(new) } else { Err(Error::Refused(faults.join(" "))) };
        }
        let suggested = if field == U::USERNAME_FIELD { self.suggested_name::<U>().await? } else { None };
        loop {
            new =
                new.set(field, ask(&mut self.prompt, field, is_required::<U>(field), suggested.as_deref())?);
            match self.faults(&new, field).await? {
                faults if faults.is_empty() => return Ok(new),
                faults => faults.iter().for_each(|fault| eprintln!("{fault}")),
            }
        }
    }

    async fn ask_password<U: AbstractUser>(&mut self, mut new: NewUser<U>) -> Result<NewUser<U>> {
        loop {
            let Some(password) = ask_password(&mut self.prompt)? else { continue };
            new = new.password(password);
            match self.faults(&new, PASSWORD).await? {
                faults if faults.is_empty() => return Ok(new),
                faults => faults.iter().for_each(|fault| eprintln!("{fault}")),
            }
        }
    }

    /// What the rules for new users say of one field.
    async fn faults<U: AbstractUser>(&self, new: &NewUser<U>, field: &str) -> Result<Vec<String>> {
        match new.check(&self.db, self.passwords).await {
            Ok(()) => Ok(Vec::new()),
            Err(error) => Ok(error.invalid()?.of(field).map(ToString::to_string).collect()),
        }
    }

    /// The name that the person has on this machine, if the site has no such user yet.
    async fn suggested_name<U: AbstractUser>(&self) -> Result<Option<String>> {
        let name = system_user().map(|name| name.to_lowercase()).filter(|name| is_valid_username(name));
        let Some(name) = name else { return Ok(None) };
        let is_free = self.faults(&NewUser::<U>::new(&name), U::USERNAME_FIELD).await?.is_empty();
        Ok(is_free.then_some(name))
    }
}

/// The fields beside the login name: the required ones, and the e-mail address.
fn others<U: AbstractUser>() -> impl Iterator<Item = &'static str> {
    let email =
        U::EMAIL_FIELD.filter(|field| *field != U::USERNAME_FIELD && !U::REQUIRED_FIELDS.contains(field));
    email.into_iter().chain(U::REQUIRED_FIELDS.iter().copied())
}

fn is_required<U: AbstractUser>(field: &str) -> bool {
    field == U::USERNAME_FIELD || U::REQUIRED_FIELDS.contains(&field)
}

fn given(matches: &ArgMatches, field: &'static str) -> Option<String> {
    let option = matches.try_get_one::<String>(field).ok().flatten().cloned();
    option.or_else(|| from_environment(field))
}

fn from_environment(field: &str) -> Option<String> {
    std::env::var(variable(field)).ok().filter(|value| !value.is_empty())
}

fn variable(field: &str) -> String {
    format!("NUAGES_SUPERUSER_{}", field.to_uppercase())
}

fn ask(prompt: &mut Prompt, field: &str, required: bool, suggested: Option<&str>) -> Result<String> {
    let blank = match (suggested, required) {
        (Some(suggested), _) => format!(" (leave blank to use `{suggested}`)"),
        (None, true) => String::new(),
        (None, false) => " (may be left blank)".into(),
    };
    let label = nuages::forms::label_of(field);
    prompt.ask(&format!("{label}{blank}:"), |answer| match (answer, suggested) {
        ("", Some(suggested)) => Ok(suggested.to_owned()),
        ("", None) if required => Err("This cannot be blank.".into()),
        (text, _) => Ok(text.to_owned()),
    })
}
