//! The test site as a real process.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    nuages::manage(nuages_tests::site::from_env()).await
}
