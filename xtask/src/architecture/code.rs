//! Which paths a file names outside of its tests.

use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What a file says outside of tests.
#[derive(Default)]
pub(super) struct Code {
    pub(super) mentions: Vec<Mention>,
    /// The names of its macros: `#[macro_export]` puts them at the crate's root.
    pub(super) macros: Vec<String>,
    /// Modules that are written out in this file.
    pub(super) inline_modules: Vec<String>,
    /// Modules that are compiled for tests only.
    pub(super) test_modules: Vec<Vec<String>>,
}

/// A path that is named, from the crate's root: `super` is resolved, and the first part is `crate` or what it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mention {
    pub(super) line: usize,
    pub(super) path: Vec<String>,
    /// What it is called here: the last part, or what follows `as`.
    pub(super) name: String,
}

type Tokens = Peekable<IntoIter<TokenTree>>;

/// Reads a module's tokens.
pub(super) fn read(tokens: TokenStream, module: &[String]) -> Code {
    let mut code = Code::default();
    code.walk(tokens, module);
    code
}

/// The tokens at the top, without the items that only tests have.
pub(super) fn outside_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut rest = stream(tokens);
    let mut kept = Vec::new();
    while let Some(token) = rest.next() {
        if starts_test(&token, &mut rest) {
            skip_item(&mut rest);
        } else {
            kept.push(token);
        }
    }
    kept
}

impl Code {
    fn walk(&mut self, tokens: TokenStream, module: &[String]) {
        if is_test_module(tokens.clone()) {
            self.test_modules.push(module.to_vec());
            return;
        }
        let mut rest = stream(tokens);
        while let Some(token) = rest.next() {
            if starts_test(&token, &mut rest) {
                let name = skip_item(&mut rest);
                self.test_modules.extend(name.map(|name| [module, &[name]].concat()));
                continue;
            }
            match &token {
                TokenTree::Group(group) => self.walk(group.stream(), module),
                TokenTree::Ident(_) => self.word(&token, &mut rest, module),
                _ => {}
            }
        }
    }

    fn word(&mut self, token: &TokenTree, rest: &mut Tokens, module: &[String]) {
        let text = word(token).unwrap_or_default();
        match text.as_str() {
            "mod" => self.inline_module(rest, module),
            "macro_rules" => self.macros.extend(rest.nth(1).and_then(|name| word(&name))),
            // `use sqlx;` and `extern crate sqlx;` name a crate without `::`.
            "use" => self.bare_name(rest, module),
            "crate" if rest.peek().is_some_and(|next| word(next).is_some()) => self.bare_name(rest, module),
            _ => self.path(token, Vec::new(), rest, module, false),
        }
    }

    fn inline_module(&mut self, rest: &mut Tokens, module: &[String]) {
        let Some(name) = rest.next().and_then(|name| word(&name)) else { return };
        if let Some(TokenTree::Group(body)) = rest.next_if(|next| matches!(next, TokenTree::Group(_))) {
            self.inline_modules.push(name.clone());
            self.walk(body.stream(), &[module, &[name]].concat());
        }
    }

    fn bare_name(&mut self, rest: &mut Tokens, module: &[String]) {
        if let Some(token) = rest.next_if(|next| word(next).is_some()) {
            self.path(&token, Vec::new(), rest, module, true);
        }
    }

    /// Reads on from one part of a path; a group is as many paths as it has branches.
    fn path(
        &mut self,
        first: &TokenTree,
        mut path: Vec<String>,
        rest: &mut Tokens,
        module: &[String],
        alone: bool,
    ) {
        let line = first.span().start().line;
        path.extend(word(first));
        while colons(rest) {
            match rest.peek() {
                Some(TokenTree::Ident(part)) => path.push(part.to_string()),
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => path.push("*".into()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let group = group.clone();
                    rest.next();
                    return self.branches(&group, &path, module);
                }
                _ => break,
            }
            rest.next();
        }
        if path.len() > 1 || alone {
            let name = alias(rest).or(path.last().cloned()).unwrap_or_default();
            self.mentions.push(Mention { line, path: from_root(path, module), name });
        }
    }

    fn branches(&mut self, group: &Group, prefix: &[String], module: &[String]) {
        let mut rest = stream(group.stream());
        while let Some(token) = rest.next() {
            match &token {
                TokenTree::Ident(_) => self.path(&token, prefix.to_vec(), &mut rest, module, true),
                TokenTree::Group(group) => self.branches(group, prefix, module),
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    let path = [prefix, &["*".into()]].concat();
                    let line = token.span().start().line;
                    self.mentions.push(Mention { line, path: from_root(path, module), name: "*".into() });
                }
                _ => {}
            }
        }
    }
}

/// `super::x` in `db::model` is `crate::db::x`.
fn from_root(path: Vec<String>, module: &[String]) -> Vec<String> {
    let climbs = path.iter().take_while(|part| ["self", "super"].contains(&part.as_str())).count();
    if climbs == 0 {
        return path;
    }
    let up = path[..climbs].iter().filter(|part| *part == "super").count();
    let above = &module[..module.len().saturating_sub(up)];
    let root = ["crate".to_owned()];
    [&root, above, &path[climbs..]].concat()
}

/// `as Name` after a path.
fn alias(rest: &mut Tokens) -> Option<String> {
    rest.next_if(|next| word(next).as_deref() == Some("as"))?;
    rest.next_if(|next| word(next).is_some()).and_then(|name| word(&name))
}

/// Steps over `::`.
fn colons(rest: &mut Tokens) -> bool {
    let mut ahead = rest.clone();
    let both = ahead.next().is_some_and(|one| is(&one, ':')) && ahead.next().is_some_and(|two| is(&two, ':'));
    if both {
        *rest = ahead;
    }
    both
}

/// Whether an attribute begins here that makes the next item a test's; steps over it.
fn starts_test(token: &TokenTree, rest: &mut Tokens) -> bool {
    is(token, '#') && rest.next_if(is_test).is_some()
}

/// `[cfg(test)]`, `[test]`, `[tokio::test]`, with or without arguments.
fn is_test(attribute: &TokenTree) -> bool {
    let TokenTree::Group(group) = attribute else { return false };
    let text: String = group.stream().into_iter().map(|token| token.to_string()).collect();
    text == "cfg(test)"
        || text.split('(').next().is_some_and(|path| path == "test" || path.ends_with("::test"))
}

/// Steps over an item, to its body or its semicolon; the name if it is a module in a file of its own.
fn skip_item(rest: &mut Tokens) -> Option<String> {
    let mut words = Vec::new();
    for token in rest.by_ref() {
        match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return None,
            TokenTree::Punct(end) if end.as_char() == ';' => break,
            _ => words.extend(word(&token)),
        }
    }
    let name = words.pop()?;
    words.last().is_some_and(|word| word == "mod").then_some(name)
}

/// `#![cfg(test)]` at the top.
fn is_test_module(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.windows(3).any(|three| is(&three[0], '#') && is(&three[1], '!') && is_test(&three[2]))
}

fn stream(tokens: TokenStream) -> Tokens {
    tokens.into_iter().collect::<Vec<_>>().into_iter().peekable()
}

/// The word that a token is.
pub(super) fn word(token: &TokenTree) -> Option<String> {
    let TokenTree::Ident(word) = token else { return None };
    Some(word.to_string())
}

/// Whether a token is this mark.
pub(super) fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}
