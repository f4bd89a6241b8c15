//! Many-to-many fields: no columns, but constants and tables of their own.

use crate::columns::Member;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Ident, Result};

/// The fields that are columns, and those that lead to many rows.
pub(crate) fn part(members: Vec<Member>) -> Result<(Vec<Member>, Vec<Member>)> {
    let (relations, columns): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|member| member.many().is_some());
    match columns.iter().find_map(|member| member.attributes.through.as_ref()) {
        Some(through) => Err(Error::new_spanned(through, "only a `ManyToMany<..>` goes through a model")),
        None => Ok((columns, relations)),
    }
}

/// A struct that is flattened has no table whose rows could be related.
pub(crate) fn refuse(relations: &[Member]) -> Result<()> {
    let text = "a `ManyToMany<..>` belongs to a model, not to a struct that is flattened into one";
    match relations.first() {
        Some(member) => Err(Error::new_spanned(&member.ty, text)),
        None => Ok(()),
    }
}

/// The constant by which queries name the field.
pub(crate) fn constant(member: &Member, model: &Ident) -> TokenStream {
    let (constant, field, name) = (member.constant_name(), &member.name, member.plain_name());
    let (target, doc) = (member.many(), format!("The many-to-many field `{name}`."));
    let through = member.attributes.through.as_ref().map(|model| quote! { .through::<#model>() });
    quote! {
        #[doc = #doc]
        pub const #constant: ::nuages::db::ManyToManyField<#model, #target> =
            ::nuages::db::ManyToManyField::new(#name) #through .kept_in(|row: &mut #model| &mut row.#field);
    }
}

/// The tables that are made for the fields; a model of the site's own brings its table itself.
pub(crate) fn tables(relations: &[Member]) -> TokenStream {
    let own = relations.iter().filter(|member| member.attributes.through.is_none());
    let constants = own.map(Member::constant_name);
    quote! { vec![Self::table(), #(Self::#constants.table()),*] }
}
