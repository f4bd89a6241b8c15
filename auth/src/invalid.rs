//! What is wrong with a user who was to be stored.

use crate::validation::ValidationError;
use nuages::Error;
use std::fmt;

/// Faults of a user's fields, by the fields' names. A form shows each beside its field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invalid(Vec<(&'static str, ValidationError)>);

impl Invalid {
    /// All faults, each with the name of its field; a password's field is `password`.
    pub fn errors(&self) -> impl Iterator<Item = (&'static str, &ValidationError)> {
        self.0.iter().map(|(field, fault)| (*field, fault))
    }

    /// The faults of one field.
    pub fn of(&self, field: &str) -> impl Iterator<Item = &ValidationError> {
        self.errors().filter(move |(name, _)| *name == field).map(|(_, fault)| fault)
    }

    pub(crate) fn new(faults: impl IntoIterator<Item = (&'static str, ValidationError)>) -> Self {
        Self(faults.into_iter().collect())
    }

    /// An error if there is a fault.
    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<_> = self.errors().map(|(field, fault)| format!("{field}: {fault}")).collect();
        f.write_str(&faults.join(" "))
    }
}

impl std::error::Error for Invalid {}

/// Why a user or a password was not stored. In a view or a command, `?` makes an [`Error`] of it.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Fields that are not as they must be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It could not be tried.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl UserError {
    /// The faults, for a form.
    ///
    /// # Errors
    /// The other errors, as they are.
    pub fn invalid(self) -> nuages::Result<Invalid> {
        match self {
            Self::Invalid(invalid) => Ok(invalid),
            Self::Failed(error) => Err(error),
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.to_string())
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Invalid(invalid) => invalid.into(),
            UserError::Failed(error) => error,
        }
    }
}
