//! The check that the user model is the one that the database was made for.

use super::records;
use super::user::UserTable;
use crate::checks::{Check, Checker};

/// Looks whether the database was first migrated with another user model: `auth.E100`.
pub fn user_model_checker(user: UserTable) -> Checker {
    Checker::new(move |context| {
        let user = user.clone();
        async move {
            let recorded = records::user_model(&context.db().await?).await?;
            let problem = records::user_model_problem(recorded.as_deref(), Some(&user));
            Ok(problem.into_iter().map(|(text, hint)| Check::error("auth.E100", text, hint)).collect())
        }
    })
}
