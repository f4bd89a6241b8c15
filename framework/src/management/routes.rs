//! `routes`: every path with its name.

use crate::command::{self, Command};
use crate::urls::Routes;

pub(super) fn command(routes: Routes) -> Command {
    Command::new("routes", "Lists every path with its name").run(move |_, _| {
        let text = listing(&routes);
        async move {
            command::say(format_args!("{text}"));
            Ok(())
        }
    })
}

fn listing(routes: &Routes) -> String {
    let width = routes.list().map(|(path, _)| path.len()).max().unwrap_or(0);
    routes.list().map(|(path, name)| format!("{path:width$}  {name}\n")).collect()
}
