//! The markup of messages (CHAT-5).

use std::time::Instant;

use deskbell::domain::markup::{self, MARKS_MAX, Node};
use proptest::prelude::*;

/// Writes a tree in a form that shows it: `i(...)`, `b(...)`, `a(address ...)`, everything else as it is.
fn shown(text: &str) -> String {
    fn write(nodes: &[Node], out: &mut String) {
        for node in nodes {
            let (open, content) = match node {
                Node::Text { text } => {
                    out.push_str(text);
                    continue;
                }
                Node::Italic { content } => ("i(".to_owned(), content),
                Node::Bold { content } => ("b(".to_owned(), content),
                Node::Link { url, content } => (format!("a({url} "), content),
            };
            out.push_str(&open);
            write(content, out);
            out.push(')');
        }
    }
    let mut out = String::new();
    match markup::parse(text) {
        Some(nodes) => write(&nodes, &mut out),
        None => out.push_str(text),
    }
    out
}

/// What a text is for, the text, and its tree.
const TREES: &[(&str, &str, &str)] = &[
    (
        "one of each kind",
        "*a* _b_ __c__ [d](https://e.example)",
        "i(a) i(b) b(c) a(https://e.example d)",
    ),
    (
        "bold and italic",
        "*__both__* __*both*__ _*once*_",
        "i(b(both)) b(i(both)) i(once)",
    ),
    ("a style within itself", "*a _b_ c*", "i(a b c)"),
    (
        "marks in a link",
        "[__d__ e](tel:+1-2)",
        "a(tel:+1-2 b(d) e)",
    ),
    (
        "a link in marks",
        "*see [d](mailto:a@b.example) now*",
        "i(see a(mailto:a@b.example d) now)",
    ),
    (
        "within words",
        "snake_case 2*3*4 a__b__c",
        "snake_case 2*3*4 a__b__c",
    ),
    (
        "beside marks of sentences",
        "(*a*), \"__b__\": _c_!",
        "(i(a)), \"b(b)\": i(c)!",
    ),
    (
        "beside spaces",
        "* a * _ b _ __ c __",
        "* a * _ b _ __ c __",
    ),
    ("without a partner", "*a _b __c [d", "*a _b __c [d"),
    ("the inner one without a partner", "*a _b* c_", "i(a _b) c_"),
    (
        "over a line's end",
        "*a\nb* [c\nd](https://e.example)",
        "*a\nb* [c\nd](https://e.example)",
    ),
    (
        "runs of another length",
        "**a** ___b___ ____",
        "**a** ___b___ ____",
    ),
    (
        "no spaces between words",
        "\u{8fd9}*\u{91cd}\u{8981}*\u{7684}",
        "\u{8fd9}i(\u{91cd}\u{8981})\u{7684}",
    ),
    (
        "escaped",
        "\\*a\\* \\[b](https://e.example) \\_\\x",
        "*a* [b](https://e.example) _\\x",
    ),
    ("escaped within", "*a\\*b*", "i(a*b)"),
    (
        "marks in an address",
        "[a](https://e.example/_b_*c*)",
        "a(https://e.example/_b_*c* a)",
    ),
    (
        "brackets in the text",
        "[see [1]](https://e.example)",
        "a(https://e.example see [1])",
    ),
    (
        "brackets in the address",
        "[a](https://e.example/(b)) c",
        "a(https://e.example/(b) a) c",
    ),
    (
        "a link in a link",
        "[a [b](https://e.example) c](https://f.example)",
        "[a a(https://e.example b) c](https://f.example)",
    ),
    (
        "marks over a link's edge",
        "[a *b](https://e.example) c*",
        "a(https://e.example a *b) c*",
    ),
    (
        "nothing to press",
        "[](https://e.example) [ ](https://e.example)",
        "[](https://e.example) [ ](https://e.example)",
    ),
    (
        "nothing to see",
        "[\u{200b}](https://e.example) [\u{ad} \u{feff}](https://e.example)",
        "[\u{200b}](https://e.example) [\u{ad} \u{feff}](https://e.example)",
    ),
    (
        "an emoji with a joiner",
        "[\u{1f469}\u{200d}\u{1f467}](https://e.example)",
        "a(https://e.example \u{1f469}\u{200d}\u{1f467})",
    ),
];

#[test]
fn chat_05_marks_make_a_tree() {
    for (name, text, expected) in TREES {
        assert_eq!(shown(text), *expected, "{name}");
    }
}

