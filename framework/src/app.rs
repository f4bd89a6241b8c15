//! An app: one value that holds all that a part of a site brings with it.

use crate::checks::Checker;
use crate::command::{Command, Context};
use crate::db::schema::{ModelInfo, Table};
use crate::db::{Database, Model};
use crate::error::{Error, Result};
use crate::layer::{Gate, Layer};
use crate::migrations::{Migration, UserTable};
use crate::settings::Settings;
use crate::templates::{Dir, Global};
use futures_util::future::BoxFuture;
use poem::http::Extensions;
use std::sync::Arc;

/// What runs before or after `migrate`.
pub type Hook = Arc<dyn Fn(Database, Arc<Apps>) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Makes what an app gives to each request, once for the site, and puts it among the rest by its type.
pub type Provider = Arc<dyn Fn(&Arc<Settings>, &Database, &mut Extensions) -> Result<()> + Send + Sync>;

/// What runs beside the server for as long as it serves.
pub type Beside = Arc<dyn Fn(&Arc<Settings>, &Database) -> Result<BoxFuture<'static, ()>> + Send + Sync>;

/// A part of a site. Everything is optional but the label.
///
/// ```
/// let app = nuages::App::new("blog").static_files(nuages::dir!("static"));
/// assert_eq!(app.label(), "blog");
/// ```
#[derive(Clone)]
pub struct App {
    pub(crate) label: &'static str,
    pub(crate) tables: Vec<Table>,
    pub(crate) models: Vec<ModelInfo>,
    pub(crate) user: Option<UserTable>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) templates: Vec<Dir>,
    pub(crate) static_files: Vec<Dir>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) gates: Vec<Gate>,
    pub(crate) along: Option<fn(&Settings) -> Vec<App>>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) beside: Vec<Beside>,
    pub(crate) commands: Vec<Command>,
    pub(crate) checks: Vec<Checker>,
    pub(crate) context: Vec<(&'static str, Global)>,
    pub(crate) before_migrate: Vec<Hook>,
    pub(crate) after_migrate: Vec<Hook>,
}

impl App {
    /// An app with this label; it names the app's tables and migrations.
    pub fn new(label: &'static str) -> Self {
        Self {
            label,
            tables: Vec::new(),
            models: Vec::new(),
            user: None,
            migrations: Vec::new(),
            templates: Vec::new(),
            static_files: Vec::new(),
            layers: Vec::new(),
            gates: Vec::new(),
            along: None,
            providers: Vec::new(),
            beside: Vec::new(),
            commands: Vec::new(),
            checks: Vec::new(),
            context: Vec::new(),
            before_migrate: Vec::new(),
            after_migrate: Vec::new(),
        }
    }

    /// The app's label.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Adds a model, with the tables that its many-to-many fields need.
    pub fn model<M: Model>(mut self) -> Self {
        self.tables.extend(M::tables());
        self.models.push(ModelInfo::of::<M>());
        self
    }

