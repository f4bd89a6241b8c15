//! `#[form(…)]` on a struct and on its fields.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Fields, GenericArgument, Ident, LitStr, Path, PathArguments,
    Result, Token, Type, parenthesized,
};

const KNOWN: &str = "unknown key; a form's field knows label, help, widget, max_length, min_length, min, max, max_bytes, \
                     extensions, url, slug, optional, required, keep_spaces, disabled, multiple, choices, initial, autocomplete, \
                     autofocus, placeholder, attributes, rule, clean, template";

/// What stands on the struct.
#[derive(Default)]
pub(crate) struct FormAttributes {
    pub(crate) model: Option<Path>,
    pub(crate) fields: Vec<FormField>,
    pub(crate) clean: Option<Path>,
    pub(crate) validate: bool,
}

/// One field: its name, and what is said of it.
pub(crate) struct FormField {
    pub(crate) name: Ident,
    ty: Option<Type>,
    calls: Vec<TokenStream>,
    bounds: Vec<(bool, Expr)>,
    initial: Option<Expr>,
    clean: Option<Path>,
}

impl FormAttributes {
    pub(crate) fn read(input: &DeriveInput) -> Result<Self> {
        let mut found = Self::default();
        each(&input.attrs, |meta| {
            match word(&meta)?.as_str() {
                "model" => found.model = Some(meta.value()?.parse()?),
                "fields" => found.fields = listed(&meta)?,
                "clean" => found.clean = Some(meta.value()?.parse()?),
                "validate" => found.validate = true,
                _ => return Err(meta.error("unknown key; a form knows model, fields, clean, validate")),
            }
            Ok(())
        })?;
        match (&found.model, found.fields.is_empty()) {
            (Some(model), true) => {
                Err(Error::new_spanned(model, "say which of its fields: `fields(title, body)`"))
            }
            (None, false) => Err(Error::new_spanned(&input.ident, "say whose fields: `model = Post`")),
            _ => Ok(found),
        }
    }
}

/// The struct's own fields; `None` for a struct without any.
pub(crate) fn own_fields(input: &DeriveInput) -> Result<Option<Vec<FormField>>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a form is a struct"));
    };
    match &data.fields {
        Fields::Unit => Ok(None),
        Fields::Named(fields) => fields.named.iter().map(own_field).collect::<Result<_>>().map(Some),
        Fields::Unnamed(_) => Err(Error::new_spanned(&input.ident, "a form's fields have names")),
    }
}

fn own_field(field: &syn::Field) -> Result<FormField> {
    let name = field.ident.clone().ok_or_else(|| Error::new_spanned(field, "a form's fields have names"))?;
    let mut found = FormField::new(name);
    found.ty = Some(field.ty.clone());
    each(&field.attrs, |meta| found.take(&meta))?;
    Ok(found)
}

/// `fields(title, body(label = "Text"))`.
fn listed(meta: &ParseNestedMeta<'_>) -> Result<Vec<FormField>> {
    let mut fields = Vec::new();
    meta.parse_nested_meta(|meta| {
        let name = meta.path.get_ident().cloned().ok_or_else(|| meta.error("expected a field's name"))?;
        let mut field = FormField::new(name);
        if meta.input.peek(syn::token::Paren) {
            meta.parse_nested_meta(|meta| field.take(&meta))?;
        }
        fields.push(field);
        Ok(())
    })?;
    Ok(fields)
}

