//! Runs the measured site and its commands.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    nuages::manage(bench_blog::project()).await
}
