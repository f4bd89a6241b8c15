//! What visitors, writers, editors and troublemakers live through.

mod accounts;
mod people;
mod posts;
mod visits;
