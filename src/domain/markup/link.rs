//! Where links begin and end.

use std::ops::Range;

use crate::domain::text::is_invisible;

/// `[text](address)`, by its places in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Where `[` is.
    pub(super) open: usize,
    /// Where `]` is.
    pub(super) close: usize,
    /// The address.
    pub(super) address: Range<usize>,
    /// What follows the `)`.
    pub(super) end: usize,
}

/// The longest address in bytes: what browsers and mail programs all take.
const ADDRESS_BYTES_MAX: usize = 2048;

/// Finds the links of a text in their order. They do not overlap.
///
/// Each bracket is looked at once. An address is looked for after each `](`, but the search ends at the next `]`, so no two
/// searches cover the same byte.
pub(super) fn find(text: &str) -> Vec<Link> {
    let bytes = text.as_bytes();
    let mut links = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if super::escapes(bytes, at) => at += 1,
            b'\n' => open.clear(),
            b'[' => open.push(at),
            b']' => {
                if let Some(start) = open.pop()
                    && let Some(address) = address(text, at + 1)
                    && has_text(&text[start + 1..at])
                {
                    // No link in a link: what was open around it can be none.
                    open.clear();
                    let end = address.end + 1;
                    links.push(Link {
                        open: start,
                        close: at,
                        address,
                        end,
                    });
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    links
}

/// Whether something would be seen of a link.
fn has_text(text: &str) -> bool {
    text.chars()
        .any(|c| !c.is_whitespace() && !is_invisible(c) && !super::is_mark(c) && c != '\\')
}

/// The address in brackets that begins here, if there is one that may be followed.
fn address(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text[at..].strip_prefix('(')?;
    let mut depth = 0;
    for (offset, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => {
                let address = &rest[..offset];
                let start = at + 1;
                return may_be_followed(address).then_some(start..start + offset);
            }
            ')' => depth -= 1,
            // None of these stands in an address unencoded, and some end an attribute where somebody writes one.
            '[' | ']' | '<' | '>' | '"' | '\\' | '`' => return None,
            c if c.is_whitespace() || c.is_control() => return None,
            _ => {}
        }
        if offset > ADDRESS_BYTES_MAX {
            return None;
        }
    }
    None
}

/// Whether an address may be followed: only what opens a page, a letter or a call: nothing that runs in the reader's own page.
pub(in crate::domain) fn may_be_followed(address: &str) -> bool {
    if address.len() > ADDRESS_BYTES_MAX {
        return false;
    }
    let Some((scheme, rest)) = address.split_once(':') else {
        return false;
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => {
            let Some(rest) = rest.strip_prefix("//") else {
                return false;
            };
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            // What stands before an `@` is a name that looks like the address of another page.
            !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@')
        }
        "mailto" => rest
            .split_once('@')
            .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty()),
        "tel" => {
            let number = |c: char| c.is_ascii_digit() || "+-.()*#;=".contains(c);
            rest.bytes().any(|b| b.is_ascii_digit()) && rest.chars().all(number)
        }
        _ => false,
    }
}
