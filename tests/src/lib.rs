//! What the tests of the promises share.

#[cfg(feature = "browser")]
pub mod browser;
