//! A transcript: what was said in a chat as a text that somebody keeps, prints or sends on (CHAT-7).
//!
//! Owns that no text can pass for somebody else's line: what follows a line break is indented, names are on one line, and
//! only a line that begins with `[` begins an entry. A visitor's is made of messages alone; a note has a function of its own.

use crate::domain::{Author, Body, FileCard, FileSource, RichText, Timestamp, Written, Zone};
use crate::engine::{ChatView, MessageView, NoteView};

use super::Audience;

/// What follows a line break within an entry.
const INDENT: &str = "    ";

/// What some reader of a text takes for the end of a line.
const BREAKS: [char; 10] = [
    '\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}',
];

/// A text without the ends of lines that are in it, for what stands on a line of its own or begins one.
fn on_one_line(text: &str) -> String {
    text.replace(BREAKS, " ")
}

/// Whoever writes a chat's transcript.
#[derive(Clone, Debug)]
pub struct Transcript {
    zone: Zone,
    visitor: String,
}

impl Transcript {
    /// A transcript of this chat, by the clocks of a time zone.
    #[must_use]
    pub fn of(chat: &ChatView, zone: Zone) -> Self {
        let name = chat.contact.name.as_ref();
        let visitor = on_one_line(name.map_or("Visitor", |name| name.as_str()));
        Self { zone, visitor }
    }

    /// What stands above the entries. The e-mail address is for agents.
    #[must_use]
    pub fn head(&self, chat: &ChatView, audience: Audience) -> String {
        let email = chat.contact.email.as_ref();
        let email = email.filter(|_| audience == Audience::Agent);
        let email = email.map_or(String::new(), |email| {
            format!(" <{}>", on_one_line(email.as_str()))
        });
        format!(
            "Chat {}\nWith {}{email}\nStarted {} ({})\n\n",
            chat.id,
            self.visitor,
            self.zone.shows(chat.started_at),
            self.zone.as_str(),
        )
    }

    /// A message's entry.
    #[must_use]
    pub fn message(&self, view: &MessageView) -> String {
        let message = &view.message;
        let written = match &message.body {
            Body::Notice(notice) => return self.entry(message.sent_at, "*", &notice.sentence()),
            Body::Deleted => "(deleted)".to_owned(),
            Body::Written(written) => said(written),
        };
        let edited = message.edited_at.filter(|_| message.body != Body::Deleted);
        let edited = edited.map_or("", |_| " (edited)");
        let author = match message.author {
            Author::Visitor => self.visitor.as_str(),
            Author::Agent(_) => view.author_name.as_ref().map_or("Agent", |n| n.as_str()),
            Author::System => "Service",
        };
        self.entry(message.sent_at, &format!("{author}{edited}:"), &written)
    }

    /// A note's entry, which is for agents.
    #[must_use]
    pub fn note(&self, view: &NoteView) -> String {
        let by = format!("{}, note:", view.author_name.as_str());
        self.entry(view.note.sent_at, &by, source(&view.note.text))
    }

    fn entry(&self, at: Timestamp, by: &str, text: &str) -> String {
        let (at, by) = (self.zone.shows(at), on_one_line(by));
        let entry = format!("[{at}] {by} {text}").replace("\r\n", "\n");
        let lines: Vec<&str> = entry.split(BREAKS).collect();
        lines.join(&format!("\n{INDENT}")) + "\n"
    }
}

fn source(text: &RichText) -> &str {
    text.source().as_str()
}

/// What somebody has written, each kind of thing on a line of its own.
fn said(written: &Written) -> String {
    let text = written.text.as_ref().map(|text| source(text).to_owned());
    let file = written.file.as_deref().map(file);
    let buttons = written.buttons.iter().map(|button| {
        let to = button.url.as_ref().map(|url| format!(" {}", url.as_str()));
        format!("( {}{} )", button.text.as_str(), to.unwrap_or_default())
    });
    let lines: Vec<String> = text.into_iter().chain(file).chain(buttons).collect();
    lines.join("\n")
}

fn file(card: &FileCard) -> String {
    let (name, media_type) = (card.name.as_str(), card.media_type.as_str());
    let bytes = card.bytes.map(|bytes| format!(", {bytes} bytes"));
    let at = match &card.source {
        FileSource::Upload(_) => String::new(),
        FileSource::Address(url) => format!(", {}", url.as_str()),
    };
    format!(
        "(file: {name}, {media_type}{}{at})",
        bytes.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, Button, Buttons, FileUrl, Message, SystemNotice};

    fn transcript() -> Transcript {
        Transcript {
            zone: "Europe/Prague".parse().unwrap(),
            visitor: "Vic".to_owned(),
        }
    }

    fn view(author: Author, body: Body) -> MessageView {
        let message = Message {
            id: "m-1".parse().unwrap(),
            seq: 1,
            author,
            body,
            sent_at: Timestamp(1_772_357_400_000),
            edited_at: None,
        };
        MessageView {
            message,
            author_name: None,
        }
    }

    #[test]
    fn whatever_may_end_a_line_is_within_the_entry() {
        for text in ["a\nb", "a\r\nb", "a\rb", "a\u{2028}b", "a\u{2029}b"] {
            let written: Written = text.parse().unwrap();
            let view = view(Author::Visitor, Body::Written(written.into()));

            let entry = transcript().message(&view);

            assert_eq!(entry, "[2026-03-01 10:30:00 +01:00] Vic: a\n    b\n");
        }
    }

    #[test]
    fn files_buttons_and_notices_are_told() {
        let url: FileUrl = "https://files.example/a.pdf".parse().unwrap();
        let card = FileCard {
            source: FileSource::Address(url),
            name: "a.pdf".parse().unwrap(),
            media_type: "application/pdf".parse().unwrap(),
            bytes: Some(12),
            pixels: None,
        };
        let button = |id: &str, url: Option<&str>| Button {
            id: id.parse().unwrap(),
            text: id.parse().unwrap(),
            url: url.map(|url| url.parse().unwrap()),
        };
        let buttons = vec![
            button("Yes", None),
            button("More", Some("https://site.example/")),
        ];
        let written = Written {
            text: None,
            file: Some(card.into()),
            buttons: Buttons::new(buttons).unwrap(),
            pressed: None,
        };
        let agent = Author::Agent(AgentId(uuid::Uuid::nil()));
        let entry = transcript().message(&view(agent, Body::Written(written.into())));

        let told = "(file: a.pdf, application/pdf, 12 bytes, https://files.example/a.pdf)";
        let lines: Vec<&str> = entry.lines().collect();
        assert!(lines[0].ends_with(&format!("] Agent: {told}")), "{entry}");
        assert_eq!(
            lines[1..],
            ["    ( Yes )", "    ( More https://site.example/ )"]
        );
        let notice = view(Author::System, Body::Notice(SystemNotice::Reopened {}));
        let entry = transcript().message(&notice);
        assert!(entry.ends_with("] * The chat goes on.\n"), "{entry}");
    }
}
