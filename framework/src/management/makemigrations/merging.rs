//! `makemigrations --merge`: one end again for a history that two people have gone on with.

use super::interview::Interview;
use super::{Manner, put};
use crate::error::{Error, Result};
use crate::migrations::write::{Folder, Merge};
use crate::say;
use std::path::Path;

pub(super) fn merge(
    merges: &[Merge],
    project: &Path,
    manner: Manner,
    interview: &mut Interview,
) -> Result<()> {
    if merges.is_empty() {
        say!("No conflicts detected to merge.");
    }
    for merge in merges {
        say(merge);
        let goes_on = !manner.check && (!manner.asks || is_wanted(merge, interview)?);
        if goes_on {
            write(merge, project, manner)?;
        }
    }
    match manner.check && !merges.is_empty() {
        true => Err(Error::Refused("there are migrations to merge; run `makemigrations --merge`".into())),
        false => Ok(()),
    }
}

fn say(merge: &Merge) {
    say!("Merging {}", merge.change.app);
    for branch in &merge.branches {
        say!("  Branch {}", branch.name);
        branch.operations.iter().for_each(|line| say!("    + {line}"));
    }
}

fn is_wanted(merge: &Merge, interview: &mut Interview) -> Result<bool> {
    let ends: Vec<_> = merge.branches.iter().map(|branch| branch.name.as_str()).collect();
    let question = format!(
        "Merging works only if the operations above do not need each other's outcome. Should {} of {} be merged?",
        ends.join(" and "),
        merge.change.app
    );
    let instead = "give --noinput, which merges without asking, or answer at a terminal";
    interview.confirm(&question, instead)
}

fn write(merge: &Merge, project: &Path, manner: Manner) -> Result<()> {
    let folder = Folder::of(project, &merge.change)?;
    say!("Merge migration for '{}':\n  {}", merge.change.app, merge.change.file());
    put(&merge.change, folder, manner)
}
