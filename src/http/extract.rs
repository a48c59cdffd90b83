//! Reading requests: bodies, queries, path ids, idempotency keys.
//!
//! Owns that whatever cannot be read is answered by a problem that names all of it. Must not check what a value
//! means: the types of `protocol::request` do.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query as UrlQuery, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use bytes::Bytes;
use deserr::Deserr;
use http_body_util::{BodyExt, LengthLimitError};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{ApiError, AppState};
use crate::domain::Invalid;
use crate::faults::{Fault, FaultCode, Faults, read};
use crate::protocol::{ErrorCode, read_json};
use crate::realtime::IdempotencyKey;

/// Names a request that creates, so that it can be sent again.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The most characters of an idempotency key: two UUIDs and then some.
const KEY_CHARS_MAX: usize = 128;

/// A body of JSON. An absent one is read as an empty object, so that calls without fields need none.
pub(super) struct Json<T>(pub T);

impl<T: Deserr<Faults>> FromRequest<AppState> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = collect(body).await?;
        parse(&parts.headers, &bytes).map(Self)
    }
}

/// The body of a request that creates something, with what makes sending it again harmless.
pub(super) struct Creation<T> {
    /// The body.
    pub body: T,
    /// The key, and the hash of the request that it names.
    key: Option<(String, [u8; 32])>,
}

impl<T> Creation<T> {
    /// Takes the body and the key of a principal apart.
    pub(super) fn split(self, principal: impl FnOnce() -> String) -> (T, Option<IdempotencyKey>) {
        let once = self.key.map(|(key, body_hash)| IdempotencyKey {
            principal: principal(),
            key,
            body_hash,
        });
        (self.body, once)
    }
}

impl<T: Deserr<Faults>> FromRequest<AppState> for Creation<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = collect(body).await?;
        let hash = || {
            app.tokens
                .fingerprint(&digest(&parts.method, &parts.uri, &bytes))
        };
        let key = key.map(|key| (key, hash()));
        Ok(Self {
            body: parse(&parts.headers, &bytes)?,
            key,
        })
    }
}

/// Tells whether two requests under one key are the same. A body may hold a password, so this is
/// stored only under a key of the server's.
pub(super) fn digest(method: &Method, uri: &Uri, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    // Neither a method nor a path holds a line break, so that no two requests look alike.
    for part in [method.as_str(), "\n", uri.path(), "\n"] {
        hash.update(part);
    }
    hash.update(body);
    hash.finalize().into()
}

/// Reads the header, if there is one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(&IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    let fits = (1..=KEY_CHARS_MAX).contains(&bytes.len());
    match value.to_str() {
        Ok(key) if fits && bytes.iter().all(u8::is_ascii_graphic) => Ok(Some(key.to_owned())),
        _ => Err(ApiError::new(
            ErrorCode::MalformedRequest,
            "Idempotency-Key has 1 to 128 visible ASCII characters",
        )),
    }
}

/// Reads a body to its end. The bound on it is the layer's.
pub(super) async fn collect(body: Body) -> Result<Bytes, ApiError> {
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_too_long(&error) => Err(too_large()),
        Err(_) => Err(ApiError::new(
            ErrorCode::MalformedRequest,
            "the body was cut off",
        )),
    }
}

pub(super) fn is_too_long(error: &axum::Error) -> bool {
    let mut source = Some(error as &(dyn std::error::Error + 'static));
    while let Some(error) = source {
        if error.is::<LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// The answer to a body beyond the bound.
pub(super) fn too_large() -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        "the body is larger than this server takes",
    )
}

fn parse<T: Deserr<Faults>>(headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    if body.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
        return Ok(read(Value::Object(Map::new()))?);
    }
    if !is_json(headers) {
        return Err(ApiError::new(
            ErrorCode::UnsupportedMediaType,
            "send the body as application/json",
        ));
    }
    Ok(read(json_of(body)?)?)
}

/// Reads the JSON of a body.
pub(super) fn json_of(body: &[u8]) -> Result<Value, ApiError> {
    Ok(read_json("body", body)?)
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// What a body is said to be, in lower case and without parameters; empty when nothing is said.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The parameters of an address, all texts; a type that is not reads itself from one.
pub(super) struct Query<T>(pub T);

impl<T: Deserr<Faults>, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = UrlQuery::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let pairs = pairs
            .map_err(|_| ApiError::new(ErrorCode::MalformedRequest, "the query cannot be read"))?;
        parameters(pairs.0).map(Self)
    }
}

fn parameters<T: Deserr<Faults>>(pairs: Vec<(String, String)>) -> Result<T, ApiError> {
    let mut map = Map::new();
    let mut faults = Faults::default();
    for (name, value) in pairs {
        if map.contains_key(&name) {
            faults.push(Fault {
                pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                code: FaultCode::Duplicate,
                detail: Invalid::Duplicate.to_string(),
            });
        }
        map.insert(name, Value::String(value));
    }
    match read(Value::Object(map)) {
        Ok(query) => Ok(faults.or(query)?),
        Err(more) => {
            faults.extend(more);
            Err(faults.into())
        }
    }
}

