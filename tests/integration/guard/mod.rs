//! Sweeps over all operations, all permissions and all frames: what is new and not among their cases fails.

mod anonymous;
mod frames;
mod isolation;
mod permissions;
mod samples;

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::Value;

/// An id that nothing has.
const NOBODY: &str = "01890000-0000-7000-8000-00000000dead";

/// One operation of the API's document.
struct Operation {
    id: String,
    method: Method,
    path: String,
}

impl Operation {
    /// Whether something is named in its path.
    fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// Its path with this in the place of whatever is named there.
    fn path_of(&self, id: &str) -> String {
        self.path_with(&[id])
    }

    /// Its path with these in the places of what is named there; the last one stands for all that follow.
    fn path_with(&self, ids: &[&str]) -> String {
        let mut path = String::new();
        for (place, part) in self.path.split('{').enumerate() {
            match part.split_once('}') {
                Some((_, rest)) => {
                    path.push_str(ids[(place - 1).min(ids.len() - 1)]);
                    path.push_str(rest);
                }
                None => path.push_str(part),
            }
        }
        path
    }
}

/// All operations of the document.
fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(deskbell::http::document()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push(Operation {
                id: text(&operation["operationId"]),
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
            });
        }
    }
    assert!(operations.len() > 40, "the document is not whole");
    operations
}

#[track_caller]
fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The folder of what is compared word for word.
fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/golden")
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever changes the wire on purpose says so when running the tests, not in a configuration"
)]
fn rewrites() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Compares with a golden file, or rewrites it under `UPDATE_GOLDEN=1`. Says whether all is well.
fn is_golden(name: &str, text: &str) -> bool {
    let path = golden_folder().join(name);
    if rewrites() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return true;
    }
    std::fs::read_to_string(path).is_ok_and(|kept| kept == text)
}
