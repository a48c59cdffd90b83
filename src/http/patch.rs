//! Bodies that change a part of something (JSON Merge Patch, RFC 7396).
//!
//! Owns the media types of a patch. What a field means is its type's: [`Change`](crate::faults::Change) is absent or
//! a value, [`Field`](crate::faults::Field) may be null besides, which takes the field back to none or to its default.
//! Lists and objects inside of a patch are replaced as a whole, unless the field's own type is a patch again.

use axum::extract::{FromRequest, Request};
use axum::http::header::{HeaderName, HeaderValue};
use deserr::Deserr;

use super::extract::{body_of, collect, media_type};
use super::{ApiError, AppState};
use crate::faults::Faults;
use crate::protocol::ErrorCode;

/// Which bodies a PATCH takes (RFC 5789, section 3.1).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// The media type of a merge patch, and the one that every client can send.
const MEDIA_TYPES: [&str; 2] = ["application/merge-patch+json", "application/json"];
const TAKEN: HeaderValue =
    HeaderValue::from_static("application/merge-patch+json, application/json");

/// The body of a PATCH.
pub(super) struct MergePatch<T>(pub T);

impl<T: Deserr<Faults>> FromRequest<AppState> for MergePatch<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = collect(body).await?;
        check_type(&media_type(&parts.headers))?;
        body_of(&bytes).map(Self)
    }
}

fn check_type(media_type: &str) -> Result<(), ApiError> {
    if MEDIA_TYPES.contains(&media_type) {
        return Ok(());
    }
    let error = ApiError::new(
        ErrorCode::UnsupportedMediaType,
        "send the body as application/merge-patch+json or application/json",
    );
    Err(error.with_header(ACCEPT_PATCH, TAKEN))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn a_patch_is_a_merge_patch() {
        for media_type in MEDIA_TYPES {
            assert!(check_type(media_type).is_ok(), "{media_type}");
        }
        for other in ["", "text/plain", "application/json-patch+json"] {
            let answer = check_type(other).unwrap_err().into_response();
            assert_eq!(answer.status(), 415, "{other}");
            assert_eq!(answer.headers()[ACCEPT_PATCH], TAKEN);
        }
    }
}
