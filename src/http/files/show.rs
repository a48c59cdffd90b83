//! Sending a file: under which type and policy, and which part of it.
//!
//! Owns that a browser does with a file what [`Show`] says and nothing else. What is shown has a type of a list in which
//! no script can hide; all else comes as bytes of no type, to be saved. Neither is ever guessed at.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::failed;
use super::range::{Asked, asked};
use crate::domain::{MediaType, Show, TenantId, Upload};
use crate::files::FileKey;
use crate::http::widget::has_it;
use crate::http::{ApiError, AppState};
use crate::protocol::ErrorCode;

/// A file that is opened by itself is a document without rights: it runs nothing, loads nothing but itself and is in
/// no other site's frame. The styles are those that browsers put around an image or a film; the viewers of PDFs are apart
/// from the page and open under this policy too (tried with Chromium 148).
const POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; \
     frame-ancestors 'self'",
);
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// What is under an id never changes, but who may see it may.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=3600");

/// How the caller has shown that it may have the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// By its token.
    Token,
    /// By the address, which pages of other sites may hold: widgets are on them.
    Address,
}

/// Answers with the file, or the part that is asked for.
pub(super) async fn show(
    app: &AppState,
    tenant_id: TenantId,
    upload: &Upload,
    by: By,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let etag = etag(upload);
    let mut answer = described(upload, &etag, by);
    if has_it(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    let (status, range) = match asked(headers, upload.bytes, &etag) {
        Asked::Whole => (StatusCode::OK, 0..upload.bytes),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Beyond => {
            let length = format!("bytes */{}", upload.bytes);
            let error = ApiError::new(
                ErrorCode::RangeNotSatisfiable,
                format!("the file has {} bytes", upload.bytes),
            );
            return Err(error.with_header(CONTENT_RANGE, text(&length)));
        }
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last) = (range.start, range.end - 1);
        let range = format!("bytes {first}-{last}/{}", upload.bytes);
        answer.insert(CONTENT_RANGE, text(&range));
    }
    answer.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    let key = FileKey {
        tenant_id,
        file_id: upload.id,
    };
    let content = app.files.read(key, range).await.map_err(failed)?;
    Ok((status, answer, Body::from_stream(content)).into_response())
}

/// The tag of its bytes. They never change, so it is a strong one.
fn etag(upload: &Upload) -> String {
    let mut tag = String::from("\"");
    for byte in &upload.sha256[..16] {
        // Writing into a text cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// A header of what this server has put together, which is visible ASCII.
fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

/// The headers that go with a file whatever part of it is sent.
fn described(upload: &Upload, etag: &str, by: By) -> HeaderMap {
    let show = upload.media_type.show();
    let content_type = match show {
        Show::Image | Show::Inline => upload.media_type.as_str(),
        Show::Download => MediaType::UNKNOWN,
    };
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, text(content_type)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CONTENT_DISPOSITION, disposition(upload, show)),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (ETAG, text(etag)),
        (CACHE_CONTROL, PRIVATE),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ]);
    match by {
        By::Token => headers.insert(VARY, HeaderValue::from_static("authorization")),
        By::Address => headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin")),
    };
    headers
}

/// What to do with it, and what to call it: in ASCII for what reads no better, and as it is (RFC 6266, RFC 8187).
fn disposition(upload: &Upload, show: Show) -> HeaderValue {
    let kind = match show {
        Show::Image | Show::Inline => "inline",
        Show::Download => "attachment",
    };
    let name = upload.name.as_str();
    let plain = |c: char| {
        if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' {
            c
        } else {
            '_'
        }
    };
    let fallback: String = name.chars().map(plain).collect();
    let mut value = format!("{kind}; filename=\"{fallback}\"");
    if fallback != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            let bare = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
            let _ = if bare {
                write!(value, "{}", char::from(byte))
            } else {
                write!(value, "%{byte:02X}")
            };
        }
    }
    text(&value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, FileId, Timestamp, Uploader};

    fn upload(name: &str, media_type: &str) -> Upload {
        Upload {
            id: FileId(uuid::Uuid::nil()),
            uploader: Uploader::Agent(AgentId(uuid::Uuid::nil())),
            name: name.parse().unwrap(),
            media_type: media_type.parse().unwrap(),
            bytes: 1,
            sha256: [0xab; 32],
            pixels: None,
            created_at: Timestamp(0),
            chat_id: None,
        }
    }

    #[test]
    fn a_name_goes_along_in_two_forms() {
        let of = |name: &str, media_type: &str| {
            let upload = upload(name, media_type);
            let value = disposition(&upload, upload.media_type.show());
            value.to_str().unwrap().to_owned()
        };

        assert_eq!(of("a b.png", "image/png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            of("größe \"1\"; x=%41.pdf", "application/pdf"),
            "inline; filename=\"gr__e _1_; x=_41.pdf\"; \
             filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22%3B%20x%3D%2541.pdf"
        );
        assert_eq!(
            of("a.svg", "image/svg+xml"),
            "attachment; filename=\"a.svg\""
        );
    }

    #[test]
    fn what_is_not_shown_has_no_type_that_a_browser_runs() {
        let of = |media_type: &str| described(&upload("a", media_type), "\"t\"", By::Address);

        for active in [
            "text/html",
            "image/svg+xml",
            "text/xml",
            "text/plain",
            "text/x-shellscript",
        ] {
            let headers = of(active);
            assert_eq!(headers[CONTENT_TYPE], MediaType::UNKNOWN, "{active}");
            assert!(
                headers[CONTENT_DISPOSITION]
                    .to_str()
                    .unwrap()
                    .starts_with("attachment")
            );
        }
        for shown in ["image/png", "application/pdf", "video/mp4", "text/html"] {
            let headers = of(shown);
            assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(
                headers[CONTENT_SECURITY_POLICY]
                    .to_str()
                    .unwrap()
                    .starts_with("sandbox; ")
            );
        }
    }
}
