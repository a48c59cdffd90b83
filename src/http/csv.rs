//! Tables for spreadsheets (RFC 4180), for whoever asks for `text/csv`.
//!
//! Owns that no cell is a formula: a text that a spreadsheet would calculate is told to be a text.

use axum::http::header::{ACCEPT, CONTENT_TYPE, LINK, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

/// Whether a caller would rather have CSV than JSON.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter();
    let accepted = accepted.filter_map(|value| value.to_str().ok());
    let (mut csv, mut json) = (0, 0);
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = thousandths(weight);
        match media_type.as_str() {
            "text/csv" => csv = csv.max(weight),
            "application/json" => json = json.max(weight),
            _ => {}
        }
    }
    csv > 0 && csv >= json
}

/// A weight such as `0.8` in thousandths; 1 when there is none.
fn thousandths(weight: Option<&str>) -> u16 {
    let Some(weight) = weight else {
        return 1000;
    };
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    if whole != "0" {
        return 1000;
    }
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

/// A table as it grows.
pub(super) struct Table {
    text: String,
}

impl Table {
    /// A table with these columns.
    pub(super) fn new(columns: &[impl AsRef<str>]) -> Self {
        let mut table = Self {
            text: String::new(),
        };
        table.row(
            columns
                .iter()
                .map(|column| Cell::Word(column.as_ref().to_owned())),
        );
        table
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<String> = cells.into_iter().map(Cell::written).collect();
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }

    /// The answer. Where the next page is (a query for the same path) stands in a header, since a table has no place
    /// for it.
    pub(super) fn answer(self, next: Option<String>) -> Response {
        let csv = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        let mut response = ([(CONTENT_TYPE, csv)], self.text).into_response();
        let link = next.map(|query| format!("<?{query}>; rel=\"next\""));
        if let Some(Ok(link)) = link.map(HeaderValue::try_from) {
            response.headers_mut().insert(LINK, link);
        }
        vary(response)
    }
}

/// Says that the answer depends on what was asked for.
pub(super) fn vary(mut response: Response) -> Response {
    let accept = HeaderValue::from_static("accept");
    response.headers_mut().append(VARY, accept);
    response
}

/// One cell.
pub(super) enum Cell {
    /// A word of ours: an id, a time, a number.
    Word(String),
    /// A text that somebody wrote.
    Text(String),
}

impl Cell {
    fn written(self) -> String {
        match self {
            Self::Word(word) => word,
            Self::Text(text) => {
                let calculates = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
                let mark = if calculates { "'" } else { "" };
                format!("\"{mark}{}\"", text.replace('"', "\"\""))
            }
        }
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Word(number.to_string())
    }
}

impl From<uuid::Uuid> for Cell {
    fn from(id: uuid::Uuid) -> Self {
        Self::Word(id.to_string())
    }
}

impl From<crate::protocol::wire::Time> for Cell {
    fn from(time: crate::protocol::wire::Time) -> Self {
        Self::Word(crate::protocol::wire::rfc3339(time.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_for_those_who_ask_for_it() {
        let wanted = |accept: &'static str| {
            is_wanted(&HeaderMap::from_iter([(
                ACCEPT,
                HeaderValue::from_static(accept),
            )]))
        };

        for accept in [
            "text/csv",
            "Text/CSV;q=0.9, */*;q=0.1",
            "application/json;q=0.5, text/csv; q=0.8",
        ] {
            assert!(wanted(accept), "{accept}");
        }
        for accept in [
            "application/json",
            "*/*",
            "text/csv;q=0",
            "text/csv;q=0.000, */*",
            "application/json, text/csv;q=0.9",
        ] {
            assert!(!wanted(accept), "{accept}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn a_text_is_quoted_and_never_a_formula() {
        let mut table = Table::new(&["id", "name"]);
        for text in ["Ana", "a \"b\", c", "=1+1", "-2", "@x", "+3"] {
            table.row([Cell::from(7), Cell::Text(text.to_owned())]);
        }

        let expected = "id,name\r\n7,\"Ana\"\r\n7,\"a \"\"b\"\", c\"\r\n7,\"'=1+1\"\r\n7,\"'-2\"\r\n\
                        7,\"'@x\"\r\n7,\"'+3\"\r\n";
        assert_eq!(table.text, expected);
    }
}