#[test]
fn chat_05_a_link_leads_nowhere_that_runs_in_the_page() {
    let kept = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//e.example",
        "/path",
        "e.example",
        "https:e.example",
        "https://",
        "https:///x",
        "https://:80/",
        "https://bank.example@e.example",
        "https://a:b@e.example/",
        "mailto:",
        "mailto:a",
        "mailto:@b",
        "tel:",
        "tel:abc",
        "https://e.example/\"x",
        "https://e.example/<x>",
        "https://e.example/ x",
        "https://e.example/\tx",
        "https://e.example\\x",
    ];
    for address in kept {
        let text = format!("[a]({address})");
        assert_eq!(markup::parse(&text), None, "{address}");
    }
    let followed = [
        "http://e.example",
        "HTTPS://e.example/a?b=c#d",
        "https://e.example/a@b",
        "https://\u{e9}.example/\u{4e2d}",
        "mailto:a@b.example?subject=c",
        "tel:+420-123(45)",
    ];
    for address in followed {
        assert_eq!(shown(&format!("[a]({address})")), format!("a({address} a)"));
    }
    let longest = format!("https://e.example/{}", "a".repeat(2048 - 18));
    assert!(markup::parse(&format!("[a]({longest})")).is_some());
    assert_eq!(markup::parse(&format!("[a]({longest}b)")), None);
}

#[test]
fn chat_05_marks_beyond_the_bound_stay_text() {
    let text = "*a* ".repeat(MARKS_MAX + 1);

    let nodes = markup::parse(&text).unwrap();

    let italic = |node: &&Node| matches!(node, Node::Italic { .. });
    assert_eq!(nodes.iter().filter(italic).count(), MARKS_MAX);
    assert_eq!(
        nodes.last(),
        Some(&Node::Text {
            text: " *a* ".into()
        })
    );
}

/// A text that has no partners for its marks costs no more than one that has.
#[test]
fn chat_05_the_worst_text_is_read_in_linear_time() {
    let units = [
        "*_*_[",
        "*a _b __c [",
        "[[[[",
        "]](](](",
        "[a](https://e.example/",
        "*__",
        "_a* ",
        "\\*",
        "[](",
        "*a* ",
        "[a](https://e.example/(((",
        " *_",
        "__a_b*c",
    ];
    let started = Instant::now();
    for unit in units {
        let text = unit.repeat(65_536 / unit.len());
        let nodes = markup::parse(&text).unwrap_or_default();
        assert!(
            count(&nodes) <= 3 * MARKS_MAX + 1,
            "{unit}: {}",
            count(&nodes)
        );
    }

    // A quadratic search through one of them takes seconds, also where nothing else runs.
    let took = started.elapsed();
    assert!(took.as_secs() < 2, "{took:?}");
}

fn count(nodes: &[Node]) -> usize {
    let within = |node: &Node| match node {
        Node::Text { .. } => 0,
        Node::Italic { content } | Node::Bold { content } | Node::Link { content, .. } => {
            count(content)
        }
    };
    nodes.len() + nodes.iter().map(within).sum::<usize>()
}

/// The texts of a tree and the addresses in it, in their order.
fn texts(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text { text } => out.push_str(text),
            Node::Italic { content } | Node::Bold { content } => texts(content, out),
            Node::Link { url, content } => {
                texts(content, out);
                out.push_str(url);
            }
        }
    }
}

/// How deep it is, and whether a style or a link stands within itself, or a node is empty.
fn depth(nodes: &[Node], around: &[&str]) -> usize {
    assert!(!nodes.is_empty(), "an empty node in {around:?}");
    let deep = nodes.iter().map(|node| {
        let (style, content) = match node {
            Node::Text { text } => {
                assert!(!text.is_empty());
                return 1;
            }
            Node::Italic { content } => ("italic", content),
            Node::Bold { content } => ("bold", content),
            Node::Link { content, .. } => ("link", content),
        };
        assert!(!around.contains(&style), "{style} in {around:?}");
        1 + depth(content, &[around, &[style]].concat())
    });
    deep.max().unwrap_or(0)
}

fn without_marks(text: &str) -> String {
    text.chars().filter(|c| !"*_[]()\\".contains(*c)).collect()
}

fn marked() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["*", "_", "__", "[", "]", "](https://e.example)", "](tel:1)", "\\", "(", ")"]),
        3 => prop::sample::select(vec!["a", "b c", " ", "\n", "\u{e9}", "\u{4e2d}", ".", "1"]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chat_05_a_tree_loses_nothing_but_marks(text in prop_oneof![3 => marked(), 1 => any::<String>()]) {
        if let Some(nodes) = markup::parse(&text) {
            let mut all = String::new();
            texts(&nodes, &mut all);
            prop_assert_eq!(without_marks(&all), without_marks(&text));
            prop_assert!(depth(&nodes, &[]) <= 4);
        }
    }

    #[test]
    fn chat_05_what_is_escaped_is_shown_as_it_was(text in prop_oneof![3 => marked(), 1 => any::<String>()]) {
        prop_assert_eq!(shown(&markup::escape(&text)), text);
    }

    #[test]
    fn chat_05_a_text_without_marks_is_its_own_tree(text in "[^*_\\[\\]\\\\]*") {
        prop_assert_eq!(markup::parse(&text), None);
        if let Ok(text) = text.parse::<deskbell::domain::RichText>() {
            let only = Node::Text { text: text.source().as_str().into() };
            prop_assert_eq!(text.content(), vec![only]);
        }
    }
}
