//! One source file, as tokens: comments and strings are gone, lines are known.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Broken;
use super::code::{self, Code, word};

/// A file that was read.
pub(super) struct Source {
    /// From the repository's root.
    pub(super) file: PathBuf,
    pub(super) lines: usize,
    /// Which module it is in its crate; empty for `lib.rs` and `main.rs`.
    pub(super) module: Vec<String>,
    /// What it says outside of tests.
    pub(super) code: Code,
    tokens: TokenStream,
}

impl Source {
    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, Broken> {
        let tokens = TokenStream::from_str(text).map_err(|error| Broken {
            file: file.to_owned(),
            line: error.span().start().line,
            what: "this is not Rust that can be read".into(),
        })?;
        let module = module(file);
        let code = code::read(tokens.clone(), &module);
        Ok(Self { file: file.to_owned(), lines: text.lines().count(), module, code, tokens })
    }

    pub(super) fn broken(&self, line: usize, what: String) -> Broken {
        Broken { file: self.file.clone(), line, what }
    }

    /// The first part of the module's name: a file and a folder of one name are one room.
    pub(super) fn room(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }

    pub(super) fn is_library_root(&self) -> bool {
        self.module.is_empty() && self.file.ends_with("lib.rs")
    }

    /// `#[ignore]`, `todo!` and `unimplemented!`, in tests as well.
    pub(super) fn unfinished(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        self.look_for_unfinished(self.tokens.clone(), &mut broken);
        broken
    }

    fn look_for_unfinished(&self, tokens: TokenStream, broken: &mut Vec<Broken>) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            let next = tokens.get(index + 1);
            let line = token.span().start().line;
            if code::is(token, '#') && next.is_some_and(ignores) {
                broken.push(
                    self.broken(line, "a test that is ignored promises nothing; mend it or drop it".into()),
                );
            }
            if let Some(name @ ("todo" | "unimplemented")) = word(token).as_deref()
                && next.is_some_and(|next| code::is(next, '!'))
            {
                broken.push(self.broken(line, format!("`{name}!`; finish it, or leave it out")));
            }
            if let TokenTree::Group(group) = token {
                self.look_for_unfinished(group.stream(), broken);
            }
        }
    }

    /// What `lib.rs`, a page of contents, has no place for.
    pub(super) fn logic(&self) -> Vec<Broken> {
        const LOGIC: [&str; 7] = ["fn", "impl", "struct", "enum", "trait", "static", "macro_rules"];
        let tokens = code::outside_tests(self.tokens.clone());
        let named = tokens.iter().filter_map(|token| word(token).map(|word| (token, word)));
        let logic = named.filter(|(_, word)| LOGIC.contains(&word.as_str()));
        logic
            .map(|(token, word)| {
                let what = format!("`{word}` in lib.rs, which is a page of contents; move it into a room");
                self.broken(token.span().start().line, what)
            })
            .collect()
    }
}

/// `[ignore]`, `[ignore = "..."]`, `[cfg_attr(..., ignore)]`.
fn ignores(attribute: &TokenTree) -> bool {
    let TokenTree::Group(group) = attribute else { return false };
    if group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let mut tokens = group.stream().into_iter();
    match tokens.next().and_then(|token| word(&token)).as_deref() {
        Some("ignore") => true,
        Some("cfg_attr") => tokens.any(|token| match token {
            TokenTree::Group(group) => {
                group.stream().into_iter().any(|token| word(&token).as_deref() == Some("ignore"))
            }
            _ => false,
        }),
        _ => false,
    }
}

/// `framework/src/db/model.rs` is `db::model`; what is not in a `src` is in no module.
fn module(file: &Path) -> Vec<String> {
    let parts: Vec<_> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let Some(source) = parts.iter().position(|part| part == "src") else { return Vec::new() };
    let mut module = parts[source + 1..].to_vec();
    let last = module.pop().unwrap_or_default();
    let stem = last.trim_end_matches(".rs");
    let is_root = module.is_empty() && ["lib", "main"].contains(&stem);
    if !is_root && stem != "mod" {
        module.push(stem.to_owned());
    }
    module
}
