//! What was sent, on its way into a struct.

use super::bound::Entry;
use super::value::{FormValue, Sent};
use super::{Errors, Field};

/// Reads the fields of a form into the fields of a struct, and writes down what is wrong.
#[derive(Debug)]
pub struct Reader<'a> {
    fields: &'a [Field],
    entries: &'a [Entry],
    errors: &'a mut Errors,
}

impl<'a> Reader<'a> {
    pub(super) fn new(fields: &'a [Field], entries: &'a [Entry], errors: &'a mut Errors) -> Self {
        Self { fields, entries, errors }
    }

    /// The value of a field.
    pub fn read<V: FormValue>(&mut self, name: &str) -> Option<V> {
        self.read_with(name, Ok)
    }

    /// The value of a field, as `clean` makes it or refuses it.
    pub fn read_with<V: FormValue>(
        &mut self,
        name: &str,
        clean: impl FnOnce(V) -> Result<V, String>,
    ) -> Option<V> {
        match V::read(self.sent(name)).and_then(clean) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.errors.add(name, fault);
                None
            }
        }
    }

    fn sent(&self, name: &str) -> Sent<'a> {
        let position = self.fields.iter().position(|field| field.name == name);
        position.and_then(|position| self.entries.get(position)).map_or_else(Sent::default, Entry::sent)
    }
}
