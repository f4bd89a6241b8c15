//! The chapter of fields is made from the forms themselves.

#![cfg(test)]

use crate::accounts::User;
use crate::made::assert_written;
use nuages::test::Client;
use nuages::{FormData, Routes};
use nuages_auth::{
    AbstractUser, AdminPasswordChangeForm, AuthenticationForm, ConfirmPasswordForm, EmailChangeForm,
    PasswordChangeForm, PasswordResetForm, SetPasswordForm, TwoFactorForm, TwoFactorSetupForm,
    UserChangeForm, UserCreationForm,
};
use poem::{Request, handler};

/// What stands above the tables.
const HEAD: &str = "# Every field of the accounts

What each form of `nuages-auth` takes: of a site whose user has Django's columns and whose settings are the usual ones. The page is made from the forms:
`NUAGES_WRITE_PAGES=1 cargo test -p nuages-docs` writes it, and without the variable the test fails where it is out of date. `form.reference()` makes such a table of
any form of yours.

A password has at most 4096 bytes. Besides, for every field: a text with a NUL in it is refused, and so is a field that was sent twice, or that the form has not. Spaces at both ends go unless the row says that
they count.
";

const TWICE: &str =
    "Both passwords have to be the same, and keep the [rules](passwords.md) beside the first.";
const OWN: &str = "The password has to be the user's. A wrong one counts as an attempt at the account.";

/// What is asked of several fields together, or of the database; then the fields.
#[handler]
fn tables(request: &Request) -> String {
    let (user, data) = (User::blank(), FormData::default);
    let name = "The name has letters, digits, `@`, `.`, `+`, `-` and `_` alone, and is nobody's in any case of letters.";
    let forms = [
        (
            "AuthenticationForm",
            "Name and password have to be those of an active user. A failure counts as an attempt at the account.".into(),
            AuthenticationForm::<User>::new(request, data()).remember_me().reference(),
        ),
        (
            "UserCreationForm",
            format!("{name} {TWICE} With `SIGNUP_CONFIRM_EMAIL` it asks for `email` too, as in `PasswordResetForm`."),
            UserCreationForm::<User>::new(request, data()).reference(),
        ),
        ("UserChangeForm", String::new(), UserChangeForm::new(&user, data()).reference()),
        (
            "PasswordChangeForm",
            format!("{OWN} {TWICE}"),
            PasswordChangeForm::new(request, &user, data()).reference(),
        ),
        ("SetPasswordForm", TWICE.into(), SetPasswordForm::new(request, &user, data()).reference()),
        (
            "PasswordResetForm",
            "Each mail counts as an attempt at the address, whether it is a user's or not.".into(),
            PasswordResetForm::<User>::new(request, data()).reference(),
        ),
        (
            "EmailChangeForm",
            format!("The address has to be another one than before. {OWN}"),
            EmailChangeForm::new(request, &user, data()).reference(),
        ),
        ("ConfirmPasswordForm", OWN.into(), ConfirmPasswordForm::new(request, &user, data()).reference()),
        (
            "TwoFactorForm",
            "A code of the app that was not taken before, or a recovery code. A wrong one counts as an attempt at the account.".into(),
            TwoFactorForm::new(request, &user, data()).reference(),
        ),
        (
            "TwoFactorSetupForm",
            "A code of the app that is being set up.".into(),
            TwoFactorSetupForm::new(request, &user, data()).reference(),
        ),
        (
            "AdminPasswordChangeForm",
            format!("With `usable_password=false` the passwords are not looked at, and the user has none. {TWICE}"),
            AdminPasswordChangeForm::new(request, &user, data()).reference(),
        ),
    ];
    let chapters = forms.map(|(name, words, reference)| match words.as_str() {
        "" => format!("\n## {name}\n\n{reference}"),
        words => format!("\n## {name}\n\n{words}\n\n{reference}"),
    });
    HEAD.to_owned() + &chapters.concat()
}

#[tokio::test]
async fn the_page_of_fields_says_what_the_forms_do() {
    let client = Client::new(crate::site(Routes::new().path("fields/", tables, "fields"))).await;
    assert_written("fields.md", client.get("/fields/").await.text());
}

#[test]
fn every_form_of_auth_is_on_the_page_of_fields() {
    let page = include_str!("src/fields.md");
    let forms = include_str!("../auth/src/forms.rs");
    let names = forms.lines().filter_map(|line| line.strip_prefix("pub use ")?.rsplit("::").next());
    let names: Vec<_> = names.map(|name| name.trim_end_matches(';')).collect();
    assert_eq!(names.len(), page.matches("\n## ").count());
    for name in names {
        assert!(page.contains(&format!("\n## {name}\n")), "{name}");
    }
}
