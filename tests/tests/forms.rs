//! Forms, from the visitor's browser to the database and back.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nuages::test::Client;
use nuages::{Model, UploadedFile};
use nuages_tests::kind::Kind;
use nuages_tests::library::{self, Book, Shelf};
use std::sync::Arc;

nuages_tests::promises!(
    a_form_of_a_model_saves_what_is_right_and_shows_what_is_wrong,
    what_is_taken_is_an_error_of_the_field,
    two_who_enter_the_same_at_once_make_one_row,
    a_row_that_is_edited_is_not_in_its_own_way,
    what_a_form_has_not_is_refused_and_changes_nothing,
    a_row_that_is_pointed_to_but_gone_is_an_error,
);

async fn open(on: Kind) -> Client {
    let client = Client::new(library::project(on)).await;
    for name in ["Novels", "Poems"] {
        Shelf { id: 0, name: name.into() }.create(client.db()).await.unwrap();
    }
    client
}

const BOOK: [(&str, &str); 4] = [("title", " Nuages "), ("summary", ""), ("shelf", "1"), ("place", "3")];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = BOOK.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    kept.chain(changes.iter().copied()).collect()
}

async fn books(client: &Client) -> Vec<Book> {
    Book::objects(client.db()).order_by(Book::ID.asc()).all().await.unwrap()
}

async fn a_form_of_a_model_saves_what_is_right_and_shows_what_is_wrong(on: Kind) {
    let client = open(on).await;
    let page = client.get("/library/add/").await.text().to_owned();
    for part in [
        "maxlength=\"20\" autofocus>",
        "<textarea name=\"summary\" id=\"id_summary\">",
        "<option value=\"2\">Poems</option>",
        "type=\"number\" name=\"place\" id=\"id_place\" required min=\"1\" max=\"99\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    client.post("/library/add/", &BOOK).await.assert_redirect("/library/1/");
    let book = books(&client).await.remove(0);
    assert_eq!((&*book.title, book.summary, book.shelf.key, book.place), ("Nuages", None, 1, 3));
    for (wrong, message) in [
        (("title", ""), "This field is required."),
        (("title", "Twenty-one characters"), "Ensure this value has at most 20 characters (it has 21)."),
        (("title", "a\0b"), "Null characters are not allowed."),
        (("place", "0"), "Ensure this value is greater than or equal to 1."),
        (("place", "4294967296"), "Ensure this value is less than or equal to 2147483647."),
        (("place", "99"), "The last place is for the index."),
        (("shelf", "3"), "Select a valid choice. 3 is not one of the available choices."),
        (("shelf", "x"), "Select a valid choice. That choice is not one of the available choices."),
    ] {
        let answer = client.post("/library/add/", &with(&[wrong])).await;
        let page = answer.assert_ok().text().to_owned();
        assert!(page.contains(message), "{wrong:?}: {page}");
    }
    assert_eq!(books(&client).await.len(), 1);
}

async fn what_is_taken_is_an_error_of_the_field(on: Kind) {
    let client = open(on).await;
    client.post("/library/add/", &BOOK).await.assert_redirect("/library/1/");
    let page = client.post("/library/add/", &with(&[("place", "4")])).await.text().to_owned();
    assert!(page.contains("id=\"id_title_errors\""), "{page}");
    assert!(page.contains("Book with this Title already exists."), "{page}");
    let page = client.post("/library/add/", &with(&[("title", "Other")])).await.text().to_owned();
    assert!(page.contains("Book with this Shelf and Place already exists."), "{page}");
}

async fn two_who_enter_the_same_at_once_make_one_row(on: Kind) {
    let client = Arc::new(open(on).await);
    client.csrf_token();
    let posts = (0..20).map(|_| {
        let client = Arc::clone(&client);
        tokio::spawn(async move { client.post("/library/add/", &BOOK).await.status() })
    });
    let mut statuses = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        statuses.push(post.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[..19].to_vec(), statuses[19]), (vec![200; 19], 302));
    assert_eq!(books(&client).await.len(), 1);
}

