//! `#[derive(AbstractUser)]`: makes a model the site's user; see `nuages_auth::AbstractUser`.

mod attributes;
mod user;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a model the site's user; see `nuages_auth::AbstractUser`.
#[proc_macro_derive(AbstractUser, attributes(user, model))]
pub fn derive_abstract_user(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    user::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
