//! What has happened in a chat, in pages: the same objects as on the socket.
//!
//! Owns how a page of frames is put together, and how much is read for it. Frames are texts already, so they are joined,
//! not read again.

use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use deserr::Deserr;
use utoipa::{IntoParams, ToSchema};

use super::page::{Limit, Seq};
use crate::faults::Faults;

/// The parameters of a chat's events.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Only events with a greater `seq`.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 0)]
    pub after: Option<Seq>,
    /// Only events with a smaller `seq`.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 0)]
    pub before: Option<Seq>,
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before; the same as `after`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Seq>,
}

impl EventQuery {
    /// The number after which the page begins: the later of the two that may be given.
    #[must_use]
    pub(super) fn after(&self) -> Option<i64> {
        self.after.max(self.cursor).map(|seq| seq.0)
    }

    /// The number before which it ends.
    #[must_use]
    pub(super) fn before(&self) -> Option<i64> {
        self.before.map(|seq| seq.0)
    }
}

/// A page of events, oldest first.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "only its description is used; the frames are joined as texts"
)]
pub(super) struct EventPage<E: ToSchema> {
    /// The events.
    data: Vec<E>,
    /// The next page's `cursor`; `null` on the last one.
    next_cursor: Option<String>,
}

/// The most rows that are read for a page. A chat has few events in a row that are not for its readers, so this is met by
/// none that the service has written yet; if it is, the page is short and says where it has stopped.
const ROWS_MAX: usize = 1000;

/// A page in the making. Rows that the caller may not see take no place on it: more are read until it is full and one more
/// event tells that another page follows, or none are left.
pub(super) struct Part {
    limit: usize,
    /// The frames that the caller may see, with their numbers: up to one more than the page holds.
    frames: Vec<(i64, String)>,
    /// The last row that was read.
    last: Option<i64>,
    /// How many rows were read.
    read: usize,
    /// Whether there may be more.
    more: bool,
}

impl Part {
    /// Begins after a number, or with the first event.
    #[must_use]
    pub(super) fn new(limit: Limit, after: Option<i64>) -> Self {
        Self {
            limit: limit.0.into(),
            frames: Vec::new(),
            last: after,
            read: 0,
            more: true,
        }
    }

    /// What is to be read next, if anything is: the number after which, and how many rows.
    #[must_use]
    pub(super) fn wanted(&self) -> Option<(Option<i64>, i64)> {
        let open = self.more && self.frames.len() <= self.limit && self.read < ROWS_MAX;
        open.then(|| (self.last, self.portion()))
    }

    /// As many as are missing at first. Where the first ones were not enough there may be many that do not count.
    fn portion(&self) -> i64 {
        let portion = match self.read {
            0 => self.limit + 1,
            read => usize::from(Limit::MAX).min(ROWS_MAX - read),
        };
        i64::try_from(portion).unwrap_or(i64::MAX)
    }

    /// Takes what was read in, with each row's number and what the caller sees of it.
    pub(super) fn take<R>(
        &mut self,
        rows: &[R],
        seq: impl Fn(&R) -> i64,
        frame: impl Fn(&R) -> Option<String>,
    ) {
        self.more = i64::try_from(rows.len()).is_ok_and(|count| count >= self.portion());
        self.read += rows.len();
        for row in rows {
            if self.frames.len() > self.limit {
                break;
            }
            self.last = Some(seq(row));
            let frame = frame(row);
            self.frames.extend(frame.map(|frame| (seq(row), frame)));
        }
    }

    /// The answer: what is read next time begins after the last event of a full page, else after the last row.
    pub(super) fn answer(mut self) -> Response {
        let next = if self.frames.len() > self.limit {
            self.frames.truncate(self.limit);
            self.frames.last().map(|(seq, _)| *seq)
        } else {
            self.last.filter(|_| self.more)
        };
        let next = next.map_or("null".to_owned(), |seq| format!("\"{seq}\""));
        let frames: Vec<String> = self.frames.into_iter().map(|(_, frame)| frame).collect();
        let body = format!("{{\"data\":[{}],\"next_cursor\":{next}}}", frames.join(","));
        let json = HeaderValue::from_static("application/json");
        ([(CONTENT_TYPE, json)], body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use super::*;

    /// A page of the rows that have these numbers, of which the caller sees some, and how often was read.
    async fn page(
        rows: RangeInclusive<i64>,
        sees: impl Fn(i64) -> bool,
        limit: u8,
        after: Option<i64>,
    ) -> (String, usize) {
        let mut part = Part::new(Limit(limit), after);
        let mut reads = 0;
        while let Some((after, count)) = part.wanted() {
            reads += 1;
            let following = rows.clone().filter(|row| Some(*row) > after);
            let found: Vec<i64> = following.take(usize::try_from(count).unwrap()).collect();
            let frame = |row: &i64| sees(*row).then(|| row.to_string());
            part.take(&found, |row| *row, frame);
        }
        let bytes = axum::body::to_bytes(part.answer().into_body(), 10_000);
        let text = String::from_utf8(bytes.await.unwrap().to_vec()).unwrap();
        (text, reads)
    }

    #[tokio::test]
    async fn a_page_is_full_unless_it_is_the_last_one() {
        let odd = |row| row % 2 == 1;

        let (first, _) = page(1..=6, odd, 2, None).await;
        assert_eq!(first, r#"{"data":[1,3],"next_cursor":"3"}"#);
        let (last, _) = page(1..=6, odd, 2, Some(3)).await;
        assert_eq!(last, r#"{"data":[5],"next_cursor":null}"#);
        // Nothing follows that the caller may see, so this is the last page already.
        let (whole, _) = page(1..=6, odd, 3, None).await;
        assert_eq!(whole, r#"{"data":[1,3,5],"next_cursor":null}"#);
        let (none, _) = page(1..=6, |_| false, 1, None).await;
        assert_eq!(none, r#"{"data":[],"next_cursor":null}"#);
        let (beyond, _) = page(1..=6, odd, 1, Some(6)).await;
        assert_eq!(beyond, r#"{"data":[],"next_cursor":null}"#);
    }

    #[tokio::test]
    async fn what_the_caller_sees_all_of_is_read_once() {
        for limit in [1, 5, 6, 200] {
            assert_eq!(page(1..=6, |_| true, limit, None).await.1, 1, "{limit}");
        }
    }

    #[tokio::test]
    async fn the_pages_together_have_every_event_once() {
        let sees = |row: i64| row % 7 == 0 || row % 11 < 2;
        for limit in [1, 2, 3, 10] {
            let (mut after, mut read) = (None, Vec::new());
            loop {
                let (text, _) = page(1..=300, sees, limit, after).await;
                let page: serde_json::Value = serde_json::from_str(&text).unwrap();
                let data = page["data"].as_array().unwrap();
                read.extend(data.iter().map(|row| row.as_i64().unwrap()));
                let Some(next) = page["next_cursor"].as_str() else {
                    break;
                };
                assert_eq!(data.len(), usize::from(limit));
                after = Some(next.parse().unwrap());
            }
            assert_eq!(read, (1..=300).filter(|row| sees(*row)).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn the_work_for_a_page_has_an_end_and_the_next_one_goes_on_there() {
        let at = |row| row == 1001;

        let (short, reads) = page(1..=3000, at, 1, None).await;
        assert_eq!(short, r#"{"data":[],"next_cursor":"1000"}"#);
        assert!(reads < 10, "{reads}");
        let (next, _) = page(1..=3000, at, 1, Some(1000)).await;
        assert_eq!(next, r#"{"data":[1001],"next_cursor":"2000"}"#);
    }
}
