//! A field with what was sent for it: its value, and what is wrong with it.

use super::field::{Field, Widget};
use super::upload::UploadedFile;
use super::value::Sent;
use super::{Errors, FormData};

/// What is shown and read for one field.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) texts: Vec<String>,
    pub(super) files: Vec<UploadedFile>,
}

impl Entry {
    pub(super) fn sent(&self) -> Sent<'_> {
        Sent::new(&self.texts, &self.files)
    }

    pub(super) fn first(&self) -> &str {
        self.sent().first()
    }

    /// What was sent for a field under this name, as the form takes it; what is wrong with it is added to the errors.
    pub(super) fn read(field: &Field, name: &str, data: &FormData, errors: &mut Errors) -> Self {
        if field.disabled {
            return Self { texts: field.initial.clone(), files: Vec::new() };
        }
        let texts: Vec<_> = data.get_all(name).map(|text| field.clean(text)).collect();
        let entry = Self { texts, files: data.files(name).cloned().collect() };
        for fault in field.faults(&entry) {
            errors.add(field.name, fault);
        }
        entry.settled(field)
    }

    /// Several values without the empty ones.
    fn settled(mut self, field: &Field) -> Self {
        if field.multiple {
            self.texts.retain(|text| !text.is_empty());
        }
        self
    }
}

impl Field {
    /// A text as the form takes it.
    fn clean(&self, sent: &str) -> String {
        if self.strip { sent.trim().to_owned() } else { sent.to_owned() }
    }

    /// What is wrong with what was sent, in Django's words.
    fn faults(&self, entry: &Entry) -> Vec<String> {
        let count = entry.texts.len().max(entry.files.len());
        if count > 1 && !self.multiple {
            return vec![format!("Enter one value: this field was sent {count} times.")];
        }
        match self.widget {
            Widget::File => self.faults_of_files(entry),
            _ if entry.sent().is_empty() => self.missing(),
            _ => entry.texts.iter().flat_map(|text| self.faults_of(text)).collect(),
        }
    }

    fn missing(&self) -> Vec<String> {
        if self.required { vec!["This field is required.".into()] } else { Vec::new() }
    }

    fn faults_of(&self, text: &str) -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        if text.contains('\0') {
            return vec!["Null characters are not allowed.".into()];
        }
        if let Some(fault) = self.kind.as_ref().and_then(|kind| kind.fault(text)) {
            return vec![fault];
        }
        let rules = self.rules.iter().filter_map(|rule| rule.fault(text));
        rules.chain(self.fault_of_choice(text)).collect()
    }

    fn fault_of_choice(&self, text: &str) -> Option<String> {
        let choices = self.choices.as_ref()?;
        let is_one = choices.iter().any(|choice| choice.value == text);
        let shown: String = text.chars().take(50).collect();
        (!is_one).then(|| format!("Select a valid choice. {shown} is not one of the available choices."))
    }

    fn faults_of_files(&self, entry: &Entry) -> Vec<String> {
        if !entry.texts.iter().all(String::is_empty) {
            return vec!["No file was submitted. Check the encoding type on the form.".into()];
        }
        if entry.files.is_empty() {
            return self.missing();
        }
        entry.files.iter().filter_map(|file| self.fault_of_file(file)).collect()
    }

    fn fault_of_file(&self, file: &UploadedFile) -> Option<String> {
        let size = file.size();
        match self.max_bytes {
            _ if size == 0 => Some("The submitted file is empty.".into()),
            Some(most) if size > most => {
                Some(format!("Ensure this file has at most {most} bytes (it has {size})."))
            }
            _ => self.rules.iter().find_map(|rule| rule.fault(file.name())),
        }
    }
}
