//! `routes`: every path with its name, and who may see it.

use crate::app::Apps;
use crate::command::{self, Command};
use crate::urls::Routes;

pub(super) fn command(routes: Routes, apps: &Apps) -> Command {
    let gates: Vec<_> = apps.iter().flat_map(|app| &app.gates).map(|gate| gate.name()).collect();
    Command::new("routes", "Lists every path with its name and who may see it").run(move |_, _| {
        let text = listing(&routes, &gates);
        async move {
            command::say(format_args!("{text}"));
            Ok(())
        }
    })
}

fn listing(routes: &Routes, gates: &[&str]) -> String {
    let width = |of: fn(&(&str, &str)) -> usize| routes.list().map(|row| of(&row)).max().unwrap_or(0);
    let (paths, names) = (width(|(path, _)| path.len()), width(|(_, name)| name.len()));
    let line = |access: crate::urls::Access<'_>| {
        format!("{:paths$}  {:names$}  {}\n", access.path, access.name, access.whom(gates))
    };
    routes.access().map(line).collect()
}
