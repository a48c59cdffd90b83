//! Changes to what several people edit, without one of them undoing another's.
//!
//! Owns the entity tag of a resource that has a version, and `If-Match`. A handler that changes or deletes such a
//! resource reads it, checks the version that it read against [`IfMatch`], and writes only if that version is still
//! the current one. When it is not, the race is lost: [`Tries`] says whether to begin again from the reading. Nothing
//! more is needed for `If-Match`, since the next reading finds another version and is 412 by itself.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, HeaderValue, IF_MATCH};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::ApiError;
use crate::protocol::ErrorCode;

/// The strong entity tag of a version.
pub(super) fn etag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The answer that shows one resource: its body, and its version as `ETag`.
pub(super) struct Tagged<T> {
    /// Rises with every change of the resource.
    pub version: i64,
    /// What is shown.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(ETAG, etag(self.version))], Json(self.body)).into_response()
    }
}

/// Which versions a caller is willing to change (RFC 9110, section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// It does not say: the last change wins.
    Absent,
    /// `*`: whichever there is.
    Anything,
    /// One of these. A tag that this server cannot have given, a weak one among them, stands for none.
    OneOf(Vec<i64>),
}

impl IfMatch {
    /// Checks the version that was read.
    ///
    /// # Errors
    /// `precondition_failed` when the resource has been changed since the caller read it.
    pub(super) fn check(&self, version: i64) -> Result<(), ApiError> {
        let fits = match self {
            Self::Absent | Self::Anything => true,
            Self::OneOf(versions) => versions.contains(&version),
        };
        if fits {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::PreconditionFailed,
            "it has changed since; read it again",
        ))
    }

    /// Reads the values of the header; `None` when they are malformed.
    fn read<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Option<Self> {
        let lines: Vec<&[u8]> = values.map(HeaderValue::as_bytes).collect();
        match lines[..] {
            [] => Some(Self::Absent),
            [line] if line.trim_ascii() == b"*" => Some(Self::Anything),
            // Several lines are one list.
            _ => versions(&lines.join(&b','))
                .filter(|tags| !tags.is_empty())
                .map(|tags| Self::OneOf(tags.into_iter().flatten().collect())),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::read(parts.headers.get_all(IF_MATCH).iter()).ok_or_else(|| {
            ApiError::new(
                ErrorCode::MalformedRequest,
                "If-Match is * or a list of entity tags such as \"7\"",
            )
        })
    }
}

/// The tags of a list, each as the version that it stands for; `None` in place of the list when it is malformed. A
/// tag may hold a comma, so the list cannot be split at them.
fn versions(mut rest: &[u8]) -> Option<Vec<Option<i64>>> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        // Empty elements are to be borne (RFC 9110, section 5.6.1.2).
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after;
            continue;
        }
        if rest.is_empty() {
            return Some(found);
        }
        let (is_weak, tag) = match rest.strip_prefix(b"W/") {
            Some(tag) => (true, tag),
            None => (false, rest),
        };
        let tag = tag.strip_prefix(b"\"")?;
        let (tag, after) = tag.split_at(tag.iter().position(|byte| *byte == b'"')?);
        if tag.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return None;
        }
        found.push(version(tag).filter(|_| !is_weak));
        rest = after.strip_prefix(b"\"")?.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
}

/// The version of a tag as [`etag`] writes it.
fn version(tag: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(tag).ok()?;
    let version: i64 = text.parse().ok()?;
    (version.to_string() == text).then_some(version)
}

/// How often a change begins again because somebody else's came in between.
#[derive(Debug, Default)]
pub(super) struct Tries(u8);

impl Tries {
    /// More people than this do not save the same thing within a few milliseconds.
    const MAX: u8 = 5;

    /// Counts a race that was lost. Only changes without `If-Match`, or with `*`, get this far twice.
    ///
    /// # Errors
    /// `unavailable` when there were too many.
    pub(super) fn lost(&mut self) -> Result<(), ApiError> {
        self.0 += 1;
        if self.0 < Self::MAX {
            Ok(())
        } else {
            Err(ApiError::unavailable(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Option<IfMatch> {
        let values: Vec<_> = lines
            .iter()
            .map(|line| HeaderValue::from_bytes(line.as_bytes()).unwrap())
            .collect();
        IfMatch::read(values.iter())
    }

    #[test]
    fn the_header_is_a_star_or_a_list_of_tags() {
        let one_of = |versions: &[i64]| Some(IfMatch::OneOf(versions.to_vec()));

        assert_eq!(read(&[]), Some(IfMatch::Absent));
        assert_eq!(read(&[" * "]), Some(IfMatch::Anything));
        assert_eq!(read(&["\"7\""]), one_of(&[7]));
        assert_eq!(read(&["\"7\", \"8\"", "\"9\""]), one_of(&[7, 8, 9]));
        assert_eq!(read(&[",\"7\" ,, \"8\","]), one_of(&[7, 8]));
        for foreign in ["W/\"7\"", "\"07\"", "\"+7\"", "\"a,b\"", "\"\"", "\"ä\""] {
            assert_eq!(read(&[foreign]), one_of(&[]), "{foreign}");
        }
        for bad in [
            "",
            ",",
            "7",
            "\"7",
            "7\"",
            "\"7\"\"8\"",
            "\"7\" \"8\"",
            "w/\"7\"",
            "\"7\", *",
            "\"a b\"",
        ] {
            assert_eq!(read(&[bad]), None, "{bad}");
        }
        assert_eq!(read(&["*", "*"]), None);
    }

    #[test]
    fn a_change_is_made_to_the_version_that_the_caller_has_seen() {
        let code = |header: &IfMatch, version| {
            let outcome = header.check(version);
            outcome.err().map(|error| error.problem().code)
        };

        assert_eq!(code(&IfMatch::Absent, 8), None);
        assert_eq!(code(&IfMatch::Anything, 8), None);
        assert_eq!(code(&IfMatch::OneOf(vec![7, 8]), 8), None);
        let failed = Some(ErrorCode::PreconditionFailed);
        assert_eq!(code(&IfMatch::OneOf(vec![7]), 8), failed);
        assert_eq!(code(&IfMatch::OneOf(Vec::new()), 8), failed);
    }

    #[test]
    fn the_tag_that_is_given_is_the_one_that_is_understood() {
        let shown = Tagged {
            version: 12,
            body: "it",
        };
        let tag = shown.into_response().headers()[ETAG].clone();

        assert_eq!(tag, "\"12\"");
        let values = [tag];
        assert_eq!(IfMatch::read(values.iter()), Some(IfMatch::OneOf(vec![12])));
    }

    #[test]
    fn races_are_not_run_for_ever() {
        let mut tries = Tries::default();

        let won = (1..=Tries::MAX).filter(|_| tries.lost().is_ok()).count();

        assert_eq!(won, usize::from(Tries::MAX) - 1);
    }
}
