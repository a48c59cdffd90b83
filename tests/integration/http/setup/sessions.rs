//! Another role, a new password and the end of an agent end its sessions: tokens, refresh tokens and sockets.

use serde_json::{Value, json};

use super::{stranger, text};
use crate::support::{Answer, PASSWORD, Persona, Socket, Tenant};

const NEWER: &str = "another horse battery";

async fn log_in(tenant: &Tenant, name: &str, password: &str) -> Answer {
    let email = format!("{name}@test.example");
    let body = json!({"tenant": tenant.slug, "email": email, "password": password});
    stranger().post("/v1/auth/login", body).await
}

/// An agent with two sessions, each with a socket.
struct Two {
    tenant: Tenant,
    path: String,
    sessions: Vec<(Persona, Socket, Value)>,
}

impl Two {
    async fn new(role: &str) -> Self {
        let mut tenant = Tenant::new().await;
        let agent = tenant.agent_as("ana", role).await;
        let id = text(&agent.get("/v1/me").await.ok()["id"]);
        let mut sessions = Vec::new();
        for _ in 0..2 {
            let session = log_in(&tenant, "ana", PASSWORD).await.ok();
            let persona = super::super::with_token(&session["access_token"]);
            let socket = Socket::agent(&persona).await;
            sessions.push((persona, socket, session["refresh_token"].clone()));
        }
        Self {
            tenant,
            path: format!("/v1/agents/{id}"),
            sessions,
        }
    }
}

/// Checks that nothing of a session is of use any more.
async fn has_ended((persona, socket, refresh_token): &mut (Persona, Socket, Value)) {
    assert_eq!(socket.closed().await.code, 4001);
    let answer = persona.get("/v1/me").await;
    answer.problem(401, "session_revoked");
    let body = json!({"refresh_token": refresh_token});
    let renewal = stranger().post("/v1/auth/refresh", body).await;
    assert_eq!(renewal.status, 401, "{}", renewal.body);
}

/// Checks that a session goes on.
async fn goes_on((persona, socket, refresh_token): &mut (Persona, Socket, Value)) {
    persona.get("/v1/me").await.ok();
    socket.ok(json!({"type": "activity"})).await;
    let body = json!({"refresh_token": refresh_token});
    *refresh_token = stranger().post("/v1/auth/refresh", body).await.ok()["refresh_token"].clone();
}

#[tokio::test]
async fn another_role_ends_the_sessions_that_were_begun_with_the_old_one() {
    let mut two = Two::new("admin").await;

    // Neither another name nor the same role ends anything.
    let same = json!({"name": "Anna", "role": "admin"});
    two.tenant.owner.patch(&two.path, same).await.ok();
    for session in &mut two.sessions {
        goes_on(session).await;
    }
    let less = json!({"role": "agent"});
    let less = two.tenant.owner.patch(&two.path, less).await.ok();

    assert_eq!(less["role"], "agent");
    for session in &mut two.sessions {
        has_ended(session).await;
    }
    let session = log_in(&two.tenant, "ana", PASSWORD).await.ok();
    assert_eq!(session["agent"]["role"], "agent");
    let persona = super::super::with_token(&session["access_token"]);
    let answer = persona.post("/v1/offices", json!({"name": "Sales"})).await;
    answer.problem(403, "forbidden");
    two.tenant.owner.get("/v1/me").await.ok();
}

#[tokio::test]
async fn whoever_logs_in_at_the_instant_of_the_change_has_the_new_rights_or_none() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent_as("ana", "admin").await;
    let id = text(&agent.get("/v1/me").await.ok()["id"]);
    let path = format!("/v1/agents/{id}");

    for _ in 0..10 {
        let less = json!({"role": "agent"});
        let (first, second, changed) = tokio::join!(
            log_in(&tenant, "ana", PASSWORD),
            log_in(&tenant, "ana", PASSWORD),
            tenant.owner.patch(&path, less),
        );
        assert_eq!(changed.ok()["role"], "agent");
        for session in [first, second] {
            let persona = match session.status.as_u16() {
                200 => super::super::with_token(&session.body["access_token"]),
                _ => continue,
            };
            let answer = persona.post("/v1/offices", json!({"nam": 1})).await;
            let code = answer.body["code"].as_str();
            assert!(
                matches!(code, Some("forbidden" | "session_revoked")),
                "{}",
                answer.body
            );
        }
        let more = json!({"role": "admin"});
        tenant.owner.patch(&path, more).await.ok();
    }
}

#[tokio::test]
async fn a_password_that_an_admin_gives_ends_all_sessions() {
    let mut two = Two::new("agent").await;

    let body = json!({"password": NEWER});
    let changed = two.tenant.owner.patch(&two.path, body).await.ok();

    assert_eq!(changed["version"], 2);
    assert!(changed.get("password").is_none());
    for session in &mut two.sessions {
        has_ended(session).await;
    }
    let old = log_in(&two.tenant, "ana", PASSWORD).await;
    old.problem(401, "bad_credentials");
    log_in(&two.tenant, "ana", NEWER).await.ok();
}

#[tokio::test]
async fn an_archived_agent_is_logged_out_everywhere() {
    let mut two = Two::new("agent").await;

    let answer = two.tenant.owner.delete(&two.path).await;

    assert_eq!(answer.status, 204, "{}", answer.body);
    for session in &mut two.sessions {
        has_ended(session).await;
    }
    let again = log_in(&two.tenant, "ana", PASSWORD).await;
    again.problem(401, "bad_credentials");
}

#[tokio::test]
async fn a_password_of_ones_own_choice_ends_the_other_sessions() {
    let mut two = Two::new("agent").await;
    let change = |current: &str, new: &str| json!({"password": {"current": current, "new": new}});
    let own = two.sessions[0].0.clone();

    let wrong = own
        .patch("/v1/me", change("wrong horse battery", NEWER))
        .await;
    assert_eq!(wrong.faults(), ["/password/current mismatch"]);
    let short = own.patch("/v1/me", change(PASSWORD, "short")).await;
    assert_eq!(short.faults(), ["/password/new too_short"]);
    for bad in [json!({"password": null}), json!({"password": NEWER})] {
        assert_eq!(
            own.patch("/v1/me", bad).await.faults(),
            ["/password wrong_type"]
        );
    }
    for session in &mut two.sessions {
        goes_on(session).await;
    }
    let changed = own.patch("/v1/me", change(PASSWORD, NEWER)).await.ok();

    assert_eq!(changed["version"], 2);
    has_ended(&mut two.sessions[1]).await;
    goes_on(&mut two.sessions[0]).await;
    let old = log_in(&two.tenant, "ana", PASSWORD).await;
    old.problem(401, "bad_credentials");
    log_in(&two.tenant, "ana", NEWER).await.ok();
}

#[tokio::test]
async fn a_stolen_token_does_not_guess_the_password() {
    let server = crate::support::start_server(deskbell::app::Ports::default(), |config| {
        config.limits.logins_per_minute_per_account = 3;
    })
    .await;
    let tenant = Tenant::on(&format!("http://{}", server.address)).await;
    let guess = async |password: &str| {
        let body = json!({"password": {"current": password, "new": NEWER}});
        tenant.owner.patch("/v1/me", body).await
    };

    for _ in 0..3 {
        let faults = guess("wrong horse battery").await.faults();
        assert_eq!(faults, ["/password/current mismatch"]);
    }
    guess(PASSWORD).await.problem(429, "rate_limited");
    server.stop();
}
