//! The setting `auth_password_validators`: names, each with an option.

use std::sync::Arc;

use super::{
    BreachedPassword, CommonPassword, ContextWords, MinimumLength, NumericPassword, PasswordValidator,
    UserAttributeSimilarity,
};

/// The rules of a site, in their order.
pub(crate) type Validators = Arc<[Arc<dyn PasswordValidator>]>;

/// The validators by name, and what Django's setting calls each.
const NAMES: [(&str, &str); 6] = [
    ("user_attribute_similarity", "UserAttributeSimilarityValidator"),
    ("minimum_length", "MinimumLengthValidator"),
    ("common_password", "CommonPasswordValidator"),
    ("numeric_password", "NumericPasswordValidator"),
    ("context_words", ""),
    (BREACHED, ""),
];

/// The one that is not among the defaults, since its file does not come along.
const BREACHED: &str = "breached_password";

/// Why a list in `auth_password_validators` is none.
#[derive(Debug, thiserror::Error)]
pub enum BadValidators {
    /// No such validator.
    #[error("`{0}` is no password validator; use {names}", names = NAMES.map(|(name, _)| name).join(", "))]
    Unknown(String),
    /// What is behind the colon does not fit.
    #[error("`{0}` is no option for a password validator; {1}")]
    BadOption(String, &'static str),
    /// The list of common passwords.
    #[error(
        "the list of common passwords `{0}` cannot be read: {1}; correct the path behind `common_password:`"
    )]
    NoList(String, std::io::Error),
    /// The file of breached passwords.
    #[error(
        "the file of breached passwords `{0}` cannot be used: {1}; correct the path behind `breached_password:`"
    )]
    NoBreaches(String, std::io::Error),
}

/// Reads the setting, such as `minimum_length:12`; an empty one is all of [`NAMES`] but the last.
pub(crate) fn from_names(names: &[String], site_name: &str) -> Result<Validators, BadValidators> {
    match names.is_empty() {
        true => NAMES
            .iter()
            .filter(|(name, _)| *name != BREACHED)
            .map(|(name, _)| named(name, site_name))
            .collect(),
        false => names.iter().map(|name| named(name, site_name)).collect(),
    }
}

fn named(item: &str, site_name: &str) -> Result<Arc<dyn PasswordValidator>, BadValidators> {
    let (name, option) = match item.trim().split_once(':') {
        Some((name, option)) => (name.trim(), Some(option.trim())),
        None => (item.trim(), None),
    };
    let bad = |todo| BadValidators::BadOption(item.to_owned(), todo);
    Ok(match (short(name), option) {
        ("user_attribute_similarity", None) => Arc::new(UserAttributeSimilarity::new()),
        ("user_attribute_similarity", Some(most)) => {
            let most = number(item, most, "write the similarity as 0.7")?;
            Arc::new(UserAttributeSimilarity::new().max_similarity(most))
        }
        ("minimum_length", None) => Arc::new(MinimumLength::default()),
        ("minimum_length", Some(length)) => {
            Arc::new(MinimumLength(number(item, length, "write the length as a whole number")?))
        }
        ("common_password", None) => Arc::new(CommonPassword::new()),
        ("common_password", Some(path)) => {
            let list = CommonPassword::from_file(path);
            Arc::new(list.map_err(|error| BadValidators::NoList(path.to_owned(), error))?)
        }
        (BREACHED, Some(path)) => {
            let file = BreachedPassword::from_file(path);
            Arc::new(file.map_err(|error| BadValidators::NoBreaches(path.to_owned(), error))?)
        }
        (BREACHED, None) => return Err(bad("write the path of its file behind a colon")),
        ("numeric_password", None) => Arc::new(NumericPassword),
        ("context_words", words) => {
            let words = words.unwrap_or_default().split_whitespace();
            Arc::new(ContextWords::new(words.chain([site_name])))
        }
        ("numeric_password", Some(_)) => return Err(bad("numeric_password has none")),
        _ => return Err(BadValidators::Unknown(name.to_owned())),
    })
}

fn number<T: std::str::FromStr>(item: &str, text: &str, todo: &'static str) -> Result<T, BadValidators> {
    text.parse().map_err(|_| BadValidators::BadOption(item.to_owned(), todo))
}

/// Our name for `django.contrib.auth.password_validation.MinimumLengthValidator`.
fn short(name: &str) -> &str {
    let class = name.strip_prefix("django.contrib.auth.password_validation.");
    let known = class.and_then(|class| NAMES.iter().find(|(_, django)| *django == class));
    known.map_or(name, |(short, _)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(names: &[&str]) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        from_names(&names, "Swing").unwrap().iter().map(|validator| validator.help_text()).collect()
    }

    fn fault(name: &str) -> String {
        from_names(&[name.to_owned()], "Swing").err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn validators_are_named_in_the_settings_with_their_options() {
        let twelve = "Your password must contain at least 12 characters.";
        assert_eq!(help(&["minimum_length:12"]), [twelve]);
        assert_eq!(help(&["django.contrib.auth.password_validation.MinimumLengthValidator : 12"]), [twelve]);
        assert_eq!(help(&[]).len(), 5);
        assert_eq!(help(&["numeric_password", "user_attribute_similarity:0.5"]).len(), 2);
    }

    #[test]
    fn what_is_wrong_with_the_setting_is_said_with_what_to_do() {
        assert!(fault("length").contains("use user_attribute_similarity, minimum_length, common_password,"));
        assert!(fault("minimum_length:twelve").contains("whole number"));
        assert!(fault("numeric_password:1").contains("has none"));
        assert!(fault("common_password:/no/such/list").contains("/no/such/list"));
        assert!(fault("breached_password:/no/such/file").contains("/no/such/file"));
        assert!(fault("breached_password").contains("the path of its file"));
    }

    #[test]
    fn words_of_the_site_are_added_to_its_name() {
        let names = ["context_words:gadjo guitars".to_owned()];
        let validators = from_names(&names, "Minor Swing").unwrap();
        let refused = |password: &str| validators[0].validate(password, &Default::default()).is_err();
        assert!(refused("guitars1") && refused("minorswing") && !refused("mauve-lantern"));
    }
}
