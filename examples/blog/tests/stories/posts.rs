//! From a draft to what everyone reads.

use blog::blog::models::Post;
use nuages::Model;

use crate::people::*;

#[tokio::test]
async fn an_empty_blog_invites_to_write() {
    let client = visitor().await;
    client.get("/").await.assert_ok().assert_text("Write the first post").assert_text("Sign up");
}

#[tokio::test]
async fn a_stranger_who_wants_to_write_is_sent_to_log_in() {
    let client = visitor().await;
    client.get("/write/").await.assert_redirect("/accounts/login/?next=/write/");
    let post = [("title", "Swing 42"), ("body", "…")];
    client.post("/write/", &post).await.assert_redirect("/accounts/login/?next=/write/");
    client.get("/").await.assert_no_text("Swing 42");
}

#[tokio::test]
async fn an_editor_publishes_and_everyone_reads() {
    let client = editor("django").await;
    let address = publish(&client, "Nuages", "Written in 1940.").await;
    client.get(&address).await.assert_text(">The post is published.</p>");
    client.get(&address).await.assert_no_text("The post is published.");

    let reader = client.another();
    reader.get("/").await.assert_text("Nuages</a></h2>").assert_text("· django");
    reader.get(&address).await.assert_ok().assert_text("Written in 1940.");
}

#[tokio::test]
async fn a_draft_is_seen_by_its_author_and_by_editors() {
    let writer = writer("ada").await;
    let draft = write(&writer, "Djangology", "In G.").await;
    let (reader, other, editor) = (writer.another(), writer.another(), writer.another());
    sign_up(&other, "eve").await;
    sign_up(&editor, "django").await;
    promote(&editor, "django").await;
    for insider in [&writer, &editor] {
        insider.get(&draft).await.assert_ok().assert_text("In G.");
        insider.get("/drafts/").await.assert_text("Djangology");
    }
    for outsider in [&reader, &other] {
        outsider.get(&draft).await.assert_status(404);
        outsider.get("/").await.assert_no_text("Djangology");
        outsider.post(&draft.replace("/post/", "/reading/keep/"), &[]).await.assert_status(404);
    }
    other.get("/drafts/").await.assert_ok().assert_no_text("Djangology");
    reader.get("/drafts/").await.assert_redirect("/accounts/login/?next=/drafts/");
}

#[tokio::test]
async fn a_writer_needs_an_editor_to_publish() {
    let writer = writer("ada").await;
    let draft = write(&writer, "Djangology", "In G.").await;
    let publish = format!("{draft}publish/");
    writer.get(&draft).await.assert_no_text(&publish);
    writer.post(&publish, &[]).await.assert_status(403);
    writer.get("/").await.assert_no_text("Djangology");

    promote(&writer, "ada").await;
    writer.get(&draft).await.assert_text(&publish);
    writer.post(&publish, &[]).await.assert_redirect(&draft);
    writer.get("/").await.assert_text("Djangology");
}

#[tokio::test]
async fn a_post_is_published_once() {
    let client = editor("django").await;
    let address = publish(&client, "Nuages", "Written in 1940.").await;
    let moment =
        || async { Post::objects(client.db()).first().await.map(|post| post.map(|post| post.published_at)) };
    let first = moment().await.expect("the database answers");
    client.post(&format!("{address}publish/"), &[]).await.assert_redirect(&address);
    assert_eq!(moment().await.expect("the database answers"), first);
}

#[tokio::test]
async fn authors_delete_their_own_posts_and_moderators_any() {
    let ada = writer("ada").await;
    let (first, second) = (write(&ada, "Daphne", "…").await, write(&ada, "Swing 42", "…").await);
    let (eve, editor) = (ada.another(), ada.another());
    sign_up(&eve, "eve").await;
    sign_up(&editor, "django").await;
    promote(&editor, "django").await;
    let delete = |post: &str| format!("{post}delete/");
    editor.post(&format!("{first}publish/"), &[]).await.assert_redirect(&first);
    eve.get(&first).await.assert_ok().assert_no_text(&delete(&first));
    for of_adas in [&first, &second, "/post/99/"] {
        eve.post(&delete(of_adas), &[]).await.assert_status(404);
    }
    ada.get(&first).await.assert_ok();
    ada.get(&second).await.assert_ok();

    editor.get(&first).await.assert_text(&delete(&first));
    editor.post(&delete(&first), &[]).await.assert_redirect("/");
    editor.get("/").await.assert_text("“Daphne” is deleted.");
    ada.get(&second).await.assert_text(&delete(&second));
    ada.post(&delete(&second), &[]).await.assert_redirect("/");
    ada.get(&second).await.assert_status(404);
}

#[tokio::test]
async fn an_unfinished_post_is_shown_again_with_what_is_missing() {
    let client = writer("ada").await;
    let refused = client.post("/write/", &[("title", "Djangology"), ("body", "  ")]).await;
    refused.assert_ok().assert_text("This field is required.").assert_text("value=\"Djangology\"");
    client.get("/").await.assert_no_text("Djangology");
}

#[tokio::test]
async fn a_title_has_at_most_200_characters() {
    let client = editor("ada").await;
    publish(&client, &"ü".repeat(200), "fits").await;
    let refused = client.post("/write/", &[("title", &"ü".repeat(201)), ("body", "does not")]).await;
    refused.assert_ok().assert_text("at most 200 characters (it has 201)");
}

#[tokio::test]
async fn what_people_write_is_text_and_never_html() {
    let client = editor("ada").await;
    let script = "<script>alert(1)</script>";
    let address = publish(&client, script, script).await;
    client.post("/accounts/profile/bio/", &[("bio", script)]).await.assert_redirect("/accounts/profile/");

    let unfinished = client.post("/write/", &[("title", script)]).await;
    let pages = [client.get("/").await, client.get(&address).await, unfinished];
    for page in pages.iter().chain([&client.get("/accounts/profile/").await]) {
        page.assert_ok().assert_no_text("<script").assert_text("&lt;script&gt;");
    }
}

#[tokio::test]
async fn the_front_page_lists_the_twenty_newest() {
    let client = editor("ada").await;
    for number in 1..=21 {
        publish(&client, &format!("Take {number:02}"), "…").await;
    }
    let page = client.get("/").await;
    page.assert_text("Take 02</a></h2>").assert_no_text("Take 01</a></h2>");
    let place = |title: &str| page.text().find(title).expect("the post is listed");
    assert!(place("Take 21</a></h2>") < place("Take 20</a></h2>"));
}

#[tokio::test]
async fn a_post_that_is_not_there_is_not_found() {
    let client = visitor().await;
    for path in ["/post/1/", "/post/0/", "/post/one/"] {
        client.get(path).await.assert_status(404);
    }
}
