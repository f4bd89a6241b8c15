#![cfg(feature = "sqlite")]

use super::*;
use crate::{App, Settings};
use tempfile::TempDir;

struct Site {
    _folder: TempDir,
    context: Context,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("site.db").display());
        let pairs = [("DEBUG", "true"), ("SECRET_KEY", "x"), ("DATABASE_URL", url.as_str())];
        Self { _folder: folder, context: Context::new(Arc::new(Settings::from_pairs(pairs).unwrap())) }
    }

    async fn call(&self, arguments: &[&str]) -> Result<()> {
        let tags = Migration::new("0001_initial").create_table("blog_tag", |table| {
            table.big_auto("id");
        });
        let app = App::new("blog").migrations([tags, Migration::new("0002_more")]);
        let command = command(Arc::new(Apps::new(vec![app])?));
        let matches = command.parser().get_matches_from([&["migrate"], arguments].concat());
        command.call(self.context.clone(), matches).await
    }
}

#[tokio::test]
async fn check_refuses_until_all_is_applied() {
    let site = Site::new();
    assert_eq!(site.call(&["--check"]).await.unwrap_err().exit_code(), 1);
    site.call(&[]).await.unwrap();
    site.call(&["--check"]).await.unwrap();
    site.call(&["blog", "0001"]).await.unwrap();
    assert!(site.call(&["--plan", "--check"]).await.is_err());
}

#[tokio::test]
async fn a_plan_changes_nothing() {
    let site = Site::new();
    site.call(&["--plan"]).await.unwrap();
    assert!(site.call(&["--check"]).await.is_err());
}

#[tokio::test]
async fn zero_undoes_all_of_an_app() {
    let site = Site::new();
    site.call(&["blog"]).await.unwrap();
    site.call(&["blog", "zero"]).await.unwrap();
    assert!(site.context.db().await.unwrap().execute_sql("SELECT id FROM blog_tag").await.is_err());
}

#[tokio::test]
async fn an_unknown_app_or_migration_is_refused() {
    let site = Site::new();
    let text = |result: Result<()>| result.unwrap_err().to_string();
    assert!(text(site.call(&["shop"]).await).starts_with("the site has no app `shop`"));
    assert!(text(site.call(&["blog", "0009"]).await).starts_with("app `blog` has no migration `0009`"));
}
