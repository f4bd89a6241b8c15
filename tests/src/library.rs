//! The small site with books that visitors enter by forms.

use crate::kind::Kind;
use crate::site;
use nuages::forms::Errors;
use nuages::migrations::table_of;
use nuages::{
    App, Database, ForeignKey, Form, FormData, Migration, Model, Project, Result, Routes, UploadedFile,
    context, redirect_to, render,
};
use poem::web::Path;
use poem::{Request, Response, handler};

/// Where books stand.
#[derive(Clone, Debug, Model)]
#[model(app = "library")]
pub struct Shelf {
    /// The key.
    pub id: i64,
    /// What stands on it.
    #[model(max_length = 20)]
    pub name: String,
}

/// A book.
#[derive(Clone, Debug, Model)]
#[model(app = "library", unique_together("shelf_id", "place"))]
pub struct Book {
    /// The key.
    pub id: i64,
    /// What it is called.
    #[model(max_length = 20, unique)]
    pub title: String,
    /// What is in it.
    pub summary: Option<String>,
    /// Where it stands.
    pub shelf: ForeignKey<Shelf>,
    /// How far from the left.
    pub place: i32,
    /// Nobody fills this in.
    #[model(default = false)]
    pub is_secret: bool,
}

/// The form of a book.
#[derive(Debug, Form)]
#[form(model = Book, fields(title(autofocus), summary, shelf, place(min = 1, max = 99)), clean = last_place)]
pub struct BookForm;

fn last_place(book: &Book, errors: &mut Errors) {
    if book.place == 99 && book.title != "Index" {
        errors.add("place", "The last place is for the index.");
    }
}

/// A letter to the library, with what belongs to it.
#[derive(Debug, Form)]
#[form(clean = twice)]
pub struct Letter {
    /// Who writes.
    #[form(widget = email, autocomplete = "email")]
    pub sender: String,
    /// The same again.
    #[form(widget = email)]
    pub again: String,
    /// What it says.
    #[form(widget = textarea, max_length = 100, clean = polite)]
    pub text: String,
    /// A picture.
    #[form(extensions("png", "txt"), max_bytes = 1000)]
    pub picture: Option<UploadedFile>,
}

fn polite(text: String) -> Result<String, String> {
    if text.contains('!') { Err("Please do not shout.".into()) } else { Ok(text + " Thank you.") }
}

fn twice(letter: &Letter, errors: &mut Errors) {
    if letter.sender != letter.again {
        errors.add_general("The two addresses are not the same.");
    }
}

async fn book_form(db: &Database, form: Form<BookForm>) -> Result<Form<BookForm>> {
    let shelves = Shelf::objects(db).all().await?;
    Ok(form.choices("shelf", shelves.into_iter().map(|shelf| (shelf.id, shelf.name))))
}

#[handler]
async fn add(request: &Request, db: Database, data: FormData) -> Result<Response> {
    let blank = Book {
        id: 0,
        title: String::new(),
        summary: None,
        shelf: ForeignKey::new(0),
        place: 0,
        is_secret: false,
    };
    let mut form = book_form(&db, BookForm::form(data)).await?;
    match form.save(&db, blank).await? {
        Some(book) => redirect_to(request, "library:edit", &[("id", &book.id)]),
        None => render(request, "form.html", context! { form }).await,
    }
}

#[handler]
async fn edit(Path(id): Path<i64>, request: &Request, db: Database, data: FormData) -> Result<Response> {
    let book = Book::find(&db, &id).await?;
    let mut form = book_form(&db, BookForm::edit(&book, data)).await?;
    match form.save(&db, book).await? {
        Some(book) => redirect_to(request, "library:edit", &[("id", &book.id)]),
        None => render(request, "form.html", context! { form }).await,
    }
}

#[handler]
async fn write(request: &Request, data: FormData) -> Result<Response> {
    let form = Letter::form(data).also("button");
    let Some(letter) = form.cleaned() else { return render(request, "form.html", context! { form }).await };
    let picture = match &letter.picture {
        Some(picture) => format!("{} {}", picture.name(), String::from_utf8_lossy(&picture.read().await?)),
        None => "no picture".into(),
    };
    Ok(format!("{}: {} ({picture})", letter.sender, letter.text).into())
}

fn migration() -> Migration {
    Migration::new("0001_initial")
        .create_table("library_shelf", |table| {
            table.for_model("Shelf");
            table.big_auto("id");
            table.text("name").max_length(20);
        })
        .create_table("library_book", |table| {
            table.for_model("Book");
            table.big_auto("id");
            table.text("title").max_length(20).unique();
            table.text("summary").null();
            table.foreign_key("shelf_id", table_of("library", "library_shelf"));
            table.integer("place");
            table.boolean("is_secret").default(false);
            table.unique_together(["shelf_id", "place"]);
        })
}

fn routes() -> Routes {
    let routes = Routes::new().app_name("library").path("add/", add, "add").path("write/", write, "write");
    routes.path("<int:id>/", edit, "edit")
}

fn app() -> App {
    let app = App::new("library").model::<Shelf>().model::<Book>().migrations([migration()]);
    app.templates(nuages::dir!("templates/library"))
}

/// The site in debug.
pub fn project(on: Kind) -> Project {
    Project::new(site::settings(on, true))
        .app(nuages::sessions::app())
        .app(app())
        .urls(Routes::new().include("/library/", routes()))
}

/// The site with its own HTML of fields.
pub fn with_own_fields(on: Kind) -> Project {
    project(on).templates(nuages::dir!("templates/own_fields"))
}
