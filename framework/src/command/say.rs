//! What a command says.

use std::fmt;
use std::io::{self, Write};

/// Prints a line of a command's output, as `println!` does; that nobody reads on (`migrate | head -1`) is no reason to panic half-way.
///
/// ```
/// nuages::say!("Sent {} letters.", 3);
/// ```
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => {
        $crate::command::say(::core::format_args!("{}\n", ::core::format_args!($($text)*)))
    };
}

/// Prints this, at once.
#[doc(hidden)]
pub fn say(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = out.write_fmt(text).and_then(|()| out.flush());
}
