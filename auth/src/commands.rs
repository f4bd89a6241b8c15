//! `createsuperuser`, `sessions`, and `remove_stale_permissions`.

mod sessions;
mod stale;

pub(crate) use sessions::sessions;
pub(crate) use stale::remove_stale_permissions;

use crate::hash_pool::HashPool;
use crate::names::{INVALID_USERNAME, is_valid_username};
use crate::validation::validate_password;
use crate::{AbstractUser, NewUser, find_by_name};
use nuages::command::{Arg, ArgAction, ArgMatches, Prompt};
use nuages::say;
use nuages::{Command, Context, Error, Result};

pub(crate) fn createsuperuser<U: AbstractUser>(pool: HashPool) -> Command {
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
            let pool = pool.clone();
            async move { run::<U>(&context, &matches, &pool).await }
        })
}

async fn run<U: AbstractUser>(context: &Context, matches: &ArgMatches, pool: &HashPool) -> Result<()> {
    let answers = match matches.get_flag("noinput") {
        true => Answers::from_outside::<U>(matches)?,
        false => {
            let mut prompt = Prompt::terminal("give --noinput, and NUAGES_SUPERUSER_USERNAME and _PASSWORD")?;
            Answers::by_asking::<U>(context, matches, &mut prompt).await?
        }
    };
    answers.check::<U>(context).await?;
    let password = answers.password.clone();
    answers.new_user::<U>().create_with(&context.db().await?, pool).await.map_err(taken)?;
    match password {
        Some(_) => say!("Superuser created successfully."),
        None => say!("Superuser created without a password: nobody can log in as it until one is set."),
    }
    Ok(())
}

fn taken(error: Error) -> Error {
    if error.is_unique_violation() { Error::Refused("that name is already taken".into()) } else { error }
}

/// What was given for the new user: fields, and a password or none.
struct Answers {
    name: String,
    fields: Vec<(&'static str, String)>,
    password: Option<String>,
}

impl Answers {
    /// From options, then from the environment.
    fn from_outside<U: AbstractUser>(matches: &ArgMatches) -> Result<Self> {
        let needed = |field: &'static str| {
            given(matches, field).ok_or_else(|| {
                let variable = variable(field);
                Error::Refused(format!("--noinput needs the {field}; set {variable}"))
            })
        };
        let name = needed(U::USERNAME_FIELD)?;
        let fields = others::<U>().map(|field| {
            let value = if U::REQUIRED_FIELDS.contains(&field) {
                needed(field)?
            } else {
                given(matches, field).unwrap_or_default()
            };
            Ok((field, value))
        });
        Ok(Self { name, fields: fields.collect::<Result<_>>()?, password: from_environment("password") })
    }

    async fn by_asking<U: AbstractUser>(
        context: &Context,
        matches: &ArgMatches,
        prompt: &mut Prompt,
    ) -> Result<Self> {
        let name = match given(matches, U::USERNAME_FIELD) {
            Some(name) => name,
            None => ask_name::<U>(context, prompt).await?,
        };
        let mut fields = Vec::new();
        for field in others::<U>() {
            let value = match given(matches, field) {
                Some(value) => value,
                None => ask(prompt, field, U::REQUIRED_FIELDS.contains(&field))?,
            };
            fields.push((field, value));
        }
        let password = Some(ask_password(prompt, &known(U::USERNAME_FIELD, &name, &fields))?);
        Ok(Self { name, fields, password })
    }

    /// The rules of the sign-up form hold here too.
    async fn check<U: AbstractUser>(&self, context: &Context) -> Result<()> {
        if let Some(fault) = name_fault::<U>(context, &self.name).await? {
            return Err(Error::Refused(fault));
        }
        let Some(password) = &self.password else { return Ok(()) };
        let broken = validate_password(password, &known(U::USERNAME_FIELD, &self.name, &self.fields)).err();
        match broken.as_deref() {
            None => Ok(()),
            Some(broken) => {
                let texts: Vec<_> = broken.iter().map(|rule| rule.message.as_str()).collect();
                Err(Error::Refused(format!("the password is not good enough: {}", texts.join(" "))))
            }
        }
    }

    fn new_user<U: AbstractUser>(self) -> NewUser<U> {
        let new = NewUser::new(&self.name).superuser();
        let new = self.fields.into_iter().fold(new, |new, (field, value)| new.set(field, value));
        match self.password {
            Some(password) => new.password(password),
            None => new,
        }
    }
}

/// The fields beside the login name: the required ones, and the e-mail address.
fn others<U: AbstractUser>() -> impl Iterator<Item = &'static str> {
    let email =
        U::EMAIL_FIELD.filter(|field| *field != U::USERNAME_FIELD && !U::REQUIRED_FIELDS.contains(field));
    email.into_iter().chain(U::REQUIRED_FIELDS.iter().copied())
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

fn known<'a>(
    name_field: &'a str,
    name: &'a str,
    fields: &'a [(&'static str, String)],
) -> Vec<(&'a str, &'a str)> {
    let fields = fields.iter().map(|(field, value)| (*field, value.as_str()));
    std::iter::once((name_field, name)).chain(fields).collect()
}

async fn name_fault<U: AbstractUser>(context: &Context, name: &str) -> Result<Option<String>> {
    let is_email = U::EMAIL_FIELD == Some(U::USERNAME_FIELD);
    if is_email && !name.contains('@') {
        return Ok(Some("Enter a valid email address.".into()));
    }
    if !is_email && !is_valid_username(name) {
        return Ok(Some(INVALID_USERNAME.into()));
    }
    let taken = find_by_name::<U>(&context.db().await?, &context.settings, name).await?.is_some();
    Ok(taken.then(|| format!("the {} `{name}` is already taken", U::USERNAME_FIELD)))
}

async fn ask_name<U: AbstractUser>(context: &Context, prompt: &mut Prompt) -> Result<String> {
    loop {
        let name = ask(prompt, U::USERNAME_FIELD, true)?;
        match name_fault::<U>(context, &name).await? {
            None => return Ok(name),
            Some(fault) => eprintln!("{fault}"),
        }
    }
}

fn ask(prompt: &mut Prompt, field: &str, required: bool) -> Result<String> {
    let blank = if required { "" } else { " (may be left blank)" };
    prompt.ask(&format!("{}{blank}:", nuages::forms::label_of(field)), |answer| match answer {
        "" if required => Err("This cannot be blank.".into()),
        text => Ok(text.to_owned()),
    })
}

fn ask_password(prompt: &mut Prompt, known: &[(&str, &str)]) -> Result<String> {
    loop {
        let password = prompt.password("Password:")?;
        if password != prompt.password("Password (again):")? {
            eprintln!("The two passwords did not match.");
            continue;
        }
        match validate_password(&password, known) {
            Ok(()) => return Ok(password),
            Err(broken) => broken.iter().for_each(|rule| eprintln!("{rule}")),
        }
    }
}
