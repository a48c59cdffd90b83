//! The document of the API, and the pages inside the binary.

use deskbell::app::Ports;
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
