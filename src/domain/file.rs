//! Files: what was uploaded, or is named by its address, and how it may be shown (CHAT-5).
//!
//! Owns what a name, a media type and an address may look like, and which types are shown. Must not look into a file:
//! what it holds is found out where it is taken, and comes in as a media type.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::is_invisible;
use super::word::words;
use super::{AgentId, ChatId, FileId, Invalid, Millis, NewText, Timestamp, VisitorId, bounded};

/// Defines a text newtype that is written as it is and checked when it is read back.
macro_rules! checked_texts {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                Self::from(&*text.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }
    )+};
}

checked_texts! {
    /// A file's name as its sender gave it: 1 to 255 characters, without its folders. It is shown and sent along, and
    /// no file of the server is ever called so.
    FileName,
    /// What a file holds, as `type/subtype` in lower case without parameters; at most 127 characters. Of several
    /// spellings in use one stands for all, so that equal types are equal texts.
    MediaType,
    /// Where a file is found that this server does not keep: `https://`, at most 2,048 bytes.
    FileUrl,
}

impl FileName {
    const CHARS_MAX: usize = 255;

    /// What follows the last dot, in lower case; none when nothing precedes or follows it.
    #[must_use]
    pub fn extension(&self) -> Option<String> {
        let (stem, extension) = self.0.rsplit_once('.')?;
        let named = !stem.is_empty() && !extension.is_empty();
        named.then(|| extension.to_lowercase())
    }
}

/// Characters that reorder, join or hide others, with which `exe.gpj` is read as `jpg.exe`, and those that end a line. The two
/// by which a sign is shown as text or in colours do neither, and many keyboards add them.
fn is_deceptive(c: char) -> bool {
    let shows_otherwise = matches!(c, '\u{fe0e}' | '\u{fe0f}');
    (is_invisible(c) && !shows_otherwise) || matches!(c, '\u{2028}' | '\u{2029}')
}

impl std::str::FromStr for FileName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        bounded(text, 1, Self::CHARS_MAX)?;
        if text.contains(['/', '\\']) || text == "." || text == ".." {
            return Err(Invalid::BadFormat("the name of a file without its folders"));
        }
        Ok(Self(text.into()))
    }
}

impl NewText for FileName {
    /// A name that says what it shows.
    fn new_text(text: &str) -> Result<Self, Invalid> {
        let name: Self = text.parse()?;
        if name.0.contains(is_deceptive) {
            return Err(Invalid::BadFormat(
                "free of characters that reorder or hide others",
            ));
        }
        Ok(name)
    }
}

/// Other spellings of a type, each with the one that stands for it here.
const SPELLINGS: &[(&str, &str)] = &[
    ("application/x-pdf", "application/pdf"),
    ("application/x-zip-compressed", "application/zip"),
    ("application/xml", "text/xml"),
    ("audio/m4a", "audio/mp4"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/opus", "audio/ogg"),
    ("audio/vnd.wave", "audio/wav"),
    ("audio/wave", "audio/wav"),
    ("audio/x-flac", "audio/flac"),
    ("audio/x-m4a", "audio/mp4"),
    ("audio/x-wav", "audio/wav"),
    ("image/heic", "image/heif"),
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("image/x-icon", "image/vnd.microsoft.icon"),
    ("image/x-ms-bmp", "image/bmp"),
    ("image/x-png", "image/png"),
    ("video/x-m4v", "video/mp4"),
];

impl MediaType {
    const CHARS_MAX: usize = 127;

    /// What says nothing about a file.
    pub const UNKNOWN: &'static str = "application/octet-stream";

    /// The type of what is not recognised.
    #[must_use]
    pub fn unknown() -> Self {
        Self(Self::UNKNOWN.into())
    }

    /// How a file that holds this is shown.
    #[must_use]
    pub fn show(&self) -> Show {
        match &*self.0 {
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" => Show::Image,
            "application/pdf" | "audio/mpeg" | "audio/mp4" | "audio/ogg" | "audio/wav"
            | "audio/flac" | "audio/aac" | "video/mp4" | "video/webm" | "video/ogg" => Show::Inline,
            _ => Show::Download,
        }
    }
}

/// The characters of a type's or subtype's name (RFC 6838, section 4.2).
fn is_restricted_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
    text.bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(fits)
}

