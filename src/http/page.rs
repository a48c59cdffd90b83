//! Lists in pages.
//!
//! Owns the cursor, which is opaque to clients: where the page before ended, as base64url. A cursor is a position,
//! not a promise: it can be made up, and then only shows another part of what the caller may see anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::{ChatId, ContactId, Invalid, Timestamp, bounded};
use crate::faults::{FaultCode, Faults, pointer};
use crate::store::{ChatPage, ConversationPlace, EntryNumber};

/// How many entries a page has: 1 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(pub u8);

impl Limit {
    /// The most.
    pub(super) const MAX: u8 = 200;

    /// One more than the page holds: whether it comes tells whether another page does.
    #[must_use]
    pub(super) fn and_one_more(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl Deserr<Faults> for Limit {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let number = whole_number(value, location)?;
        let limit = u8::try_from(number)
            .ok()
            .filter(|number| (1..=Self::MAX).contains(number));
        limit
            .map(Self)
            .ok_or_else(|| out_of_range(location, 1, i64::from(Self::MAX)))
    }
}

/// What is searched for: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search(pub String);

impl Deserr<Faults> for Search {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        let text = text.trim();
        bounded(text, 1, 100).map_err(|invalid| Faults::invalid(pointer(location), invalid))?;
        Ok(Self(text.to_owned()))
    }
}

/// The number of an event in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seq(pub i64);

impl Deserr<Faults> for Seq {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let number = whole_number(value, location)?;
        if number >= 0 {
            Ok(Self(number))
        } else {
            Err(out_of_range(location, 0, i64::MAX))
        }
    }
}

fn out_of_range(location: ValuePointerRef<'_>, min: i64, max: i64) -> Faults {
    Faults::invalid(pointer(location), Invalid::OutOfRange { min, max })
}

/// Reads a number from a parameter's text.
fn whole_number<V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<i64, Faults> {
    let text = String::deserialize_from_value(value, location)?;
    text.parse().map_err(|_| {
        Faults::one(
            pointer(location),
            FaultCode::WrongType,
            "expected a whole number",
        )
    })
}

/// Where a page ends.
pub(super) trait Position: Sized {
    /// Writes it down.
    fn to_bytes(&self) -> Vec<u8>;

    /// Reads it; `None` for bytes that were never written.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl Position for Uuid {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_slice(bytes).ok()
    }
}

/// The number of an event.
impl Position for i64 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let number = Self::from_be_bytes(bytes.try_into().ok()?);
        (number >= 0).then_some(number)
    }
}

/// The number of the last entry.
impl Position for u32 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_be_bytes(bytes.try_into().ok()?))
    }
}

/// Within a chat: how many of its entries came before, or the number of the last one.
impl Position for (Timestamp, ChatId, u32) {
    fn to_bytes(&self) -> Vec<u8> {
        [&(self.0, self.1).to_bytes()[..], &self.2.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chat, number) = bytes.split_last_chunk()?;
        let (at, id) = Position::from_bytes(chat)?;
        Some((at, id, u32::from_be_bytes(*number)))
    }
}

/// Which kind, and its number.
impl Position for EntryNumber {
    fn to_bytes(&self) -> Vec<u8> {
        let (kind, number) = match self {
            Self::Message(number) => (0, number),
            Self::Note(number) => (1, number),
        };
        [&[kind], &number.to_be_bytes()[..]].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, number) = bytes.split_first()?;
        let number = Position::from_bytes(number)?;
        match kind {
            0 => Some(Self::Message(number)),
            1 => Some(Self::Note(number)),
            _ => None,
        }
    }
}

/// The chat, the time, and the entry.
impl Position for ConversationPlace {
    fn to_bytes(&self) -> Vec<u8> {
        let chat = (self.started_at, self.chat_id).to_bytes();
        [chat, self.at.to_bytes(), self.number.to_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chat, entry) = bytes.split_at_checked(24)?;
        let (at, number) = entry.split_at_checked(8)?;
        let (started_at, chat_id) = Position::from_bytes(chat)?;
        Some(Self {
            started_at,
            chat_id,
            at: Position::from_bytes(at)?,
            number: Position::from_bytes(number)?,
        })
    }
}

impl Position for Timestamp {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let at = Self(i64::from_be_bytes(bytes.try_into().ok()?));
        // A time that was never written down may be one that the database cannot hold.
        (Self(0)..=Self::MAX).contains(&at).then_some(at)
    }
}

