//! `#[model(…)]` on a struct and on its fields.

use crate::permissions::{Permission, Permissions};
use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::{
    Attribute, Error, Field, Ident, Lit, LitInt, LitStr, Path, Result, Token, parenthesized,
    punctuated::Punctuated,
};

/// What stands on the struct.
#[derive(Default)]
pub(crate) struct StructAttributes {
    pub(crate) app: Option<LitStr>,
    pub(crate) table: Option<LitStr>,
    pub(crate) ordering: Vec<LitStr>,
    pub(crate) unique_together: Vec<Vec<LitStr>>,
    pub(crate) indexes: Vec<IndexAttribute>,
    pub(crate) checks: Vec<(Ident, LitStr)>,
    pub(crate) permissions: Permissions,
    pub(crate) is_abstract: bool,
}

/// `index("author_id", "-published_at")`, or `index(recent = ("-published_at"))` with a name.
pub(crate) struct IndexAttribute {
    pub(crate) name: Option<Ident>,
    pub(crate) columns: Vec<LitStr>,
}

impl StructAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        each(attributes, |meta| {
            let name = name_of(&meta)?;
            match name.as_str() {
                "app" => found.app = Some(meta.value()?.parse()?),
                "table" => found.table = Some(meta.value()?.parse()?),
                "ordering" => found.ordering = words(meta.value()?.parse()?),
                "unique_together" => found.unique_together.push(listed(&meta)?),
                "index" => found.indexes.push(index(&meta)?),
                "check" => found.checks.push(check(&meta)?),
                "permissions" => found.permissions.own.extend(permissions(&meta)?),
                "default_permissions" => found.permissions.defaults = Some(listed(&meta)?),
                "abstract" => found.is_abstract = true,
                _ => {
                    return Err(meta.error(
                        "unknown key; a model knows app, table, ordering, unique_together, index, check, permissions, default_permissions, abstract",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// What stands on a field.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) flatten: bool,
    pub(crate) primary_key: bool,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) auto_now: bool,
    pub(crate) auto_now_add: bool,
    pub(crate) column: Option<LitStr>,
    pub(crate) max_length: Option<LitInt>,
    pub(crate) default: Option<Lit>,
    pub(crate) on_delete: Option<Ident>,
    pub(crate) through: Option<Path>,
}

const KNOWN: &str = "unknown key; a field knows flatten, primary_key, unique, index, auto_now, auto_now_add, column, \
                     max_length, default, on_delete, through";

impl FieldAttributes {
    pub(crate) fn read(field: &Field) -> Result<Self> {
        let mut found = Self::default();
        each(&field.attrs, |meta| {
            let name = name_of(&meta)?;
            match name.as_str() {
                "flatten" => found.flatten = true,
                "primary_key" => found.primary_key = true,
                "unique" => found.unique = true,
                "index" => found.index = true,
                "auto_now" => found.auto_now = true,
                "auto_now_add" => found.auto_now_add = true,
                "column" => found.column = Some(meta.value()?.parse()?),
                "max_length" => found.max_length = Some(meta.value()?.parse()?),
                "default" => found.default = Some(meta.value()?.parse()?),
                "on_delete" => found.on_delete = Some(on_delete(&meta.value()?.parse()?)?),
                "through" => found.through = Some(meta.value()?.parse()?),
                _ => return Err(meta.error(KNOWN)),
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn each(attributes: &[Attribute], read: impl FnMut(ParseNestedMeta<'_>) -> Result<()>) -> Result<()> {
    let mut read = read;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("model")) {
        attribute.parse_nested_meta(&mut read)?;
    }
    Ok(())
}

fn name_of(meta: &ParseNestedMeta<'_>) -> Result<String> {
    meta.path.get_ident().map(ToString::to_string).ok_or_else(|| meta.error("expected a word"))
}

fn words(list: LitStr) -> Vec<LitStr> {
    let parts = list.value();
    parts.split(',').map(|word| LitStr::new(word.trim(), list.span())).collect()
}

fn listed(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    let inner;
    parenthesized!(inner in meta.input);
    literals(&inner)
}

fn permissions(meta: &ParseNestedMeta<'_>) -> Result<impl Iterator<Item = Permission>> {
    let inner;
    parenthesized!(inner in meta.input);
    Ok(Punctuated::<Permission, Token![,]>::parse_terminated(&inner)?.into_iter())
}

fn literals(stream: ParseStream<'_>) -> Result<Vec<LitStr>> {
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(stream)?.into_iter().collect())
}

fn index(meta: &ParseNestedMeta<'_>) -> Result<IndexAttribute> {
    let inner;
    parenthesized!(inner in meta.input);
    if inner.peek(LitStr) {
        return Ok(IndexAttribute { name: None, columns: literals(&inner)? });
    }
    let name = Some(inner.parse()?);
    inner.parse::<Token![=]>()?;
    let columns;
    parenthesized!(columns in inner);
    Ok(IndexAttribute { name, columns: literals(&columns)? })
}

/// `check(price_is_positive = "price > 0")`.
fn check(meta: &ParseNestedMeta<'_>) -> Result<(Ident, LitStr)> {
    let inner;
    parenthesized!(inner in meta.input);
    let name = inner.parse()?;
    inner.parse::<Token![=]>()?;
    Ok((name, inner.parse()?))
}

fn on_delete(action: &LitStr) -> Result<Ident> {
    let name = match action.value().as_str() {
        "cascade" => "Cascade",
        "protect" => "Protect",
        "set_null" => "SetNull",
        _ => return Err(Error::new(action.span(), "use \"cascade\", \"protect\" or \"set_null\"")),
    };
    Ok(Ident::new(name, Span::call_site()))
}
