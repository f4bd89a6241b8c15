//! What a person lives through with an account, on the pages that come with `nuages_auth`, at a desk and on a telephone.

use nuages::chrono::{TimeDelta, Utc};
use nuages_auth::two_factor::TotpKey;
use nuages_tests::browser::Browser;

use crate::served::{self, Served, fits, says};

const PASSWORD: &str = "mauve-lantern-42";
const SECOND: &str = "amber-lantern-43";
const THIRD: &str = "olive-lantern-44";
const SETTINGS: [(&str, &str); 3] =
    [("SIGNUP_CONFIRM_EMAIL", "true"), ("THROTTLE_PER_NETWORK", "0"), ("THROTTLE_PER_ACCOUNT", "0")];

/// Somebody with a browser on this site; the width goes into the names of the pictures.
struct Person<'a> {
    site: &'a Served,
    browser: Browser,
    name: &'static str,
    width: &'static str,
}

#[tokio::test]
async fn an_account_is_lived_with_at_a_desk() {
    let site = Served::start("site", &SETTINGS);
    lives_with_an_account(&site, "desktop", Browser::start().await, Browser::phone().await).await;
}

#[tokio::test]
async fn an_account_is_lived_with_on_a_telephone() {
    let site = Served::start("site", &SETTINGS);
    lives_with_an_account(&site, "phone", Browser::phone().await, Browser::start().await).await;
}

async fn lives_with_an_account(site: &Served, width: &'static str, browser: Browser, other: Browser) {
    let person = Person { site, browser, name: "django", width };
    let elsewhere = Person { site, browser: other, name: "django", width: "elsewhere" };
    person.signs_up().await;
    person.confirms_the_address().await;
    person.is_remembered().await;
    elsewhere.logs_in(PASSWORD).await;
    assert!(!elsewhere.browser.keeps_cookie("sessionid").await, "nobody has asked to be remembered");
    person.changes_the_password().await;
    elsewhere.is_a_stranger().await;
    person.logs_out().await;
    person.resets_the_password().await;
    person.logs_in(THIRD).await;
    elsewhere.logs_in(THIRD).await;
    person.ends_the_other_session().await;
    elsewhere.is_a_stranger().await;
    let (app, codes) = person.turns_two_factor_on().await;
    elsewhere.logs_in_with_the_app(&app).await;
    person.ends_the_other_session().await;
    elsewhere.logs_in_without_the_phone(&codes).await;
    person.changes_the_address().await;
    person.leaves().await;
}

