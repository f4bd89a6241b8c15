//! The permissions that the site's models declare, and the rows that stand for them.

use crate::groups::user_permissions;
use crate::{AbstractUser, ContentType, Group, Permission};
use nuages::app::Hook;
use nuages::db::inspect;
use nuages::db::schema::ModelInfo;
use nuages::{Database, ForeignKey, Model, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a model is called in `django_content_type`: the app's label, and the model's name in small letters.
pub(crate) type Kind = (String, String);

/// Makes the content types and permissions of the site's models, as far as they are not there; those that no model declares
/// any more stay.
pub(crate) fn hook() -> Hook {
    Arc::new(|db, apps| Box::pin(async move { make(&db, &apps.models()).await }))
}

async fn make(db: &Database, models: &[ModelInfo]) -> Result<()> {
    if !are_there(db).await? {
        return Ok(());
    }
    let declared = Declared::of(models);
    let kinds = make_kinds(db, &declared).await?;
    let there: BTreeSet<(i32, String)> = Permission::objects(db)
        .all()
        .await?
        .into_iter()
        .map(|row| (row.content_type.key, row.codename))
        .collect();
    let mut new = Vec::new();
    for (kind, permissions) in &declared.0 {
        let Some(id) = kinds.get(kind) else { continue };
        let lacking = permissions.iter().filter(|(codename, _)| !there.contains(&(*id, (*codename).clone())));
        new.extend(lacking.map(|(codename, name)| Permission {
            id: 0,
            name: name.clone(),
            content_type: ForeignKey::new(*id),
            codename: codename.clone(),
        }));
    }
    Permission::objects(db).bulk_create(new).await.map(drop)
}

/// The keys of all content types, the new ones of the models among them.
async fn make_kinds(db: &Database, declared: &Declared) -> Result<BTreeMap<Kind, i32>> {
    let mut kinds: BTreeMap<Kind, i32> = keyed(ContentType::objects(db).all().await?).collect();
    let lacking = declared.0.keys().filter(|kind| !kinds.contains_key(*kind));
    let new = lacking.map(|(app, model)| ContentType { id: 0, app_label: app.clone(), model: model.clone() });
    kinds.extend(keyed(ContentType::objects(db).bulk_create(new.collect::<Vec<_>>()).await?));
    Ok(kinds)
}

fn keyed(kinds: Vec<ContentType>) -> impl Iterator<Item = (Kind, i32)> {
    kinds.into_iter().map(|kind| ((kind.app_label, kind.model), kind.id))
}

/// Whether auth's tables are there; after `migrate auth zero` they are not.
async fn are_there(db: &Database) -> Result<bool> {
    let names = inspect::names(db).await?;
    Ok([ContentType::TABLE, Permission::TABLE].iter().all(|table| names.iter().any(|name| name == table)))
}

/// The permissions of each model: codename and name.
pub(crate) struct Declared(BTreeMap<Kind, BTreeMap<String, String>>);

impl Declared {
    pub(crate) fn of(models: &[ModelInfo]) -> Self {
        let mut all: BTreeMap<Kind, BTreeMap<String, String>> = BTreeMap::new();
        for model in models {
            let kind = (model.app.to_owned(), model.name.to_lowercase());
            all.entry(kind).or_default().extend(permissions(model));
        }
        Self(all)
    }

    fn knows(&self, kind: &Kind) -> bool {
        self.0.contains_key(kind)
    }

    fn has(&self, kind: &Kind, codename: &str) -> bool {
        self.0.get(kind).is_some_and(|permissions| permissions.contains_key(codename))
    }

    fn has_app(&self, label: &str) -> bool {
        self.0.keys().any(|(app, _)| app == label)
    }
}

fn permissions(model: &ModelInfo) -> impl Iterator<Item = (String, String)> {
    let (lower, words) = (model.name.to_lowercase(), words(model.name));
    let usual = model.default_permissions.iter();
    let usual = usual.map(move |action| (format!("{action}_{lower}"), format!("Can {action} {words}")));
    let own = model.permissions.iter().map(|(codename, name)| ((*codename).to_owned(), (*name).to_owned()));
    usual.chain(own)
}

/// `content type` of `ContentType`, `http log` of `HTTPLog`: Django's `verbose_name`.
fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (position, letter) in letters.iter().enumerate() {
        let after_small = position > 0 && letters[position - 1].is_lowercase();
        let before_small = position > 0 && letters.get(position + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// Rows that no model stands behind any more.
pub(crate) struct Stale {
    pub(crate) kinds: Vec<ContentType>,
    pub(crate) permissions: Vec<Permission>,
}

impl Stale {
    /// Those of the site's own apps; those of apps that the site has not only if `others` is true.
    pub(crate) async fn find(db: &Database, declared: &Declared, others: bool) -> Result<Self> {
        let kinds = ContentType::objects(db).all().await?;
        let kinds = kinds.into_iter().filter(|kind| others || declared.has_app(&kind.app_label));
        let name = |kind: &ContentType| (kind.app_label.clone(), kind.model.clone());
        let (known, kinds): (Vec<_>, Vec<_>) = kinds.partition(|kind| declared.knows(&name(kind)));
        let all = Permission::objects(db).select_related(Permission::CONTENT_TYPE).all().await?;
        let is_stale = |permission: &Permission| {
            let id = permission.content_type.key;
            let known = known.iter().find(|kind| kind.id == id);
            known.is_some_and(|kind| !declared.has(&name(kind), &permission.codename))
                || kinds.iter().any(|kind| kind.id == id)
        };
        let permissions = all.into_iter().filter(is_stale).collect();
        Ok(Self { kinds, permissions })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.permissions.is_empty()
    }

    /// Deletes them, and takes them from all users and groups: a database that Django has made does not do that by itself.
    pub(crate) async fn delete<U: AbstractUser>(&self, db: &Database) -> Result<()> {
        db.transaction(async |db| {
            for permission in &self.permissions {
                for group in Group::PERMISSIONS.reverse(&db, permission).all().await? {
                    Group::PERMISSIONS.remove(&db, &group, [permission]).await?;
                }
                if U::HAS_PERMISSIONS {
                    for user in user_permissions::<U>().reverse(&db, permission).all().await? {
                        user_permissions::<U>().remove(&db, &user, [permission]).await?;
                    }
                }
                permission.delete(&db).await?;
            }
            for kind in &self.kinds {
                kind.delete(&db).await?;
            }
            Ok(())
        })
        .await
    }

    /// How many users and groups have one of the permissions.
    pub(crate) async fn holders<U: AbstractUser>(db: &Database, permission: &Permission) -> Result<[u64; 2]> {
        let groups = Group::PERMISSIONS.reverse(db, permission).count().await?;
        let users = match U::HAS_PERMISSIONS {
            true => user_permissions::<U>().reverse(db, permission).count().await?,
            false => 0,
        };
        Ok([users, groups])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_called_as_django_calls_it() {
        for (name, called) in [
            ("Post", "post"),
            ("ContentType", "content type"),
            ("HTTPLog", "http log"),
            ("BlogPost2", "blog post2"),
            ("PostTAG", "post tag"),
            ("A", "a"),
        ] {
            assert_eq!(words(name), called);
        }
    }

    #[test]
    fn a_model_has_the_usual_permissions_and_its_own() {
        let model = ModelInfo {
            app: "blog",
            name: "BlogPost",
            default_permissions: &["add", "view"],
            permissions: &[("publish_post", "Can publish post")],
        };
        let made: Vec<_> = permissions(&model).collect();
        let expected = [
            ("add_blogpost", "Can add blog post"),
            ("view_blogpost", "Can view blog post"),
            ("publish_post", "Can publish post"),
        ];
        assert_eq!(made, expected.map(|(codename, name)| (codename.into(), name.into())));
    }
}
