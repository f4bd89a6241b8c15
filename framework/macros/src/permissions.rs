//! `permissions(…)` and `default_permissions(…)`: what a user may be allowed to do with a model.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Result, Token};

/// What the columns of `auth_permission` hold.
const LONGEST_CODENAME: usize = 100;
const LONGEST_NAME: usize = 255;
/// What the column `model` of `django_content_type` holds.
const LONGEST_MODEL: usize = 100;

/// Django's defaults.
const DEFAULTS: [&str; 4] = ["add", "change", "delete", "view"];

/// `"publish_post" = "Can publish post"`.
pub(crate) struct Permission {
    codename: LitStr,
    name: LitStr,
}

impl Parse for Permission {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let codename = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self { codename, name: input.parse()? })
    }
}

/// What stands on a struct about permissions.
#[derive(Default)]
pub(crate) struct Permissions {
    pub(crate) own: Vec<Permission>,
    pub(crate) defaults: Option<Vec<LitStr>>,
}

impl Permissions {
    /// The constants of `Model`, where they are not as usual.
    pub(crate) fn constants(&self, model: &Ident) -> Result<TokenStream> {
        self.check(model)?;
        let own = self.own.iter().map(|Permission { codename, name }| quote! { (#codename, #name) });
        let defaults = self.defaults.as_ref().map(|actions| {
            quote! { const DEFAULT_PERMISSIONS: &'static [&'static str] = &[#(#actions),*]; }
        });
        Ok(quote! {
            const PERMISSIONS: &'static [(&'static str, &'static str)] = &[#(#own),*];
            #defaults
        })
    }

    /// What Django's checks `auth.E005` to `E012` look for, before anything runs.
    fn check(&self, model: &Ident) -> Result<()> {
        let lower = model.to_string().to_lowercase();
        if lower.len() > LONGEST_MODEL {
            let text = format!("a model's name has at most {LONGEST_MODEL} letters");
            return Err(Error::new(model.span(), text));
        }
        if let Some(actions) = &self.defaults {
            for action in actions {
                word(action, LONGEST_CODENAME - lower.len() - 1)?;
            }
        }
        let defaults: Vec<_> = self.actions().iter().map(|action| format!("{action}_{lower}")).collect();
        for (position, Permission { codename, name }) in self.own.iter().enumerate() {
            word(codename, LONGEST_CODENAME)?;
            if name.value().is_empty() || name.value().chars().count() > LONGEST_NAME {
                let text = format!("a permission's name has 1 to {LONGEST_NAME} letters");
                return Err(Error::new(name.span(), text));
            }
            if defaults.contains(&codename.value()) {
                return Err(Error::new(codename.span(), clash(&codename.value())));
            }
            if self.own[..position].iter().any(|other| other.codename == *codename) {
                let text = format!("there are two permissions `{}`; keep one", codename.value());
                return Err(Error::new(codename.span(), text));
            }
        }
        Ok(())
    }

    fn actions(&self) -> Vec<String> {
        match &self.defaults {
            Some(actions) => actions.iter().map(LitStr::value).collect(),
            None => DEFAULTS.map(str::to_owned).into(),
        }
    }
}

fn clash(codename: &str) -> String {
    format!(
        "every model has a permission `{codename}`; leave it out, or say `default_permissions(..)` without it"
    )
}

/// What stands behind the dot of `blog.publish_post`.
fn word(text: &LitStr, longest: usize) -> Result<()> {
    let value = text.value();
    if value.is_empty() || value.chars().count() > longest {
        return Err(Error::new(text.span(), format!("`{value}` must have 1 to {longest} letters")));
    }
    match value.contains(|letter: char| letter == '.' || letter.is_whitespace()) {
        true => Err(Error::new(text.span(), format!("`{value}` must be one word without a dot"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::expand;

    fn model(attributes: &str) -> Result<String, String> {
        let source = format!(r#"#[model(app = "b", {attributes})] struct Post {{ id: i64 }}"#);
        let expanded = expand(&syn::parse_str(&source).unwrap());
        expanded.map(|tokens| tokens.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_model_declares_permissions_of_its_own() {
        let tokens = model(r#"permissions("publish_post" = "Can publish post", "pin" = "Can pin")"#).unwrap();
        assert!(
            tokens.contains(r#"("publish_post" , "Can publish post") , ("pin" , "Can pin")"#),
            "{tokens}"
        );
        assert!(!tokens.contains("DEFAULT_PERMISSIONS"));
    }

    #[test]
    fn a_model_says_which_of_the_usual_permissions_it_has() {
        assert!(model(r#"default_permissions("add", "view")"#).unwrap().contains(r#"& ["add" , "view"]"#));
        assert!(model("default_permissions()").unwrap().contains("DEFAULT_PERMISSIONS"));
    }

    #[test]
    fn a_permission_that_every_model_has_cannot_be_declared() {
        let text = model(r#"permissions("add_post" = "Can add post")"#).unwrap_err();
        assert!(text.contains("`add_post`; leave it out"), "{text}");
        let without = r#"default_permissions("view"), permissions("add_post" = "Can add post")"#;
        assert!(model(without).is_ok());
    }

    #[test]
    fn a_permission_is_declared_once() {
        let text = model(r#"permissions("pin" = "Can pin", "pin" = "Can pin it")"#).unwrap_err();
        assert_eq!(text, "there are two permissions `pin`; keep one");
    }

    #[test]
    fn what_the_columns_cannot_hold_is_refused() {
        let long = "a".repeat(101);
        assert!(model(&format!(r#"permissions("{long}" = "Can")"#)).unwrap_err().contains("1 to 100"));
        assert!(model(&format!(r#"default_permissions("{long}")"#)).unwrap_err().contains("1 to 95"));
        let long = "a".repeat(256);
        assert!(model(&format!(r#"permissions("pin" = "{long}")"#)).unwrap_err().contains("1 to 255"));
        assert!(model(r#"permissions("pin.it" = "Can pin")"#).unwrap_err().contains("without a dot"));
        let name = "A".repeat(101);
        let source = format!(r#"#[model(app = "b")] struct {name} {{ id: i64 }}"#);
        assert!(expand(&syn::parse_str(&source).unwrap()).unwrap_err().to_string().contains("100 letters"));
    }
}
