//! Somebody who calls the API: the same verbs for an owner, an agent, a visitor and a stranger.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use super::documents::check_answer;

/// A caller with its credentials.
#[derive(Clone)]
pub(crate) struct Persona {
    client: Client,
    base: String,
    pub(crate) token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Persona {
    pub(crate) fn new(base: &str, token: Option<&str>) -> Self {
        Self {
            // The server ends a connection after some idle seconds; one that is used at that instant loses its request.
            client: Client::builder()
                .pool_idle_timeout(Duration::from_secs(3))
                .build()
                .unwrap(),
            base: base.to_owned(),
            token: token.map(ToOwned::to_owned),
        }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body.to_string()), &[])
            .await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body.to_string()), &[])
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.patch_if(path, body, &[]).await
    }

    /// Patches with `If-Match` or other headers.
    pub(crate) async fn patch_if(
        &self,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.call(Method::PATCH, path, Some(body.to_string()), headers)
            .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None, &[]).await
    }

    /// Posts with an `Idempotency-Key`.
    pub(crate) async fn post_once(&self, path: &str, body: Value, key: &str) -> Answer {
        self.call(
            Method::POST,
            path,
            Some(body.to_string()),
            &[("idempotency-key", key)],
        )
        .await
    }

    /// Any request with bytes for a body, or none, and what came back as bytes.
    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Opened {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        Opened {
            status: answer.status(),
            headers: answer.headers().clone(),
            bytes: answer.bytes().await.unwrap().to_vec(),
        }
    }

    /// Any request; a body is sent as JSON, whether it is or not, unless the headers say otherwise.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            let named = headers.iter().any(|(name, _)| *name == "content-type");
            if !named {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let media_type = headers.get("content-type");
        let media_type = media_type.and_then(|name| name.to_str().ok());
        let media_type = media_type.unwrap_or_default();
        check_answer(&method, path, status, media_type, &body);
        Answer {
            status,
            headers,
            body,
        }
    }
}

/// What came back, as bytes.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Opened {
    /// A header that must be there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("there is no {name}: {self:?}"))
            .to_str()
            .unwrap()
    }
}

impl From<Opened> for Answer {
    fn from(opened: Opened) -> Self {
        let text = String::from_utf8_lossy(&opened.bytes).into_owned();
        Self {
            status: opened.status,
            headers: opened.headers,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }
}

impl Answer {
    /// The body of an answer that went well.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// Checks that this is a problem of this status and code, and gives its body.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.body
        );
        let content_type = self.headers.get("content-type").unwrap().to_str().unwrap();
        assert_eq!(content_type, "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("urn:deskbell:problem:{code}"));
        self.body
    }

    /// The faults of an `invalid` problem as `pointer code`, in the order of the pointers.
    #[track_caller]
    pub(crate) fn faults(self) -> Vec<String> {
        let body = self.problem(422, "invalid");
        let errors = body["errors"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut faults: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {}", text(&error["pointer"]), text(&error["code"])))
            .collect();
        faults.sort();
        faults
    }
}
