//! Nobody gets anything without credentials but by the few operations that are for everybody.

use super::{NOBODY, operations};
use crate::support::{Persona, shared};

/// What needs no token: how one gets a token, what a website's widget asks before there is one, the upgrades (their
/// first frame bears the token), a file by an address that is signed, and what machines ask.
pub(super) const OPEN: [&str; 12] = [
    "alive",
    "create_visitor",
    "find_availability",
    "find_greeting",
    "find_widget_config",
    "log_in",
    "metrics",
    "open_agent_socket",
    "open_file",
    "open_visitor_socket",
    "ready",
    "refresh",
];

#[tokio::test]
async fn an_operation_without_a_token_is_unauthenticated_unless_it_is_for_everybody() {
    let nobody = Persona::new(&shared().base, None);
    let mut open = Vec::new();

    for operation in operations() {
        let path = operation.path_of(NOBODY);
        // Neither a body nor its lack is looked at before the token.
        for body in [None, Some("{".to_owned())] {
            let method = operation.method.clone();
            let answer = nobody.call(method, &path, body, &[]).await;
            if OPEN.contains(&&*operation.id) {
                assert_ne!(
                    answer.body["code"], "unauthenticated",
                    "{} is not for everybody",
                    operation.id
                );
            } else {
                assert_eq!(answer.status, 401, "{}: {}", operation.id, answer.body);
                answer.problem(401, "unauthenticated");
            }
        }
        if OPEN.contains(&&*operation.id) {
            open.push(operation.id);
        }
    }

    open.sort();
    assert_eq!(open, OPEN, "an operation on the list is gone");
}
