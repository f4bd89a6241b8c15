//! What one request changes of a session.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What one request changes of a session: only this is written, so that two requests that change different names of one
/// session both win.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Everything that was there is forgotten first.
    pub cleared: bool,
    /// The names that change, each with what becomes of its value.
    pub values: BTreeMap<String, Change>,
}

/// What becomes of one value.
#[derive(Clone)]
pub enum Change {
    /// It becomes this.
    Set(Value),
    /// It goes.
    Remove,
    /// It becomes what this makes of it. A store may call it again on top of what another request has saved meanwhile.
    Update(Update),
}

/// Makes a new value of the one that is there.
pub type Update = Arc<dyn Fn(Option<&Value>) -> serde_json::Result<Value> + Send + Sync>;

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        !self.cleared && self.values.is_empty()
    }

    /// The data as it is after the changes.
    ///
    /// # Errors
    /// If an update makes a value that is no JSON.
    pub fn apply(&self, mut data: Map<String, Value>) -> serde_json::Result<Map<String, Value>> {
        if self.cleared {
            data.clear();
        }
        for (name, change) in &self.values {
            match change.apply(data.get(name))? {
                Some(value) => data.insert(name.clone(), value),
                None => data.remove(name),
            };
        }
        Ok(data)
    }

    /// Adds an update to what changes already.
    pub(super) fn update(&mut self, name: &str, update: Update) -> serde_json::Result<()> {
        let change = match self.values.remove(name) {
            Some(Change::Update(first)) => Change::Update(Arc::new(move |value| {
                let value = first(value)?;
                update(Some(&value))
            })),
            Some(known) => Change::Set(update(known.apply(None)?.as_ref())?),
            None if self.cleared => Change::Set(update(None)?),
            None => Change::Update(update),
        };
        self.values.insert(name.to_owned(), change);
        Ok(())
    }

    /// Whether nothing is left of an empty session.
    pub(super) fn only_remove(&self) -> bool {
        self.values.values().all(|change| matches!(change, Change::Remove))
    }
}

impl Change {
    /// The value after it; `None` if there is none then.
    pub fn apply(&self, value: Option<&Value>) -> serde_json::Result<Option<Value>> {
        match self {
            Self::Set(value) => Ok(Some(value.clone())),
            Self::Remove => Ok(None),
            Self::Update(update) => update(value).map(Some),
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No values: they are the visitor's.
        f.write_str(match self {
            Self::Set(_) => "Set",
            Self::Remove => "Remove",
            Self::Update(_) => "Update",
        })
    }
}
