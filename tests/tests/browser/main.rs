//! Sites in a real browser, served by their real programs.

#![cfg(feature = "browser")]

mod accounts;
mod blog;
mod served;
