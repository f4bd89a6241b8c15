use super::*;
use crate::db::schema::Kind;

const USER: UserTable = UserTable {
    app: "accounts",
    model: "User",
    table: "accounts_user",
    key: "id",
    login: "username",
    kind: Kind::BigInt,
};

fn step(name: &str) -> Migration {
    Migration::new(name)
}

fn makes(name: &str, table: &str) -> Migration {
    step(name).create_table(table, |table| drop(table.big_auto("id").build()))
}

fn labels(apps: &[(&str, &[Migration])]) -> Result<Vec<String>> {
    let graph = Graph::new(apps.iter().copied(), Some(&USER))?;
    Ok(graph.nodes().iter().map(Node::label).collect())
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Refused(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

fn site() -> [Vec<Migration>; 2] {
    let blog = vec![step("0001_initial").depends_on_user(), step("0002_tags")];
    let accounts = vec![makes("0001_initial", "accounts_user"), step("0002_nickname")];
    [blog, accounts]
}

fn record(app: &str, migration: &Migration) -> Applied {
    Applied { app: app.into(), name: migration.name().into(), checksum: migration.checksum() }
}

#[test]
fn a_migration_comes_after_those_that_it_depends_on() {
    let [blog, accounts] = site();
    assert_eq!(
        labels(&[("blog", &blog), ("accounts", &accounts)]).unwrap(),
        ["accounts.0001_initial", "blog.0001_initial", "blog.0002_tags", "accounts.0002_nickname"]
    );
}

#[test]
fn depending_on_the_user_means_the_migration_that_makes_its_table() {
    let accounts = [step("0001_before"), makes("0002_user", "accounts_user"), step("0003_after")];
    let blog = [step("0001_initial").depends_on_user()];
    let labels = labels(&[("blog", &blog), ("accounts", &accounts)]).unwrap();
    assert_eq!(labels[..3], ["accounts.0001_before", "accounts.0002_user", "blog.0001_initial"]);
}

#[test]
fn the_migration_that_makes_the_users_may_say_that_it_needs_them() {
    let accounts = [makes("0001_initial", "accounts_user").depends_on_user()];
    assert_eq!(labels(&[("accounts", &accounts)]).unwrap().len(), 1);
}

#[test]
fn a_circle_is_refused_and_shown() {
    let [a, b] = [("b", "0001_b"), ("a", "0001_a")]
        .map(|(app, name)| [step(if app == "b" { "0001_a" } else { "0001_b" }).depends_on(app, name)]);
    let text = refusal(labels(&[("a", &a), ("b", &b)]));
    assert!(text.contains("a.0001_a -> b.0001_b -> a.0001_a"), "{text}");
}

#[test]
fn a_missing_dependency_is_refused_with_the_file() {
    let blog = [step("0001_initial").depends_on("shop", "0001_initial")];
    let text = refusal(labels(&[("blog", &blog)]));
    assert!(
        text.starts_with("blog.0001_initial depends on shop.0001_initial, which does not exist"),
        "{text}"
    );
    assert!(text.contains("src/blog/migrations/m0001_initial.rs"), "{text}");
}

#[test]
fn two_migrations_of_one_name_are_refused() {
    let text = refusal(labels(&[("blog", &[step("0001_initial"), step("0001_initial")])]));
    assert!(text.contains("two migrations are called blog.0001_initial"), "{text}");
}

#[test]
fn a_site_without_users_cannot_depend_on_them() {
    let blog = [step("0001_initial").depends_on_user()];
    let text = refusal(Graph::new([("blog", &blog[..])], None));
    assert!(text.contains("nuages_auth::app"), "{text}");
}

#[test]
fn what_is_not_applied_is_to_be_applied() {
    let [blog, accounts] = site();
    let graph = Graph::new([("blog", &blog[..]), ("accounts", &accounts[..])], Some(&USER)).unwrap();
    let applied = BTreeSet::from([0]);
    assert_eq!(graph.steps(Goal::All, &applied).unwrap(), [Step::Apply(1), Step::Apply(2), Step::Apply(3)]);
    assert_eq!(graph.steps(Goal::App("accounts"), &applied).unwrap(), [Step::Apply(3)]);
    assert_eq!(
        graph.steps(Goal::Named("blog", "0001"), &BTreeSet::new()).unwrap(),
        [Step::Apply(0), Step::Apply(1)]
    );
}

#[test]
fn going_back_undoes_what_depends_on_it_first() {
    let [blog, accounts] = site();
    let graph = Graph::new([("blog", &blog[..]), ("accounts", &accounts[..])], Some(&USER)).unwrap();
    let all = BTreeSet::from([0, 1, 2, 3]);
    let zero = graph.steps(Goal::Named("accounts", "zero"), &all).unwrap();
    assert_eq!(zero, [Step::Undo(3), Step::Undo(2), Step::Undo(1), Step::Undo(0)]);
    assert_eq!(graph.steps(Goal::Named("accounts", "0001"), &all).unwrap(), [Step::Undo(3)]);
    assert_eq!(graph.steps(Goal::Named("blog", "0001"), &all).unwrap(), [Step::Undo(2)]);
}

#[test]
fn the_beginning_of_a_name_must_say_which() {
    let blog = [step("0001_initial"), step("0002_a"), step("0002_b").depends_on("blog", "0001_initial")];
    let graph = Graph::new([("blog", &blog[..])], None).unwrap();
    assert_eq!(graph.find("blog", "0002_b").unwrap(), 2);
    assert!(refusal(graph.find("blog", "0002")).contains("more than one"));
    assert!(refusal(graph.find("blog", "0009")).contains("has no migration `0009`"));
    assert_eq!(graph.leaves("blog"), [1, 2]);
}

#[test]
fn a_changed_or_missing_migration_is_refused_with_its_file() {
    let blog = [makes("0001_initial", "blog_post")];
    let graph = Graph::new([("blog", &blog[..])], None).unwrap();
    let changed = refusal(graph.applied(&[record("blog", &makes("0001_initial", "blog_article"))]));
    assert!(changed.contains("put src/blog/migrations/m0001_initial.rs back as it was"), "{changed}");
    let gone = refusal(graph.applied(&[record("blog", &blog[0]), record("blog", &step("0002_tags"))]));
    assert!(gone.contains("src/blog/migrations/m0002_tags.rs is not among"), "{gone}");
}

#[test]
fn an_applied_migration_before_one_it_depends_on_is_refused() {
    let blog = [step("0001_initial"), step("0002_tags")];
    let graph = Graph::new([("blog", &blog[..])], None).unwrap();
    let text = refusal(graph.applied(&[record("blog", &blog[1])]));
    assert!(text.starts_with("blog.0002_tags is applied, but blog.0001_initial"), "{text}");
}

#[test]
fn apps_that_the_site_no_longer_has_do_not_count() {
    let blog = [step("0001_initial")];
    let graph = Graph::new([("blog", &blog[..])], None).unwrap();
    assert!(graph.applied(&[record("shop", &step("0001_initial"))]).unwrap().is_empty());
}

#[test]
fn an_operation_that_does_not_fit_names_its_migration() {
    let blog = [step("0001_initial").drop_table("blog_post")];
    let graph = Graph::new([("blog", &blog[..])], None).unwrap();
    let text = refusal(graph.state(|_| true));
    assert!(text.starts_with("migration blog.0001_initial (src/blog/migrations/m0001_initial.rs)"), "{text}");
}
