//! What `check` says of the settings of mail.

use super::Site;
use crate::checks::Check;
use crate::email::{EmailMessage, Letter};
use crate::settings::{EmailBackendKind, Settings};

pub(super) fn checks(site: &Site) -> Vec<Check> {
    let (settings, mut found) = (&*site.settings, Vec::new());
    if let Err(error) = site.mailer.get() {
        found.push(Check::error("email.E001", error.to_string(), ""));
    }
    found.extend(wrong_addresses(settings));
    found.extend(wrong_site_url(settings));
    if !settings.debug && settings.email_backend_kind() == EmailBackendKind::Smtp {
        found.extend(left_out(settings));
    }
    found
}

fn wrong_addresses(settings: &Settings) -> Vec<Check> {
    let froms =
        [("DEFAULT_FROM_EMAIL", &settings.default_from_email), ("SERVER_EMAIL", &settings.server_email)];
    let froms = froms.into_iter().filter_map(|(name, address)| Some((name, address.as_deref()?)));
    let admins = settings.admins.iter().map(|admin| ("ADMINS", admin.as_str()));
    let wrong = froms.chain(admins).filter_map(|(name, address)| {
        let error = Letter::write(EmailMessage::new("", "").to(address), address).err()?;
        Some(Check::error("email.E002", format!("{name}: {error}"), ""))
    });
    wrong.collect()
}

/// Links in mail are put together of it and a path.
fn wrong_site_url(settings: &Settings) -> Option<Check> {
    let url = settings.site_url.as_deref()?;
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.strip_suffix('/').unwrap_or(rest);
    let is_origin = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '\\']);
    let hint = "write scheme and host, as in https://www.site.example";
    (!is_origin).then(|| Check::error("email.E003", format!("SITE_URL `{url}` is no origin"), hint))
}

/// What works on a developer's machine, and bites on a server.
fn left_out(settings: &Settings) -> Vec<Check> {
    let mut found = Vec::new();
    if settings.email_host.is_none() {
        let hint = "set EMAIL_HOST, or EMAIL_BACKEND to file or console if the site sends no mail";
        found.push(Check::warning("email.W001", "no mail server is named; mail goes to localhost", hint));
    }
    if settings.default_from_email.is_none() {
        let text = format!("mail is from {}, which may not exist", settings.from_email());
        found.push(Check::warning("email.W002", text, "set DEFAULT_FROM_EMAIL"));
    }
    if settings.site_url.is_none() {
        let text = format!("links in mail begin with {}, which is a guess", settings.site_origin());
        found.push(Check::warning("email.W003", text, "set SITE_URL, as in https://www.site.example"));
    }
    let is_open = !settings.email_use_tls && !settings.email_use_ssl;
    if settings.email_host_password.is_some() && is_open {
        let text = "the password of the mail server goes over the network as it is";
        found.push(Check::warning("email.W004", text, "set EMAIL_USE_TLS=true or EMAIL_USE_SSL=true"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(found: impl IntoIterator<Item = Check>) -> Vec<&'static str> {
        found.into_iter().map(|check| check.id).collect()
    }

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::from_pairs([("DEBUG", "1")].into_iter().chain(pairs.iter().copied())).unwrap()
    }

    #[test]
    fn what_a_server_needs_is_asked_for() {
        assert_eq!(ids(left_out(&settings(&[]))), ["email.W001", "email.W002", "email.W003"]);
        let all = [
            ("EMAIL_HOST", "smtp.site.example"),
            ("DEFAULT_FROM_EMAIL", "a@site.example"),
            ("SITE_URL", "https://site.example"),
            ("EMAIL_HOST_PASSWORD", "secret"),
        ];
        assert_eq!(ids(left_out(&settings(&all))), ["email.W004"]);
        let all = [&all[..], &[("EMAIL_USE_TLS", "1")]].concat();
        assert_eq!(ids(left_out(&settings(&all))), [""; 0]);
    }

    #[test]
    fn an_address_that_is_none_is_found() {
        let wrong = [("DEFAULT_FROM_EMAIL", "ann"), ("ADMINS", "a@site.example, b")];
        assert_eq!(ids(wrong_addresses(&settings(&wrong))), ["email.E002", "email.E002"]);
        assert_eq!(ids(wrong_addresses(&settings(&[("SERVER_EMAIL", "Ann <a@site.example>")]))), [""; 0]);
    }

    #[test]
    fn the_sites_url_is_an_origin() {
        for (url, wrong) in [
            ("https://site.example", false),
            ("http://127.0.0.1:8000/", false),
            ("site.example", true),
            ("https://", true),
            ("https://site.example/blog/", true),
            ("https://ann@site.example", true),
        ] {
            assert_eq!(wrong_site_url(&settings(&[("SITE_URL", url)])).is_some(), wrong, "{url}");
        }
    }
}
