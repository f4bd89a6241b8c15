//! What can be said of a model before it is compiled.

use crate::attributes::StructAttributes;
use crate::columns::Member;
use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Error, LitStr, Result};

/// `ordering`, `unique_together` and `index` name columns that are there. A flattened struct brings some that are not known here.
pub(crate) fn names(attributes: &StructAttributes, columns: &[Member]) -> Result<()> {
    if columns.iter().any(|member| member.attributes.flatten) {
        return Ok(());
    }
    let indexed = attributes.indexes.iter().flat_map(|index| &index.columns);
    let together = attributes.unique_together.iter().flatten();
    let mut named = attributes.ordering.iter().chain(together).chain(indexed);
    let known: Vec<_> = columns.iter().map(Member::column).collect();
    match named.find(|name| !known.contains(&column_of(name))) {
        Some(name) => {
            let text = format!("there is no column `{}`; there are {}", column_of(name), known.join(", "));
            Err(Error::new(name.span(), text))
        }
        None => Ok(()),
    }
}

/// Without the `-` for descending.
fn column_of(name: &LitStr) -> String {
    name.value().trim_start_matches('-').to_owned()
}

/// `max_length` stands on text: what a type holds is known to the compiler alone, so it checks that.
pub(crate) fn lengths(columns: &[Member]) -> TokenStream {
    let limited = columns.iter().filter(|member| member.attributes.max_length.is_some());
    let checks = limited.map(|member| {
        let ty = &member.ty;
        let text = format!("`max_length` is for text, and `{}` holds none", member.plain_name());
        quote_spanned! { ty.span() =>
            const _: () = assert!(<#ty as ::nuages::db::Field>::KIND.is_text(), #text);
        }
    });
    checks.collect()
}
