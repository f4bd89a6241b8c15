//! What `#[derive(AbstractUser)]` writes.

use crate::attributes::{UserAttributes, column, default, is_flattened, is_key};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, Lit, LitStr, Result, Type};

/// The columns of `UserFields`, and whether each is text.
const USER_FIELDS: [(&str, bool); 11] = [
    ("id", false),
    ("username", true),
    ("password", false),
    ("first_name", true),
    ("last_name", true),
    ("email", true),
    ("is_staff", false),
    ("is_active", false),
    ("is_superuser", false),
    ("last_login", false),
    ("date_joined", false),
];

/// The user's struct, as this derive sees it.
struct User<'a> {
    name: &'a Ident,
    fields: Vec<&'a Field>,
    flattened: Option<&'a Field>,
    attributes: UserAttributes,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let user = User::read(input)?;
    user.refuse_doubles()?;
    user.ask_for_what_is_needed()?;
    let (access, implementation) = (user.access(), user.implementation()?);
    Ok(quote! { #access #implementation })
}

impl<'a> User<'a> {
    fn read(input: &'a DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new_spanned(input, "a user is a struct"));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(Error::new_spanned(&input.ident, "a user's fields have names"));
        };
        let fields: Vec<_> = fields.named.iter().collect();
        let flattened = fields.iter().copied().find(|field| is_flattened(field));
        Ok(Self { name: &input.ident, fields, flattened, attributes: UserAttributes::read(&input.attrs)? })
    }

    /// A second `username` would hide the one of `UserFields`.
    fn refuse_doubles(&self) -> Result<()> {
        if self.flattened.is_none() {
            return Ok(());
        }
        let double =
            self.fields.iter().find(|field| USER_FIELDS.iter().any(|(name, _)| is_called(field, name)));
        match double.and_then(|field| field.ident.as_ref()) {
            Some(name) => {
                let text = format!(
                    "`UserFields` has a field `{name}` already; give this one another name, or write all fields out"
                );
                Err(Error::new(name.span(), text))
            }
            None => Ok(()),
        }
    }

    fn ask_for_what_is_needed(&self) -> Result<()> {
        let username = self.username_field();
        let has =
            |name: &&str| self.has(name) || *name == "id" && self.fields.iter().any(|field| is_key(field));
        let missing = ["id", username.as_str(), "password"].into_iter().find(|name| !has(name));
        let advice = match missing {
            None => return Ok(()),
            Some("id") => "pub id: i64".to_owned(),
            Some("password") => "pub password: nuages_auth::PasswordHash".to_owned(),
            Some(name) if self.attributes.username_field.is_none() => {
                format!(
                    "pub {name}: String` with `#[model(max_length = 150, unique)]`, or name another login field by `#[user(username_field = \"email\")]"
                )
            }
            Some(name) => format!("pub {name}: String` with `#[model(max_length = 254, unique)]"),
        };
        let missing = missing.unwrap_or_default();
        let text = format!(
            "a user needs the field `{missing}`; add `{advice}`, or flatten `UserFields`: #[model(flatten)] pub fields: UserFields"
        );
        Err(Error::new(self.attributes.username_field.as_ref().map_or(self.name.span(), LitStr::span), text))
    }

    /// `user.username` of a flattened struct, and `User::USERNAME`.
    fn access(&self) -> Option<TokenStream> {
        let (name, field) = (self.name, self.flattened?);
        let (inner, ty) = (&field.ident, &field.ty);
        let constants = USER_FIELDS.iter().map(|(column, _)| {
            let constant = Ident::new(&column.to_uppercase(), Span::call_site());
            let rust = column_type(column);
            let doc = format!("The column `{column}`.");
            quote! {
                #[doc = #doc]
                pub const #constant: ::nuages::db::Column<#name, #rust> = ::nuages::db::Column::new(#column);
            }
        });
        Some(quote! {
            impl ::std::ops::Deref for #name {
                type Target = #ty;
                fn deref(&self) -> &#ty { &self.#inner }
            }
            impl ::std::ops::DerefMut for #name {
                fn deref_mut(&mut self) -> &mut #ty { &mut self.#inner }
            }
            impl #name { #(#constants)* }
        })
    }

    fn implementation(&self) -> Result<TokenStream> {
        let name = self.name;
        let constants = self.constants();
        let blank = self.blank();
        let texts: Vec<_> = self.text_fields();
        let flag = self.flags(|field| quote! { self.#field }, quote! { flag == ::nuages_auth::Flag::Active });
        let set_flag = self.flags(|field| quote! { { self.#field = on; true } }, quote! { false });
        let password = self.password();
        let last_login = self.last_login();
        let column_name = self.column_name();
        Ok(quote! {
            impl ::nuages_auth::AbstractUser for #name {
                #constants
                fn blank() -> Self { #blank }
                #column_name
                fn text(&self, field: &str) -> ::std::option::Option<&str> {
                    match field {
                        #(stringify!(#texts) => ::nuages_auth::SetText::text(&self.#texts),)*
                        _ => None,
                    }
                }
                fn set_text(&mut self, field: &str, text: ::std::string::String) -> bool {
                    match field {
                        #(stringify!(#texts) => ::nuages_auth::SetText::set_text(&mut self.#texts, text),)*
                        _ => return false,
                    }
                    true
                }
                fn flag(&self, flag: ::nuages_auth::Flag) -> bool { #flag }
                #[allow(unused_variables)]
                fn set_flag(&mut self, flag: ::nuages_auth::Flag, on: bool) -> bool { #set_flag }
                #password
                #last_login
            }
        })
    }

    fn constants(&self) -> TokenStream {
        let username = self.username_field();
        let email = self.email_field().map_or_else(|| quote! { None }, |email| quote! { Some(#email) });
        let required = self.attributes.required_fields.as_ref().map(LitStr::value).unwrap_or_default();
        let required: Vec<_> = required.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let (permissions, last_login) = (self.has("is_superuser"), self.has("last_login"));
        let texts = self.text_fields();
        quote! {
            const USERNAME_FIELD: &'static str = #username;
            const EMAIL_FIELD: ::std::option::Option<&'static str> = #email;
            const TEXT_FIELDS: &'static [&'static str] = &[#(stringify!(#texts)),*];
            const REQUIRED_FIELDS: &'static [&'static str] = &[#(#required),*];
            const HAS_PERMISSIONS: bool = #permissions;
            const HAS_LAST_LOGIN: bool = #last_login;
        }
    }

    /// Every field's default; `is_active` is true unless the model says otherwise.
    fn blank(&self) -> TokenStream {
        let values = self.fields.iter().map(|field| {
            let name = &field.ident;
            let value = match default(field) {
                Some(Lit::Str(text)) if text.value() != "now" => quote! { #text.into() },
                Some(Lit::Str(_)) => quote! { ::std::default::Default::default() },
                Some(literal) => quote! { #literal },
                None if is_called(field, "is_active") => quote! { true },
                None => quote_spanned! { field.ty.span() => ::std::default::Default::default() },
            };
            quote! { #name: #value }
        });
        quote! { Self { #(#values),* } }
    }

    /// The fields that hold text, in the order of the columns.
    fn text_fields(&self) -> Vec<Ident> {
        let inherited = || USER_FIELDS.iter().filter(|(_, text)| *text);
        let names = |field: &&Field| match is_flattened(field) {
            true => inherited().map(|(name, _)| Ident::new(name, Span::call_site())).collect(),
            false => field.ident.clone().filter(|_| is_text(&field.ty)).into_iter().collect::<Vec<_>>(),
        };
        self.fields.iter().flat_map(names).collect()
    }

    /// Only where a field is called otherwise than its column.
    fn column_name(&self) -> Option<TokenStream> {
        let named = |field: &&Field| Some((field.ident.clone()?, column(field)?));
        let (fields, columns): (Vec<_>, Vec<_>) = self.fields.iter().filter_map(named).unzip();
        (!fields.is_empty()).then(|| {
            quote! {
                fn column_name(field: &str) -> &str {
                    match field {
                        #(stringify!(#fields) => #columns,)*
                        _ => field,
                    }
                }
            }
        })
    }

    fn flags(&self, known: impl Fn(Ident) -> TokenStream, unknown: TokenStream) -> TokenStream {
        let all = [("Active", "is_active"), ("Staff", "is_staff"), ("Superuser", "is_superuser")];
        let arms = all.into_iter().filter(|(_, field)| self.has(field)).map(|(flag, field)| {
            let flag = Ident::new(flag, Span::call_site());
            let value = known(Ident::new(field, Span::call_site()));
            quote! { ::nuages_auth::Flag::#flag => #value, }
        });
        quote! {
            #[allow(unreachable_patterns)]
            match flag { #(#arms)* _ => #unknown }
        }
    }

    /// At the field's own place, so that a `String` there is an error that points to it.
    fn password(&self) -> TokenStream {
        let span = self
            .fields
            .iter()
            .find(|field| is_called(field, "password"))
            .map_or(Span::call_site(), |f| f.ty.span());
        quote_spanned! { span =>
            fn password_hash(&self) -> &::nuages_auth::PasswordHash { &self.password }
            fn set_password_hash(&mut self, hash: ::nuages_auth::PasswordHash) { self.password = hash; }
        }
    }

    fn last_login(&self) -> TokenStream {
        let moment = column_type("last_login");
        let last_login = quote! { fn last_login(&self) -> #moment { self.last_login.into() } };
        if self.has("last_login") { last_login } else { TokenStream::new() }
    }

    fn username_field(&self) -> String {
        self.attributes.username_field.as_ref().map_or_else(|| "username".into(), LitStr::value)
    }

    fn email_field(&self) -> Option<String> {
        let named = self.attributes.email_field.as_ref().map(LitStr::value);
        named.or_else(|| self.has("email").then(|| "email".into()))
    }

    fn has(&self, name: &str) -> bool {
        let inherited = self.flattened.is_some() && USER_FIELDS.iter().any(|(known, _)| *known == name);
        inherited || self.fields.iter().any(|field| is_called(field, name))
    }
}

fn is_called(field: &Field, name: &str) -> bool {
    field.ident.as_ref().is_some_and(|ident| ident == name)
}

/// `String` or `Option<String>`, as it is usually written.
fn is_text(ty: &Type) -> bool {
    let text = quote! { #ty }.to_string().replace(' ', "");
    matches!(text.as_str(), "String" | "std::string::String" | "Option<String>")
}

fn column_type(column: &str) -> TokenStream {
    match column {
        "id" => quote! { i64 },
        "is_staff" | "is_active" | "is_superuser" => quote! { bool },
        "last_login" => quote! { ::std::option::Option<::nuages::chrono::DateTime<::nuages::chrono::Utc>> },
        "date_joined" => quote! { ::nuages::chrono::DateTime<::nuages::chrono::Utc> },
        "password" => quote! { ::nuages_auth::PasswordHash },
        _ => quote! { ::std::string::String },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str) -> String {
        expand(&syn::parse_str(source).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn a_missing_login_field_is_named_with_what_to_add() {
        let text = error("struct User { id: i64, password: PasswordHash }");
        assert!(
            text.contains("needs the field `username`") && text.contains("pub username: String"),
            "{text}"
        );
    }

    #[test]
    fn a_missing_field_of_another_name_is_named_too() {
        let text =
            error("#[user(username_field = \"email\")] struct User { id: i64, password: PasswordHash }");
        assert!(text.contains("needs the field `email`"), "{text}");
    }

    #[test]
    fn a_missing_password_is_named_with_its_type() {
        let text = error("struct User { id: i64, username: String }");
        assert!(
            text.contains("needs the field `password`") && text.contains("nuages_auth::PasswordHash"),
            "{text}"
        );
    }

    #[test]
    fn a_missing_key_is_named() {
        assert!(error("struct User { username: String }").contains("pub id: i64"));
    }

    #[test]
    fn a_second_field_of_the_same_name_is_refused() {
        let text = error("struct User { #[model(flatten)] fields: UserFields, email: String }");
        assert!(text.contains("has a field `email` already"), "{text}");
    }

    #[test]
    fn an_unknown_key_says_which_are_known() {
        let text = error("#[user(login = \"email\")] struct User { id: i64 }");
        assert!(text.contains("username_field, email_field, required_fields"), "{text}");
    }

    #[test]
    fn a_key_and_columns_of_other_names_are_enough() {
        let source = "#[user(username_field = \"email\")] struct User { #[model(primary_key)] number: String, #[model(column = \"mail\")] email: String, password: PasswordHash }";
        let text = expand(&syn::parse_str(source).unwrap()).unwrap().to_string();
        assert!(text.contains("\"mail\"") && text.contains("fn column_name"), "{text}");
    }

    #[test]
    fn flattened_fields_are_enough() {
        assert!(
            expand(&syn::parse_str("struct User { #[model(flatten)] fields: UserFields }").unwrap()).is_ok()
        );
    }
}
