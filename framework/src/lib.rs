//! Nuages: Django's evening, Rust's night.
//!
//! A web framework in Django's manner on poem, sqlx and minijinja. A site is a [`Project`]: [`Settings`], [`App`]s and
//! [`Routes`]; [`manage`] runs its commands.
//!
//! In reading order: [`project`] puts a site together; `handler` is the way of a request; [`sessions`], [`csrf`],
//! [`messages`], [`forms`], [`urls`] are what it passes; [`db`] and [`migrations`] keep what must last; [`mod@test`] drives
//! it all without a browser.

extern crate self as nuages;

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("nuages needs a database; switch on its feature `sqlite`, `postgres` or `mysql`");

mod around;
pub mod project;
pub mod test;

mod handler;
mod management;
mod server;

mod body_limit;
mod csp;
pub mod csrf;
mod error_pages;
mod file_response;
pub mod forms;
mod headers;
mod hosts;
pub mod messages;
mod proxies;
mod request;
mod request_id;
pub mod sessions;
mod static_files;
pub mod urls;

pub mod app;
pub mod checks;
pub mod command;
mod fixtures;
pub mod layer;
pub mod migrations;

pub mod db;
pub mod email;
pub mod templates;

mod belongings;
pub mod cookies;
pub mod error;
mod log;
#[doc(hidden)]
pub mod private;
#[cfg(feature = "redis")]
mod redis_server;
pub mod settings;
pub mod signing;

pub use app::{App, Apps};
pub use around::ProjectMiddleware;
pub use checks::{Check, Checker};
pub use command::{Command, Context};
pub use db::{Database, ForeignKey, ManyToMany, Model, Page, QuerySet};
pub use email::{EmailMessage, Mailer};
pub use error::{Error, Result};
pub use file_response::FileResponse;
pub use forms::{Field as FormField, Form, FormData, FormFields, ModelForm, UploadedFile};
pub use layer::{Gate, Layer, Next, Pass, Waiting, WayOut};
pub use log::request_span;
pub use migrations::Migration;
pub use nuages_macros::Model;
pub use project::{Project, manage};
#[cfg(feature = "redis")]
pub use redis_server::RedisServer;
pub use request::{RequestExt, ResponseExt};
pub use sessions::Session;
pub use settings::{IpNet, LogFormat, Secret, SessionStoreKind, Settings, ThrottleStoreKind};
pub use templates::{Dir, Global, Templates, render};
pub use urls::{Routes, redirect, redirect_back, redirect_to, reverse};

pub use chrono;
pub use clap;
pub use futures_util;
pub use minijinja;
#[cfg(feature = "redis")]
pub use redis;
pub use serde_json;
pub use sqlx;
pub use uuid;
pub use validator;
