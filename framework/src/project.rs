//! A project: settings, apps and URLs as one value, which the server runs and the tests drive.

use crate::app::{App, Apps};
use crate::db::{Database, Transport};
use crate::email::{EmailBackend, LazyMailer, Mailer, MakeBackend};
use crate::error::{Error, Result};
use crate::handler::{self, Site};
use crate::layer::Next;
use crate::log;
use crate::management;
use crate::settings::{LogFormat, Settings};
use crate::static_files;
use crate::templates::{Dir, Templates};
use crate::urls::{Routes, View};
use crate::{csp, csrf};
use std::process::ExitCode;
use std::sync::Arc;

/// The label of what belongs to the site and to none of its apps; no app is called so.
const SITE: &str = "(site)";

/// A site, as a value.
///
/// ```no_run
/// use nuages::{Project, Routes, Settings};
///
/// pub fn project() -> Project {
///     Project::new(Settings::from_env())
///         .templates(nuages::dir!("templates"))
///         .app(nuages::sessions::app())
///         .urls(Routes::new())
/// }
/// ```
pub struct Project {
    settings: Result<Settings>,
    site: App,
    apps: Vec<App>,
    routes: Routes,
    backend: Option<MakeBackend>,
}

impl Project {
    /// A project with these settings; if they are wrong, [`manage`] says so.
    pub fn new(settings: Result<Settings>) -> Self {
        Self { settings, site: App::new(SITE), apps: Vec::new(), routes: Routes::new(), backend: None }
    }

    /// The site's own templates; they go before those of the apps.
    pub fn templates(mut self, dir: Dir) -> Self {
        self.site = self.site.templates(dir);
        self
    }

    /// The site's own static files; they go before those of the apps.
    pub fn static_files(mut self, dir: Dir) -> Self {
        self.site = self.site.static_files(dir);
        self
    }

    /// Adds an app. The order is that of their layers.
    pub fn app(mut self, app: App) -> Self {
        self.apps.push(app);
        self
    }

    /// The site's URLs.
    pub fn urls(mut self, routes: Routes) -> Self {
        self.routes = routes;
        self
    }

    /// Sends the site's mail by a backend of its own, whatever the setting `email_backend` says.
    ///
    /// ```no_run
    /// # use nuages::email::{EmailBackend, Letter, Undelivered};
    /// # use nuages::futures_util::future::BoxFuture;
    /// # use nuages::{Project, Settings};
    /// # struct Postbox(String);
    /// # impl EmailBackend for Postbox {
    /// #     fn deliver<'a>(&'a self, _: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> { Box::pin(async { Ok(()) }) }
    /// # }
    /// Project::new(Settings::from_env())
    ///     .email(|settings| Ok(Postbox(settings.variable("POSTBOX_KEY").unwrap_or_default().to_owned())));
    /// ```
    pub fn email<B: EmailBackend + 'static>(
        mut self,
        make: impl Fn(&Settings) -> Result<B> + Send + Sync + 'static,
    ) -> Self {
        self.backend = Some(Arc::new(move |settings| Ok(Arc::new(make(settings)?))));
        self
    }

    /// Changes the settings, for tests: another database, debug off.
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// Opens the log as the settings say; where they are wrong, in text, which is for who will set them right.
    fn open_log(&self) {
        log::to_stderr(self.settings.as_ref().map_or(LogFormat::Text, Settings::log_format_kind));
    }

    /// Runs the command that the program was called with, as [`manage`] does, for a `main` that does more than that.
    ///
    /// # Errors
    /// Whatever the command ends with.
    pub async fn run_command(self) -> Result<()> {
        run(self.assemble()?).await
    }

    /// Takes the project apart into what commands work on.
    ///
    /// # Errors
    /// [`Error::NotReady`] if a setting is wrong, two apps have one label, or the way to the database is open outside debug.
    pub(crate) fn assemble(self) -> Result<Parts> {
        let settings = Arc::new(self.settings?);
        if !settings.debug {
            Transport::of(settings.database_url.expose()).or_refuse()?;
        }
        let with_others = |app: App| {
            let others = app.along.map(|others| others(&settings)).unwrap_or_default();
            std::iter::once(app).chain(others)
        };
        let apps = std::iter::once(self.site).chain(self.apps).flat_map(with_others).collect();
        let apps = Arc::new(Apps::new(apps)?);
        let templates = templates(&settings, &apps, &self.routes);
        let mailer = mailer(self.backend, &settings, &templates);
        Ok(Parts { settings, apps, routes: self.routes, templates, mailer })
    }
}

fn templates(settings: &Settings, apps: &Apps, routes: &Routes) -> Templates {
    let dirs = apps.iter().flat_map(|app| app.templates.clone()).collect();
    let mut globals: Vec<_> = apps.iter().flat_map(|app| app.context.clone()).collect();
    globals.extend(csrf::globals());
    globals.extend(csp::globals());
    globals.extend(handler::globals());
    let mut templates = Templates::new(dirs, globals, settings.debug);
    templates.add_function("url", routes.urls().function());
    templates.add_function("static", static_files::function(settings.static_url.clone()));
    templates
}

fn mailer(backend: Option<MakeBackend>, settings: &Arc<Settings>, templates: &Templates) -> LazyMailer {
    let (settings, templates) = (Arc::clone(settings), templates.clone());
    LazyMailer::new(move || match &backend {
        Some(make) => Ok(Mailer::with(make(&settings)?, Arc::clone(&settings), templates.clone())),
        None => Mailer::new(Arc::clone(&settings), templates.clone()),
    })
}

/// A project whose settings and apps are right.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) settings: Arc<Settings>,
    pub(crate) apps: Arc<Apps>,
    pub(crate) routes: Routes,
    pub(crate) templates: Templates,
    pub(crate) mailer: LazyMailer,
}

impl Parts {
    /// What commands know of the site.
    pub(crate) fn site(&self) -> management::Site {
        let parts = self.clone();
        management::Site {
            settings: Arc::clone(&self.settings),
            apps: Arc::clone(&self.apps),
            routes: self.routes.clone(),
            mailer: self.mailer.clone(),
            handler: Arc::new(move |database| parts.handler(database)),
        }
    }

    /// The handler of every request, on this database.
    ///
    /// # Errors
    /// [`Error::NotReady`] if two routes collide.
    pub(crate) fn handler(&self, database: Database) -> Result<Next> {
        self.surrounding(database, None)
    }

    /// The same around an application that exists.
    ///
    /// # Errors
    /// As [`handler`](Parts::handler).
    pub(crate) fn surrounding(&self, database: Database, inside: Option<View>) -> Result<Next> {
        let faults = self.routes.faults();
        if let Some(fault) = faults.first() {
            return Err(Error::NotReady(format!("{fault}; `check` lists all such faults")));
        }
        let site = Site {
            settings: Arc::clone(&self.settings),
            database,
            templates: self.templates.clone(),
            mailer: self.mailer.get()?.clone(),
            urls: self.routes.urls(),
            apps: Arc::clone(&self.apps),
        };
        handler::handler(&site, &self.routes, inside)
    }
}

/// Runs the command that the program was called with; the whole of a site's `main`.
///
/// ```no_run
/// # fn project() -> nuages::Project { unimplemented!() }
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     nuages::manage(project()).await
/// }
/// ```
pub async fn manage(project: Project) -> ExitCode {
    project.open_log();
    let outcome = match project.assemble() {
        Ok(parts) => run(parts).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(parts: Parts) -> Result<()> {
    management::call(parts.site(), std::env::args_os()).await
}
