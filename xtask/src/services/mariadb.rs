//! A MariaDB of our own. Debian's packages without the service: what starts one by itself is in `mariadb-server`.

use super::free_port;
use super::server::{Folder, Kind, Server};
use crate::Result;
use crate::install::find_or_install;

const MARIADB: Kind = Kind {
    name: "MariaDB",
    user: ["nobody", "nogroup"],
    signal: "TERM",
    ready: "ready for connections",
    broken: "[ERROR] Aborting",
};

const PACKAGES: [&str; 2] = ["mariadb-server-core", "mariadb-client-core"];

/// Settings for tests, whose data nobody misses; and nothing of what the machine's own server is told.
const CARELESS: [&str; 4] =
    ["--skip-log-bin", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"];

/// A running server, stopped when this is dropped.
pub(crate) struct MariaDb {
    port: u16,
    _server: Server,
}

impl MariaDb {
    /// A server for tests, on a free port.
    pub(crate) fn start() -> Result<Self> {
        let install = find_or_install(&["mariadb-install-db"], &PACKAGES)?;
        find_or_install(&["my_print_defaults"], &PACKAGES)?;
        let mariadbd = find_or_install(&["mariadbd"], &PACKAGES)?;
        let (folder, port) = (Folder::new(&MARIADB)?, free_port()?);
        let data = format!("--datadir={}", folder.data().display());
        let mut install = folder.command(&install);
        install.args(["--no-defaults", &data, "--auth-root-authentication-method=normal", "--skip-test-db"]);
        folder.make_data(install.args(CARELESS))?;
        let mut server = folder.command(&mariadbd);
        server.args(["--no-defaults", &data, "--bind-address=127.0.0.1", "--max-connections=200"]);
        server.args(["--port", &port.to_string()]).arg("--socket").arg(folder.path().join("socket"));
        // A server that starts clears the temporary tables of all servers away that share its folder for them.
        server.arg(format!("--tmpdir={}", folder.path().display()));
        server.arg("--pid-file").arg(folder.path().join("pid")).args(CARELESS);
        Ok(Self { port, _server: Server::start(folder, &server)? })
    }

    /// What the tests are told of it.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        ("NUAGES_TEST_MYSQL", format!("mysql://root@127.0.0.1:{}/mysql?ssl-mode=disabled", self.port))
    }
}
