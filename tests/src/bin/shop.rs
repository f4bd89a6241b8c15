//! The test site with a shop as a real process.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    nuages::manage(nuages_tests::shop::from_env()).await
}