    /// Adds a table that no model stands for.
    pub fn table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }

    /// Says which table holds the site's users; auth's app does this.
    pub fn user_table(mut self, user: UserTable) -> Self {
        self.user = Some(user);
        self
    }

    /// Adds migrations, in order.
    pub fn migrations(mut self, migrations: impl IntoIterator<Item = Migration>) -> Self {
        self.migrations.extend(migrations);
        self
    }

    /// Adds a folder of templates; the site's own folder goes before it.
    pub fn templates(mut self, dir: Dir) -> Self {
        self.templates.push(dir);
        self
    }

    /// Adds a folder of static files.
    pub fn static_files(mut self, dir: Dir) -> Self {
        self.static_files.push(dir);
        self
    }

    /// Adds a layer; layers run in the order of the apps.
    pub fn layer(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// Adds a gate that requests pass between their route and its view; the gates are asked in the order of the apps.
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gates.push(gate);
        self
    }

    /// Runs something beside the server for as long as it serves; it ends with it, at any point where it waits.
    pub fn beside(mut self, task: Beside) -> Self {
        self.beside.push(task);
        self
    }

    /// Brings other apps along, as the settings say.
    pub(crate) fn along(mut self, apps: fn(&Settings) -> Vec<Self>) -> Self {
        self.along = Some(apps);
        self
    }

    /// Adds something that is made once for the site, from its settings and database, and that every request is given: a view asks
    /// for it by its type, with [`RequestExt::provided`](crate::RequestExt::provided).
    pub fn provide(mut self, provider: Provider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Adds a command to the project's binary.
    pub fn command(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    /// Adds a checker to `check`.
    pub fn check(mut self, checker: Checker) -> Self {
        self.checks.push(checker);
        self
    }

    /// Adds a name that every template may use.
    pub fn context(mut self, name: &'static str, global: Global) -> Self {
        self.context.push((name, global));
        self
    }

    /// Runs before `migrate`, on a database that may be empty.
    pub fn before_migrate(mut self, hook: Hook) -> Self {
        self.before_migrate.push(hook);
        self
    }

    /// Runs after `migrate`.
    pub fn after_migrate(mut self, hook: Hook) -> Self {
        self.after_migrate.push(hook);
        self
    }
}

/// The apps of a site, in their order.
pub struct Apps(Vec<App>);

impl Apps {
    /// Puts apps together.
    ///
    /// # Errors
    /// [`Error::Refused`] if two have one label, a model names an app that is not there, or two say which table holds the
    /// users.
    pub fn new(apps: Vec<App>) -> Result<Self> {
        for (position, app) in apps.iter().enumerate() {
            if apps[..position].iter().any(|other| other.label == app.label) {
                let text = format!("two apps are labelled `{}`; give one of them another label", app.label);
                return Err(Error::Refused(text));
            }
        }
        let unknown = |table: &&Table| !apps.iter().any(|app| app.label == table.app);
        if let Some(table) = apps.iter().flat_map(|app| &app.tables).find(unknown) {
            return Err(Error::Refused(format!(
                "the model `{}` says that it belongs to app `{}`, which the site has not; correct `#[model(app = …)]`, or add that app in src/lib.rs",
                table.model, table.app
            )));
        }
        if apps.iter().filter(|app| app.user.is_some()).count() > 1 {
            return Err(Error::Refused("two apps say which table holds the users; keep one auth app".into()));
        }
        Ok(Self(apps))
    }

    /// The apps.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.iter()
    }

    /// The app with this label.
    pub fn get(&self, label: &str) -> Option<&App> {
        self.0.iter().find(|app| app.label == label)
    }

    /// The models of all apps.
    pub fn models(&self) -> Vec<ModelInfo> {
        self.0.iter().flat_map(|app| app.models.iter().copied()).collect()
    }

    /// The table of the site's users, if there is an auth app.
    pub fn user_table(&self) -> Option<&UserTable> {
        self.0.iter().find_map(|app| app.user.as_ref())
    }

    /// The tables that the models of one app ask for, whichever app has registered them.
    pub fn tables_of<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a Table> {
        self.0.iter().flat_map(|app| &app.tables).filter(move |table| table.app == label)
    }

    /// Runs the hooks that go before `migrate`.
    pub async fn before_migrate(self: &Arc<Self>, db: &Database) -> Result<()> {
        for hook in self.0.iter().flat_map(|app| &app.before_migrate) {
            hook(db.clone(), Arc::clone(self)).await?;
        }
        Ok(())
    }

    /// Runs the hooks that go after `migrate`.
    pub async fn after_migrate(self: &Arc<Self>, db: &Database) -> Result<()> {
        for hook in self.0.iter().flat_map(|app| &app.after_migrate) {
            hook(db.clone(), Arc::clone(self)).await?;
        }
        Ok(())
    }

    /// What all checkers find.
    pub async fn check(&self, context: &Context) -> Result<Vec<crate::Check>> {
        let mut found = Vec::new();
        for checker in self.0.iter().flat_map(|app| &app.checks) {
            found.extend(checker.look(context.clone()).await?);
        }
        Ok(found)
    }
}
