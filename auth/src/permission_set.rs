//! Permissions by their names, as programs ask for them.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Names of permissions such as `blog.add_post`; a clone is the same ones.
///
/// ```
/// use nuages_auth::PermissionSet;
///
/// let set: PermissionSet = ["blog.add_post", "blog.view_post"].into_iter().collect();
/// assert!(set.contains("blog.add_post") && set.has_module("blog") && !set.has_module("shop"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionSet(Arc<BTreeSet<String>>);

impl PermissionSet {
    /// Whether this one is among them.
    pub fn contains(&self, perm: &str) -> bool {
        self.0.contains(perm)
    }

    /// Whether one of this app's is among them.
    pub fn has_module(&self, app: &str) -> bool {
        self.iter().any(|perm| perm.split_once('.').is_some_and(|(label, _)| label == app))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self(Arc::new(names.into_iter().map(Into::into).collect()))
    }
}
