//! What a file is, by its first bytes; and whether what is said of it can be true.
//!
//! Owns the one answer on which everything about a file is decided: neither its name nor what its sender calls it
//! counts. Whatever can be read as text is text, except for the few formats that are text themselves and are recognised:
//! so a page that begins like an image is not shown as one.

use crate::domain::{MediaType, Show};

/// How much of a file is looked at. The formats of office programs are told apart by what lies in the first entries of
/// an archive; everything else shows itself in the first kilobyte.
pub(super) const HEAD_BYTES: usize = 16 << 10;

/// Tells what a file is that begins like this.
pub(super) fn media_type(head: &[u8]) -> MediaType {
    let found = recognised(head);
    // Nothing that this can be is no media type.
    found.parse().unwrap_or_else(|_| MediaType::unknown())
}

fn recognised(head: &[u8]) -> &'static str {
    let text = text(head);
    let infered = infer::get(head).map(|kind| kind.mime_type());
    match (infered, text) {
        // The library finds it anywhere in the first kilobyte, as old readers do. Browsers want it at the beginning.
        (_, _) if head.starts_with(b"%PDF-") => "application/pdf",
        (Some(known @ ("application/rtf" | "application/postscript")), _) => known,
        (_, Some(text)) => kind_of_text(text),
        (Some("application/pdf") | None, None) => MediaType::UNKNOWN,
        (Some(known), None) => known,
    }
}

/// The head as text, if it is UTF-8 without the characters that no text has. The last character may be cut off.
fn text(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let fits = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
    (!text.is_empty() && text.chars().all(fits)).then_some(text)
}

/// The elements with which a document without a doctype is a page (the MIME Sniffing Standard, section 7.1).
const ELEMENTS: [&str; 17] = [
    "html", "head", "script", "iframe", "h1", "div", "font", "table", "a", "style", "title", "b",
    "body", "br", "p", "svg", "meta",
];

fn kind_of_text(text: &str) -> &'static str {
    if text.starts_with("#!") {
        return "text/x-shellscript";
    }
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    let mut is_xml = false;
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            is_xml |= rest.starts_with("<?xml");
            "?>"
        } else if begins(rest, "<!doctype") {
            if begins(rest["<!doctype".len()..].trim_start(), "html") {
                return "text/html";
            }
            ">"
        } else {
            break;
        };
        // A comment without an end hides all that follows, as it does from a browser.
        rest = rest
            .split_once(end)
            .map_or("", |(_, after)| after.trim_start());
    }
    let tag = rest.strip_prefix('<').unwrap_or_default();
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
    let element = tag[..end.unwrap_or(tag.len())].to_ascii_lowercase();
    if element == "svg" || tag.starts_with("svg:") {
        "image/svg+xml"
    } else if is_xml {
        "text/xml"
    } else if ELEMENTS.contains(&&*element) {
        "text/html"
    } else {
        "text/plain"
    }
}

