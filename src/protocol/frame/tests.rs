//! What a client may send, and what it is told when it sends something else.

use super::*;
use crate::protocol::ErrorCode;

const CHAT: &str = "01890000-0000-7000-8000-000000000001";

fn faults(fault: FrameFault) -> Vec<(String, &'static str)> {
    fault
        .problem
        .errors
        .into_iter()
        .map(|fault| (fault.pointer, fault.code.as_str()))
        .collect()
}

#[test]
fn a_command_keeps_its_id() {
    let text = format!(
        r#"{{"id":"c1","type":"chat.send","chat_id":"{CHAT}","message":{{"id":"m-1","text":"Hi"}}}}"#
    );

    let frame = parse_agent(&text).unwrap();

    assert_eq!(frame.id.as_deref(), Some("c1"));
    assert!(matches!(
        frame.kind,
        AgentFrameKind::Send { chat_id, message }
            if chat_id.to_string() == CHAT && message.text.as_ref().is_some_and(|text| text.source().as_str() == "Hi")
    ));
}

#[test]
fn a_heartbeat_needs_no_id() {
    assert!(matches!(
        parse_agent(r#"{"type":"ping"}"#).unwrap().kind,
        AgentFrameKind::Ping
    ));
    assert!(matches!(
        parse_visitor(r#"{"type":"pong"}"#).unwrap().kind,
        VisitorFrameKind::Pong
    ));
}

#[test]
fn a_command_without_an_id_learns_all_that_it_lacks() {
    let fault = parse_agent(r#"{"type":"chat.typing","typing":1}"#).unwrap_err();

    assert_eq!(fault.id, None);
    let mut found = faults(fault);
    found.sort();
    let expected = [
        ("/chat_id", "required"),
        ("/id", "required"),
        ("/typing", "wrong_type"),
    ];
    assert_eq!(
        found,
        expected.map(|(pointer, code)| (pointer.to_owned(), code))
    );
}

#[test]
fn an_id_of_another_type_is_told_with_the_rest() {
    let fault = parse_visitor(r#"{"id":7,"type":"chat.end"}"#).unwrap_err();

    let expected = [
        ("/id".to_owned(), "wrong_type"),
        ("/chat_id".to_owned(), "required"),
    ];
    assert_eq!(faults(fault), expected);
}

#[test]
fn a_visitor_cannot_spell_what_an_agent_does() {
    let fault = parse_visitor(&format!(
        r#"{{"id":"c1","type":"chat.accept","chat_id":"{CHAT}"}}"#
    ))
    .unwrap_err();

    assert_eq!(fault.id.as_deref(), Some("c1"));
    assert_eq!(faults(fault), [("/type".to_owned(), "unknown_value")]);
}

#[test]
fn what_is_no_frame_is_told_where_it_breaks() {
    let fault = parse_agent("{\"type\":\n oops}").unwrap_err();
    assert_eq!(fault.problem.code, ErrorCode::MalformedJson);
    assert_eq!(
        fault.problem.detail,
        "the frame is not JSON at line 2, column 2"
    );

    let fault = parse_agent("[]").unwrap_err();
    assert_eq!(fault.problem.code, ErrorCode::MalformedRequest);

    let fault = parse_agent(r#"{"id":"c1"}"#).unwrap_err();
    assert_eq!(faults(fault), [("/type".to_owned(), "required")]);
}

#[test]
fn a_hello_may_say_where_it_was() {
    let text = format!(
        r#"{{"type":"hello","token":"t","resume":{{"history_id":"{CHAT}","after":1234}}}}"#
    );
    let AgentFrameKind::Hello(hello) = parse_agent(&text).unwrap().kind else {
        panic!("not a hello");
    };

    assert_eq!(hello.resume.map(|resume| resume.after), Some(1234));
    assert!(!format!("{hello:?}").contains("\"t\""));
    let fault =
        parse_agent(r#"{"type":"hello","resume":{"history_id":"x","after":-1}}"#).unwrap_err();
    let expected = [
        ("/resume/history_id".to_owned(), "bad_format"),
        ("/resume/after".to_owned(), "out_of_range"),
    ];
    let mut found = faults(fault);
    found.sort_by(|a, b| b.cmp(a));
    assert_eq!(found, expected);
}

#[test]
fn a_slip_in_what_a_command_is_about_is_told_as_one() {
    let text = format!(r#"{{"id":"c1","type":"chat.accept","chatId":"{CHAT}"}}"#);
    let details: Vec<String> = parse_agent(&text)
        .unwrap_err()
        .problem
        .errors
        .into_iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.detail))
        .collect();

    assert_eq!(
        details,
        [
            "/chat_id this field is required",
            "/chatId there is no such field; did you mean chat_id?"
        ]
    );
}

#[test]
fn a_frame_with_a_key_twice_is_not_read() {
    let fault = parse_agent(r#"{"type":"ping","type":"pong"}"#).unwrap_err();

    assert_eq!(fault.problem.code, ErrorCode::MalformedRequest);
    let detail = fault.problem.detail;
    assert_eq!(detail, "an object of the frame has the key \"type\" twice");
}
