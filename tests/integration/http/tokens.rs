//! Credentials that are none.

use deskbell::auth::{AgentClaims, ServerKeys, Tokens, VisitorClaims};
use deskbell::domain::{
    AgentId, Millis, Role, SessionId, TenantId, Timestamp, VisitorId, Vouched, WidgetId,
};
use deskbell::random::Random;
use reqwest::Method;
use serde_json::json;

use super::{stranger, with_token};
use crate::support::{PLATFORM_KEY, Tenant, shared};

/// Checks that nobody is let in with a token, as an agent or as a visitor.
async fn refused(token: &str, code: &str) {
    let caller = with_token(&json!(token));
    for path in ["/v1/me", "/v1/chats", "/v1/visitor/chats"] {
        caller.get(path).await.problem(401, code);
    }
}

#[tokio::test]
async fn a_token_of_another_audience_is_invalid() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;

    let answer = visitor.get("/v1/me").await;
    answer.problem(401, "token_invalid");
    let answer = tenant.owner.get("/v1/visitor/chats").await;
    answer.problem(401, "token_invalid");
    refused(PLATFORM_KEY, "token_invalid").await;
}

#[tokio::test]
async fn a_token_that_somebody_else_has_signed_is_invalid() {
    let tenant = Tenant::new().await;
    let genuine = tenant.owner.token.clone().unwrap();
    let parts: Vec<&str> = genuine.split('.').collect();
    let other = Tokens::new(&ServerKeys::ephemeral(&Random::system()));
    let now = shared().state.now();
    let claims = AgentClaims {
        tenant_id: TenantId(tenant.id.parse().unwrap()),
        agent_id: AgentId(shared().state.new_id()),
        session_id: SessionId(shared().state.new_id()),
        role: Role::Owner,
        expires_at: now + Millis::from_secs(600),
    };
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";

    for forged in [
        other.issue_agent(&claims, now),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].to_lowercase()),
        format!("{unsigned}.{}.", parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        "x".to_owned(),
        "x".repeat(5000),
    ] {
        refused(&forged, "token_invalid").await;
    }
}

#[tokio::test]
async fn a_token_that_has_expired_says_so() {
    let tenant = Tenant::new().await;
    let state = &shared().state;
    let tenant_id = TenantId(tenant.id.parse().unwrap());
    let past = Timestamp(state.now().0 - 60_000);
    let agent = AgentClaims {
        tenant_id,
        agent_id: AgentId(state.new_id()),
        session_id: SessionId(state.new_id()),
        role: Role::Owner,
        expires_at: past,
    };
    let visitor = VisitorClaims {
        tenant_id,
        visitor_id: VisitorId(state.new_id()),
        widget_id: WidgetId(state.new_id()),
        vouched: Vouched::default(),
        expires_at: past,
    };
    let issued = Timestamp(past.0 - 60_000);

    let token = json!(state.tokens.issue_agent(&agent, issued));
    let answer = with_token(&token).get("/v1/me").await;
    answer.problem(401, "token_expired");
    let token = json!(state.tokens.issue_visitor(&visitor, issued));
    let answer = with_token(&token).get("/v1/visitor/chats").await;
    answer.problem(401, "token_expired");
    let path = format!("/v1/widget/{}/visitors", tenant.widget_key);
    let answer = stranger().post(&path, json!({"token": token})).await;
    answer.problem(401, "token_expired");
}

#[tokio::test]
async fn credentials_come_as_bearer() {
    let tenant = Tenant::new().await;
    let token = tenant.owner.token.clone().unwrap();

    for value in ["", "Bearer", "Bearer ", &*token, &*format!("Basic {token}")] {
        let headers = [("authorization", value)];
        let answer = stranger().call(Method::GET, "/v1/me", None, &headers).await;
        assert_eq!(
            answer.headers["www-authenticate"],
            "Bearer realm=\"deskbell\""
        );
        answer.problem(401, "unauthenticated");
    }
    let headers = [("authorization", &*format!("bearer {token}"))];
    let answer = stranger().call(Method::GET, "/v1/me", None, &headers).await;
    assert_eq!(answer.status, 200);
    let path = format!("/v1/me?token={token}");
    stranger().get(&path).await.problem(401, "unauthenticated");
}