fn begins(text: &str, with: &str) -> bool {
    let start = text.as_bytes().get(..with.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
}

/// Types that hold others of their family, so that a file may truly be called by several of them.
#[derive(PartialEq, Eq)]
enum Container {
    Zip,
    Iso,
    Ogg,
    Matroska,
}

fn container(media_type: &MediaType) -> Option<Container> {
    let packed = [
        "openxmlformats",
        "opendocument",
        "macroenabled",
        "+zip",
        "java-archive",
        "android.package-archive",
    ];
    Some(match media_type.as_str() {
        "audio/mp4" | "video/mp4" | "video/quicktime" | "audio/3gpp" | "video/3gpp" => {
            Container::Iso
        }
        "audio/ogg" | "video/ogg" | "application/ogg" => Container::Ogg,
        "audio/webm" | "video/webm" | "audio/x-matroska" | "video/x-matroska" => {
            Container::Matroska
        }
        "application/zip" => Container::Zip,
        other if packed.iter().any(|part| other.contains(part)) => Container::Zip,
        _ => return None,
    })
}

fn is_textual(media_type: &MediaType) -> bool {
    let text = media_type.as_str();
    let subtype = text.strip_prefix("application/").unwrap_or_default();
    let languages = [
        "ecmascript",
        "graphql",
        "javascript",
        "json",
        "sql",
        "toml",
        "typescript",
        "x-javascript",
        "x-ndjson",
        "x-sh",
        "x-sql",
        "x-yaml",
        "yaml",
    ];
    text.starts_with("text/")
        || text.ends_with("+xml")
        || text.ends_with("+json")
        || languages.contains(&subtype)
}

/// The formats of office programs before they were archives. Their content is not recognised, the programs save pages
/// and tables of text under the same names, and some systems call every table so.
fn is_old_office(media_type: &MediaType) -> bool {
    let text = media_type.as_str();
    text.starts_with("application/vnd.ms-") || text == "application/msword"
}

/// Whether a file of this content cannot be what it is said to be. Said of a type that is not recognised, anything can
/// be true: then the file is a download.
#[must_use]
pub fn contradicts(found: &MediaType, said: &MediaType) -> bool {
    let unknown = MediaType::UNKNOWN;
    if found == said || said.as_str() == unknown {
        return false;
    }
    if container(found).is_some_and(|family| container(said) == Some(family)) {
        return false;
    }
    let found_nothing = found.as_str() == unknown;
    if is_textual(said) {
        // Texts come in other encodings than UTF-8, in which they are not recognised.
        return !is_textual(found) && !found_nothing;
    }
    if is_old_office(said) {
        return !is_textual(found) && !found_nothing && !is_old_office(found);
    }
    // It would have been recognised.
    said.show() != Show::Download
        || container(said).is_some()
        || infer::is_mime_supported(said.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &[u8]) -> String {
        media_type(head).as_str().to_owned()
    }

    #[test]
    fn content_decides_what_a_file_is() {
        let mut webp = b"RIFF\x24\0\0\0WEBPVP8 ".to_vec();
        webp.resize(64, 0);
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0\x80\0\0", "image/gif"),
            (&webp, "image/webp"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
            (b"%PDF-1.4\nplain", "application/pdf"),
            (b"ID3\x03\0\0\0\0\0\0", "audio/mpeg"),
            (b"\xff\xfb\x90\x44\0", "audio/mpeg"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", "video/mp4"),
            (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4"),
            (b"OggS\0\x02\0\0", "audio/ogg"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
            (b"PK\x03\x04\x14\0\0\0\x08\0", "application/zip"),
            (
                b"MZ\x90\0\x03\0\0\0\x04\0",
                "application/vnd.microsoft.portable-executable",
            ),
            ("Grüße\n".as_bytes(), "text/plain"),
            (b"\0\x01\x02\x03", MediaType::UNKNOWN),
            (b"", MediaType::UNKNOWN),
            ("Gr\u{fc}\u{df}e".as_bytes().split_at(3).0, "text/plain"),
        ] {
            assert_eq!(of(head), expected, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn what_a_browser_could_run_is_recognised_and_no_image() {
        for (head, expected) in [
            ("<!DOCTYPE html><p>", "text/html"),
            ("\u{feff}\n <!-- a --><HTML>", "text/html"),
            ("<script>alert(1)</script>", "text/html"),
            ("<?xml version=\"1.0\"?><svg onload=a>", "image/svg+xml"),
            ("<!-- GIF89a --><svg:svg>", "image/svg+xml"),
            (
                "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\"><svg>",
                "image/svg+xml",
            ),
            ("<?xml version=\"1.0\"?><note/>", "text/xml"),
            ("#!/bin/sh\n", "text/x-shellscript"),
            ("GIF89a=1;alert(1)", "text/plain"),
            ("BMW and ID3 and OggS", "text/plain"),
            ("<3 you", "text/plain"),
            ("<!-- no end <script>", "text/plain"),
            ("<script>/* %PDF-1.7 */</script>", "text/html"),
        ] {
            assert_eq!(of(head.as_bytes()), expected, "{head}");
        }
        assert_eq!(of(b"\0\0 %PDF-1.7"), MediaType::UNKNOWN);
    }

    #[test]
    fn what_is_said_must_be_possible() {
        let cases = [
            // found, said, whether it contradicts
            ("image/png", "image/png", false),
            ("image/png", "image/jpeg", true),
            ("image/png", "application/octet-stream", false),
            ("image/png", "text/plain", true),
            ("text/html", "image/png", true),
            ("text/plain", "application/pdf", true),
            (MediaType::UNKNOWN, "image/png", true),
            (MediaType::UNKNOWN, "text/csv", false),
            (MediaType::UNKNOWN, "application/msword", false),
            ("text/html", "text/plain", false),
            ("text/plain", "application/json", false),
            ("text/plain", "image/svg+xml", false),
            ("text/plain", "application/vnd.ms-excel", false),
            ("image/png", "application/vnd.ms-excel", true),
            (
                "application/vnd.microsoft.portable-executable",
                "application/pdf",
                true,
            ),
            (
                "application/vnd.microsoft.portable-executable",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                true,
            ),
            (
                "text/html",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                true,
            ),
            (
                "application/zip",
                "application/vnd.oasis.opendocument.text",
                false,
            ),
            ("application/zip", "application/java-archive", false),
            ("video/mp4", "audio/x-m4a", false),
            ("video/quicktime", "video/mp4", false),
            ("video/mp4", "video/webm", true),
            ("application/gzip", "application/x-invented", false),
            ("text/plain", "video/vnd.dlna.mpeg-tts", false),
        ];
        for (found, said, expected) in cases {
            let of = |text: &str| text.parse().unwrap();
            let contradicts = contradicts(&of(found), &of(said));
            assert_eq!(contradicts, expected, "{found} said to be {said}");
        }
    }
}
