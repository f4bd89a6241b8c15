//! Where the paths of a site part, for the tree in which poem looks them up.

use super::pattern::Pattern;
use std::collections::BTreeSet;

/// No address has it (RFC 3986, 2), so nobody gets to what is mounted behind it.
const UNREACHABLE: char = '\u{1}';

/// Paths to mount before all others, the shortest first: one at each place where two paths part, and one at the root, where an application
/// that the site is put into begins.
///
/// When poem 3.1 cuts a piece of its tree in two, since `/posts/<int:id>/` is there and `/pages/<int:id>/` comes, the converter stays at the front half,
/// and the first path is found no more. What is cut before has no converter to lose.
pub(super) fn branches(patterns: &[Pattern]) -> Vec<String> {
    let mut sorted: Vec<_> = patterns.iter().collect();
    sorted.sort_by_cached_key(|pattern| pattern.for_poem());
    let shared = sorted.windows(2).map(|two| two[0].shared_with(two[1]).for_poem());
    let unique: BTreeSet<String> = shared.chain(["/".to_owned()]).collect();
    let mut branches: Vec<_> = unique.into_iter().map(|branch| format!("{branch}{UNREACHABLE}")).collect();
    branches.sort_by_key(String::len);
    branches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_part_where_their_texts_or_converters_differ() {
        let of = |paths: &[&str]| branches(&paths.iter().map(|path| Pattern::new(path)).collect::<Vec<_>>());
        assert_eq!(of(&["/posts/<int:id>/"]), ["/\u{1}"]);
        assert_eq!(of(&["/posts/<int:id>/", "/pages/<int:id>/"]), ["/\u{1}", "/p\u{1}"]);
        assert_eq!(
            of(&["/a/<int:id>/", "/a/<slug:name>/", "/a/<int:id>/b/"]),
            ["/\u{1}", "/a/\u{1}", "/a/:id<^[0-9]+>/\u{1}"]
        );
        assert_eq!(of(&["/é/", "/è/"]), ["/\u{1}"]);
    }
}
