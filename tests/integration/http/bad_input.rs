//! Requests that cannot be read: every answer is a problem that says why.

use reqwest::Method;
use serde_json::{Value, json};

use super::{be, stranger, text};
use crate::support::{Answer, Persona, Tenant, shared};

async fn raw(caller: &Persona, path: &str, body: &str) -> Answer {
    caller
        .call(Method::POST, path, Some(body.to_owned()), &[])
        .await
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let visitor = tenant.visitor().await.persona;
    let callers = [
        (&tenant.owner, "/v1/offices"),
        (&tenant.owner, "/v1/auth/login"),
        (&visitor, "/v1/visitor/chats"),
        (&visitor, "/v1/visitor/offline-messages"),
    ];
    let deep = "[".repeat(100_000);

    for (caller, path) in callers {
        for body in [
            "",
            "{",
            "nul",
            "{\"name\":}",
            "{} {}",
            "'a'",
            "\u{0}",
            &deep,
        ] {
            let answer = raw(caller, path, body).await;
            answer.problem(400, "malformed_json");
        }
    }
}

#[tokio::test]
async fn json_of_another_kind_is_of_a_wrong_type() {
    let tenant = Tenant::new().await;

    for body in ["[]", "null", "1", "\"text\"", "true"] {
        let faults = raw(&tenant.owner, "/v1/offices", body).await.faults();
        assert_eq!(faults, [" wrong_type"], "{body}");
    }
}

/// Posts each body and compares the faults that are named.
async fn names_every_fault(table: &[(&Persona, &str, Value, &[&str])]) {
    for (caller, path, body, expected) in table {
        let faults = caller.post(path, body.clone()).await.faults();
        assert_eq!(faults, *expected, "{path} {body}");
    }
}

