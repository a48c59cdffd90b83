//! How the words of the domain are read.
//!
//! Owns `Deserr` for the types of `domain`, so that a request says `name: Name`. Must not check
//! anything that their own constructors do not check.

use std::str::FromStr;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Map, Value, ValueKind, ValuePointerRef,
    take_cf_content,
};

use super::{Between, FaultCode, Faults, pointer};
use crate::domain::{
    Address, AgentId, BanId, Capacity, ChatId, CloseReason, Color, ConnectionId, ContactFields,
    ContactId, ContactNote, Country, DispositionId, Domain, Email, FieldKind, FieldName, FieldText,
    FileId, FileName, FileUrl, IfUnavailable, Inbox, Invalid, Language, LanguageTag, LocalDate,
    LocalTime, MediaType, MessageId, MessageText, Name, Network, NewText, NodeId, Note,
    OfferNumber, OfficeId, Overrun, PauseId, PictureUrl, QueueId, RatingComment, Release, Role,
    RoutingRuleId, Seat, SessionId, Shortcut, SkillId, Slug, Status, StatusId, Strategy, TagId,
    TargetingRuleId, TemplateId, TenantId, Timestamp, UrlPart, UrlPattern, VisitorId, Weekday,
    WhenBusy, WhenNotLive, WidgetId, Zone,
};

/// Reads a type from its text.
pub(crate) fn from_text<T: FromStr<Err = Invalid>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<T, Faults> {
    let text = String::deserialize_from_value(value, location)?;
    text.parse()
        .map_err(|invalid| Faults::invalid(pointer(location), invalid))
}

/// Reads a text of which more is asked here than where it is stored.
pub(crate) fn from_new_text<T: NewText, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<T, Faults> {
    let text = String::deserialize_from_value(value, location)?;
    T::new_text(&text).map_err(|invalid| Faults::invalid(pointer(location), invalid))
}

/// Implements `Deserr<Faults>` for types that are read from a text.
macro_rules! read_from_text {
    ($($type:ty),+ $(,)?) => { $crate::faults::read_by! { from_text: $($type),+ } };
}
pub(crate) use read_from_text;

/// The same for texts of which more is asked where somebody gives them.
macro_rules! read_new_text {
    ($($type:ty),+ $(,)?) => { $crate::faults::read_by! { from_new_text: $($type),+ } };
}
pub(crate) use read_new_text;

macro_rules! read_by {
    ($read:ident: $($type:ty),+) => {$(
        impl deserr::Deserr<$crate::faults::Faults> for $type {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef<'_>,
            ) -> Result<Self, $crate::faults::Faults> {
                $crate::faults::$read(value, location)
            }
        }
    )+};
}
pub(crate) use read_by;

read_from_text! {
    AgentId, BanId, ChatId, ConnectionId, ContactId, DispositionId, FileId, NodeId, OfficeId, PauseId, QueueId,
    RoutingRuleId, SessionId, SkillId, StatusId, TagId, TargetingRuleId, TemplateId, TenantId, VisitorId, WidgetId,
    Address, CloseReason, Color, Country, Domain, FieldKind, FileUrl, IfUnavailable, Inbox, Language,
    LanguageTag, LocalDate, LocalTime, MediaType, Network, Overrun, PictureUrl, Release, Role, Seat, Shortcut,
    Slug, Status, Strategy, UrlPart, UrlPattern, Weekday, WhenBusy, WhenNotLive, Zone,
}

read_new_text! {
    ContactNote, Email, FieldName, FieldText, FileName, MessageId, MessageText, Name, Note, RatingComment,
}

/// Any instant that can be shown again (RFC 3339, with any offset).
impl Deserr<Faults> for Timestamp {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        let read = chrono::DateTime::parse_from_rfc3339(&text).ok();
        let at = read.map(|at| Self(at.timestamp_millis()));
        let shown = at.filter(|at| (Self(0)..=Self::MAX).contains(at));
        let bad = Invalid::BadFormat("a time such as 2026-03-01T09:30:00Z");
        shown.ok_or_else(|| Faults::invalid(pointer(location), bad))
    }
}

impl Deserr<Faults> for Capacity {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let Between(number) =
            Between::<{ i64::MIN }, { i64::MAX }>::deserialize_from_value(value, location)?;
        Self::try_from(number).map_err(|invalid| Faults::invalid(pointer(location), invalid))
    }
}

impl Deserr<Faults> for OfferNumber {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let Between(number) =
            Between::<1, { u32::MAX as i64 }>::deserialize_from_value(value, location)?;
        // The bounds are those of a u32, so the other arm is out of reach.
        Ok(Self(u32::try_from(number).unwrap_or(u32::MAX)))
    }
}

/// What is wrong with an entry whose place is known.
struct Wrong(FaultCode, String);