async fn a_row_that_is_edited_is_not_in_its_own_way(on: Kind) {
    let client = open(on).await;
    client.post("/library/add/", &BOOK).await.assert_redirect("/library/1/");
    let page = client.get("/library/1/").await.text().to_owned();
    assert!(page.contains("value=\"Nuages\"") && page.contains("<option value=\"1\" selected>"), "{page}");
    client.post("/library/1/", &with(&[("summary", "Clouds")])).await.assert_redirect("/library/1/");
    let all = books(&client).await;
    assert_eq!((all.len(), all[0].summary.as_deref()), (1, Some("Clouds")));
}

async fn what_a_form_has_not_is_refused_and_changes_nothing(on: Kind) {
    let client = open(on).await;
    let page = client.post("/library/add/", &with(&[("is_secret", "on")])).await.text().to_owned();
    assert!(page.contains("This form has no field “is_secret”."), "{page}");
    let mut twice = BOOK.to_vec();
    twice.push(("title", "Another"));
    let page = client.post("/library/add/", &twice).await.text().to_owned();
    assert!(page.contains("Enter one value: this field was sent 2 times."), "{page}");
    assert!(books(&client).await.is_empty());
}

async fn a_row_that_is_pointed_to_but_gone_is_an_error(on: Kind) {
    let client = open(on).await;
    let mut form = library::BookForm::form(nuages::FormData::from_pairs(with(&[("shelf", "77")])));
    let blank = Book {
        id: 0,
        title: String::new(),
        summary: None,
        shelf: nuages::ForeignKey::new(0),
        place: 0,
        is_secret: false,
    };
    assert!(form.save(client.db(), blank).await.unwrap().is_none());
    assert!(form.non_field_errors()[0].starts_with("Select a valid choice."));
}

const LETTER: [(&str, &str); 3] =
    [("sender", "ann@site.example"), ("again", "ann@site.example"), ("text", "A book, please.")];

#[tokio::test]
async fn a_form_of_a_struct_is_read_with_its_own_rules() {
    let client = open(Kind::Sqlite).await;
    let answer = client.post("/library/write/", &LETTER).await.text().to_owned();
    assert_eq!(answer, "ann@site.example: A book, please. Thank you. (no picture)");
    for (name, value, message) in [
        ("sender", "ann", "Enter a valid email address."),
        ("again", "bob@site.example", "The two addresses are not the same."),
        ("text", "A book!", "Please do not shout."),
    ] {
        let changed: Vec<_> =
            LETTER.iter().map(|pair| if pair.0 == name { (name, value) } else { *pair }).collect();
        let page = client.post("/library/write/", &changed).await.text().to_owned();
        assert!(page.contains(message), "{page}");
    }
}

#[tokio::test]
async fn a_file_arrives_whole_or_its_field_says_why_not() {
    let client = open(Kind::Sqlite).await;
    let send = async |name: &str, content: Vec<u8>| {
        let file = UploadedFile::new(name, "image/png", content);
        client.post_files("/library/write/", &LETTER, &[("picture", file)]).await.text().to_owned()
    };
    assert!(send("../a.png", b"pixels".to_vec()).await.ends_with("(a.png pixels)"));
    for (name, content, message) in [
        ("a.exe", b"x".to_vec(), "File extension “exe” is not allowed. Allowed extensions are: png, txt."),
        ("a.png", vec![0; 1001], "Ensure this file has at most 1000 bytes (it has 1001)."),
        ("a.png", Vec::new(), "The submitted file is empty."),
    ] {
        let page = send(name, content).await;
        assert!(page.contains(message), "{message}: {page}");
    }
    let large = UploadedFile::new("a.png", "image/png", vec![0; 14_000_000]);
    let answer = client.post_files("/library/write/", &LETTER, &[("picture", large)]).await;
    assert_eq!(answer.status(), 413);
    let mut text = LETTER.to_vec();
    text.push(("picture", "a.png"));
    let page = client.post("/library/write/", &text).await.text().to_owned();
    assert!(page.contains("No file was submitted. Check the encoding type on the form."), "{page}");
}

#[tokio::test]
async fn a_site_writes_its_fields_in_its_own_way() {
    let client = Client::new(library::with_own_fields(Kind::Sqlite)).await;
    let page = client.get("/library/write/").await.text().to_owned();
    assert!(page.contains("<b class=\"own\">Sender</b> <input type=\"email\" name=\"sender\""), "{page}");
}
