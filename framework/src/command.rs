//! A management command: a name, its arguments, and what it does.

mod prompt;
mod say;

pub use prompt::Prompt;
pub use say::say;

use crate::db::Database;
use crate::db::schema::ModelInfo;
use crate::email::{LazyMailer, Mailer};
use crate::error::Result;
use crate::settings::Settings;
use crate::templates::Templates;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::OnceCell;

pub use clap::{Arg, ArgAction, ArgMatches};

type Arguments = fn(clap::Command) -> clap::Command;
type Run = Arc<dyn Fn(Context, ArgMatches) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// What a command works on: the settings, the site's models, and the database once it is asked for.
#[derive(Clone, Debug)]
pub struct Context {
    /// The site's settings.
    pub settings: Arc<Settings>,
    /// The models of all apps.
    pub models: Arc<[ModelInfo]>,
    database: Arc<OnceCell<Database>>,
    mailer: LazyMailer,
}

impl Context {
    /// A context that knows of no models, and has not connected to the database yet.
    pub fn new(settings: Arc<Settings>) -> Self {
        let of = Arc::clone(&settings);
        let no_templates = |debug| Templates::new(Vec::new(), Vec::new(), debug);
        let mailer = LazyMailer::new(move || Mailer::new(Arc::clone(&of), no_templates(of.debug)));
        Self { settings, models: Arc::default(), database: Arc::default(), mailer }
    }

    /// The same with the models of a site.
    pub fn with_models(self, models: Vec<ModelInfo>) -> Self {
        Self { models: models.into(), ..self }
    }

    /// The same with the site's own mailer.
    pub(crate) fn with_mailer(self, mailer: LazyMailer) -> Self {
        Self { mailer, ..self }
    }

    /// The database, connected to on the first call.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database) if it is not reachable.
    pub async fn db(&self) -> Result<Database> {
        let connect = || Database::connect(self.settings.database_url.expose());
        Ok(self.database.get_or_try_init(connect).await?.clone())
    }

    /// What sends the site's mail: `context.mailer()?.send(message).await?`.
    ///
    /// # Errors
    /// [`Error::NotReady`](crate::Error::NotReady) if a setting of the mail is wrong.
    pub fn mailer(&self) -> Result<&Mailer> {
        self.mailer.get()
    }
}

/// One command of the project's binary.
///
/// ```
/// use nuages::Command;
///
/// let hello = Command::new("hello", "Says hello").run(|_context, _matches| async {
///     nuages::say!("hello");
///     Ok(())
/// });
/// assert_eq!(hello.name(), "hello");
/// ```
#[derive(Clone)]
pub struct Command {
    name: &'static str,
    about: &'static str,
    arguments: Arguments,
    run: Run,
}

impl Command {
    /// A command that does nothing yet; `about` is its line in `help`.
    pub fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, arguments: |command| command, run: Arc::new(|_, _| Box::pin(async { Ok(()) })) }
    }

    /// Declares the arguments, with clap's builder.
    pub fn arguments(mut self, arguments: fn(clap::Command) -> clap::Command) -> Self {
        self.arguments = arguments;
        self
    }

    /// What it does.
    pub fn run<F>(mut self, run: impl Fn(Context, ArgMatches) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.run = Arc::new(move |context, matches| Box::pin(run(context, matches)));
        self
    }

    /// The word it is called by.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The command as clap parses it.
    pub fn parser(&self) -> clap::Command {
        (self.arguments)(clap::Command::new(self.name).about(self.about))
    }

    /// Runs it with parsed arguments.
    pub async fn call(&self, context: Context, matches: ArgMatches) -> Result<()> {
        (self.run)(context, matches).await
    }
}
