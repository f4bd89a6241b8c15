//! A form that asks the database, once.

use crate::Invalid;
use crate::backends::Check;
use nuages::futures_util::future::BoxFuture;
use nuages::{Error, Form, Result};
use serde::{Serialize, Serializer};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

/// A form whose own rules come first, and what the database says after them.
pub(super) struct Checked {
    form: Mutex<Form>,
    asked: OnceCell<()>,
}

impl Checked {
    pub(super) fn new(form: Form) -> Self {
        Self { form: Mutex::new(form), asked: OnceCell::new() }
    }

    /// Whether it was sent and nothing is wrong with it. If its own rules hold, `ask` looks for more; once, however often this is
    /// called.
    ///
    /// The type of `ask` is hidden, since a site's views have all that waits in them inside of their own type, and the compiler follows
    /// them only so deep.
    pub(super) async fn is_valid(&self, ask: BoxFuture<'_, Result<()>>) -> Result<bool> {
        if self.keeps_its_rules() {
            self.asked.get_or_try_init(|| ask).await?;
        }
        Ok(self.keeps_its_rules())
    }

    /// The same, where `ask` is an attempt that counts: [within the limit](Checked::within_limit).
    pub(super) async fn is_valid_attempt(
        &self,
        check: &Check,
        ask: BoxFuture<'_, Result<()>>,
    ) -> Result<bool> {
        self.is_valid(Box::pin(async { self.within_limit(check, ask.await) })).await
    }

    /// Past the limit of attempts the form says so itself, and nothing has come of it. What was typed stays, but for passwords; the page that shows it
    /// becomes a 429.
    pub(super) fn within_limit<T: Default>(&self, check: &Check, outcome: Result<T>) -> Result<T> {
        match outcome {
            Err(error @ Error::TooManyRequests(_)) => {
                self.add_error("", format!("{}.", capitalised(&error.to_string())));
                check.auth.limit(error.retry_after().unwrap_or_default());
                Ok(T::default())
            }
            outcome => outcome,
        }
    }

    /// Whether it was sent, and no error is known so far.
    pub(super) fn keeps_its_rules(&self) -> bool {
        self.lock().is_valid()
    }

    pub(super) fn value(&self, name: &str) -> String {
        self.lock().value(name).to_owned()
    }

    pub(super) fn add_error(&self, field: &str, error: impl Into<String>) {
        self.lock().add_error(field, error);
    }

    /// Shows faults beside their fields; those of the password beside this one.
    pub(super) fn show(&self, invalid: &Invalid, password: &str) {
        for (field, fault) in invalid.errors() {
            let field = if field == crate::passwords::PASSWORD { password } else { field };
            self.add_error(field, fault.message.clone());
        }
    }

    pub(super) fn reference(&self) -> String {
        self.lock().reference()
    }

    /// Changes the form before it is asked anything.
    pub(super) fn change(self, change: impl FnOnce(Form) -> Form) -> Self {
        let form = self.form.into_inner().unwrap_or_else(PoisonError::into_inner);
        Self::new(change(form))
    }

    fn lock(&self) -> MutexGuard<'_, Form> {
        self.form.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Serialize for Checked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.lock().serialize(serializer)
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Shows a form, and lists its fields, as the one that it has inside.
macro_rules! shown {
    ($form:ident) => {
        impl<U> $form<U> {
            /// A table of its fields, with their limits and rules, in Markdown: [`nuages::Form::reference`].
            pub fn reference(&self) -> String {
                self.form.reference()
            }
        }

        impl<U> serde::Serialize for $form<U> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.form.serialize(serializer)
            }
        }
    };
}
pub(super) use shown;