#[tokio::test]
async fn every_bad_field_of_an_admins_request_is_named_with_its_place() {
    let tenant = Tenant::new().await;
    names_every_fault(&[
        (&tenant.owner, "/v1/offices", json!({}), &["/name required"]),
        (
            &tenant.owner,
            "/v1/offices",
            json!({"name": null, "when_not_live": "never"}),
            &["/name wrong_type", "/when_not_live unknown_value"],
        ),
        (
            &tenant.owner,
            "/v1/offices",
            json!({"nam": "Sales", "when_not_live": 1}),
            &[
                "/nam unknown_field",
                "/name required",
                "/when_not_live wrong_type",
            ],
        ),
        (
            &tenant.owner,
            "/v1/agents",
            json!({"name": "", "email": "x", "password": "short", "capacity": "4"}),
            &[
                "/capacity wrong_type",
                "/email bad_format",
                "/name too_short",
                "/password too_short",
            ],
        ),
        (
            &tenant.owner,
            "/v1/queues",
            json!({"office_id": "x", "name": [], "ring_timeout_s": 1.5, "member_ids": ["x", 1]}),
            &[
                "/member_ids/0 bad_format",
                "/member_ids/1 wrong_type",
                "/name wrong_type",
                "/office_id bad_format",
                "/ring_timeout_s wrong_type",
            ],
        ),
        (
            &tenant.owner,
            "/v1/auth/login",
            json!({"tenant": 1}),
            &[
                "/email required",
                "/password required",
                "/tenant wrong_type",
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_bad_field_of_a_visitors_request_is_named_with_its_place() {
    let tenant = Tenant::new().await;
    let visitor = tenant.visitor().await.persona;
    names_every_fault(&[
        (
            &visitor,
            "/v1/visitor/chats",
            json!({"message": {"id": "a b", "text": "", "txt": "x"}}),
            &[
                "/message/id bad_format",
                "/message/text too_short",
                "/message/txt unknown_field",
            ],
        ),
        (
            &visitor,
            "/v1/visitor/chats",
            json!({"fields": {"email": "no", "plan": "x".repeat(1001)}, "message": "Hello"}),
            &[
                "/fields/email bad_format",
                "/fields/plan too_long",
                "/message wrong_type",
            ],
        ),
        (
            &visitor,
            "/v1/visitor/offline-messages",
            json!({"field": {}}),
            &[
                "/field unknown_field",
                "/fields/email required",
                "/fields/name required",
                "/message required",
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_unknown_field_is_told_what_it_may_have_meant() {
    let tenant = Tenant::new().await;

    let answer = tenant.owner.post("/v1/offices", json!({"nmae": "Sales"}));

    let problem = answer.await.problem(422, "invalid");
    let errors = problem["errors"].as_array().unwrap();
    let unknown = errors.iter().find(|e| e["pointer"] == "/nmae").unwrap();
    let detail = text(&unknown["detail"]);
    assert!(detail.contains("did you mean name?"), "{detail}");
    assert_eq!(problem["detail"], "2 fields are wrong");
}

#[tokio::test]
async fn a_body_is_sent_as_json() {
    let tenant = Tenant::new().await;
    let client = reqwest::Client::builder().build().unwrap();
    let url = format!("{}/v1/offices", shared().base);
    let send = async |content_type: Option<&str>| {
        let mut request = client.post(&url).body("{\"name\":\"Sales\"}");
        request = request.bearer_auth(tenant.owner.token.as_deref().unwrap());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = request.send().await.unwrap();
        Answer {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: answer.json().await.unwrap(),
        }
    };

    for wrong in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonx"),
    ] {
        let answer = send(wrong).await;
        answer.problem(415, "unsupported_media_type");
    }
    let answer = send(Some("application/json; charset=utf-8")).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_body_above_the_bound_is_refused() {
    let tenant = Tenant::new().await;
    let limit = shared().state.config.http.body_bytes_max;
    let padded = |bytes: usize| {
        let body = "{\"name\":\"Sales\"}";
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };

    for _ in 0..20 {
        // Large enough that a server which answers without reading would cut the client off before it reads.
        for bytes in [limit + 1, 4 * limit] {
            let answer = raw(&tenant.owner, "/v1/offices", &padded(bytes)).await;
            answer.problem(413, "too_large");
        }
    }
    let answer = raw(&tenant.owner, "/v1/offices", &padded(limit)).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn every_bad_parameter_is_named() {
    let mut tenant = Tenant::new().await;
    be(&tenant.agent("ana").await, "online").await;
    let (visitor, chat_id) = super::start(&tenant).await;
    let events = format!("/v1/chats/{chat_id}/events");
    let own_events = format!("/v1/visitor/chats/{chat_id}/events");
    let owner = &tenant.owner;
    let table: [(&Persona, &str, &str, &[&str]); 14] = [
        (owner, "/v1/chats", "limit=0", &["/limit out_of_range"]),
        (owner, "/v1/chats", "limit=201", &["/limit out_of_range"]),
        (owner, "/v1/chats", "limit=ten", &["/limit wrong_type"]),
        (owner, "/v1/chats", "limit=1&limit=2", &["/limit duplicate"]),
        (owner, "/v1/chats", "state=open", &["/state unknown_value"]),
        (owner, "/v1/chats", "cursor=x", &["/cursor bad_format"]),
        (
            owner,
            "/v1/chats",
            "visitor_id=x",
            &["/visitor_id unknown_field"],
        ),
        (
            owner,
            "/v1/chats",
            "queue_id=1&agent_id=2&contact_id=3&limit=-1",
            &[
                "/agent_id bad_format",
                "/contact_id bad_format",
                "/limit out_of_range",
                "/queue_id bad_format",
            ],
        ),
        (owner, "/v1/offices", "limt=5", &["/limt unknown_field"]),
        (owner, "/v1/offices", "cursor=%20", &["/cursor bad_format"]),
        (owner, &events, "after=-1", &["/after out_of_range"]),
        (
            owner,
            &events,
            "before=x&cursor=y",
            &["/before wrong_type", "/cursor wrong_type"],
        ),
        (
            &visitor.persona,
            &own_events,
            "since=1",
            &["/since unknown_field"],
        ),
        (
            &visitor.persona,
            "/v1/visitor/chats",
            "state=active",
            &["/state unknown_field"],
        ),
    ];

    for (caller, path, query, expected) in table {
        let faults = caller.get(&format!("{path}?{query}")).await.faults();
        assert_eq!(faults, expected, "{path}?{query}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let tenant = Tenant::new().await;

    for path in [
        "/v1",
        "/v1/",
        "/v2/me",
        "/v1/me/",
        "/v1/chats/",
        "/nothing",
        "/v1//me",
    ] {
        for caller in [&tenant.owner, &stranger()] {
            caller.get(path).await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let tenant = Tenant::new().await;

    for (method, path, allow) in [
        (Method::DELETE, "/v1/me", "GET,HEAD"),
        (Method::PATCH, "/v1/offices", "GET,HEAD,POST"),
        (Method::GET, "/v1/auth/login", "POST"),
        (Method::POST, "/v1/me/presence", "GET,HEAD,PUT"),
        (Method::DELETE, "/v1/visitor/chats", "GET,HEAD,POST"),
        (Method::PUT, "/v1/platform/tenants", "GET,HEAD,POST"),
    ] {
        let answer = tenant.owner.call(method, path, None, &[]).await;
        let found: Vec<&str> = answer.headers["allow"]
            .to_str()
            .unwrap()
            .split(',')
            .collect();
        let expected: Vec<&str> = allow.split(',').collect();
        assert!(
            expected.iter().all(|m| found.contains(m)),
            "{path}: {found:?}"
        );
        answer.problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn every_answer_bears_a_request_id() {
    let tenant = Tenant::new().await;

    for path in ["/v1/me", "/nothing", "/v1/chats?limit=0"] {
        let answer = tenant.owner.get(path).await;
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        let headers = [("x-request-id", "mine-1")];
        let answer = tenant.owner.call(Method::GET, path, None, &headers).await;
        assert_eq!(answer.headers["x-request-id"], "mine-1");
    }
}

#[tokio::test]
async fn a_body_with_a_key_twice_is_read_by_nobody() {
    let tenant = Tenant::new().await;
    let before = tenant.owner.get("/v1/offices").await.ok();

    let twice = r#"{"name":"Sales","name":"Service"}"#;
    let answer = raw(&tenant.owner, "/v1/offices", twice).await;
    assert_eq!(
        answer.body["detail"],
        "an object of the body has the key \"name\" twice"
    );
    answer.problem(400, "malformed_request");
    let inside = r#"{"chats":{"ramp_per_minute":1,"ramp_per_minute":2}}"#.to_owned();
    let answer = tenant
        .owner
        .call(Method::PATCH, "/v1/settings", Some(inside), &[])
        .await;
    answer.problem(400, "malformed_request");

    assert_eq!(tenant.owner.get("/v1/offices").await.ok(), before);
}

#[tokio::test]
async fn a_query_is_looked_at_where_there_are_parameters() {
    let tenant = Tenant::new().await;

    let settings = tenant.owner.get("/v1/settings?t=1&t=2").await;
    assert_eq!(settings.ok(), tenant.owner.get("/v1/settings").await.ok());
    let refused = tenant.owner.get("/v1/offices?t=1").await;
    assert_eq!(refused.faults(), ["/t unknown_field"]);
}