impl std::str::FromStr for MediaType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() > Self::CHARS_MAX {
            return Err(Invalid::TooLong {
                max: Self::CHARS_MAX,
                unit: "characters",
            });
        }
        let named = text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_restricted_name(kind) && is_restricted_name(subtype));
        if !named {
            return Err(Invalid::BadFormat("a media type such as image/png"));
        }
        let text = text.to_ascii_lowercase();
        let one = SPELLINGS.iter().find(|(other, _)| *other == text);
        Ok(Self(one.map_or(&*text, |(_, one)| one).into()))
    }
}

impl FileUrl {
    const BYTES_MAX: usize = 2048;
}

impl std::str::FromStr for FileUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() > Self::BYTES_MAX {
            return Err(Invalid::TooLong {
                max: Self::BYTES_MAX,
                unit: "bytes",
            });
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(c);
        let host = text.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        // What precedes an @ is no host, though it is made to look like one.
        if host.is_empty() || host.contains('@') || text.contains(odd) {
            return Err(Invalid::BadFormat("an https address"));
        }
        Ok(Self(text.into()))
    }
}

words! {
    /// How a file is shown to who reads its message.
    pub enum Show {
        /// As an image within the message.
        Image = "image",
        /// Opened in the page, under a policy that lets it do nothing else: audio, video, PDF.
        Inline = "inline",
        /// Not at all: it is a link, and what it leads to is saved.
        Download = "download",
    }
}

/// The size of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pixels {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Pixels {
    /// How many there are in all.
    #[must_use]
    pub fn count(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Where a file is found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileSource {
    /// Uploaded: this server keeps it.
    Upload(FileId),
    /// Elsewhere: this server has never seen it.
    Address(FileUrl),
}

/// What a message tells of its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileCard {
    /// Where it is found.
    pub source: FileSource,
    /// What its sender calls it.
    pub name: FileName,
    /// What it holds: found in an upload, said of what is elsewhere.
    pub media_type: MediaType,
    /// How long it is; not known of what is elsewhere.
    pub bytes: Option<u64>,
    /// Its size, of an image that is shown.
    pub pixels: Option<Pixels>,
}

impl FileCard {
    /// How it is shown. What is elsewhere may be anything, whatever is said of it, so it is a link only.
    #[must_use]
    pub fn show(&self) -> Show {
        match self.source {
            FileSource::Upload(_) => self.media_type.show(),
            FileSource::Address(_) => Show::Download,
        }
    }

    /// The upload, if it is one.
    #[must_use]
    pub fn file_id(&self) -> Option<FileId> {
        match self.source {
            FileSource::Upload(id) => Some(id),
            FileSource::Address(_) => None,
        }
    }
}

/// Who has uploaded a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Uploader {
    /// An agent.
    Agent(AgentId),
    /// A visitor.
    Visitor(VisitorId),
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: FileId,
    /// Whose it is, until a message has it.
    pub uploader: Uploader,
    /// What its uploader calls it.
    pub name: FileName,
    /// What it holds, by its content.
    pub media_type: MediaType,
    /// How long it is.
    pub bytes: u64,
    /// The hash of its bytes.
    pub sha256: [u8; 32],
    /// Its size, of an image that is shown.
    pub pixels: Option<Pixels>,
    /// When it came.
    pub created_at: Timestamp,
    /// The chat with the message that has it.
    pub chat_id: Option<ChatId>,
}

impl Upload {
    /// How long it may be sent after it came.
    pub const LIFE: Millis = Millis::from_secs(24 * 3600);
    /// How long after that it is removed at the soonest, when it was not sent: a message that was taken at the last
    /// moment is committed by then.
    pub const MARGIN: Millis = Millis::from_secs(3600);

    /// Whether a message may still be given it.
    #[must_use]
    pub fn may_be_sent(&self, now: Timestamp) -> bool {
        self.chat_id.is_none() && self.created_at + Self::LIFE > now
    }

