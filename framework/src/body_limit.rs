//! No request body is larger than `data_upload_max_memory_size`, whatever reads it.

use crate::error::{Error, Result};
use crate::layer::{Layer, Pass};
use crate::settings::Settings;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Bytes;
use poem::error::ReadBodyError;
use poem::http::header;
use poem::{Body, Request};
use std::io;

pub(crate) fn layer() -> Layer {
    Layer::pass("body limit", travel)
}

fn travel(request: &mut Request) -> Result<Pass> {
    let limit = Settings::of(request).data_upload_max_memory_size;
    if announced(request).is_some_and(|bytes| bytes > limit) {
        return Err(Error::TooLarge(limit));
    }
    bound(request, limit);
    Ok(Pass::On)
}

/// What the request says that its body has.
fn announced(request: &Request) -> Option<usize> {
    request.header(header::CONTENT_LENGTH)?.parse().ok()
}

/// A body of no announced length ends in an error when it passes the limit.
fn bound(request: &mut Request, limit: usize) {
    if request.header(header::TRANSFER_ENCODING).is_some() {
        let body: BoxBody<Bytes, io::Error> = request.take_body().into();
        let body = Limited::new(body, limit).map_err(io::Error::other);
        request.set_body(Body::from(BodyExt::boxed(body)));
    }
}

/// Whether reading a body failed because it passed the limit.
pub(crate) fn is_exceeded(error: &ReadBodyError) -> bool {
    match error {
        ReadBodyError::PayloadTooLarge => true,
        ReadBodyError::Io(error) => is_limit(error),
        _ => false,
    }
}

/// poem wraps the error of a body once more.
fn is_limit(error: &io::Error) -> bool {
    let Some(cause) = error.get_ref() else { return false };
    cause.is::<LengthLimitError>() || cause.downcast_ref::<io::Error>().is_some_and(is_limit)
}
