//! The macros of Nuages: `Model`, `Form`, and what `dir!` is made of. They write calls to ordinary functions of the `nuages` crate.

mod attributes;
mod checks;
mod columns;
mod form;
mod form_attributes;
mod model;
mod permissions;
mod relations;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, LitStr, parse_macro_input};

/// Makes a struct a row of a table; see `nuages::Model`.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    model::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes a struct a form; see `nuages::FormFields` and `nuages::ModelForm`.
#[proc_macro_derive(Form, attributes(form))]
pub fn derive_form(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    form::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// A folder of the crate as part of the binary, for `nuages::dir!`: `include_dir!` takes a literal and nothing else.
#[proc_macro]
pub fn embed_dir(input: TokenStream) -> TokenStream {
    let path = format!("$CARGO_MANIFEST_DIR/{}", parse_macro_input!(input as LitStr).value());
    quote! { include_dir::include_dir!(#path) }.into()
}