impl FormField {
    fn new(name: Ident) -> Self {
        Self { name, ty: None, calls: Vec::new(), bounds: Vec::new(), initial: None, clean: None }
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let word = word(meta)?;
        match word.as_str() {
            "label" | "help" | "max_length" | "min_length" | "max_bytes" | "rule" | "template" => {
                self.call_with(&word, &expression(meta)?)
            }
            "url" | "slug" | "optional" | "required" | "keep_spaces" | "disabled" | "multiple" => {
                self.call(&word)
            }
            "autofocus" => self.attribute("autofocus", &quote! { "" }),
            "autocomplete" | "placeholder" => self.attribute(&word, &expression(meta)?),
            "widget" => {
                let widget = widget(meta)?;
                self.calls.push(quote! { .widget(#widget) });
            }
            "min" | "max" => self.bounds.push((word == "min", expression(meta)?)),
            "choices" => {
                let choices = expression(meta)?;
                self.calls.push(quote! { .choices((#choices).iter().cloned()) });
            }
            "extensions" => {
                let allowed = literals(meta)?;
                self.calls.push(quote! { .extensions(&[#(#allowed),*]) });
            }
            "attributes" => meta.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().ok_or_else(|| meta.error("expected a word"))?;
                self.attribute(&name.unraw().to_string(), &expression(&meta)?);
                Ok(())
            })?,
            "initial" => self.initial = Some(expression(meta)?),
            "clean" => self.clean = Some(meta.value()?.parse()?),
            _ => return Err(meta.error(KNOWN)),
        }
        Ok(())
    }

    fn call(&mut self, name: &str) {
        let name = Ident::new(name, self.name.span());
        self.calls.push(quote! { .#name() });
    }

    fn call_with(&mut self, name: &str, argument: &Expr) {
        let name = Ident::new(name, self.name.span());
        self.calls.push(quote! { .#name(#argument) });
    }

    fn attribute(&mut self, name: &str, value: &impl ToTokens) {
        self.calls.push(quote! { .attribute(#name, #value) });
    }

    /// Its name without `r#`.
    pub(crate) fn text(&self) -> String {
        self.name.unraw().to_string()
    }

    /// `TITLE` of `title`: the constant of the model's column.
    pub(crate) fn constant(&self) -> Ident {
        Ident::new(&self.text().to_uppercase(), self.name.span())
    }

    /// The field for the type that the struct has.
    pub(crate) fn of_type(&self) -> TokenStream {
        let (ty, text, calls) = (&self.ty, self.text(), &self.calls);
        let bounds = self.bounds.iter().map(|(is_least, bound)| {
            let inner = self.ty.as_ref().map(inner);
            match is_least {
                true => quote! { .at_least::<#inner>(#bound) },
                false => quote! { .at_most::<#inner>(#bound) },
            }
        });
        let initial = self.initial.iter().map(|value| {
            quote! { .initial::<#ty>(&<#ty as ::std::convert::From<_>>::from(#value)) }
        });
        quote! { ::nuages::FormField::of::<#ty>(#text) #(#calls)* #(#bounds)* #(#initial)* }
    }

    /// The field for the model's column.
    pub(crate) fn of_model(&self, model: &Path) -> TokenStream {
        let (constant, text, calls) = (self.constant(), self.text(), &self.calls);
        let column = quote! { #model::#constant };
        let field = quote! { ::nuages::forms::model_field(#text, #column) #(#calls)* };
        self.bounds.iter().fold(field, |field, (is_least, bound)| match is_least {
            true => quote! { ::nuages::forms::at_least(#field, #column, #bound) },
            false => quote! { ::nuages::forms::at_most(#field, #column, #bound) },
        })
    }

    pub(crate) fn read(&self) -> TokenStream {
        let (name, text) = (&self.name, self.text());
        match &self.clean {
            Some(clean) => quote! { let #name = reader.read_with(#text, #clean); },
            None => quote! { let #name = reader.read(#text); },
        }
    }
}

fn each(attributes: &[Attribute], mut read: impl FnMut(ParseNestedMeta<'_>) -> Result<()>) -> Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("form")) {
        attribute.parse_nested_meta(&mut read)?;
    }
    Ok(())
}

fn word(meta: &ParseNestedMeta<'_>) -> Result<String> {
    meta.path.get_ident().map(ToString::to_string).ok_or_else(|| meta.error("expected a word"))
}

fn expression(meta: &ParseNestedMeta<'_>) -> Result<Expr> {
    meta.value()?.parse()
}

fn literals(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    let inner;
    parenthesized!(inner in meta.input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?.into_iter().collect())
}

/// `textarea`, or a type of HTML's inputs in quotes: `"search"`.
fn widget(meta: &ParseNestedMeta<'_>) -> Result<TokenStream> {
    let value = meta.value()?;
    if value.peek(LitStr) {
        let kind: LitStr = value.parse()?;
        return Ok(quote! { ::nuages::forms::Widget::Input(#kind) });
    }
    let name: Ident = value.parse()?;
    let variant = match name.to_string().as_str() {
        "text" => "TEXT",
        "password" => "PASSWORD",
        "email" => "EMAIL",
        "hidden" => "HIDDEN",
        "textarea" => "Textarea",
        "checkbox" => "Checkbox",
        "select" => "Select",
        "radio" => "Radio",
        "checkboxes" => "Checkboxes",
        "file" => "File",
        _ => {
            let known = "no such widget; there are text, textarea, email, password, hidden, checkbox, select, radio, checkboxes, file, \
                         and any type of input in quotes, such as \"search\"";
            return Err(Error::new(name.span(), known));
        }
    };
    let variant = Ident::new(variant, name.span());
    Ok(quote! { ::nuages::forms::Widget::#variant })
}

/// `T` of `Option<T>` and `Vec<T>`, or the type itself.
fn inner(ty: &Type) -> &Type {
    let Type::Path(path) = ty else { return ty };
    let Some(last) = path.path.segments.last() else { return ty };
    match (&last.arguments, last.ident.to_string().as_str()) {
        (PathArguments::AngleBracketed(arguments), "Option" | "Vec") => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => inner,
            _ => ty,
        },
        _ => ty,
    }
}