    /// What a message tells of it.
    #[must_use]
    pub fn card(&self) -> FileCard {
        FileCard {
            source: FileSource::Upload(self.id),
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            bytes: Some(self.bytes),
            pixels: self.pixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        let name = FileName::new_text(text).ok();
        name.map(|name| name.as_str().to_owned())
    }

    #[test]
    fn a_name_has_no_folders_and_hides_nothing() {
        assert_eq!(name(" résumé (1).pdf ").as_deref(), Some("résumé (1).pdf"));
        assert_eq!(name(".profile").as_deref(), Some(".profile"));
        assert!(name(&"é".repeat(255)).is_some());
        for bad in [
            "",
            " ",
            ".",
            "..",
            "../../etc/passwd",
            "C:\\autoexec.bat",
            "a\0b",
            "a\r\nSet-Cookie: x",
            "invoice\u{202e}fdp.exe",
            "a\u{200b}.png",
            &"é".repeat(256),
        ] {
            assert_eq!(name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_new_name_says_what_it_shows() {
        // Of each range of the table its ends, and what ends a line.
        let deceptive = "\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180e}\u{180f}\u{200b}\u{200f}\
            \u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{2800}\u{3164}\u{fe00}\u{fe0d}\
            \u{feff}\u{ffa0}\u{fff0}\u{fffb}\u{13430}\u{1343f}\u{1bca0}\u{1bca3}\u{1d173}\u{1d17a}\
            \u{e0000}\u{e0041}\u{e007f}\u{e01ef}\u{e0fff}";
        assert_eq!(deceptive.chars().count(), 39);
        for c in deceptive.chars() {
            let text = format!("a{c}b.png");
            assert_eq!(name(&text), None, "{:x}", u32::from(c));
            // What was stored before stays readable.
            assert!(text.parse::<FileName>().is_ok(), "{:x}", u32::from(c));
        }
        for good in [
            "a\u{202f}b.png",
            "日本語.txt",
            "שלום.pdf",
            "😀.gif",
            "❤\u{fe0f}.png",
            "a\u{301}.md",
        ] {
            assert_eq!(name(good).as_deref(), Some(good));
        }
    }

    #[test]
    fn an_extension_is_what_follows_the_last_dot() {
        let of = |text: &str| text.parse::<FileName>().unwrap().extension();

        assert_eq!(of("a.tar.GZ").as_deref(), Some("gz"));
        for none in ["a", ".profile", "a."] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn a_type_has_one_spelling() {
        let of = |text: &str| {
            let media_type: Result<MediaType, _> = text.parse();
            media_type.map(|media_type| media_type.as_str().to_owned())
        };

        assert_eq!(of("Image/JPG").unwrap(), "image/jpeg");
        assert_eq!(of("image/svg+xml").unwrap(), "image/svg+xml");
        for bad in [
            "",
            "image",
            "/png",
            "image/",
            "a/b/c",
            "text/plain; charset=utf-8",
            "text/pl ain",
            "text/h\u{e9}",
            &format!("text/{}", "x".repeat(123)),
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
        for (other, one) in SPELLINGS {
            assert_eq!(of(one).unwrap(), *one, "{other} leads to another spelling");
        }
    }

    #[test]
    fn an_address_leads_to_a_host_over_https() {
        let fits = |text: &str| text.parse::<FileUrl>().is_ok();

        assert!(fits("https://files.example.com/a%20b.pdf?x=1#page=2"));
        for bad in [
            "",
            "http://files.example.com/a",
            "https://",
            "https:///a",
            "https://user@files.example.com/",
            "https://bank.example@evil.example/",
            "https://files.example.com/a b",
            "javascript:alert(1)",
            "HTTPS:/files.example.com",
            &format!("https://files.example.com/{}", "x".repeat(2048)),
        ] {
            assert!(!fits(bad), "{bad}");
        }
    }

    #[test]
    fn what_a_script_could_hide_in_is_never_shown() {
        let show = |text: &str| text.parse::<MediaType>().unwrap().show();

        assert_eq!(show("image/png"), Show::Image);
        assert_eq!(show("application/pdf"), Show::Inline);
        for active in [
            "image/svg+xml",
            "text/html",
            "application/xhtml+xml",
            "text/xml",
            "text/javascript",
            "text/plain",
            MediaType::UNKNOWN,
        ] {
            assert_eq!(show(active), Show::Download, "{active}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_a_link_whatever_is_said_of_it() {
        let card = |source| FileCard {
            source,
            name: "a.png".parse().unwrap(),
            media_type: "image/png".parse().unwrap(),
            bytes: None,
            pixels: None,
        };
        let url = FileSource::Address("https://files.example.com/a.png".parse().unwrap());
        let upload = FileSource::Upload(FileId(uuid::Uuid::nil()));

        assert_eq!(card(url).show(), Show::Download);
        assert_eq!(card(upload.clone()).show(), Show::Image);
        let stored = serde_json::to_value(card(upload.clone())).unwrap();
        assert_eq!(stored["source"]["upload"], uuid::Uuid::nil().to_string());
        assert_eq!(
            serde_json::from_value::<FileCard>(stored.clone()).unwrap(),
            card(upload)
        );
        let mut bad = stored;
        bad["name"] = "../x".into();
        assert!(serde_json::from_value::<FileCard>(bad).is_err());
    }
}
