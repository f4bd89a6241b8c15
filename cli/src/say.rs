//! Words for the person at the keyboard. Nobody listening any more is no reason to panic, as `println!` does.

use std::io::Write;

pub(crate) fn out(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

pub(crate) fn err(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
