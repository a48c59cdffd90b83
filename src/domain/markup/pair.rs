//! Which marks belong together.

use super::link::Link;

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// `*`
    Star,
    /// `_`
    Line,
    /// `__`
    DoubleLine,
}

impl Mark {
    const COUNT: usize = 3;

    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Star | Self::Line => 1,
            Self::DoubleLine => 2,
        }
    }
}

/// Something other than text at a place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A `\` that makes the next character stand for itself.
    Escape { at: usize },
    /// A mark, with the index of the token that it belongs to.
    Mark {
        at: usize,
        mark: Mark,
        partner: Option<usize>,
    },
    /// The `[` of the link with this index.
    LinkOpen { link: usize },
    /// Its `]`, with the address.
    LinkClose { link: usize },
}

/// The marks of one line, or of one link's text, that are open. A mark that closes looks for the nearest one of its kind;
/// what was opened since stays text. Each is pushed and popped once, and the counts tell at once when there is none to
/// look for, so the time is that of one pass.
#[derive(Default)]
struct Open {
    stack: Vec<(Mark, usize)>,
    count: [usize; Mark::COUNT],
}

impl Open {
    fn push(&mut self, mark: Mark, token: usize) {
        self.stack.push((mark, token));
        self.count[mark as usize] += 1;
    }

    fn close(&mut self, mark: Mark) -> Option<usize> {
        if self.count[mark as usize] == 0 {
            return None;
        }
        while let Some((found, token)) = self.stack.pop() {
            self.count[found as usize] -= 1;
            if found == mark {
                return Some(token);
            }
        }
        None
    }
}

/// Finds all that is not text, in its order.
pub(super) fn tokens(text: &str, links: &[Link]) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut around = Open::default();
    let mut inside: Option<Open> = None;
    let mut next_link = 0;
    let mut at = 0;
    while at < bytes.len() {
        let link = links.get(next_link);
        match bytes[at] {
            b'\\' if super::escapes(bytes, at) => {
                tokens.push(Token::Escape { at });
                at += 2;
            }
            b'\n' => {
                // A line is the farthest that a mark reaches. No link crosses one, so nothing is open inside.
                around = Open::default();
                at += 1;
            }
            b'[' if link.is_some_and(|link| link.open == at) => {
                tokens.push(Token::LinkOpen { link: next_link });
                inside = Some(Open::default());
                at += 1;
            }
            b']' if link.is_some_and(|link| link.close == at) => {
                tokens.push(Token::LinkClose { link: next_link });
                inside = None;
                at = link.map_or(at + 1, |link| link.end);
                next_link += 1;
            }
            byte @ (b'*' | b'_') => {
                let run = bytes[at..].iter().take_while(|b| **b == byte).count();
                let mark = match (byte, run) {
                    (b'*', 1) => Some(Mark::Star),
                    (b'_', 1) => Some(Mark::Line),
                    (b'_', 2) => Some(Mark::DoubleLine),
                    _ => None,
                };
                if let Some(mark) = mark {
                    let open = inside.as_mut().unwrap_or(&mut around);
                    place(text, at, mark, open, &mut tokens);
                }
                at += run;
            }
            _ => at += 1,
        }
    }
    tokens
}

/// Adds a mark that closes or opens; any other stays text.
fn place(text: &str, at: usize, mark: Mark, open: &mut Open, tokens: &mut Vec<Token>) {
    let before = text[..at].chars().next_back();
    let after = text[at + mark.bytes()..].chars().next();
    let free = |c: Option<char>| c.is_none_or(|c| !joins(c));
    let solid = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    let this = tokens.len();
    let token = |partner| Token::Mark { at, mark, partner };
    if solid(before)
        && free(after)
        && let Some(opener) = open.close(mark)
    {
        if let Token::Mark { partner, .. } = &mut tokens[opener] {
            *partner = Some(this);
        }
        tokens.push(token(Some(opener)));
    } else if free(before) && solid(after) {
        open.push(mark, this);
        tokens.push(token(None));
    }
}

/// Whether a letter or digit belongs to the word next to it, so that a mark between the two is none: `snake_case`, `2*3*4`.
/// Scripts that are written without spaces have no such words.
fn joins(c: char) -> bool {
    let unspaced = matches!(
        u32::from(c),
        0x0E00..=0x0EFF // Thai, Lao
            | 0x1000..=0x109F // Burmese
            | 0x1780..=0x17FF // Khmer
            | 0x2E80..=0x9FFF // Chinese, Japanese
            | 0xAC00..=0xD7AF // Korean, whose particles follow a word without a space
            | 0xF900..=0xFAFF // Chinese, for compatibility
            | 0x20000..=0x3FFFF // Chinese, rare
    );
    c.is_alphanumeric() && !unspaced
}
