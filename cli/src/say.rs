//! Words for the person at the keyboard. Nobody listening any more is no reason to panic, as `println!` does.

use std::io::Write;
use std::path::Path;

pub(crate) fn out(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

pub(crate) fn err(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// `cd mysite` and what stands between it and the next command; nothing for the folder we are in.
pub(crate) fn go_to(dir: &Path, then: &str) -> String {
    match dir.to_string_lossy() {
        here if here == "." => String::new(),
        dir => format!("cd {}{then}", for_a_shell(&dir)),
    }
}

fn for_a_shell(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%,:".contains(c);
    if text.chars().all(is_plain) { text.into() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_can_be_pasted_into_a_shell() {
        assert_eq!(for_a_shell("sites/my-site"), "sites/my-site");
        assert_eq!(for_a_shell("my site"), "'my site'");
        assert_eq!(for_a_shell("it's; rm"), r"'it'\''s; rm'");
    }
}