impl Position for (Timestamp, Uuid) {
    fn to_bytes(&self) -> Vec<u8> {
        [self.0.to_bytes(), self.1.to_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (at, id) = bytes.split_at_checked(8)?;
        Some((Position::from_bytes(at)?, Position::from_bytes(id)?))
    }
}

impl Position for (Timestamp, ChatId) {
    fn to_bytes(&self) -> Vec<u8> {
        (self.0, self.1.0).to_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        <(Timestamp, Uuid)>::from_bytes(bytes).map(|(at, id)| (at, ChatId(id)))
    }
}

/// The ids of contacts do not tell their age.
impl Position for (Timestamp, ContactId) {
    fn to_bytes(&self) -> Vec<u8> {
        (self.0, self.1.0).to_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        <(Timestamp, Uuid)>::from_bytes(bytes).map(|(at, id)| (at, ContactId(id)))
    }
}

/// Where the page before ended, as the client got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor<P>(pub P);

impl<P: Position> Cursor<P> {
    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.to_bytes())
    }

    fn decode(text: &str) -> Option<Self> {
        P::from_bytes(&URL_SAFE_NO_PAD.decode(text).ok()?).map(Self)
    }
}

impl<P: Position> Deserr<Faults> for Cursor<P> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        Self::decode(&text).ok_or_else(|| {
            Faults::invalid(
                pointer(location),
                Invalid::BadFormat("the next_cursor of a page"),
            )
        })
    }
}

/// The parameters of a list in the order in which its things were made.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<Uuid>>,
}

impl ListQuery {
    /// The id after which the page begins.
    pub(super) fn after<T>(&self, id: impl FnOnce(Uuid) -> T) -> Option<T> {
        self.cursor.map(|cursor| id(cursor.0))
    }
}

/// The parameters of a list of chats, newest first.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChatListQuery {
    /// How many entries to return.
    #[deserr(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor<(Timestamp, ChatId)>>,
}

impl ChatListQuery {
    /// The page that is asked for, and one row more.
    pub(super) fn page(&self) -> ChatPage {
        ChatPage {
            before: self.cursor.map(|cursor| cursor.0),
            limit: self.limit.and_one_more(),
        }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of up to one more row than it holds. `last` tells where a row stands.
    pub(super) fn new<R, P: Position>(
        mut rows: Vec<R>,
        limit: Limit,
        last: impl FnOnce(&R) -> P,
        show: impl FnMut(&R) -> T,
    ) -> Self {
        let size = usize::from(limit.0);
        let more = rows.len() > size;
        rows.truncate(size);
        let end = rows.last().filter(|_| more);
        Self {
            next_cursor: end.map(|row| Cursor(last(row)).encode()),
            data: rows.iter().map(show).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::faults::read;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let (at, id) = (Timestamp(1_700_000_000_123), ChatId(Uuid::from_u128(7)));
        let text = Cursor((at, id)).encode();

        assert_eq!(
            Cursor::<(Timestamp, ChatId)>::decode(&text),
            Some(Cursor((at, id)))
        );
        assert_eq!(Cursor::<Uuid>::decode(&text), None);
        assert_eq!(
            Cursor::<Uuid>::decode(&Cursor(id.0).encode()),
            Some(Cursor(id.0))
        );
        for bad in ["", "x", "!!!", "AAAA=", &"A".repeat(1000)] {
            assert_eq!(Cursor::<(Timestamp, ChatId)>::decode(bad), None);
        }
        let place = (at, id, u32::MAX);
        let text = Cursor(place).encode();
        assert_eq!(Cursor::decode(&text), Some(Cursor(place)));
        assert_eq!(Cursor::<(Timestamp, ChatId)>::decode(&text), None);
        for number in [EntryNumber::Message(7), EntryNumber::Note(u32::MAX)] {
            let place = ConversationPlace {
                started_at: at,
                chat_id: id,
                at,
                number,
            };
            let text = Cursor(place).encode();
            assert_eq!(Cursor::decode(&text), Some(Cursor(place)));
            let shorter = Cursor::<ConversationPlace>::decode(&text[..text.len() - 4]);
            assert_eq!(shorter, None);
        }
        for far in [i64::MIN, -1, Timestamp::MAX.0 + 1, i64::MAX] {
            let text = Cursor((Timestamp(far), id)).encode();
            assert_eq!(Cursor::<(Timestamp, ChatId)>::decode(&text), None, "{far}");
        }
    }

    #[test]
    fn a_page_knows_whether_another_one_follows() {
        let id = Uuid::from_u128;
        let page = |rows: Vec<u128>| Page::new(rows, Limit(2), |row| id(*row), u128::to_string);

        assert_eq!(page(vec![1, 2]).next_cursor, None);
        let first = page(vec![1, 2, 3]);
        assert_eq!(first.data, ["1", "2"]);
        assert_eq!(first.next_cursor, Some(Cursor(id(2)).encode()));
        assert_eq!(page(vec![]).next_cursor, None);
    }

    #[test]
    fn a_limit_is_a_number_within_bounds() {
        let limit = |text: &str| read::<Limit>(json!(text)).map_err(|faults| faults.0[0].code);

        assert_eq!(limit("200"), Ok(Limit(200)));
        assert_eq!(limit("1"), Ok(Limit(1)));
        for bad in ["0", "201", "-1", "300"] {
            assert_eq!(limit(bad), Err(FaultCode::OutOfRange), "{bad}");
        }
        assert_eq!(limit("ten"), Err(FaultCode::WrongType));
        assert_eq!(limit(""), Err(FaultCode::WrongType));
    }
}
