use nuages::test::Client;
use nuages::*;
use nuages_auth::*;
use nuages_docs::accounts::User;
use poem::web::{Path, Query, Json};
use poem::{Request, Response, handler};
#[handler] async fn t(request: &Request, Path(n): Path<i64>) -> Result<Response> {
    render(request, &format!("x{n}.html"), context! {}).await }
#[handler] async fn note(request: &Request) -> Result<Response> { messages::info(request, "precious"); redirect(request, "/") }
#[handler] async fn q(Query(pairs): Query<Vec<(String, String)>>) -> String { format!("{pairs:?}") }
#[handler] async fn j(Json(v): Json<serde_json::Value>) -> Json<serde_json::Value> { Json(v) }
#[tokio::test] async fn probe() {
    let routes = Routes::new().path("t/<int:n>/", t, "t").path("note/", note, "note").path("q/", q, "q").path("j/", j, "j");
    let c = Client::new(nuages_docs::site(routes).templates(dir!("tests/templates"))).await;
    let ann = NewUser::<User>::new("ann").create(c.db()).await.unwrap();
    c.force_login(&ann).await;
    for n in 0..6 {
        c.get("/note/").await;
        let before = c.cookie("messages").is_some();
        let a = c.get(&format!("/t/{n}/")).await;
        println!("{n} {} {:?} cookie before {before} after {}", a.status(), a.text().lines().find(|l| l.contains("message\"") || l.starts_with("out")), c.cookie("messages").is_some());
    }
    println!("{}", c.get("/q/?a=1&b=2").await.text());
    let mut r = c.request(poem::http::Method::POST, "/j/"); r.headers_mut().insert("X-CSRFToken", c.csrf_token().parse().unwrap()); r.headers_mut().insert("content-type", "application/json".parse().unwrap()); r.set_body("{\"a\":1}"); let a = c.send(r).await; println!("json {} {}", a.status(), a.text());
    let prod = Client::new(nuages_docs::project().settings(|s| { s.debug = false; s.allowed_hosts = vec!["localhost".into()]; })).await;
    NewUser::<User>::new("ann").password("mauve-lantern-42").create(prod.db()).await.unwrap();
    let a = prod.login("ann", "mauve-lantern-42").await; println!("{:?} {:?}", a.location(), a.headers("set-cookie").collect::<Vec<_>>());
    let m = Client::new(nuages_docs::project()).await; let a = m.send({let mut r = m.request(poem::http::Method::GET, "/nope/"); r.headers_mut().insert("host", "evil.example".parse().unwrap()); r}).await; println!("{} {}", a.status(), a.text().len());
}
