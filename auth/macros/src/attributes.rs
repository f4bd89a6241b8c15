//! `#[user(…)]` on the struct, and what this derive wants to know of `#[model(…)]` on its fields.

use syn::{Attribute, Field, Lit, LitStr, Meta, Result, Token, punctuated::Punctuated};

/// What stands in `#[user(…)]`.
#[derive(Default)]
pub(crate) struct UserAttributes {
    pub(crate) username_field: Option<LitStr>,
    pub(crate) email_field: Option<LitStr>,
    pub(crate) required_fields: Option<LitStr>,
}

impl UserAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("user")) {
            attribute.parse_nested_meta(|meta| {
                let place = if meta.path.is_ident("username_field") {
                    &mut found.username_field
                } else if meta.path.is_ident("email_field") {
                    &mut found.email_field
                } else if meta.path.is_ident("required_fields") {
                    &mut found.required_fields
                } else {
                    return Err(
                        meta.error("unknown key; a user knows username_field, email_field, required_fields")
                    );
                };
                *place = Some(meta.value()?.parse()?);
                Ok(())
            })?;
        }
        Ok(found)
    }
}

/// Whether a field says `#[model(flatten)]`.
pub(crate) fn is_flattened(field: &Field) -> bool {
    model_metas(field).any(|meta| meta.path().is_ident("flatten"))
}

/// Whether a field says `#[model(primary_key)]`.
pub(crate) fn is_key(field: &Field) -> bool {
    model_metas(field).any(|meta| meta.path().is_ident("primary_key"))
}

/// What a field says as `#[model(column = …)]`.
pub(crate) fn column(field: &Field) -> Option<Lit> {
    literal(field, "column")
}

/// What a field says as `#[model(default = …)]`.
pub(crate) fn default(field: &Field) -> Option<Lit> {
    literal(field, "default")
}

fn literal(field: &Field, key: &str) -> Option<Lit> {
    let value = model_metas(field).find_map(|meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident(key) => Some(pair.value),
        _ => None,
    })?;
    // A literal may have a minus sign; an expression's literal has none.
    syn::parse2(quote::quote! { #value }).ok()
}

fn model_metas(field: &Field) -> impl Iterator<Item = Meta> {
    let attributes = field.attrs.iter().filter(|attribute| attribute.path().is_ident("model"));
    let parse =
        |attribute: &Attribute| attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    attributes.filter_map(move |attribute| parse(attribute).ok()).flatten()
}
