//! What `#[derive(Form)]` writes.

use crate::form_attributes::{FormAttributes, FormField, own_fields};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident, Path, Result};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = FormAttributes::read(input)?;
    let own = own_fields(input)?;
    let name = &input.ident;
    let fields = fields_impl(name, &attributes, own.as_deref());
    let Some(model) = &attributes.model else {
        let doors = plain_doors(name);
        return Ok(quote! { #fields #doors });
    };
    let model = model_impl(name, model, &attributes);
    Ok(quote! { #fields #model })
}

/// What is called on the struct by its name.
fn plain_doors(name: &Ident) -> TokenStream {
    quote! {
        impl #name {
            /// The form: bound to what was sent, or unbound.
            pub fn form(data: ::nuages::FormData) -> ::nuages::Form<Self> {
                ::nuages::Form::of(data)
            }

            /// The form, filled in as `value` has it while it is unbound.
            pub fn edit(value: &Self, data: ::nuages::FormData) -> ::nuages::Form<Self> {
                ::nuages::Form::editing(value, data)
            }
        }
    }
}

fn fields_impl(name: &Ident, attributes: &FormAttributes, own: Option<&[FormField]>) -> TokenStream {
    let from_model = attributes
        .model
        .iter()
        .flat_map(|model| attributes.fields.iter().map(move |field| field.of_model(model)));
    let listed = own.unwrap_or_default().iter().map(FormField::of_type);
    let read = own.map_or_else(|| quote! { ::std::option::Option::Some(Self) }, read_all);
    let shows = own.unwrap_or_default().iter().map(|field| {
        let (name, text) = (&field.name, field.text());
        quote! { (#text, ::nuages::forms::FormValue::show(&self.#name)) }
    });
    let clean = clean(attributes);
    quote! {
        impl ::nuages::FormFields for #name {
            fn fields() -> ::std::vec::Vec<::nuages::FormField> {
                ::std::vec![#(#from_model,)* #(#listed,)*]
            }
            #[allow(unused_variables)]
            fn read(reader: &mut ::nuages::forms::Reader<'_>) -> ::std::option::Option<Self> {
                #read
            }
            #clean
            fn show(&self) -> ::std::vec::Vec<(&'static str, ::std::vec::Vec<::std::string::String>)> {
                ::std::vec![#(#shows),*]
            }
        }
    }
}

/// All fields are read before one that is wrong ends it, so that each error is told.
fn read_all(fields: &[FormField]) -> TokenStream {
    let reads = fields.iter().map(FormField::read);
    let names = fields.iter().map(|field| &field.name);
    quote! {
        #(#reads)*
        ::std::option::Option::Some(Self { #(#names: #names?),* })
    }
}

fn clean(attributes: &FormAttributes) -> TokenStream {
    // A model form's `clean` is about the model.
    let path = attributes.clean.as_ref().filter(|_| attributes.model.is_none());
    let calls = path.map(|path| quote! { #path(self, errors); });
    let rules = attributes.validate.then(|| quote! { ::nuages::forms::validate(self, errors); });
    if calls.is_none() && rules.is_none() {
        return TokenStream::new();
    }
    quote! {
        fn clean(&self, errors: &mut ::nuages::forms::Errors) {
            #rules
            #calls
        }
    }
}

fn model_impl(name: &Ident, model: &Path, attributes: &FormAttributes) -> TokenStream {
    let fields = &attributes.fields;
    let columns = fields.iter().map(|field| {
        let (constant, text) = (field.constant(), field.text());
        quote! { (#model::#constant.name(), #text) }
    });
    let reads = fields.iter().map(FormField::read);
    let names = fields.iter().map(|field| &field.name);
    let shows = fields.iter().map(|field| {
        let (name, text) = (&field.name, field.text());
        quote! { (#text, ::nuages::forms::FormValue::show(&model.#name)) }
    });
    let clean = attributes.clean.as_ref().map(|path| {
        quote! {
            fn clean_model(model: &Self::Model, errors: &mut ::nuages::forms::Errors) {
                #path(model, errors);
            }
        }
    });
    quote! {
        impl ::nuages::ModelForm for #name {
            type Model = #model;
            fn columns() -> ::std::vec::Vec<(&'static str, &'static str)> {
                ::std::vec![#(#columns),*]
            }
            fn fill(
                model: &mut Self::Model,
                reader: &mut ::nuages::forms::Reader<'_>,
            ) -> ::std::option::Option<()> {
                #(#reads)*
                #(model.#names = #names?;)*
                ::std::option::Option::Some(())
            }
            fn shown(
                model: &Self::Model,
            ) -> ::std::vec::Vec<(&'static str, ::std::vec::Vec<::std::string::String>)> {
                ::std::vec![#(#shows),*]
            }
            #clean
        }

        impl #name {
            /// The form of a new row: bound to what was sent, or unbound.
            pub fn form(data: ::nuages::FormData) -> ::nuages::Form<Self> {
                ::nuages::Form::of(data)
            }

            /// The form, filled in as the model has it while it is unbound.
            pub fn edit(model: &#model, data: ::nuages::FormData) -> ::nuages::Form<Self> {
                ::nuages::Form::of_model(model, data)
            }
        }
    }
}
