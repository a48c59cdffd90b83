//! The documents of the API against what is sent: every answer and every frame that a test gets has the shape that
//! `/openapi.json` and `/asyncapi.json` give it, and no field that they do not name.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

static CALLS: LazyLock<Document> =
    LazyLock::new(|| Document::new(serde_json::to_value(deskbell::http::document()).unwrap()));

static SOCKETS: LazyLock<Document> =
    LazyLock::new(|| Document::new(deskbell::protocol::sockets::document()));

/// A document with the schemas in it that were asked for so far.
struct Document {
    whole: Value,
    schemas: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    fn new(mut whole: Value) -> Self {
        let mut parts = BTreeSet::new();
        find_parts(&whole, &mut parts);
        close(&mut whole, "", &parts, false);
        Self {
            whole,
            schemas: Mutex::default(),
        }
    }

    /// The schema at a pointer.
    fn schema(&self, pointer: &str) -> Arc<Validator> {
        let schemas = self.schemas.lock();
        let mut schemas = schemas.unwrap_or_else(PoisonError::into_inner);
        let made = schemas.entry(pointer.to_owned()).or_insert_with(|| {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "allOf": [self.whole.pointer(pointer)],
                "components": {"schemas": self.whole["components"]["schemas"]},
            });
            let options = jsonschema::options().should_validate_formats(true);
            Arc::new(options.build(&schema).unwrap())
        });
        Arc::clone(made)
    }

    /// Fails unless a value is as the schema at a pointer says.
    #[track_caller]
    fn check(&self, pointer: &str, value: &Value, what: &str) {
        assert!(
            self.whole.pointer(pointer).is_some(),
            "{what}: {pointer} is not described: {value}"
        );
        let schema = self.schema(pointer);
        let wrong: Vec<String> = schema
            .iter_errors(value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(
            wrong.is_empty(),
            "{what} is not as described: {wrong:#?}\n{value}"
        );
    }
}

/// Which objects are parts of others, and so have fields beside their own.
fn find_parts(schema: &Value, parts: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            let all = fields.get("allOf").and_then(Value::as_array);
            let named = all
                .into_iter()
                .flatten()
                .filter_map(|part| part["$ref"].as_str());
            parts.extend(named.map(|name| name.trim_start_matches('#').to_owned()));
            fields.values().for_each(|part| find_parts(part, parts));
        }
        Value::Array(list) => list.iter().for_each(|part| find_parts(part, parts)),
        _ => {}
    }
}

/// Lets no object have fields that its description does not name.
fn close(schema: &mut Value, pointer: &str, parts: &BTreeSet<String>, is_part: bool) {
    match schema {
        Value::Object(fields) => {
            let is_whole = fields.contains_key("allOf") || fields.contains_key("properties");
            let is_open = fields.contains_key("additionalProperties");
            for (name, part) in fields.iter_mut() {
                close(part, &format!("{pointer}/{name}"), parts, name == "allOf");
            }
            // A property of that name has a description and no list of fields.
            let has_fields = fields.get("properties").is_none_or(Value::is_object);
            if is_whole && has_fields && !is_open && !is_part && !parts.contains(pointer) {
                fields.insert("unevaluatedProperties".to_owned(), json!(false));
            }
        }
        Value::Array(list) => {
            for (index, part) in list.iter_mut().enumerate() {
                close(part, &format!("{pointer}/{index}"), parts, is_part);
            }
        }
        _ => {}
    }
}

/// Holds a frame that came on a socket against the document. `asked` is the type of the command that it answers.
#[track_caller]
pub(crate) fn check_frame(party: &str, asked: Option<&str>, frame: &Value) {
    let kind = frame["type"].as_str().unwrap();
    let key = match (kind, asked) {
        ("ok", Some(asked)) => format!("ok.{asked}"),
        ("ok", None) => panic!("nothing was asked that this answers: {frame}"),
        ("error", _) => "error".to_owned(),
        ("ping" | "pong", _) => format!("command.{kind}"),
        _ => format!("event.{kind}"),
    };
    let pointer = format!("/components/messages/{party}.{key}/payload");
    SOCKETS.check(&pointer, frame, &format!("{party}'s {key}"));
}

/// Holds an answer against the document, if it is one to an operation that is in it.
#[track_caller]
pub(crate) fn check_answer(
    method: &Method,
    path: &str,
    status: StatusCode,
    media_type: &str,
    body: &Value,
) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let status = status.as_u16();
    let what = format!("{method} {path}: {status}");
    let described = format!("{operation}/responses/{status}");
    let answer = CALLS.whole.pointer(&described);
    let answer = answer.unwrap_or_else(|| panic!("{what} is not described: {body}"));
    let media_type = media_type.split(';').next().unwrap_or_default();
    if answer["content"].is_null() {
        assert_eq!(body, "", "{what} is described as empty");
    } else if media_type.ends_with("json") {
        let media_type = media_type.replace('/', "~1");
        CALLS.check(
            &format!("{described}/content/{media_type}/schema"),
            body,
            &what,
        );
    }
}

/// Where the operation stands that answers this.
fn operation(method: &Method, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let paths = CALLS.whole["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(known, part)| known == part || (known.starts_with('{') && !part.is_empty()))
    };
    let names = paths.keys().filter(|template| fits(template));
    // Words stand before what is named.
    let found = names.min_by_key(|template| template.matches('{').count())?;
    let method = method.as_str().to_lowercase();
    paths[found].get(&method)?;
    Some(format!("/paths/{}/{method}", found.replace('/', "~1")))
}
