//! The guide's code, compiled: every Rust block of every chapter is a doctest. Below is the site that they share.

use nuages::{Project, Routes};

mod access;
pub mod accounts;
pub mod blog;
mod evidence;
mod fields;
#[cfg(test)]
mod made;

/// The settings of the guide's site, which needs nothing from outside.
pub mod settings {
    use nuages::{Result, Settings};

    /// The site's user.
    pub type AuthUserModel = crate::accounts::User;

    /// Debug, and a key that is none.
    pub fn settings() -> Result<Settings> {
        Settings::from_pairs([("DEBUG", "true"), ("SECRET_KEY", "for-the-guide-alone")])
    }
}

/// `tokio` with `#[tokio::test]` as a function that is run, so that the guide's tests are tested.
pub mod running {
    pub use tokio::main as test;
    pub use tokio::*;
}

/// The guide's site with these views in front.
pub fn site(routes: Routes) -> Project {
    Project::new(settings::settings())
        .app(nuages::sessions::app())
        .app(nuages::messages::app())
        .app(nuages_auth::app::<accounts::User>())
        .app(accounts::app())
        .app(blog::app())
        .urls(
            Routes::new()
                .include("/accounts/", nuages_auth::urls::<accounts::User>())
                .include("/accounts/", nuages_auth::account_urls::<accounts::User>())
                .include("/", routes),
        )
}

/// The guide's site.
pub fn project() -> Project {
    site(blog::routes())
}

macro_rules! chapters {
    ($($name:ident)*) => {
        /// The chapters, for `cargo test --doc`.
        #[cfg(doctest)]
        mod chapters {
            $(#[doc = include_str!(concat!("src/", stringify!($name), ".md"))] mod $name {})*
        }

        #[cfg(test)]
        const CHAPTERS: &[(&str, &str)] =
            &[$((stringify!($name), include_str!(concat!("src/", stringify!($name), ".md")))),*];
    };
}

chapters! {
    getting_started files settings models queries relations migrations swapuser views templates forms fields sessions csrf messages accounts existing passwords permissions access
    backends two_factor email tests
    commands deploying django django_parity asvs
}

/// The name of every setting, as its own `Debug` tells.
#[cfg(test)]
fn names_of_settings() -> Vec<String> {
    let text = format!("{:#?}", nuages::Settings::default());
    let fields = text.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": "));
    let fields = fields.map(|(name, _)| name).filter(|name| !name.starts_with(' ') && *name != "variables");
    fields.map(str::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nuages::minijinja::Environment;

    fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
        let opening = format!("```{language}\n");
        text.split(&opening).skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0)).collect()
    }

    #[test]
    fn every_chapter_is_in_the_contents() {
        let contents = include_str!("src/SUMMARY.md");
        for (name, _) in CHAPTERS {
            assert!(contents.contains(&format!("({name}.md)")), "{name}");
        }
        assert_eq!(contents.matches(".md)").count(), CHAPTERS.len());
    }

    #[test]
    fn every_template_can_be_read() {
        for (name, text) in CHAPTERS {
            for template in blocks(text, "jinja") {
                let read = Environment::new().add_template_owned("block.html", template).map(drop);
                assert!(read.is_ok(), "{name}: {read:?}\n{template}");
            }
        }
    }

    #[test]
    fn every_setting_is_explained() {
        let (_, text) = CHAPTERS.iter().find(|(name, _)| *name == "settings").unwrap();
        for name in names_of_settings() {
            assert!(text.contains(&format!("| `{name}` |")), "{name}");
        }
        assert_eq!(text.matches("\n| `").count(), names_of_settings().len());
    }

    #[test]
    fn every_link_leads_to_a_chapter() {
        for (name, text) in CHAPTERS {
            for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
            {
                let to = link.trim_end_matches(".md");
                let inside = CHAPTERS.iter().any(|(chapter, _)| *chapter == to);
                assert!(inside || link.starts_with("../") || link.starts_with("https://"), "{name}: {link}");
            }
        }
    }
}
