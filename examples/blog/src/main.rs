//! Runs the blog and its commands: `cargo run -p blog -- help` lists them.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    nuages::manage(blog::project()).await
}
