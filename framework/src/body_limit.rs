//! No request body is larger than `data_upload_max_memory_size`, whatever reads it; one with files may have
//! `file_upload_max_size` besides.

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
    let settings = Settings::of(request);
    let limit = match has_files(request) {
        true => settings.upload_limit(),
        false => settings.data_upload_max_memory_size,
    };
    if announced(request).is_some_and(|bytes| bytes > limit) {
        return Err(Error::TooLarge(limit));
    }
    bound(request, limit);
    Ok(Pass::On)
}

/// Whether the body says that it is a form with files.
pub(crate) fn has_files(request: &Request) -> bool {
    let kind = request.header(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
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

/// Whether it passed the limit; errors of a body are wrapped more than once.
pub(crate) fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.is::<LengthLimitError>() {
        return true;
    }
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.is_some_and(|cause| is_limit(cause))
}