/// The first parameter of the path as an id. What is no id names nothing: 404.
pub(super) struct Id<T>(pub T);

impl<T: std::str::FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|_| ApiError::not_found())?;
        let id = parameters
            .iter()
            .next()
            .and_then(|(_, value)| value.parse().ok());
        id.map(Self).ok_or_else(ApiError::not_found)
    }
}

/// Two ids of a path, in its order.
pub(super) struct Ids<A, B>(pub A, pub B);

impl<A: std::str::FromStr, B: std::str::FromStr, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|_| ApiError::not_found())?;
        let mut ids = parameters.iter().map(|(_, value)| value);
        let first = ids.next().and_then(|value| value.parse().ok());
        let second = ids.next().and_then(|value| value.parse().ok());
        let both = first.zip(second).map(|(first, second)| Self(first, second));
        both.ok_or_else(ApiError::not_found)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::http::page::ListQuery;
    use crate::protocol::request::CreateOffice;

    fn headers(content_type: Option<&'static str>) -> HeaderMap {
        content_type
            .map(|value| (header::CONTENT_TYPE, HeaderValue::from_static(value)))
            .into_iter()
            .collect()
    }

    fn code(content_type: Option<&'static str>, body: &str) -> ErrorCode {
        let read = parse::<CreateOffice>(&headers(content_type), body.as_bytes());
        read.unwrap_err().problem().code
    }

    #[test]
    fn a_body_is_json_and_says_so() {
        let body = br#"{"name":"Sales"}"#;
        for content_type in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/x+json",
        ] {
            assert!(parse::<CreateOffice>(&headers(Some(content_type)), body).is_ok());
        }
        assert_eq!(
            code(Some("text/plain"), "{}"),
            ErrorCode::UnsupportedMediaType
        );
        assert_eq!(code(None, "{}"), ErrorCode::UnsupportedMediaType);
        assert_eq!(code(Some("application/json"), ""), ErrorCode::MalformedJson);
        assert_eq!(code(None, ""), ErrorCode::Invalid);
        assert_eq!(code(Some("application/json"), "[]"), ErrorCode::Invalid);
    }

    #[test]
    fn what_is_not_json_is_told_where_it_breaks() {
        let read = parse::<CreateOffice>(&headers(Some("application/json")), b"{\"name\":\n oops}");

        let detail = &read.err().unwrap().problem().detail.clone();
        assert_eq!(detail, "the body is not JSON at line 2, column 2");
    }

    #[test]
    fn a_body_with_a_key_twice_is_refused_with_its_name() {
        let read = |body: &str| {
            let read = parse::<CreateOffice>(&headers(Some("application/json")), body.as_bytes());
            read.err().unwrap().problem().clone()
        };

        let problem = read(r#"{"name": "A", "name": "B"}"#);
        assert_eq!(problem.code, ErrorCode::MalformedRequest);
        assert_eq!(
            problem.detail,
            "an object of the body has the key \"name\" twice"
        );
    }

    #[test]
    fn every_bad_parameter_is_named() {
        let pairs = [
            ("limit", "201"),
            ("cursor", "?"),
            ("ofice_id", "1"),
            ("limit", "5"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));

        let error = parameters::<ListQuery>(pairs.into()).err().unwrap();

        let mut found: Vec<_> = error
            .problem()
            .errors
            .iter()
            .map(|fault| (&*fault.pointer, fault.code.as_str()))
            .collect();
        found.sort_unstable();
        let expected = [
            ("/cursor", "bad_format"),
            ("/limit", "duplicate"),
            ("/ofice_id", "unknown_field"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_key_is_visible_ascii() {
        let key = |value: &[u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            idempotency_key(&HeaderMap::from_iter([(IDEMPOTENCY_KEY, value)]))
        };

        assert_eq!(key(b"order-7").unwrap().as_deref(), Some("order-7"));
        assert!(key(&[b'x'; 128]).is_ok());
        for bad in [&b""[..], b"a b", "ä".as_bytes(), &[b'x'; 129]] {
            assert_eq!(
                key(bad).unwrap_err().problem().code,
                ErrorCode::MalformedRequest
            );
        }
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_request_is_its_method_path_and_body() {
        let of = |path: &'static str, body: &str| {
            digest(&Method::POST, &Uri::from_static(path), body.as_bytes())
        };

        assert_eq!(of("/v1/offices?a=1", "{}"), of("/v1/offices", "{}"));
        assert_ne!(of("/v1/offices", "{}"), of("/v1/queues", "{}"));
        assert_ne!(of("/v1/offices", "{}"), of("/v1/offices", "{ }"));
    }
}
