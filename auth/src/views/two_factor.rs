//! Two-factor authentication: its pages in a user's account, and the second step of logging in.

use super::login::on;
use super::{page, signed_in};
use crate::events::{self, EventKind};
use crate::login::waiting;
use crate::mails::{self, Notice};
use crate::two_factor::{Shown, TotpKey, TwoFactor};
use crate::{AbstractUser, ConfirmPasswordForm, TwoFactorForm, TwoFactorSetupForm};
use nuages::minijinja::Value;
use nuages::{FormData, RequestExt, Result, context, messages, redirect};
use poem::{Request, Response};
use qrcode::{EcLevel, QrCode, render::svg};

/// Says whether it is on. Off, it asks for the password to begin to set it up.
pub(crate) async fn two_factor<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let factor = TwoFactor::of(&request.db(), &*user);
    if let Some(since) = factor.since().await? {
        let (since, left) = (since.format("%Y-%m-%d").to_string(), factor.recovery_codes_left().await?);
        return page(request, "registration/two_factor.html", context! { since, left }).await;
    }
    let form = ConfirmPasswordForm::<U>::new(request, &user, data);
    if form.is_valid().await? && factor.begin().await? {
        return redirect(request, "two_factor_setup");
    }
    page(request, "registration/two_factor.html", context! { form }).await
}

/// Shows the key to the user's app, and asks for a code of it. Then it is on, and the recovery codes are shown, once.
pub(crate) async fn setup<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let Some(key) = TwoFactor::of(&request.db(), &*user).key_to_confirm().await? else {
        return redirect(request, "two_factor");
    };
    let form = TwoFactorSetupForm::<U>::new(request, &user, data);
    if form.is_valid().await? {
        request.session().set(waiting::SHOWN, true)?;
        done(request, &*user, EventKind::TwoFactorOn, Notice::TwoFactorOn).await;
        messages::success(request, "Two-factor authentication is on.");
        return codes_page(request, form.recovery_codes()).await;
    }
    let uri = key.uri(&request.settings().site_name, user.get_username());
    let (picture, key) = (picture(&uri), in_groups(&key));
    page(request, "registration/two_factor_setup.html", context! { form, uri, picture, key }).await
}

/// Asks for the password, and makes new recovery codes.
pub(crate) async fn recovery_codes<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let factor = TwoFactor::of(&request.db(), &*user);
    if !factor.is_on().await? {
        return redirect(request, "two_factor");
    }
    let form = ConfirmPasswordForm::<U>::new(request, &user, data);
    if form.is_valid().await? {
        let codes = factor.new_recovery_codes().await?;
        done(request, &*user, EventKind::RecoveryCodesMade, Notice::RecoveryCodesMade).await;
        return codes_page(request, &codes).await;
    }
    page(request, "registration/two_factor_codes.html", context! { form }).await
}

/// Asks for the password, and turns it off.
pub(crate) async fn remove<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let factor = TwoFactor::of(&request.db(), &*user);
    if !factor.is_on().await? {
        return redirect(request, "two_factor");
    }
    let form = ConfirmPasswordForm::<U>::new(request, &user, data);
    if !form.is_valid().await? {
        return page(request, "registration/two_factor_remove.html", context! { form }).await;
    }
    if factor.remove().await? {
        request.session().remove(waiting::SHOWN);
        done(request, &*user, EventKind::TwoFactorOff, Notice::TwoFactorOff).await;
        messages::success(request, "Two-factor authentication is off.");
    }
    redirect(request, "two_factor")
}

/// The second step of logging in: a code.
pub(crate) async fn login_code<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let Some(waiting) = waiting::login::<U>(request).await? else {
        messages::info(request, "Please log in again.");
        return redirect(request, &request.settings().login_url);
    };
    let form = TwoFactorForm::<U>::new(request, &waiting.user, data);
    if !form.is_valid().await? {
        return page(request, "registration/login_code.html", context! { form }).await;
    }
    let (user, next) = (waiting.user, waiting.next);
    if form.shown() == Some(Shown::RecoveryCode) {
        warn_of_recovery_code(request, &*user).await?;
    }
    crate::login(request, user.by_two_factor()).await?;
    on(request, &next)
}

async fn warn_of_recovery_code<U: AbstractUser>(request: &Request, user: &U) -> Result<()> {
    done(request, user, EventKind::RecoveryCodeUsed, Notice::RecoveryCodeUsed).await;
    let left = TwoFactor::of(&request.db(), user).recovery_codes_left().await?;
    let text = match left {
        0 => "That was your last recovery code. Make new ones now.".to_owned(),
        1 => "One recovery code is left. Make new ones soon.".to_owned(),
        left => format!("{left} recovery codes are left."),
    };
    messages::warning(request, text);
    Ok(())
}

async fn done<U: AbstractUser>(request: &Request, user: &U, kind: EventKind, notice: Notice) {
    events::tell(request, kind, Some(user.key().to_string())).await;
    mails::notify(request, user, user.get_email(), notice).await;
}

async fn codes_page(request: &Request, codes: &[String]) -> Result<Response> {
    page(request, "registration/two_factor_codes.html", context! { codes }).await
}

/// The QR code of a link, as markup of its own.
fn picture(uri: &str) -> Value {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M);
    let drawn = code.map(|code| code.render::<svg::Color<'_>>().min_dimensions(220, 220).build());
    let markup = drawn.unwrap_or_default();
    // Without the declaration of a file, which has no place inside a page.
    Value::from_safe_string(markup.find("<svg").map_or_else(String::new, |start| markup[start..].to_owned()))
}

/// The key as people type it.
fn in_groups(key: &TotpKey) -> String {
    let groups: Vec<_> = key.base32().as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    groups.join(" ")
}
