//! Who calls, and whether they may.
//!
//! Owns that a handler without a principal has no tenant, and without the permission no principal: authorisation
//! is an extractor's type. The tenant always comes from here, never from a body or an address.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::address::ClientAddress;
use super::{ApiError, AppState};
use crate::domain::{
    self, AgentId, Role, SessionId, Source, TenantId, VisitorId, Vouched, WidgetId,
};
use crate::protocol::ErrorCode;

/// An agent that has logged in.
#[derive(Clone, Copy, Debug)]
pub struct AgentPrincipal {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Itself.
    pub agent_id: AgentId,
    /// Its log-in.
    pub session_id: SessionId,
    /// Its rights when the token was issued; a token lives for minutes.
    pub role: Role,
}

impl AgentPrincipal {
    /// Whether its role has a permission beside the one that the route asks for.
    #[must_use]
    pub fn may(&self, permission: domain::Permission) -> bool {
        domain::allows(self.role, permission)
    }

    /// Names it in the records of idempotency keys.
    #[must_use]
    pub fn name(&self) -> String {
        format!("agent:{}", self.agent_id)
    }
}

impl FromRequestParts<AppState> for AgentPrincipal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let claims = app
            .tokens
            .verify_agent(bearer(&parts.headers)?, app.now())?;
        if app.hub.sessions().is_revoked(claims.session_id) {
            return Err(ApiError::new(
                ErrorCode::SessionRevoked,
                "the session has ended",
            ));
        }
        app.limiter.request(claims.agent_id.0)?;
        Ok(Self {
            tenant_id: claims.tenant_id,
            agent_id: claims.agent_id,
            session_id: claims.session_id,
            role: claims.role,
        })
    }
}

/// A permission as a type.
pub(super) trait Needs {
    /// The permission.
    const PERMISSION: domain::Permission;
}

/// Makes a type of each permission of the table.
macro_rules! permissions {
    ($($name:ident),+ $(,)?) => {$(
        #[doc = concat!("Stands for `Permission::", stringify!($name), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name;

        impl Needs for $name {
            const PERMISSION: domain::Permission = domain::Permission::$name;
        }
    )+};
}

permissions! {
    OwnPresence, ReadPresence, ChangeOthersPresence, ReadReports, AnswerChats, ReadOwnChats, ReadAllChats, ChangeContacts, DeleteContacts, ReadSetup, ChangeSetup, BanVisitors,
}

/// An agent whose role has a permission.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permitted<P> {
    agent: AgentPrincipal,
    permission: PhantomData<P>,
}

impl<P> Deref for Permitted<P> {
    type Target = AgentPrincipal;

    fn deref(&self) -> &AgentPrincipal {
        &self.agent
    }
}

impl<P: Needs> FromRequestParts<AppState> for Permitted<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let agent = AgentPrincipal::from_request_parts(parts, app).await?;
        if agent.may(P::PERMISSION) {
            Ok(Self {
                agent,
                permission: PhantomData,
            })
        } else {
            Err(ApiError::new(
                ErrorCode::Forbidden,
                "your role does not allow this",
            ))
        }
    }
}

/// A visitor with its token.
#[derive(Clone, Copy, Debug)]
pub struct VisitorPrincipal {
    /// The tenant of its widget.
    pub tenant_id: TenantId,
    /// Itself.
    pub visitor_id: VisitorId,
    /// The widget that it came through.
    pub widget_id: WidgetId,
    /// Where it asks from.
    pub source: Source,
}

impl VisitorPrincipal {
    /// Names it in the records of idempotency keys.
    #[must_use]
    pub fn name(&self) -> String {
        format!("visitor:{}", self.visitor_id)
    }
}

impl FromRequestParts<AppState> for VisitorPrincipal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let KnownVisitor { visitor, .. } = KnownVisitor::from_request_parts(parts, app).await?;
        Ok(visitor)
    }
}

/// A visitor with its token, and what that says of it: for what a chat begins with.
#[derive(Clone, Debug)]
pub(super) struct KnownVisitor {
    /// The visitor.
    pub visitor: VisitorPrincipal,
    /// What the tenant's own site has signed of it.
    pub vouched: Vouched,
}

impl FromRequestParts<AppState> for KnownVisitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let claims = app
            .tokens
            .verify_visitor(bearer(&parts.headers)?, app.now())?;
        app.limiter.request(claims.visitor_id.0)?;
        let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, app).await;
        let visitor = VisitorPrincipal {
            tenant_id: claims.tenant_id,
            visitor_id: claims.visitor_id,
            widget_id: claims.widget_id,
            source: Source::new(address),
        };
        Ok(Self {
            visitor,
            vouched: claims.vouched,
        })
    }
}

/// The operator of the whole service.
#[derive(Clone, Copy, Debug)]
pub struct PlatformOperator;

impl FromRequestParts<AppState> for PlatformOperator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        if app.platform_key.matches(bearer(&parts.headers)?) {
            Ok(Self)
        } else {
            Err(ApiError::new(
                ErrorCode::TokenInvalid,
                "this is not the platform key",
            ))
        }
    }
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let missing = || ApiError::new(ErrorCode::Unauthenticated, "send Authorization: Bearer");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(missing)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_bearer() {
        let token = |value: &str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            bearer(&headers).map(str::to_owned).ok()
        };

        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("bearer  abc ").as_deref(), Some("abc"));
        for bad in ["", "abc", "Bearer", "Bearer ", "Basic abc"] {
            assert_eq!(token(bad), None, "{bad}");
        }
        assert!(bearer(&HeaderMap::new()).is_err());
    }
}
