//! Names of indexes and constraints: Django's form, short enough for every database.

use crate::signing::hex;
use sha2::{Digest, Sha256};

/// What PostgreSQL allows; MySQL has one more.
const LONGEST: usize = 63;

/// `<table>_<columns>_<8 hexadecimal digits><suffix>`, with table and columns cut if it were too long.
pub(super) fn index_name(table: &str, columns: &[impl AsRef<str>], suffix: &str) -> String {
    let columns: Vec<_> = columns.iter().map(AsRef::as_ref).collect();
    let digest = hex(&Sha256::digest(format!("{table}{}", columns.concat()))[..4]);
    let (columns, end) = (columns.join("_"), format!("{digest}{suffix}"));
    let full = format!("{table}_{columns}_{end}");
    if full.len() <= LONGEST {
        return full;
    }
    let each = (LONGEST - end.len()) / 2 - 1;
    format!("{}_{}_{end}", cut(table, each), cut(&columns, each))
}

fn cut(name: &str, length: usize) -> &str {
    &name[..name.floor_char_boundary(length)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_table_and_column() {
        let name = index_name("blog_post", &["author_id"], "");
        assert!(name.starts_with("blog_post_author_id_"), "{name}");
        assert_eq!(name, index_name("blog_post", &["author_id"], ""));
    }

    #[test]
    fn long_names_are_cut_and_still_differ() {
        let [one, two] =
            ["a", "b"].map(|end| index_name(&format!("{}{end}", "t".repeat(60)), &["ü".repeat(40)], "_uniq"));
        assert!(one.len() <= LONGEST && one.ends_with("_uniq"), "{one}");
        assert_ne!(one, two);
    }
}