impl From<Invalid> for Wrong {
    fn from(invalid: Invalid) -> Self {
        Self(invalid.into(), invalid.to_string())
    }
}

/// Hands each entry of an object to `take` and gathers what it refuses under the entry's own
/// pointer.
fn each_text<V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    mut take: impl FnMut(&str, &str) -> Result<(), Invalid>,
) -> Result<(), Faults> {
    each::<String, _, V>(value, location, |name, text| take(name, &text))
}

/// The same for entries of another type.
fn each<T: Deserr<Faults>, E: Into<Wrong>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    mut take: impl FnMut(&str, T) -> Result<(), E>,
) -> Result<(), Faults> {
    let Value::Map(entries) = value else {
        return Err(take_cf_content(Faults::error(
            None,
            ErrorKind::IncorrectValueKind {
                actual: value,
                accepted: &[ValueKind::Map],
            },
            location,
        )));
    };
    let mut faults = Faults::default();
    for (key, value) in entries.into_iter() {
        let here = location.push_key(&key);
        match T::deserialize_from_value(value.into_value(), here) {
            Err(wrong) => faults.extend(wrong),
            Ok(entry) => {
                if let Err(wrong) = take(&key, entry) {
                    let Wrong(code, detail) = wrong.into();
                    faults.extend(Faults::one(pointer(here), code, detail));
                }
            }
        }
    }
    faults.or(())
}

impl Deserr<Faults> for ContactFields {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let mut fields = Self::default();
        each_text(value, location, |name, answer| fields.insert(name, answer))?;
        Ok(fields)
    }
}

/// The answers of a form that starts a chat: `name` and `email` are the contact's own, the rest is
/// kept as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactForm {
    /// What the visitor is called.
    pub name: Option<Name>,
    /// Where the visitor can be reached.
    pub email: Option<Email>,
    /// Every other answer.
    pub fields: ContactFields,
}

impl Deserr<Faults> for ContactForm {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let mut form = Self::default();
        each::<Answer, Wrong, V>(value, location, |name, answer| {
            match name {
                "name" => form.name = Some(Name::new_text(answer.text()?)?),
                "email" => form.email = Some(Email::new_text(answer.text()?)?),
                other => form.fields.insert(other, answer.word())?,
            }
            Ok(())
        })?;
        Ok(form)
    }
}

/// One answer of a form. What a checkbox says is kept as the text `true` or `false`.
enum Answer {
    Text(String),
    Flag(bool),
}

impl Answer {
    /// A text that was given as one.
    fn text(&self) -> Result<&str, Wrong> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Flag(_) => Err(Wrong(
                FaultCode::WrongType,
                "expected a text, found true or false".to_owned(),
            )),
        }
    }

    /// What is kept of it.
    fn word(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(true) => "true",
            Self::Flag(false) => "false",
        }
    }
}

impl Deserr<Faults> for Answer {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        match value {
            Value::Boolean(flag) => Ok(Self::Flag(flag)),
            value => String::deserialize_from_value(value, location).map(Self::Text),
        }
    }
}

/// A change of the fields of a contact or a chat: each is given, or taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldsPatch(Vec<(String, Option<String>)>);

impl FieldsPatch {
    /// Changes what it names. What goes makes room for what comes.
    ///
    /// # Errors
    /// Names, under the pointer of all fields, those for which there is no room.
    pub fn apply(self, fields: &mut ContactFields, under: &str) -> Result<(), Faults> {
        let (given, taken): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|(_, answer)| answer.is_some());
        for (name, _) in taken {
            fields.remove(&name);
        }
        let mut faults = Faults::default();
        for (name, answer) in given {
            if let Err(invalid) = fields.insert(&name, &answer.unwrap_or_default()) {
                let here = format!("{under}/{}", super::escaped(&name));
                faults.extend(Faults::invalid(here, invalid));
            }
        }
        faults.or(())
    }
}

impl IntoIterator for FieldsPatch {
    type Item = (Box<str>, Option<Box<str>>);
    type IntoIter = std::iter::Map<
        std::vec::IntoIter<(String, Option<String>)>,
        fn((String, Option<String>)) -> Self::Item,
    >;

    /// Each name, with what is given or without what is taken away.
    fn into_iter(self) -> Self::IntoIter {
        self.0
            .into_iter()
            .map(|(name, answer)| (name.into(), answer.map(Into::into)))
    }
}

impl Deserr<Faults> for FieldsPatch {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let mut patch = Self::default();
        each::<Option<String>, Invalid, V>(value, location, |name, answer| {
            if let Some(answer) = &answer {
                ContactFields::default().insert(name, answer)?;
            }
            patch.0.push((name.to_owned(), answer));
            Ok(())
        })?;
        Ok(patch)
    }
}
