//! The tree, made of marks whose partners are known.

use super::link::Link;
use super::pair::{Mark, Token};
use super::{MARKS_MAX, Node};

/// What a node is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Italic,
    Bold,
    Link(usize),
}

/// The nodes that have begun and not ended. There are three at most: a style within itself adds none, and no link stands
/// in a link.
struct Builder<'t> {
    text: &'t str,
    links: &'t [Link],
    /// Text that has not become a node yet.
    pending: String,
    done: Vec<Node>,
    open: Vec<(Style, Vec<Node>)>,
}

/// Makes the tree of a text.
pub(super) fn build(text: &str, links: &[Link], tokens: &[Token]) -> Vec<Node> {
    let mut builder = Builder {
        text,
        links,
        pending: String::new(),
        done: Vec::new(),
        open: Vec::new(),
    };
    // What each mark that counts has begun; a mark whose style was begun before has begun nothing.
    let mut begun: Vec<Option<Begun>> = vec![None; tokens.len()];
    let mut link_counts = vec![false; links.len()];
    let mut left = MARKS_MAX;
    let mut copied = 0;
    for (index, token) in tokens.iter().enumerate() {
        match *token {
            Token::Escape { at } => {
                builder.copy(copied, at);
                copied = at + 1;
            }
            Token::Mark { at, mark, partner } => {
                let Some(partner) = partner else { continue };
                let opens = partner > index;
                if opens && left > 0 {
                    left -= 1;
                    builder.copy(copied, at);
                    copied = at + mark.bytes();
                    begun[index] = Some(builder.begin(style(mark)));
                } else if let Some(begun) = begun[partner].filter(|_| !opens) {
                    builder.copy(copied, at);
                    copied = at + mark.bytes();
                    if begun == Begun::Node {
                        builder.end();
                    }
                }
            }
            Token::LinkOpen { link } => {
                if left > 0 {
                    left -= 1;
                    link_counts[link] = true;
                    builder.copy(copied, links[link].open);
                    copied = links[link].open + 1;
                    builder.begin(Style::Link(link));
                }
            }
            Token::LinkClose { link } => {
                if link_counts[link] {
                    builder.copy(copied, links[link].close);
                    copied = links[link].end;
                    builder.end();
                }
            }
        }
    }
    builder.copy(copied, text.len());
    builder.flush();
    builder.done
}

/// What a mark has begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Node,
    /// Nothing: its style counts already.
    Nothing,
}

fn style(mark: Mark) -> Style {
    match mark {
        Mark::Star | Mark::Line => Style::Italic,
        Mark::DoubleLine => Style::Bold,
    }
}

impl Builder<'_> {
    fn copy(&mut self, from: usize, to: usize) {
        self.pending.push_str(&self.text[from..to]);
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let text = std::mem::take(&mut self.pending).into();
            self.add(Node::Text { text });
        }
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some((_, content)) => content.push(node),
            None => self.done.push(node),
        }
    }

    fn begin(&mut self, style: Style) -> Begun {
        if self.open.iter().any(|(open, _)| *open == style) {
            return Begun::Nothing;
        }
        self.flush();
        self.open.push((style, Vec::new()));
        Begun::Node
    }

    /// Marks are paired without crossing, so what ends is what began last.
    fn end(&mut self) {
        self.flush();
        if let Some((style, content)) = self.open.pop() {
            let node = match style {
                Style::Italic => Node::Italic { content },
                Style::Bold => Node::Bold { content },
                Style::Link(link) => Node::Link {
                    url: self.text[self.links[link].address.clone()].into(),
                    content,
                },
            };
            self.add(node);
        }
    }
}
