//! Auth's management commands.

mod changepassword;
mod createsuperuser;
mod removetwofactor;
mod sessions;
mod stale;
mod unlock;

pub(crate) use changepassword::changepassword;
pub(crate) use createsuperuser::createsuperuser;
pub(crate) use removetwofactor::removetwofactor;
pub(crate) use sessions::sessions;
pub(crate) use stale::remove_stale_permissions;
pub(crate) use unlock::unlock;

use nuages::Result;
use nuages::command::Prompt;

/// The name of whoever runs the command on this machine.
fn system_user() -> Option<String> {
    let names = ["LOGNAME", "USER", "LNAME", "USERNAME"].into_iter();
    names.filter_map(|name| std::env::var(name).ok()).find(|name| !name.is_empty())
}

/// Asks for a new password, twice; `None`, and the reason said, if that gave none.
fn ask_password(prompt: &mut Prompt) -> Result<Option<String>> {
    let password = prompt.password("Password:")?;
    let again = prompt.password("Password (again):")?;
    if password != again {
        eprintln!("The two passwords did not match.");
        return Ok(None);
    }
    if password.is_empty() {
        eprintln!("A password cannot be blank.");
        return Ok(None);
    }
    Ok(Some(password))
}
