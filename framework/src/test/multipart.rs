//! A form with files as a browser writes it.

use crate::forms::UploadedFile;

pub(super) const BOUNDARY: &str = "----nuages-test-client";

pub(super) async fn body(fields: &[(&str, &str)], files: &[(&str, UploadedFile)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        part(&mut body, &format!("name=\"{name}\""), value.as_bytes());
    }
    for (name, file) in files {
        let head =
            format!("name=\"{name}\"; filename=\"{}\"\r\nContent-Type: {}", file.name(), file.content_type());
        part(&mut body, &head, &file.read().await.expect("an uploaded file can be read"));
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn part(body: &mut Vec<u8>, head: &str, content: &[u8]) {
    body.extend_from_slice(
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
    );
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n");
}
