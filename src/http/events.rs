//! What has happened in a chat, in pages: the same objects as on the socket.
//!
//! Owns how a page of frames is put together. Frames are texts already, so they are joined, not read again.

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

/// A page of events, oldest first; docs/protocol.md describes each type.
#[derive(ToSchema)]
#[schema(as = EventPage)]
#[expect(
    dead_code,
    reason = "only its description is used; the frames are joined as texts"
)]
pub(super) struct EventPage {
    /// The events.
    data: Vec<EventBody>,
    /// The next page's `after`; `null` on the last one.
    next_cursor: Option<String>,
}

/// What every event has beside the fields of its type.
#[derive(ToSchema)]
#[schema(as = Event)]
#[expect(
    dead_code,
    reason = "only its description is used; protocol::event writes frames"
)]
struct EventBody {
    /// What happened.
    #[schema(rename = "type", example = "chat.message")]
    kind: String,
    /// Rises from event to event; may skip numbers.
    seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: String,
    /// The chat.
    chat_id: uuid::Uuid,
}

/// Makes the answer of up to one more row than a page holds, and the frames that the caller may see.
pub(super) fn answer<R>(
    mut rows: Vec<R>,
    limit: Limit,
    seq: impl FnOnce(&R) -> i64,
    frame: impl FnMut(&R) -> Option<String>,
) -> Response {
    let size = usize::from(limit.0);
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more).map(seq);
    let next = last.map_or("null".to_owned(), |seq| format!("\"{seq}\""));
    let frames: Vec<String> = rows.iter().filter_map(frame).collect();
    let body = format!("{{\"data\":[{}],\"next_cursor\":{next}}}", frames.join(","));
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1000)
            .await
            .unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn frames_are_joined_and_what_is_not_for_the_caller_is_left_out() {
        let frame = |row: &i64| (row % 2 == 1).then(|| format!("{{\"seq\":{row}}}"));

        let last = answer(vec![1, 2, 3], Limit(3), |row| *row, frame);
        assert_eq!(
            text(last).await,
            r#"{"data":[{"seq":1},{"seq":3}],"next_cursor":null}"#
        );
        let first = answer(vec![1, 2, 3], Limit(2), |row| *row, frame);
        assert_eq!(
            text(first).await,
            r#"{"data":[{"seq":1}],"next_cursor":"2"}"#
        );
    }
}