impl Person<'_> {
    async fn signs_up(&self) {
        self.open("/accounts/signup/").await;
        self.looks("signup").await;
        self.fill([
            ("username", self.name),
            ("email", "django@"),
            ("password1", "django"),
            ("password2", "x"),
        ])
        .await;
        // The browser itself would not send this.
        self.browser.run("document.querySelector('form').noValidate = true").await;
        self.presses("Sign up").await;
        self.looks("signup-errors").await;
        let account = [("username", self.name), ("email", "django@swing.example")];
        self.fill(account).await;
        self.fill([("password1", PASSWORD), ("password2", PASSWORD)]).await;
        self.presses("Sign up").await;
        self.says("Look into your mail").await;
        self.looks("signup-done").await;
    }

    async fn confirms_the_address(&self) {
        self.enters(PASSWORD).await;
        self.says("Please enter a correct").await;
        self.looks("login-errors").await;
        let link = self.site.link_in_mail();
        self.browser.open(&link).await;
        self.looks("signup-confirm").await;
        self.presses("Yes, this is my address").await;
        self.says("Your address is confirmed.").await;
        self.looks("login").await;
        self.browser.open(&link).await;
        self.says("The link does not work").await;
        self.looks("signup-confirm-invalid").await;
    }

    async fn is_remembered(&self) {
        self.open("/accounts/login/").await;
        self.browser.tick("remember_me").await;
        self.fill([("username", self.name), ("password", PASSWORD)]).await;
        self.presses("Log in").await;
        assert!(self.browser.keeps_cookie("sessionid").await, "it was asked for");
        self.looks("profile").await;
    }

    async fn changes_the_password(&self) {
        self.browser.click_text("Change my password").await;
        self.looks("password-change").await;
        self.fill([("old_password", "not it"), ("new_password1", "12345678"), ("new_password2", "12345678")])
            .await;
        self.presses("Change my password").await;
        self.looks("password-change-errors").await;
        self.fill([("old_password", PASSWORD), ("new_password1", SECOND), ("new_password2", SECOND)]).await;
        self.presses("Change my password").await;
        self.says("Your password is changed").await;
        self.looks("password-change-done").await;
    }

    async fn logs_out(&self) {
        self.open("/accounts/logout/").await;
        self.looks("logout").await;
        self.presses("Log out").await;
        self.says("Log in again").await;
        self.looks("logged-out").await;
        self.is_a_stranger().await;
    }

    async fn resets_the_password(&self) {
        self.site.empty_the_mailbox();
        self.open("/accounts/login/").await;
        self.browser.click_text("Forgot your password?").await;
        self.looks("password-reset").await;
        self.fill([("email", "django@swing.example")]).await;
        self.presses("Send me a link").await;
        self.looks("password-reset-done").await;
        let link = self.site.link_in_mail();
        self.browser.open(&link).await;
        assert!(self.browser.url().await.ends_with("/set-password/"), "the token leaves the address");
        self.looks("password-reset-confirm").await;
        self.fill([("new_password1", THIRD), ("new_password2", "another")]).await;
        self.presses("Set my password").await;
        self.looks("password-reset-errors").await;
        self.fill([("new_password1", THIRD), ("new_password2", THIRD)]).await;
        self.presses("Set my password").await;
        self.says("Your password is set").await;
        self.looks("password-reset-complete").await;
        self.browser.open(&link).await;
        self.says("The link does not work").await;
        self.looks("password-reset-invalid").await;
        self.enters(SECOND).await;
        self.says("Please enter a correct").await;
    }

    async fn ends_the_other_session(&self) {
        self.browser.click_text("My sessions").await;
        self.says("this one").await;
        self.looks("sessions").await;
        self.presses("End this session").await;
        self.says("The session has ended.").await;
        self.looks("sessions-ended").await;
        self.open("/accounts/activity/").await;
        self.says("The password was reset by mail").await;
        self.looks("activity").await;
    }

    async fn changes_the_address(&self) {
        self.site.empty_the_mailbox();
        self.open("/accounts/email_change/").await;
        self.looks("email-change").await;
        self.fill([("new_email", "django@swing.example"), ("password", "not it")]).await;
        self.presses("Send the link").await;
        self.looks("email-change-errors").await;
        self.fill([("new_email", "django@train.example"), ("password", THIRD)]).await;
        self.presses("Send the link").await;
        self.looks("profile-with-message").await;
        self.browser.open(&self.site.link_in_mail()).await;
        self.looks("email-change-confirm").await;
        self.presses("Change my address").await;
        self.says("django@train.example").await;
    }

    async fn leaves(&self) {
        self.open("/accounts/delete/").await;
        self.looks("delete").await;
        self.fill([("password", "not it")]).await;
        self.presses("Delete my account").await;
        self.looks("delete-errors").await;
        self.fill([("password", THIRD)]).await;
        self.presses("Delete my account").await;
        self.says("Goodbye.").await;
        self.looks("deleted").await;
        self.enters(THIRD).await;
        self.says("Please enter a correct").await;
    }

    /// Answers what the phone keeps, and the recovery codes.
    async fn turns_two_factor_on(&self) -> (TotpKey, Vec<String>) {
        self.open("/accounts/profile/").await;
        self.browser.click_text("Two-factor authentication").await;
        self.looks("two-factor").await;
        self.fill([("password", THIRD)]).await;
        self.presses("Set it up").await;
        self.looks("two-factor-setup").await;
        let key = self.browser.run("return document.querySelector('dd code').textContent").await;
        let app = key.as_str().and_then(TotpKey::from_base32).expect("the page shows the key");
        self.fill([("code", "nothing")]).await;
        self.presses("Turn it on").await;
        self.looks("two-factor-setup-errors").await;
        self.fill([("code", &app.code(Utc::now()))]).await;
        self.presses("Turn it on").await;
        self.looks("two-factor-recovery-codes").await;
        let script = "return [...document.querySelectorAll('li code')].map(code => code.textContent)";
        let codes = serde_json::from_value(self.browser.run(script).await).expect("the page lists codes");
        self.browser.click_text("I have kept them").await;
        self.says("10 recovery codes left").await;
        self.looks("two-factor-on").await;
        self.browser.click_text("Turn it off").await;
        self.looks("two-factor-remove").await;
        self.open("/accounts/two_factor/codes/").await;
        self.looks("two-factor-codes").await;
        self.open("/accounts/profile/").await;
        (app, codes)
    }

    async fn logs_in_with_the_app(&self, app: &TotpKey) {
        self.enters(THIRD).await;
        self.says("One more step").await;
        self.looks("login-code").await;
        self.fill([("code", "nothing")]).await;
        self.presses("Log in").await;
        self.looks("login-code-errors").await;
        // The code of this moment may be the one that has turned it on.
        self.fill([("code", &app.code(Utc::now() + TimeDelta::seconds(30)))]).await;
        self.presses("Log in").await;
        assert_eq!(self.browser.url().await, self.site.at("/accounts/profile/"));
    }

    async fn logs_in_without_the_phone(&self, codes: &[String]) {
        self.enters(THIRD).await;
        self.fill([("code", &codes[0])]).await;
        self.presses("Log in").await;
        self.says("9 recovery codes are left.").await;
        self.looks("profile-after-recovery-code").await;
    }

    async fn logs_in(&self, password: &str) {
        self.enters(password).await;
        assert_eq!(self.browser.url().await, self.site.at("/accounts/profile/"));
    }

    async fn enters(&self, password: &str) {
        self.open("/accounts/login/").await;
        self.fill([("username", self.name), ("password", password)]).await;
        self.presses("Log in").await;
    }

    async fn is_a_stranger(&self) {
        self.open("/accounts/profile/").await;
        assert_eq!(self.browser.url().await, self.site.at("/accounts/login/?next=/accounts/profile/"));
    }

    async fn open(&self, path: &str) {
        self.browser.open(&self.site.at(path)).await;
    }

    async fn fill<const N: usize>(&self, fields: [(&str, &str); N]) {
        for (name, value) in fields {
            self.browser.fill(name, value).await;
        }
    }

    async fn presses(&self, button: &str) {
        self.browser.press(button).await;
    }

    async fn says(&self, words: &str) {
        says(&self.browser, words).await;
    }

    /// Nothing sticks out, and there is a picture to look at.
    async fn looks(&self, page: &str) {
        fits(&self.browser).await;
        served::picture(&self.browser, &format!("account-{page}-{}", self.width)).await;
    }
}
