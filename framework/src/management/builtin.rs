//! The framework's own checks.

use super::Site;
use crate::checks::Check;

pub(super) fn checks(site: &Site) -> Vec<Check> {
    let mut found: Vec<_> = site.routes.faults().into_iter().map(route_fault).collect();
    found.extend(unknown_apps(site));
    found.extend(auth_without_sessions(site));
    found.extend(super::mail::checks(site));
    found.extend(super::transport::checks(&site.settings));
    found
}

fn route_fault(fault: String) -> Check {
    Check::error("urls.E001", fault, "change one of the two in urls.rs")
}

/// A model whose app is not registered would never get its table.
fn unknown_apps(site: &Site) -> Vec<Check> {
    let tables = site.apps.iter().flat_map(|app| &app.tables);
    let homeless = tables.filter(|table| site.apps.get(&table.app).is_none());
    homeless
        .map(|table| {
            let text = format!(
                "the model `{}` belongs to the app `{}`, which the project does not have",
                table.model, table.app
            );
            Check::error("models.E001", text, "add the app to the project, or correct #[model(app = …)]")
        })
        .collect()
}

/// Auth keeps its users in the session, so the session's layer must come first.
fn auth_without_sessions(site: &Site) -> Option<Check> {
    let auth = site.apps.iter().position(|app| app.user.is_some())?;
    let sessions = site.apps.iter().position(|app| app.label() == "sessions");
    let in_order = sessions.is_some_and(|sessions| sessions < auth);
    (!in_order).then(|| {
        let hint = "add `.app(nuages::sessions::app())` to the project, in front of `.app(nuages_auth::app::<User>())`";
        Check::error("sessions.E001", "auth needs the sessions' app before it", hint)
    })
}
