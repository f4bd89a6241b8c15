//! The mails of accounts: links to confirm what somebody has asked for, and words about what was done.

use crate::AbstractUser;
use crate::tokens::{CHANGE_EMAIL, CONFIRM_EMAIL, in_link, uid};
use nuages::chrono::Utc;
use nuages::email::EmailTemplates;
use nuages::minijinja::Value;
use nuages::{Mailer, RequestExt, Settings, context};
use poem::Request;

/// The mail with a link to set a new password.
pub(crate) const RESET: EmailTemplates<'static> = EmailTemplates {
    subject: "registration/password_reset_subject.txt",
    body: "registration/password_reset_email.txt",
    html: None,
};
const CONFIRM: EmailTemplates<'static> = EmailTemplates {
    subject: "registration/signup_confirm_subject.txt",
    body: "registration/signup_confirm_email.txt",
    html: None,
};
const CONFIRM_NEW: EmailTemplates<'static> = EmailTemplates {
    subject: "registration/email_change_subject.txt",
    body: "registration/email_change_email.txt",
    html: None,
};
const NOTICE: EmailTemplates<'static> = EmailTemplates {
    subject: "registration/notice_subject.txt",
    body: "registration/notice_email.txt",
    html: None,
};

/// What the owner of an account is told after it was done (OWASP ASVS 5.0, 6.3.7).
#[derive(Clone, Copy)]
pub(crate) enum Notice {
    PasswordChanged,
    EmailChanged,
    AccountDeleted,
    TwoFactorOn,
    TwoFactorOff,
    RecoveryCodesMade,
    RecoveryCodeUsed,
}

impl Notice {
    fn text(self) -> &'static str {
        match self {
            Self::PasswordChanged => "Your password was changed",
            Self::EmailChanged => "Your e-mail address was changed",
            Self::AccountDeleted => "Your account was deleted",
            Self::TwoFactorOn => "Two-factor authentication was turned on",
            Self::TwoFactorOff => "Two-factor authentication was turned off",
            Self::RecoveryCodesMade => "New recovery codes were made",
            Self::RecoveryCodeUsed => "A recovery code was used to log in",
        }
    }
}

/// Asks the owner of a new account to confirm the address.
pub(crate) async fn ask_to_confirm<U: AbstractUser>(mailer: &Mailer, settings: &Settings, user: &U) {
    let token = CONFIRM_EMAIL.make(user, settings, Utc::now());
    send(mailer, CONFIRM, user.get_email(), context! { user, uid => uid(user), token }).await;
}

/// Asks at a new address whether it is this user's.
pub(crate) async fn ask_to_confirm_new<U: AbstractUser>(request: &Request, user: &U, email: &str) {
    let token = CHANGE_EMAIL.about(email).make(user, request.settings(), Utc::now());
    let emailb64 = in_link(email);
    send(request.mailer(), CONFIRM_NEW, email, context! { user, uid => uid(user), token, email, emailb64 })
        .await;
}

/// Tells a user, at this address, what was done.
pub(crate) async fn notify<U: AbstractUser>(request: &Request, user: &U, email: &str, notice: Notice) {
    if !email.is_empty() {
        send(request.mailer(), NOTICE, email, context! { user, what => notice.text() }).await;
    }
}

/// Hands a mail to the queue. One that cannot be written is logged: the answer is the same.
async fn send(mailer: &Mailer, templates: EmailTemplates<'static>, email: &str, context: Value) {
    let queued = match mailer.render(templates, context) {
        Ok(message) => mailer.queue(message.to(email)).await,
        Err(error) => Err(error),
    };
    if let Err(error) = queued {
        tracing::error!(template = templates.body, "a mail could not be sent: {error}");
    }
}
