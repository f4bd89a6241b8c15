//! The rules about rooms: which may name which, and that no two need each other.

use std::collections::{BTreeMap, BTreeSet};

use super::Broken;
use super::code::Mention;
use super::doors::{Behind, Doors};
use super::source::Source;

/// A crate and its rules.
pub(super) struct House {
    pub(super) source: &'static str,
    pub(super) rooms: Rooms,
    /// The crate by name, which is `crate` said otherwise.
    pub(super) own_name: &'static str,
    pub(super) never_names: &'static [&'static str],
    pub(super) contents_page: bool,
}

/// Which rooms there may be.
pub(super) enum Rooms {
    /// These, from top to bottom.
    Levels(&'static [&'static [&'static str]]),
    /// Any, all on one level.
    Any,
}

/// A room that names another, and where it first does.
struct Import<'a> {
    from: &'a str,
    to: String,
    broken: Broken,
}

impl<'a> Import<'a> {
    fn new(source: &Source, from: &'a str, to: String, mention: &Mention) -> Self {
        let what = format!("`{from}` names `{}`, of `{to}`", mention.path.join("::"));
        Self { from, to, broken: source.broken(mention.line, what) }
    }
}

impl House {
    /// All that these sources break.
    pub(super) fn check(&self, sources: &[&Source]) -> Vec<Broken> {
        let sources = outside_tests(sources);
        let mut broken = self.unknown_rooms(&sources);
        broken.extend(sources.iter().flat_map(|source| self.strangers(source)));
        if self.contents_page {
            broken.extend(
                sources.iter().filter(|source| source.is_library_root()).flat_map(|root| root.logic()),
            );
        }
        let (imports, unclear) = self.imports(&sources);
        broken.extend(unclear);
        broken.extend(self.upward(&imports));
        broken.extend(self.cycles(&imports));
        broken
    }

    fn unknown_rooms(&self, sources: &[&Source]) -> Vec<Broken> {
        let rooms: BTreeMap<&str, &Source> =
            sources.iter().rev().filter_map(|source| source.room().map(|room| (room, *source))).collect();
        let unknown = rooms.into_iter().filter(|(room, _)| self.level(room).is_none());
        unknown
            .map(|(room, source)| {
                let what = format!(
                    "no level has a room `{room}`; add it to the list in xtask/src/architecture/mod.rs"
                );
                source.broken(1, what)
            })
            .collect()
    }

    /// Crates that this one must not know, and doors that are not for it.
    fn strangers(&self, source: &Source) -> Vec<Broken> {
        let wrong = source.code.mentions.iter().filter_map(|mention| {
            let what = self.strange(&mention.path)?;
            Some(source.broken(mention.line, what))
        });
        wrong.collect()
    }

    fn strange(&self, path: &[String]) -> Option<String> {
        let krate = path[0].as_str();
        if self.never_names.contains(&krate) {
            return Some(format!("`{krate}` is named, which {} must not know", self.source));
        }
        let ours = krate.starts_with("nuages") && krate != self.own_name;
        let hidden = path.iter().any(|part| part.starts_with("__"));
        (ours && hidden).then(|| format!("`{}` is not public", path.join("::")))
    }

    fn imports<'a>(&self, sources: &[&'a Source]) -> (Vec<Import<'a>>, Vec<Broken>) {
        let doors = Doors::of(sources, self.own_name);
        let mut imports = Vec::new();
        let mut unclear = Vec::new();
        for source in sources {
            let Some(from) = source.room() else { continue };
            for mention in &source.code.mentions {
                match doors.behind(mention) {
                    Behind::Room(to) if to != from => imports.push(Import::new(source, from, to, mention)),
                    Behind::Nothing => unclear.push(source.broken(mention.line, without_room(mention))),
                    _ => {}
                }
            }
        }
        (imports, unclear)
    }

    fn upward(&self, imports: &[Import]) -> Vec<Broken> {
        let levels = |import: &Import| self.level(&import.to).zip(self.level(import.from));
        let upward = imports.iter().filter(|import| levels(import).is_some_and(|(to, from)| to < from));
        upward
            .map(|import| {
                let what = format!("{}, which is above it; imports point down", import.broken.what);
                Broken { file: import.broken.file.clone(), line: import.broken.line, what }
            })
            .collect()
    }

    /// A cycle through several levels has an upward import in it, so that those within a level remain.
    fn cycles(&self, imports: &[Import]) -> Vec<Broken> {
        let mut level: Vec<&Import> =
            imports.iter().filter(|import| self.level(&import.to) == self.level(import.from)).collect();
        let mut broken = Vec::new();
        let mut index = 0;
        while let Some(import) = level.get(index).copied() {
            match way(&level, &import.to, import.from) {
                Some(way) => {
                    let what = format!(
                        "{}, which needs it: {} -> {}",
                        import.broken.what,
                        import.from,
                        way.join(" -> ")
                    );
                    broken.push(Broken { file: import.broken.file.clone(), line: import.broken.line, what });
                    // Said once for each pair of rooms that closes a circle.
                    level.retain(|other| (other.from, &other.to) != (import.from, &import.to));
                }
                None => index += 1,
            }
        }
        broken
    }

    /// Counted from the top.
    fn level(&self, room: &str) -> Option<usize> {
        match self.rooms {
            Rooms::Levels(levels) => levels.iter().position(|level| level.contains(&room)),
            Rooms::Any => Some(0),
        }
    }
}

/// The shortest way from one room to another, both included.
fn way(imports: &[&Import], from: &str, to: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![from.to_owned()]];
    let mut seen = BTreeSet::from([from.to_owned()]);
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        let last = way.last().expect("a way begins somewhere");
        if last == to {
            return Some(way);
        }
        for import in imports.iter().filter(|import| import.from == last) {
            if seen.insert(import.to.clone()) {
                ways.push([way.as_slice(), std::slice::from_ref(&import.to)].concat());
            }
        }
        next += 1;
    }
    None
}

fn without_room(mention: &Mention) -> String {
    let path = mention.path.join("::");
    format!("`{path}` is no room, and nothing that lib.rs lists by name; name its room")
}

fn outside_tests<'a>(sources: &[&'a Source]) -> Vec<&'a Source> {
    let tests: Vec<&Vec<String>> = sources.iter().flat_map(|source| &source.code.test_modules).collect();
    let is_test = |source: &Source| tests.iter().any(|test| source.module.starts_with(test));
    sources.iter().copied().filter(|source| !is_test(source)).collect()
}
