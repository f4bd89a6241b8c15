//! Which room is behind a name at the root of a crate.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Mention;
use super::source::Source;

/// What can be named at a crate's root.
pub(super) struct Doors<'a> {
    /// The crate by name, which is `crate` said otherwise.
    own_name: &'a str,
    rooms: BTreeSet<&'a str>,
    /// Modules written out in `lib.rs`: no rooms, what they list is looked up as if `lib.rs` did.
    folds: BTreeSet<&'a str>,
    /// Re-exports and macros, and the room that they come from if it is of this crate.
    exports: BTreeMap<&'a str, Option<&'a str>>,
}

/// What a path leads to.
pub(super) enum Behind {
    /// This room.
    Room(String),
    /// Another crate, or the root itself.
    Elsewhere,
    /// Nothing that `lib.rs` tells of.
    Nothing,
}

impl<'a> Doors<'a> {
    pub(super) fn of(sources: &[&'a Source], own_name: &'a str) -> Self {
        let roots: Vec<&Source> = sources.iter().copied().filter(|source| source.module.is_empty()).collect();
        let rooms = sources.iter().filter_map(|source| source.room()).collect();
        let folds = roots.iter().flat_map(|root| &root.code.inline_modules).map(String::as_str).collect();
        let mut doors = Self { own_name, rooms, folds, exports: BTreeMap::new() };
        roots.iter().flat_map(|root| &root.code.mentions).for_each(|mention| doors.export(mention));
        for source in sources {
            // `#[macro_export]` puts a macro at the root.
            doors.exports.extend(source.code.macros.iter().map(|name| (name.as_str(), source.room())));
        }
        doors
    }

    /// What this path leads to.
    pub(super) fn behind(&self, mention: &Mention) -> Behind {
        let mut names = mention.path.iter().map(String::as_str).skip(1);
        let first = names.find(|name| !self.folds.contains(name));
        let Some(first) = first.filter(|_| self.is_own(mention)) else { return Behind::Elsewhere };
        if self.rooms.contains(first) {
            return Behind::Room(first.to_owned());
        }
        match self.exports.get(first) {
            Some(Some(room)) => Behind::Room((*room).to_owned()),
            Some(None) => Behind::Elsewhere,
            None => Behind::Nothing,
        }
    }

    fn export(&mut self, mention: &'a Mention) {
        let first = if self.is_own(mention) { mention.path.get(1) } else { mention.path.first() };
        let room = first.and_then(|first| self.rooms.get(first.as_str()).copied());
        // A trait and its derive share a name: the trait's room counts.
        let known = self.exports.entry(&mention.name).or_insert(None);
        *known = known.or(room);
    }

    fn is_own(&self, mention: &Mention) -> bool {
        mention.path[0] == "crate" || mention.path[0] == self.own_name
    }
}
