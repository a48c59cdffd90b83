//! Parts of a file (RFC 9110, section 14): players ask for the end of a video before its middle.

use std::ops::Range;

use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};

/// How much of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it; also when what is asked for is not understood, as the standard wants it.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Beyond,
}

/// Reads what is asked for of a file of this length and tag. Several ranges at once are answered by the whole: each
/// client that could ask for them can do with that.
pub(super) fn asked(headers: &HeaderMap, length: u64, etag: &str) -> Asked {
    let Some(range) = headers.get(RANGE).and_then(|value| value.to_str().ok()) else {
        return Asked::Whole;
    };
    // What the client has is of another file, then the part would not fit. A date is never ours.
    if headers.get(IF_RANGE).is_some_and(|tag| tag != etag) {
        return Asked::Whole;
    }
    let spec = range
        .split_once('=')
        .filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"))
        .and_then(|(_, spec)| spec.trim().split_once('-'));
    let Some((first, last)) = spec else {
        return Asked::Whole;
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => part(first, last.saturating_add(1), length),
        (Some(first), None) if last.is_empty() => part(first, length, length),
        (None, Some(count)) if first.is_empty() => {
            part(length.saturating_sub(count), length, length)
        }
        _ => Asked::Whole,
    }
}

/// A number of digits; one that no file reaches is beyond all of them.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn part(first: u64, end: u64, length: u64) -> Asked {
    let range = first..end.min(length);
    if range.is_empty() {
        Asked::Beyond
    } else {
        Asked::Part(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, if_range: Option<&str>) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        if let Some(tag) = if_range {
            headers.insert(IF_RANGE, tag.parse().unwrap());
        }
        asked(&headers, 100, "\"tag\"")
    }

    #[test]
    fn a_range_lies_within_the_file() {
        for (range, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=0-99", Asked::Part(0..100)),
            ("Bytes=90-200", Asked::Part(90..100)),
            ("bytes=90-", Asked::Part(90..100)),
            ("bytes=-10", Asked::Part(90..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=99-99999999999999999999999", Asked::Part(99..100)),
            ("bytes=100-", Asked::Beyond),
            ("bytes=100-200", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
        ] {
            assert_eq!(of(range, None), expected, "{range}");
        }
        for whole in [
            "bytes=5-4",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=0-1,5-6",
            "bytes=+1-2",
            "lines=0-1",
            "0-1",
        ] {
            assert_eq!(of(whole, None), Asked::Whole, "{whole}");
        }
        assert_eq!(asked(&HeaderMap::new(), 100, "\"tag\""), Asked::Whole);
    }

    #[test]
    fn a_part_of_another_file_is_not_asked_for() {
        assert_eq!(of("bytes=0-0", Some("\"tag\"")), Asked::Part(0..1));
        for other in ["\"other\"", "W/\"tag\"", "Tue, 01 Dec 2026 10:00:00 GMT"] {
            assert_eq!(of("bytes=0-0", Some(other)), Asked::Whole, "{other}");
        }
    }
}
