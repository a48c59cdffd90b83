//! The page that a browser's request comes from.
//!
//! Owns which pages may use a widget: those of its domains and the server's own. A request without `Origin` comes
//! from no page of another site, so it passes. This keeps honest browsers of other sites out; it is no
//! authentication, since whoever writes a client can write any header.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};

use super::{ApiError, AppState};
use crate::domain::Widget;
use crate::protocol::ErrorCode;

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOrigin {
    /// No page of another site: the server's own, or no browser.
    Own,
    /// A page on this host, in lower case and without its port; empty for a page that hides it.
    Host(String),
}

impl PageOrigin {
    /// Reads the headers of a request, or of an upgrade. `public_url` is how the outside reaches this server.
    #[must_use]
    pub fn of(headers: &HeaderMap, public_url: Option<&str>) -> Self {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Self::Own;
        };
        let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let Some(authority) = authority(&origin) else {
            return Self::Host(String::new());
        };
        let asked = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let is_own = asked.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str()))
            || public_url
                .and_then(self::authority)
                .is_some_and(|own| own == authority);
        if is_own {
            Self::Own
        } else {
            Self::Host(authority.host().to_owned())
        }
    }

    /// Whether the page may use the widget.
    #[must_use]
    pub fn may_embed(&self, widget: &Widget) -> bool {
        match self {
            Self::Own => true,
            Self::Host(host) => widget
                .allowed_domains
                .iter()
                .any(|domain| domain.covers(host)),
        }
    }

    /// The same as a result.
    ///
    /// # Errors
    /// `origin_not_allowed`.
    pub fn check(&self, widget: &Widget) -> Result<(), ApiError> {
        if self.may_embed(widget) {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::OriginNotAllowed,
            "the page's host is not among the widget's allowed domains",
        ))
    }
}

fn authority(url: &str) -> Option<axum::http::uri::Authority> {
    let url: Uri = url.parse().ok()?;
    let is_page = matches!(url.scheme_str(), Some("http" | "https"));
    is_page.then(|| url.authority().cloned()).flatten()
}

impl FromRequestParts<AppState> for PageOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(
            &parts.headers,
            app.config.http.public_url.as_deref(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Timestamp, WidgetId, WidgetKey};

    fn allowed(domains: &[&str], origin: Option<&str>) -> bool {
        let widget = Widget {
            agent_id: None,
            version: 1,
            id: WidgetId(Uuid::nil()),
            key: WidgetKey::from_trusted("wk_1".to_owned()),
            name: "Shop".parse().unwrap(),
            office_ids: Vec::new(),
            allowed_domains: domains
                .iter()
                .map(|domain| domain.parse().unwrap())
                .collect(),
            messenger_text: "Later".parse().unwrap(),
            form: Vec::new(),
            created_at: Timestamp(0),
        };
        let mut headers = HeaderMap::from_iter([(header::HOST, "chat.test:8080".parse().unwrap())]);
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        PageOrigin::of(&headers, Some("https://desk.test")).may_embed(&widget)
    }

    #[test]
    fn a_page_of_the_widgets_domains_may_embed_it() {
        let domains = ["example.com"];
        for origin in [
            "https://example.com",
            "https://www.example.com:8443",
            "https://EXAMPLE.com",
        ] {
            assert!(allowed(&domains, Some(origin)), "{origin}");
        }
        for origin in [
            "https://example.org",
            "https://badexample.com",
            "null",
            "file://",
            "x",
            "",
        ] {
            assert!(!allowed(&domains, Some(origin)), "{origin}");
        }
    }

    #[test]
    fn the_servers_own_pages_and_clients_without_a_page_always_may() {
        for origin in [
            None,
            Some("http://chat.test:8080"),
            Some("https://desk.test"),
        ] {
            assert!(allowed(&[], origin), "{origin:?}");
        }
        assert!(!allowed(&[], Some("http://chat.test")));
    }

    #[test]
    fn a_star_allows_every_page() {
        for origin in ["https://example.org", "null"] {
            assert!(allowed(&["*"], Some(origin)), "{origin}");
        }
    }
}
