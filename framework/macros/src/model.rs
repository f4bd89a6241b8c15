//! What `#[derive(Model)]` writes.

use crate::attributes::{IndexAttribute, StructAttributes};
use crate::columns::{Member, members};
use crate::{checks, relations};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, Ident, LitStr, Result};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = StructAttributes::read(&input.attrs)?;
    let (columns, relations) = relations::part(members(input)?)?;
    let name = &input.ident;
    checks::names(&attributes, &columns)?;
    let lengths = checks::lengths(&columns);
    let fields = fields_impl(name, &columns, &relations)?;
    if attributes.is_abstract {
        relations::refuse(&relations)?;
        let keyed = keyed_impl(name, &columns);
        return Ok(quote! { #fields #keyed #lengths });
    }
    let constants = constants(name, &columns, &relations);
    let serialize = serialize_impl(name);
    let rows = quote! { ::nuages::__sqlx_rows!(#name); };
    let model = model_impl(name, &attributes, &columns, &relations)?;
    Ok(quote! { #fields #constants #serialize #rows #model #lengths })
}

fn fields_impl(name: &Ident, members: &[Member], relations: &[Member]) -> Result<TokenStream> {
    let key = key_of(members).map(|key| key.name.clone());
    let definitions = members
        .iter()
        .map(|member| member.definition(Some(&member.name) == key.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    let names = members.iter().map(column_names);
    let reads = members.iter().map(read);
    let values = members.iter().map(value);
    let stamps = members.iter().map(stamp);
    let entries = members.iter().map(entry);
    let shown = members.iter().map(shown);
    let relates = members.iter().filter_map(relate);
    let targets = members.iter().filter_map(target);
    let related = relations.iter().map(|member| &member.name);
    let related_entries = relations.iter().map(related_entry);
    let related_shown = relations.len();
    Ok(quote! {
        impl ::nuages::db::Fields for #name {
            const SHOWN: usize = #related_shown #(+ #shown)*;
            fn column_defs() -> ::std::vec::Vec<::nuages::db::schema::ColumnDef> {
                let mut columns = ::std::vec::Vec::new();
                #(#definitions)*
                columns
            }
            fn column_names() -> ::std::vec::Vec<&'static str> {
                let mut names = ::std::vec::Vec::new();
                #(#names)*
                names
            }
            fn read(row: &::nuages::db::Row<'_>) -> ::nuages::sqlx::Result<Self> {
                Ok(Self { #(#reads,)* #(#related: ::std::default::Default::default()),* })
            }
            fn values(&self) -> ::std::vec::Vec<::nuages::db::Value> {
                let mut values = ::std::vec::Vec::new();
                #(#values)*
                values
            }
            #[allow(unused_variables)]
            fn stamp(&mut self, now: ::nuages::chrono::DateTime<::nuages::chrono::Utc>, adding: bool) {
                #(#stamps)*
            }
            fn serialize_fields<S: ::nuages::private::serde::ser::SerializeStruct>(
                &self,
                fields: &mut S,
            ) -> ::std::result::Result<(), S::Error> {
                #(#entries)*
                #(#related_entries)*
                Ok(())
            }
            #[allow(unused_variables)]
            fn relate(
                &mut self,
                column: &str,
                row: &::nuages::db::Row<'_>,
                position: usize,
            ) -> ::nuages::sqlx::Result<bool> {
                #(#relates)*
                Ok(false)
            }
            #[allow(unused_variables)]
            fn target(
                column: &str,
            ) -> ::std::option::Option<(&'static str, &'static str, ::std::vec::Vec<&'static str>)> {
                #(#targets)*
                None
            }
        }
    })
}

fn column_names(member: &Member) -> TokenStream {
    let (ty, column) = (&member.ty, member.column());
    match member.attributes.flatten {
        true => quote! { names.extend(<#ty as ::nuages::db::Fields>::column_names()); },
        false => quote! { names.push(#column); },
    }
}

fn read(member: &Member) -> TokenStream {
    let (name, ty, column) = (&member.name, &member.ty, member.column());
    match member.attributes.flatten {
        true => quote! { #name: <#ty as ::nuages::db::Fields>::read(row)? },
        false => quote! { #name: row.get::<#ty>(#column)? },
    }
}

fn value(member: &Member) -> TokenStream {
    let name = &member.name;
    match member.attributes.flatten {
        true => quote! { values.extend(::nuages::db::Fields::values(&self.#name)); },
        false => quote! { values.push(::nuages::db::Field::value(&self.#name)); },
    }
}

fn stamp(member: &Member) -> TokenStream {
    let name = &member.name;
    let attributes = &member.attributes;
    match (attributes.flatten, attributes.auto_now, attributes.auto_now_add) {
        (true, ..) => quote! { ::nuages::db::Fields::stamp(&mut self.#name, now, adding); },
        (_, true, _) => quote! { self.#name = now.into(); },
        (_, _, true) => quote! { if adding { self.#name = now.into(); } },
        _ => quote! {},
    }
}

fn shown(member: &Member) -> TokenStream {
    let ty = &member.ty;
    match member.attributes.flatten {
        true => quote! { <#ty as ::nuages::db::Fields>::SHOWN },
        false => quote! { !<#ty as ::nuages::db::Field>::HIDDEN as usize },
    }
}

fn entry(member: &Member) -> TokenStream {
    let (name, ty, key) = (&member.name, &member.ty, member.plain_name());
    match member.attributes.flatten {
        true => quote! { ::nuages::db::Fields::serialize_fields(&self.#name, fields)?; },
        false => quote! {
            if !<#ty as ::nuages::db::Field>::HIDDEN {
                ::nuages::db::serialize_field(fields, #key, &self.#name)?;
            }
        },
    }
}

fn related_entry(member: &Member) -> TokenStream {
    let (name, key) = (&member.name, member.plain_name());
    quote! { ::nuages::db::serialize_field(fields, #key, &self.#name)?; }
}

fn relate(member: &Member) -> Option<TokenStream> {
    let (name, column) = (&member.name, member.column());
    if member.attributes.flatten {
        return Some(quote! {
            if ::nuages::db::Fields::relate(&mut self.#name, column, row, position)? { return Ok(true); }
        });
    }
    member.target().map(|_| {
        quote! {
            if column == #column {
                ::nuages::db::Related::relate(&mut self.#name, row, position)?;
                return Ok(true);
            }
        }
    })
}

fn target(member: &Member) -> Option<TokenStream> {
    let (ty, column) = (&member.ty, member.column());
    if member.attributes.flatten {
        return Some(quote! {
            if let Some(target) = <#ty as ::nuages::db::Fields>::target(column) { return Some(target); }
        });
    }
    member.target().map(|_| {
        quote! { if column == #column { return Some(<#ty as ::nuages::db::Related>::target()); } }
    })
}

fn constants(name: &Ident, columns: &[Member], relations: &[Member]) -> TokenStream {
    let columns =
        columns.iter().filter(|member| !member.attributes.flatten).map(|member| member.constant(name));
    let relations = relations.iter().map(|member| relations::constant(member, name));
    quote! { impl #name { #(#columns)* #(#relations)* } }
}

fn serialize_impl(name: &Ident) -> TokenStream {
    quote! {
        impl ::nuages::private::serde::Serialize for #name {
            fn serialize<S: ::nuages::private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                let shown = <Self as ::nuages::db::Fields>::SHOWN;
                let mut fields = serializer.serialize_struct(stringify!(#name), shown)?;
                ::nuages::db::Fields::serialize_fields(self, &mut fields)?;
                ::nuages::private::serde::ser::SerializeStruct::end(fields)
            }
        }
    }
}

fn model_impl(
    name: &Ident,
    attributes: &StructAttributes,
    members: &[Member],
    relations: &[Member],
) -> Result<TokenStream> {
    let Some(app) = &attributes.app else {
        let text = "say which app the model belongs to: #[model(app = \"blog\")]";
        return Err(Error::new_spanned(name, text));
    };
    let lower = name.to_string().to_lowercase();
    let table = attributes.table.as_ref().map_or_else(|| format!("{}_{lower}", app.value()), LitStr::value);
    let (text, ordering) = (name.to_string(), &attributes.ordering);
    let unique_together = &attributes.unique_together;
    let indexes = attributes.indexes.iter().map(index);
    let checks = attributes.checks.iter().map(|(name, condition)| {
        let name = name.to_string();
        quote! { ::nuages::db::schema::CheckConstraint { name: #name.into(), condition: #condition.into() } }
    });
    let key = key_tokens(name, members)?;
    let permissions = attributes.permissions.constants(name)?;
    let tables = relations::tables(relations);
    Ok(quote! {
        impl ::nuages::db::Model for #name {
            const APP: &'static str = #app;
            const NAME: &'static str = #text;
            const TABLE: &'static str = #table;
            const ORDERING: &'static [&'static str] = &[#(#ordering),*];
            #permissions
            #key
            fn table() -> ::nuages::db::schema::Table {
                let mut table = ::nuages::db::schema::Table::new(#app, #text, #table);
                table.columns = <Self as ::nuages::db::Fields>::column_defs();
                table.unique_together = vec![#(vec![#(#unique_together.into()),*]),*];
                table.indexes = vec![#(#indexes),*];
                table.checks = vec![#(#checks),*];
                table.ordering = vec![#(#ordering.into()),*];
                table
            }
            fn tables() -> ::std::vec::Vec<::nuages::db::schema::Table> { #tables }
        }
    })
}

fn index(index: &IndexAttribute) -> TokenStream {
    let columns = &index.columns;
    let name = match index.name.as_ref().map(Ident::to_string) {
        Some(name) => quote! { Some(#name.into()) },
        None => quote! { None },
    };
    quote! { ::nuages::db::schema::Index { name: #name, columns: vec![#(#columns.into()),*] } }
}

/// The key of an abstract struct, for the model that flattens it.
fn keyed_impl(name: &Ident, members: &[Member]) -> Option<TokenStream> {
    let key = key_of(members)?;
    let (field, ty, column) = (&key.name, &key.ty, key.column());
    Some(quote! {
        impl ::nuages::db::Keyed for #name {
            type Key = #ty;
            const KEY: &'static str = #column;
            fn key(&self) -> &Self::Key { &self.#field }
            fn set_key(&mut self, key: Self::Key) { self.#field = key; }
        }
    })
}

/// The key is a field of the struct, or that of the flattened one.
fn key_tokens(name: &Ident, members: &[Member]) -> Result<TokenStream> {
    if let Some(key) = key_of(members) {
        let (field, ty, column) = (&key.name, &key.ty, key.column());
        return Ok(quote! {
            type Key = #ty;
            const KEY: &'static str = #column;
            fn key(&self) -> &Self::Key { &self.#field }
            fn set_key(&mut self, key: Self::Key) { self.#field = key; }
        });
    }
    let Some(inner) = members.iter().find(|member| member.attributes.flatten) else {
        let text =
            "a model needs a primary key: add `pub id: i64`, or put #[model(primary_key)] on another field";
        return Err(Error::new_spanned(name, text));
    };
    let (field, ty) = (&inner.name, &inner.ty);
    Ok(quote! {
        type Key = <#ty as ::nuages::db::Keyed>::Key;
        const KEY: &'static str = <#ty as ::nuages::db::Keyed>::KEY;
        fn key(&self) -> &Self::Key { ::nuages::db::Keyed::key(&self.#field) }
        fn set_key(&mut self, key: Self::Key) { ::nuages::db::Keyed::set_key(&mut self.#field, key) }
    })
}

/// The field marked as the primary key, or the one called `id`.
fn key_of(members: &[Member]) -> Option<&Member> {
    let marked = members.iter().find(|member| member.attributes.primary_key);
    marked.or_else(|| members.iter().find(|member| member.name == "id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str) -> String {
        let input = syn::parse_str(source).unwrap();
        expand(&input).unwrap_err().to_string()
    }

    #[test]
    fn a_model_without_an_app_is_told_to_name_one() {
        assert!(error("struct Post { id: i64 }").contains("#[model(app = \"blog\")]"));
    }

    #[test]
    fn a_model_without_a_key_is_told_to_add_one() {
        assert!(error("#[model(app = \"blog\")] struct Post { title: String }").contains("pub id: i64"));
    }

    #[test]
    fn an_unknown_key_says_which_are_known() {
        assert!(
            error("#[model(app = \"blog\")] struct Post { #[model(maximum = 7)] id: i64 }")
                .contains("max_length")
        );
        assert!(error("#[model(name = \"blog\")] struct Post { id: i64 }").contains("app, table, ordering"));
    }

    #[test]
    fn what_happens_on_delete_is_one_of_three() {
        let text = error(
            "#[model(app = \"b\")] struct P { id: i64, #[model(on_delete = \"ignore\")] a: ForeignKey<A> }",
        );
        assert!(text.contains("\"protect\""), "{text}");
    }

    #[test]
    fn an_ordering_by_no_column_names_the_columns() {
        let text =
            error("#[model(app = \"b\", ordering = \"-titel\")] struct P { id: i64, author: ForeignKey<A> }");
        assert_eq!(text, "there is no column `titel`; there are id, author_id");
        let text = error("#[model(app = \"b\", unique_together(\"id\", \"author\"))] struct P { id: i64 }");
        assert_eq!(text, "there is no column `author`; there are id");
    }

    #[test]
    fn a_flattened_struct_may_bring_the_columns() {
        let source =
            "#[model(app = \"b\", ordering = \"username\")] struct U { #[model(flatten)] fields: F }";
        assert!(expand(&syn::parse_str(source).unwrap()).is_ok());
    }

    #[test]
    fn only_many_go_through_a_model() {
        let text =
            error("#[model(app = \"b\")] struct P { id: i64, #[model(through = T)] tag: ForeignKey<A> }");
        assert!(text.contains("only a `ManyToMany<..>`"), "{text}");
    }

    #[test]
    fn a_flattened_struct_is_related_to_nothing() {
        let text = error("#[model(abstract)] struct P { id: i64, tags: ManyToMany<Tag> }");
        assert!(text.contains("belongs to a model"), "{text}");
    }

    #[test]
    fn a_tuple_is_no_model() {
        assert!(error("#[model(app = \"blog\")] struct Post(i64);").contains("have names"));
    }
}
