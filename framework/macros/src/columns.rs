//! A struct's fields as columns.

use crate::attributes::FieldAttributes;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, GenericArgument, Ident, Lit, PathArguments, Result, Type};

/// One field of the struct: a column, or flattened columns of another struct.
pub(crate) struct Member {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) attributes: FieldAttributes,
}

/// The named fields of a struct.
pub(crate) fn members(input: &DeriveInput) -> Result<Vec<Member>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "a model is a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model's fields have names"));
    };
    let member = |field: &syn::Field| {
        let attributes = FieldAttributes::read(field)?;
        let name =
            field.ident.clone().ok_or_else(|| Error::new_spanned(field, "a model's fields have names"))?;
        Ok(Member { name, ty: field.ty.clone(), attributes })
    };
    fields.named.iter().map(member).collect()
}

impl Member {
    /// The column's name: a foreign key `author` is kept in `author_id`.
    pub(crate) fn column(&self) -> String {
        match &self.attributes.column {
            Some(name) => name.value(),
            None if self.target().is_some() => format!("{}_id", self.plain_name()),
            None => self.plain_name(),
        }
    }

    /// The name without `r#`.
    pub(crate) fn plain_name(&self) -> String {
        self.name.to_string().trim_start_matches("r#").to_owned()
    }

    /// The model that a foreign key points to.
    pub(crate) fn target(&self) -> Option<&Type> {
        argument_of(&self.ty, "ForeignKey")
            .or_else(|| argument_of(argument_of(&self.ty, "Option")?, "ForeignKey"))
    }

    /// The model that a many-to-many field leads to.
    pub(crate) fn many(&self) -> Option<&Type> {
        argument_of(&self.ty, "ManyToMany")
    }

    /// The constant by which queries name the column.
    pub(crate) fn constant(&self, model: &Ident) -> TokenStream {
        let name = self.constant_name();
        let (ty, column) = (&self.ty, self.column());
        let doc = format!("The column `{column}`.");
        quote! {
            #[doc = #doc]
            pub const #name: ::nuages::db::Column<#model, #ty> = ::nuages::db::Column::new(#column);
        }
    }

    /// `TITLE` of `title`.
    pub(crate) fn constant_name(&self) -> Ident {
        Ident::new(&self.plain_name().to_uppercase(), self.name.span())
    }

    /// The expression that adds the column's definition to `columns`.
    pub(crate) fn definition(&self, is_key: bool) -> Result<TokenStream> {
        let (ty, column) = (&self.ty, self.column());
        if self.attributes.flatten {
            return Ok(quote! { columns.extend(<#ty as ::nuages::db::Fields>::column_defs()); });
        }
        let kind = match &self.attributes.max_length {
            Some(length) => quote! { ::nuages::db::schema::Kind::Char(#length) },
            None => quote! { <#ty as ::nuages::db::Field>::KIND },
        };
        let (unique, index) = (self.attributes.unique, self.attributes.index);
        let (auto, references) = (self.auto(is_key), self.references()?);
        let default = self.default()?;
        Ok(quote! {
            columns.push(::nuages::db::schema::ColumnDef {
                null: <#ty as ::nuages::db::Field>::NULL,
                unique: #unique,
                index: #index,
                primary_key: #is_key,
                auto: #auto,
                default: #default,
                references: #references,
                ..::nuages::db::schema::ColumnDef::new(#column, #kind)
            });
        })
    }

    fn auto(&self, is_key: bool) -> TokenStream {
        let ty = &self.ty;
        if is_key {
            quote! { <#ty as ::nuages::db::Key>::AUTO }
        } else {
            quote! { false }
        }
    }

    fn references(&self) -> Result<TokenStream> {
        let Some(target) = self.target() else { return Ok(quote! { None }) };
        let sets_null = self.attributes.on_delete.as_ref().is_some_and(|action| action == "SetNull");
        if sets_null && argument_of(&self.ty, "Option").is_none() {
            return Err(Error::new_spanned(&self.ty, "\"set_null\" needs an Option<ForeignKey<…>>"));
        }
        let action = self.attributes.on_delete.clone();
        let action = action.map_or_else(|| quote! { Cascade }, |action| quote! { #action });
        Ok(quote! {
            Some(<#target as ::nuages::db::Model>::reference(::nuages::db::schema::OnDelete::#action))
        })
    }

    fn default(&self) -> Result<TokenStream> {
        let Some(default) = &self.attributes.default else { return Ok(quote! { None }) };
        let value = match default {
            Lit::Bool(value) => quote! { Bool(#value) },
            Lit::Int(value) => quote! { Int(#value) },
            Lit::Float(value) => quote! { Float(#value) },
            Lit::Str(value) if value.value() == "now" => quote! { Now },
            Lit::Str(value) => quote! { Text(#value.into()) },
            other => {
                return Err(Error::new_spanned(
                    other,
                    "a default is true, false, a number, a text or \"now\"",
                ));
            }
        };
        Ok(quote! { Some(::nuages::db::schema::DefaultValue::#value) })
    }
}

/// `T` of `Wrapper<T>`, judged by the last word of the path.
fn argument_of<'t>(ty: &'t Type, wrapper: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == wrapper)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
