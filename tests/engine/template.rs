//! Texts and addresses with placeholders (CHAT-7, ROUTE-6).

use std::time::Instant;

use deskbell::domain::markup::Node;
use deskbell::domain::{
    ChatId, ContactFields, FALLBACK_CHARS_MAX, Invalid, MessageText, SLOTS_MAX, Shortcut,
    TemplateFault, TemplateFaults, TemplateText, TemplateValues, UrlTemplate, is_blank, markup,
};
use proptest::prelude::*;
use uuid::Uuid;

const CHAT: ChatId = ChatId(Uuid::from_u128(7));
const KNOWN: [&str; 7] = [
    "visitor.name",
    "visitor.email",
    "agent.name",
    "office.name",
    "queue.name",
    "chat.id",
    "field.plan",
];

/// What is known of a chat whose visitor goes by this name.
fn with_values<T>(name: Option<&str>, then: impl FnOnce(&TemplateValues<'_>) -> T) -> T {
    let (mut own, mut form) = (ContactFields::default(), ContactFields::default());
    own.insert("plan", "gold").unwrap();
    form.insert("plan", "silver").unwrap();
    form.insert("how many", "3 (or 4)").unwrap();
    form.insert("blank", " ").unwrap();
    then(&TemplateValues {
        visitor_name: name,
        visitor_email: Some("vic@home.example"),
        agent_name: Some("Ana"),
        office_name: Some("Support"),
        queue_name: None,
        chat_id: CHAT,
        fields: &[&own, &form],
    })
}

fn filled(source: &str, name: Option<&str>) -> String {
    let text: TemplateText = source.parse().unwrap();
    assert_eq!(text.as_str(), source);
    with_values(name, |values| text.fill(values))
}

fn filled_name(name: &str) -> String {
    filled("{{visitor.name|x}}", Some(name))
}

fn link(source: &str, name: &str) -> Option<String> {
    let url: UrlTemplate = source.parse().unwrap();
    with_values(Some(name), |values| url.fill(values))
}

fn faults(source: &str) -> Vec<TemplateFault> {
    source.parse::<TemplateText>().unwrap_err().0
}

fn unknown(name: &str, at: usize) -> TemplateFault {
    let name = name.into();
    TemplateFault::Unknown { name, at }
}

#[test]
fn chat_07_placeholders_are_filled_with_what_is_known() {
    for (source, expected) in [
        ("Hello {{visitor.name}}!", "Hello Vic!"),
        ("{{ visitor.name }}{{agent.name}}", "VicAna"),
        ("{{visitor.email}}", "vic@home.example"),
        ("{{office.name}}", "Support"),
        ("{{field.plan}}", "gold"),
        ("{{field.how many}}", "3 (or 4)"),
        ("{{chat.id}}", &CHAT.to_string()),
        ("nothing to fill", "nothing to fill"),
    ] {
        assert_eq!(filled(source, Some("Vic")), expected, "{source}");
    }
}

#[test]
fn chat_07_the_ends_of_a_value_leave_the_marks_around_it() {
    let italic = |text: &str| Node::Italic {
        content: vec![Node::Text { text: text.into() }],
    };
    let text = |text: &str| Node::Text { text: text.into() };
    let shown =
        |source: &str, name: &str| markup::parse(&filled(source, Some(name))).unwrap_or_default();

    assert_eq!(
        shown("{{visitor.name}}*b*", r"Joe\"),
        [text("Joe\\\u{2060}"), italic("b")]
    );
    assert_eq!(
        shown("*{{visitor.name}}* b", r"Joe\"),
        [italic("Joe\\\u{2060}"), text(" b")]
    );
    let [Node::Link { content, .. }] = &shown("[{{visitor.name}}](https://e.example)", r"Joe\")[..]
    else {
        panic!("the link is none");
    };
    assert_eq!(content[..], [text("Joe\\\u{2060}")]);
    // What stands in a placeholder's place is the author's, as what surrounds it is.
    assert_eq!(
        shown("{{visitor.name}}{{queue.name|*b*}}", r"Joe\"),
        [text("Joe\\\u{2060}"), italic("b")]
    );
    assert_eq!(
        shown("{{visitor.name}}{{queue.name}}*b*", r"Joe\"),
        [text("Joe\\\u{2060}"), italic("b")]
    );
    // White space within a mark would make a text of it.
    assert_eq!(shown("*{{visitor.name}}*", " Joe "), [italic("Joe")]);
    // Nothing is put in where nothing is in danger.
    assert_eq!(filled("{{visitor.name}} *b*", Some(r"Joe\")), r"Joe\ *b*");
    assert_eq!(
        filled("{{visitor.name}}{{visitor.name}}", Some(r"*\")),
        r"\*\\*\"
    );
    assert_eq!(filled(r"{{visitor.name}}\*b", Some(r"Joe\")), r"Joe\\*b");
}

#[test]
fn chat_07_what_is_not_known_is_left_out_or_replaced() {
    for (source, expected) in [
        ("Hello {{visitor.name}}!", "Hello !"),
        ("Hello {{visitor.name|there}}!", "Hello there!"),
        (
            "Hello {{visitor.name | *you | two* }}!",
            "Hello *you | two*!",
        ),
        ("{{visitor.name|}}", ""),
        ("{{queue.name|none}}", "none"),
        ("{{field.blank|empty}}", "empty"),
        ("{{field.unheard of|never}}", "never"),
        ("{{agent.name|nobody}}", "Ana"),
    ] {
        assert_eq!(filled(source, None), expected, "{source}");
    }
    for blank in ["  ", "\u{200b}"] {
        assert_eq!(filled("{{visitor.name|there}}", Some(blank)), "there");
    }
}

#[test]
fn chat_07_a_value_is_text_whatever_it_holds() {
    let name = r"[free](https://evil.example) *bold* __b__ \ {{agent.name}}";

    let text = filled("Hello {{visitor.name}}", Some(name));

    assert_eq!(
        text,
        r"Hello \[free\](https://evil.example) \*bold\* \_\_b\_\_ \ {{agent.name}}"
    );
}

#[test]
fn chat_07_braces_can_be_text() {
    for (source, expected) in [
        (r"\{{visitor.name}}", "{{visitor.name}}"),
        (r"\{{{{x", "{{{{x"),
        ("{{{visitor.name}}}", "{Vic}"),
        ("a { b } c }} d", "a { b } c }} d"),
        ("{ {visitor.name} }", "{ {visitor.name} }"),
    ] {
        assert_eq!(filled(source, Some("Vic")), expected, "{source}");
    }
}

#[test]
fn chat_07_every_unknown_placeholder_is_named_with_its_place() {
    assert_eq!(
        faults("Grüße {{visitor.nam}} {{agent.name}} {{Visitor.Name|x}} {{}} {{field.}}"),
        [
            unknown("visitor.nam", 7),
            unknown("Visitor.Name", 38),
            unknown("", 57),
            unknown("field.", 62),
        ]
    );
    let long = "x".repeat(500);
    let [TemplateFault::Unknown { name, at: 1 }] = &faults(&format!("{{{{{long}}}}}"))[..] else {
        panic!("the name was not found");
    };
    assert_eq!(**name, long[..40]);
    let said = unknown("nam", 3).to_string();
    assert!(
        KNOWN[..6].iter().all(|known| said.contains(known)),
        "{said}"
    );
}

#[test]
fn chat_07_a_placeholder_is_closed_on_its_line_before_another_begins() {
    let open = |at| TemplateFault::Unclosed { at };

    assert_eq!(faults("a {{visitor.name"), [open(3)]);
    assert_eq!(faults("a {{visitor.name\n}}"), [open(3)]);
    assert_eq!(faults("{{ {{visitor.name}}"), [open(1)]);
    assert_eq!(
        faults("{{visitor.name} } {{agent.name}"),
        [open(1), open(19)]
    );
}

#[test]
fn chat_07_a_template_has_the_bounds_of_a_message_and_its_own() {
    let text = |invalid| vec![TemplateFault::Text(invalid)];
    assert_eq!(faults(" "), text(Invalid::TooShort { min: 1 }));
    let max = MessageText::BYTES_MAX;
    let (fits, long) = ("x".repeat(max), "x".repeat(max + 1));
    assert!(fits.parse::<TemplateText>().is_ok());
    let unit = "bytes";
    assert_eq!(faults(&long), text(Invalid::TooLong { max, unit }));

    let many = |count| "{{agent.name}}".repeat(count);
    assert!(many(SLOTS_MAX).parse::<TemplateText>().is_ok());
    assert_eq!(faults(&many(SLOTS_MAX + 1)), [TemplateFault::TooMany]);

    let fallback = |count| format!("{{{{agent.name|{}}}}}", "ä".repeat(count));
    assert!(fallback(FALLBACK_CHARS_MAX).parse::<TemplateText>().is_ok());
    let long = fallback(FALLBACK_CHARS_MAX + 1);
    assert_eq!(faults(&long), [TemplateFault::LongFallback { at: 1 }]);
}

#[test]
fn chat_07_a_shortcut_is_one_word() {
    for good in ["hi", "Grüße-2", "a.b_c", " hi "] {
        assert!(good.parse::<Shortcut>().is_ok(), "{good}");
    }
    for bad in ["", "/hi", "two words", "a\u{7}", &"x".repeat(33)] {
        assert!(bad.parse::<Shortcut>().is_err(), "{bad}");
    }
    let folded = |text: &str| text.parse::<Shortcut>().unwrap().folded();
    assert_eq!(folded("GRÜSSE"), folded("grüsse"));
}

#[test]
fn route_06_an_address_is_filled_with_encoded_values() {
    let source =
        "https://crm.example:8443/c/{{visitor.email}}?n={{visitor.name|no one}}#{{chat.id}}";

    assert_eq!(
        link(source, "Ä & /?#%../b").unwrap(),
        format!(
            "https://crm.example:8443/c/vic%40home.example?n=%C3%84%20%26%20%2F%3F%23%25..%2Fb#{CHAT}"
        )
    );
    assert!(link(source, " ").unwrap().contains("?n=no%20one#"));
}

#[test]
fn route_06_a_value_does_not_lead_out_of_its_segment() {
    for dots in [".", "..", "..."] {
        assert_eq!(
            link("https://crm.example/a/{{visitor.name|none}}/b", dots).unwrap(),
            "https://crm.example/a/none/b"
        );
    }
    assert_eq!(
        link("https://crm.example/a/{{visitor.name}}/b", "%2e%2e").unwrap(),
        "https://crm.example/a/%252e%252e/b"
    );
}

#[test]
fn route_06_an_address_is_https_and_its_host_is_literal() {
    for good in [
        "https://crm.example",
        "https://crm.example/{{chat.id}}",
        "https://crm.example?id={{chat.id}}",
        "https://crm.example#{{chat.id}}",
        "https://10.0.0.1:8443/x%20y?a=(b)&c=[d]",
        " https://localhost/ ",
    ] {
        assert!(good.parse::<UrlTemplate>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "crm.example/{{chat.id}}",
        "http://crm.example/{{chat.id}}",
        "HTTPS://crm.example/",
        "javascript:alert(1)",
        "https://",
        "https:///{{chat.id}}",
        "https://{{visitor.name}}/",
        "https://crm.{{visitor.name}}.example/",
        "https://crm.example{{chat.id}}/",
        "https://crm.example:{{chat.id}}/",
        "https://crm.example:99999/",
        "https://crm.example:/",
        "https://ana@crm.example/",
        "https://ana:secret@crm.example/",
        "https://crm.example\\@evil.example/",
        "https://-crm.example/",
        "https://crm..example/",
        "https://crm.example/a b",
        "https://crm.example/ä",
        "https://crm.example/\"><",
        "https://crm.example/{x}",
        r"https://crm.example/\{{chat.id}}",
        "https://crm.example/{{chat.id}}}",
        "https://crm.example/{{chat.id",
    ] {
        assert!(bad.parse::<UrlTemplate>().is_err(), "{bad}");
    }
    let TemplateFaults(found) = "http://{{visitor.nam}}/"
        .parse::<UrlTemplate>()
        .unwrap_err();
    let text = TemplateFault::Text(Invalid::BadFormat("an https address"));
    assert_eq!(found, [text, unknown("visitor.nam", 8)]);
}

#[test]
fn route_06_an_address_that_grows_too_long_is_none() {
    // Each of these has 12 bytes when it is encoded.
    let name = |count: usize| "\u{1F44B}".repeat(count);
    let rest = "x".repeat(8192 - 12 - "https://crm.example/".len());
    let source = "https://crm.example/{{visitor.name}}";
    let most = (8192 - "https://crm.example/".len()) / 12;

    assert!(link(source, &name(most)).is_some());
    assert_eq!(link(source, &name(most + 1)), None);
    assert_eq!(link(source, &rest).unwrap().len(), 8192 - 12);
}

#[test]
fn chat_07_the_worst_source_is_read_in_linear_time() {
    let max = MessageText::BYTES_MAX;
    for piece in [
        "{{",
        "{{}}",
        "{{|",
        "{",
        "{{ ",
        "{{a{{",
        "{{\n",
        "}}",
        "\\{{",
        "{{{ }",
        "{{visitor.name|{{",
        "{{é}",
    ] {
        let mut source = piece.repeat(max / piece.len());
        let short: String = source.chars().take(source.chars().count() / 16).collect();
        source.truncate(source.len() / piece.len() * piece.len());
        let time = |source: &str| {
            // The best of several, so that a busy machine does not count.
            let runs = (0..5).map(|_| {
                let begun = Instant::now();
                let read = source.parse::<TemplateText>();
                let told = read.err().map_or(0, |faults| faults.0.len());
                assert!(told <= 101, "{told} faults were told");
                begun.elapsed()
            });
            runs.min().unwrap()
        };
        let (one, sixteen) = (time(&short).as_micros().max(50), time(&source).as_micros());
        // A quadratic one would take 256 times as long.
        assert!(
            sixteen < one * 100,
            "{piece:?}: {one} us, then {sixteen} us"
        );
    }
}

fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("{".to_owned()),
        Just("\\".to_owned()),
        Just("|".to_owned()),
        Just("\n".to_owned()),
        Just("ä".to_owned()),
        proptest::sample::select(&KNOWN[..]).prop_map(ToOwned::to_owned),
        proptest::sample::select(&KNOWN[..]).prop_map(|name| format!("{{{{{name}}}}}")),
        "[ -~]{0,6}",
    ];
    proptest::collection::vec(piece, 1..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chat_07_whatever_is_taken_can_be_filled_and_read_again(source in source(), name in "\\PC{0,20}") {
        if let Ok(text) = source.parse::<TemplateText>() {
            prop_assert_eq!(text.as_str().parse::<TemplateText>(), Ok(text.clone()));
            let filled = with_values(Some(&name), |values| text.fill(values));
            if !source.contains("{{") {
                prop_assert_eq!(filled, source);
            }
        }
    }

    #[test]
    fn chat_07_no_value_brings_a_mark_of_its_own(name in "\\PC{1,30}") {
        let filled = filled_name(&name);
        let mut plain = String::new();
        for c in filled.chars() {
            if ['*', '_', '[', ']'].contains(&c) {
                prop_assert_eq!(plain.pop(), Some('\\'), "{} in {}", c, &filled);
            }
            plain.push(c);
        }
        let expected = if is_blank(&name) { "x" } else { name.trim() };
        prop_assert_eq!(&plain, expected);
        // The reader of the markup agrees: within a mark of the author's, the name is a text.
        let shown = markup::parse(&format!("a *b* {filled} *c*")).unwrap();
        let italic = |text: &str| Node::Italic { content: vec![Node::Text { text: text.into() }] };
        prop_assert_eq!(shown.len(), 4);
        prop_assert_eq!(&shown[1], &italic("b"));
        prop_assert_eq!(&shown[2], &Node::Text { text: format!(" {expected} ").into() });
        prop_assert_eq!(&shown[3], &italic("c"));
    }

    #[test]
    fn route_06_no_value_leaves_its_place_in_an_address(name in "\\PC{0,30}") {
        let filled = link("https://crm.example/a/{{visitor.name|x}}/b?c={{visitor.name|x}}", &name).unwrap();
        let segments: Vec<&str> = filled.split('/').collect();
        prop_assert_eq!(segments.len(), 6);
        prop_assert_eq!((segments[2], segments[3]), ("crm.example", "a"));
        prop_assert!(!segments[4].is_empty() && segments[4].chars().any(|c| c != '.'));
        prop_assert_eq!(segments[5].matches(['?', '=', '#', '&']).count(), 2);
        prop_assert!(filled.is_ascii());
    }
}
