//! The document of the API, and the pages inside the binary.

use deskbell::app::Ports;
use deskbell::domain::{PresenceReason, WithdrawReason};
use reqwest::Method;
use serde_json::{Value, json};

use super::stranger;
use crate::support::{Answer, Persona, start_server};

async fn document() -> Value {
    let answer = stranger().get("/openapi.json").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.ok()
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_names_the_credentials() {
    let document = document().await;

    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Deskbell");
    let schemes = &document["components"]["securitySchemes"];
    for scheme in ["agent", "visitor", "platform"] {
        assert_eq!(schemes[scheme]["scheme"], "bearer", "{scheme}");
    }
}

#[tokio::test]
async fn every_operation_of_the_document_is_there() {
    let document = document().await;
    let id = super::NOBODY;

    for (path, item) in document["paths"].as_object().unwrap() {
        let mut filled = path.clone();
        while let (Some(open), Some(shut)) = (filled.find('{'), filled.find('}')) {
            filled.replace_range(open..=shut, id);
        }
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            // A method that there is not shows the path is known; the right one then is not refused as wrong.
            let wrong = stranger().call(Method::TRACE, &filled, None, &[]).await;
            wrong.problem(405, "method_not_allowed");
            let right = stranger().call(method.clone(), &filled, None, &[]).await;
            assert_ne!(right.status, 405, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_route_of_the_protocol_is_in_the_document() {
    let document = document().await;
    let protocol = include_str!("../../../docs/protocol.md");

    let rows = protocol.lines().filter(|line| line.starts_with("| `"));
    let paths = rows
        .flat_map(|row| row.split('`'))
        .flat_map(|code| code.split([' ', ',']))
        .filter(|word| word.starts_with("/v1/"));
    let mut count = 0;
    for path in paths {
        count += 1;
        assert!(document["paths"][path].is_object(), "{path} is missing");
    }
    assert!(count > 30, "only {count} paths were found");
}

/// Creations that take no `Idempotency-Key`, each for its reason.
const WITHOUT_KEY: [&str; 1] = [
    // Nobody calls yet whose key it could be.
    "create_visitor",
];

#[tokio::test]
async fn every_creation_takes_an_idempotency_key() {
    let document = document().await;

    let mut without = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        let post = &item["post"];
        if post["responses"]["201"].is_null() {
            continue;
        }
        let parameters = post["parameters"].as_array().into_iter().flatten();
        let mut names = parameters.filter_map(|parameter| parameter["name"].as_str());
        if !names.any(|name| name.eq_ignore_ascii_case("idempotency-key")) {
            without.push(post["operationId"].as_str().unwrap());
        }
    }

    assert_eq!(without, WITHOUT_KEY);
}

#[track_caller]
fn has_policy(answer: &Answer) {
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn the_pages_say_what_they_may_load() {
    for path in ["/", "/agent", "/docs/"] {
        let answer = stranger().get(path).await;

        assert_eq!(answer.status, 200, "{path}");
        let content_type = answer.headers["content-type"].to_str().unwrap();
        assert!(content_type.starts_with("text/html"), "{content_type}");
        has_policy(&answer);
    }
    // Without its slash, for whoever types it.
    assert_eq!(stranger().get("/docs").await.status, 200);
}

#[tokio::test]
async fn without_a_demo_tenant_there_is_no_demo() {
    let answer = stranger().get("/demo").await;

    assert_eq!(answer.status, 404);
    let said = answer.body.as_str().unwrap();
    assert!(said.contains("demo.enabled"), "{said}");
}

#[tokio::test]
async fn the_widgets_script_is_cached_for_minutes_and_not_sent_twice() {
    let first = stranger().get("/widget.js").await;

    assert_eq!(first.status, 200);
    assert_eq!(first.headers["cache-control"], "public, max-age=300");
    let content_type = first.headers["content-type"].to_str().unwrap();
    assert!(
        content_type.starts_with("text/javascript"),
        "{content_type}"
    );
    let etag = first.headers["etag"].to_str().unwrap();
    let headers = [("if-none-match", etag)];
    let again = stranger()
        .call(Method::GET, "/widget.js", None, &headers)
        .await;
    assert_eq!((again.status.as_u16(), again.body), (304, json!("")));
}

#[tokio::test]
async fn nothing_outside_of_the_build_is_served() {
    for path in [
        "/assets/nothing.js",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/docs/nothing.js",
    ] {
        let answer = stranger().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_machine_sees_whether_the_server_lives_and_is_ready() {
    for path in ["/healthz", "/readyz"] {
        assert_eq!(stranger().get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn with_a_demo_tenant_the_demo_page_has_its_widget() {
    let server = start_server(Ports::default(), |config| config.demo.enabled = true).await;
    let visitor = Persona::new(&format!("http://{}", server.address), None);

    let page = visitor.get("/demo").await;

    assert_eq!(page.status, 200);
    has_policy(&page);
    let key = server.state.demo_widget_key.clone().unwrap();
    let html = page.body.as_str().unwrap();
    assert!(html.contains(&key), "{html}");
    let path = format!("/v1/widget/{key}/availability");
    assert_eq!(visitor.get(&path).await.ok()["mode"], "messenger");
    server.stop();
}

/// What the document says of an operation's answers.
fn responses(document: &Value, id: &str) -> Value {
    let items = document["paths"].as_object().unwrap().values();
    let mut operations = items.flat_map(|item| item.as_object().unwrap().values());
    let operation = operations.find(|operation| operation["operationId"] == id);
    operation.unwrap()["responses"].clone()
}

#[tokio::test]
async fn what_a_role_may_not_do_is_described_as_forbidden() {
    let document = document().await;
    let table = include_str!("../golden/permissions.txt");
    let (_, operations) = table.split_once("\n\n").unwrap();

    let mut count = 0;
    for row in operations.lines().filter(|row| row.contains(" 403")) {
        let id = row.split_whitespace().next().unwrap();
        count += 1;
        let forbidden = &responses(&document, id)["403"];
        assert!(forbidden.is_object(), "{id} is not said to be forbidden");
    }
    assert!(count > 30, "only {count} operations were found");
}

#[tokio::test]
async fn what_a_status_forbids_is_described() {
    let document = document().await;

    for id in ["accept_chat", "send_message", "take_chat_over"] {
        let conflict = responses(&document, id)["409"]["description"].to_string();
        assert!(conflict.contains("`status_forbids_chats`"), "{conflict}");
    }
    // Besides its role, it takes the right office or a part in the chat.
    for id in ["listen_to_chat", "take_chat_over"] {
        assert!(responses(&document, id)["403"].is_object(), "{id}");
    }
}

#[tokio::test]
async fn what_is_said_before_an_upgrade_is_described() {
    let document = document().await;
    let id = |path: &str| match path {
        "/v1/agent/ws" => "open_agent_socket",
        _ => "open_visitor_socket",
    };
    let upgrade = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    for path in ["/v1/agent/ws", "/v1/visitor/ws"] {
        let open = async |query: &str, more: &[(&str, &str)]| {
            let headers = [&upgrade[..], more].concat();
            let path = format!("{path}{query}");
            stranger().call(Method::GET, &path, None, &headers).await
        };
        let mut answers = vec![
            (stranger().get(path).await, 400),
            (open("", &[("authorization", "Bearer x")]).await, 401),
            (open("?x=1", &[]).await, 422),
        ];
        if path == "/v1/agent/ws" {
            let elsewhere = [("origin", "https://elsewhere.example")];
            answers.push((open("", &elsewhere).await, 403));
        }
        for (answer, status) in answers {
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
            let described = &responses(&document, id(path))[status.to_string()]["description"];
            let code = format!("`{}`", answer.body["code"].as_str().unwrap());
            assert!(described.to_string().contains(&code), "{code}: {described}");
        }
    }
}

#[test]
fn the_protocol_names_every_reason() {
    let protocol = include_str!("../../../docs/protocol.md");
    let paragraph = |begin: &str| {
        let (_, rest) = protocol.split_once(begin).unwrap();
        rest.split("\n- **").next().unwrap().to_owned()
    };

    let presence = paragraph("- **Presence** ");
    for reason in PresenceReason::ALL {
        assert!(
            presence.contains(&format!("`{}`", reason.as_str())),
            "{reason:?}"
        );
    }
    let row = |line: &&str| line.starts_with("| `offer.accepted`, ");
    let withdrawn = protocol.lines().find(row).unwrap();
    for reason in WithdrawReason::ALL {
        assert!(
            withdrawn.contains(&format!("`{}`", reason.as_str())),
            "{reason:?}"
        );
    }
}
