//! The small markup of messages (CHAT-5): `*italic*`, `_italic_`, `__bold__`, `[text](address)`.
//!
//! Owns the grammar, which docs/rules.md has in words, and the tree that it makes of a text. Must not know HTML: a
//! client writes the texts of the tree as texts. A text is read once, when its message is taken, in time that grows with
//! its length and nothing else, and what does not make a mark stays as it was written.

mod link;
mod pair;
mod tree;

use serde::{Deserialize, Serialize};

pub(super) use link::may_be_followed;

/// A piece of a message, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Node {
    /// Text as it is.
    Text {
        /// The text.
        text: Box<str>,
    },
    /// What stood between `*` or `_`.
    Italic {
        /// What is italic.
        content: Vec<Node>,
    },
    /// What stood between `__`.
    Bold {
        /// What is bold.
        content: Vec<Node>,
    },
    /// What leads somewhere else.
    Link {
        /// Where: `http`, `https`, `mailto` or `tel`.
        url: Box<str>,
        /// What is shown of it; no link in it.
        content: Vec<Node>,
    },
}

/// How many marks and links of one text count; those that begin later stay text. A tree has at most three nodes for each
/// of them and one more.
pub const MARKS_MAX: usize = 500;

/// Reads a text. `None` for one without any mark: its tree would be the text itself.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<Node>> {
    if !text.bytes().any(|b| b"*_[\\".contains(&b)) {
        return None;
    }
    let links = link::find(text);
    let tokens = pair::tokens(text, &links);
    let nodes = tree::build(text, &links, &tokens);
    let plain = matches!(&*nodes, [Node::Text { text: only }] if **only == *text);
    (!plain).then_some(nodes)
}

/// Writes a text so that nothing in it is a mark: for what is put into somebody else's text.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_mark(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Whether a character can be part of a mark, and so stands for itself after a `\`.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '*' | '_' | '[' | ']')
}

/// Whether a `\` at this place makes the next character stand for itself.
fn escapes(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1).copied();
    bytes[at] == b'\\' && next.is_some_and(|b| is_mark(char::from(b)))
}
