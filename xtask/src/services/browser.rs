//! Chromium and its driver; each test starts its own.

use crate::Result;
use crate::install::find_or_install;

const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

/// Where the driver is, after installing it and the browser if they are missing.
pub(super) fn driver() -> Result<(&'static str, String)> {
    find_or_install(&["chromium", "chromium-browser", "google-chrome"], &PACKAGES)?;
    let driver = find_or_install(&["chromedriver"], &PACKAGES)?;
    Ok(("NUAGES_TEST_CHROMEDRIVER", driver.display().to_string()))
}
