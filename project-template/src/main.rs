//! Runs the site and its commands: `cargo run -- help` lists them.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    nuages::manage({{ crate_name }}::project()).await
}
