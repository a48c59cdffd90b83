//! Reading JSON from outside so that every bad field is named at once.
//!
//! Owns the faults of an input, with a JSON pointer, a stable code and a sentence for each, and the
//! rules by which `deserr` turns a value into a type. Must not know HTTP, sockets or configuration
//! files: they say where a value comes from and what happens to its faults. A request is a struct
//! with `#[derive(deserr::Deserr)] #[deserr(error = Faults, deny_unknown_fields)]`, read by
//! [`read`]; a field that may be absent carries `#[deserr(default)]` besides, even when it is an
//! `Option`.

mod draft;
mod hours;
mod routing;
mod shape;
mod suggest;
mod template;
mod vocabulary;

use std::ops::ControlFlow;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, Sequence, Value, ValueKind,
    ValuePointerRef,
};

use crate::domain::Invalid;

pub use draft::{Draft, Sent, StandIns};
pub use routing::SkillList;
pub(crate) use shape::entries;
pub use shape::{Between, Change, Distinct, Field, between};
pub use vocabulary::{ContactForm, FieldsPatch};
pub(crate) use vocabulary::{from_new_text, from_text, read_by, read_from_text, read_new_text};

/// How many faults of one input are kept. Whoever sends more learns of the rest after mending
/// these; an answer must not grow with what a hostile sender makes up.
const FAULTS_MAX: usize = 100;

/// Everything that is wrong with one input, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Faults(pub Vec<Fault>);

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// Where: an RFC 6901 JSON pointer such as `/admin/email`; empty for the whole input.
    pub pointer: String,
    /// What, for programs.
    pub code: FaultCode,
    /// What, for people: a lower-case fragment.
    pub detail: String,
}

/// The closed list of faults; never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// A field is missing.
    Required,
    /// There is no such field.
    UnknownField,
    /// A text where a number is expected, and so on.
    WrongType,
    /// Too few characters, bytes or entries.
    TooShort,
    /// Too many of them.
    TooLong,
    /// A number outside of its bounds.
    OutOfRange,
    /// Not of the form that is expected.
    BadFormat,
    /// None of the known words.
    UnknownValue,
    /// An id that names nothing of this tenant.
    UnknownId,
    /// The same thing twice.
    Duplicate,
    /// Covers time that another entry covers.
    Overlap,
    /// Not what is known to be right, such as the present password.
    Mismatch,
    /// None of the known placeholders of a template.
    UnknownPlaceholder,
    /// Was good until a time that has passed.
    Expired,
    /// Is good from a time on that is still to come.
    NotYetValid,
}

impl FaultCode {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::UnknownField => "unknown_field",
            Self::WrongType => "wrong_type",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::OutOfRange => "out_of_range",
            Self::BadFormat => "bad_format",
            Self::UnknownValue => "unknown_value",
            Self::UnknownId => "unknown_id",
            Self::Duplicate => "duplicate",
            Self::Overlap => "overlap",
            Self::Mismatch => "mismatch",
            Self::UnknownPlaceholder => "unknown_placeholder",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }
}

impl From<Invalid> for FaultCode {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::TooShort { .. } => Self::TooShort,
            Invalid::TooLong { .. } => Self::TooLong,
            Invalid::OutOfRange { .. } => Self::OutOfRange,
            Invalid::BadFormat(_) => Self::BadFormat,
            Invalid::UnknownValue(_) => Self::UnknownValue,
            Invalid::Duplicate => Self::Duplicate,
            Invalid::Overlap => Self::Overlap,
        }
    }
}

/// What is said of a field that there is not, among those that there are.
pub(crate) fn no_such_field(key: &str, known: &[&str]) -> String {
    match suggest::nearest(key, known) {
        Some(name) => format!("there is no such field; did you mean {name}?"),
        None => "there is no such field".to_owned(),
    }
}

/// Reads a value from outside.
///
/// # Errors
/// Names every field that is wrong.
pub fn read<T: Deserr<Faults>>(value: serde_json::Value) -> Result<T, Faults> {
    deserr::deserialize(value)
}

impl Faults {
    /// Makes the fault of one field.
    #[must_use]
    pub fn one(pointer: impl Into<String>, code: FaultCode, detail: impl Into<String>) -> Self {
        Self(vec![Fault {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }])
    }

    /// Makes the fault of one field from what the vocabulary says about its value.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, invalid: Invalid) -> Self {
        Self::one(pointer, invalid.into(), invalid.to_string())
    }

    /// Adds one; beyond a hundred it is dropped.
    pub fn push(&mut self, fault: Fault) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(fault);
        }
    }

    /// Adds those of another part of the same input.
    pub fn extend(&mut self, other: Self) {
        other.0.into_iter().for_each(|fault| self.push(fault));
    }

    /// Gives the value when there are no faults.
    ///
    /// # Errors
    /// The faults, when there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    fn with(earlier: Option<Self>, later: Self) -> ControlFlow<Self, Self> {
        let mut all = earlier.unwrap_or_default();
        all.extend(later);
        ControlFlow::Continue(all)
    }
}

impl std::error::Error for Faults {}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.len() {
            1 => f.write_str("1 field is wrong"),
            count => write!(f, "{count} fields are wrong"),
        }
    }
}

impl MergeWithError<Self> for Faults {
    fn merge(
        earlier: Option<Self>,
        later: Self,
        _: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        Self::with(earlier, later)
    }
}

impl MergeWithError<Invalid> for Faults {
    fn merge(
        earlier: Option<Self>,
        invalid: Invalid,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        Self::with(earlier, Self::invalid(pointer(location), invalid))
    }
}

impl DeserializeError for Faults {
    fn error<V: IntoValue>(
        earlier: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let here = pointer(location);
        let fault = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let (code, detail) = wrong_kind(&actual, accepted);
                Self::one(here, code, detail)
            }
            ErrorKind::MissingField { field } => Self::one(
                format!("{here}/{}", escaped(field)),
                FaultCode::Required,
                "this field is required",
            ),
            ErrorKind::UnknownKey { key, accepted } => Self::one(
                format!("{here}/{}", escaped(key)),
                FaultCode::UnknownField,
                no_such_field(key, accepted),
            ),
            ErrorKind::UnknownValue { accepted, .. } => Self::one(
                here,
                FaultCode::UnknownValue,
                format!("must be one of {}", accepted.join(", ")),
            ),
            ErrorKind::BadSequenceLen { actual, expected } => Self::one(
                here,
                FaultCode::OutOfRange,
                format!("must have {expected} entries, not {}", actual.len()),
            ),
            ErrorKind::Unexpected { msg } => {
                let (code, detail) = unexpected(&msg);
                Self::one(here, code, detail)
            }
        };
        Self::with(earlier, fault)
    }
}

/// Says what was expected and found. A number of the right kind on the wrong side of zero is out of
/// range rather than of another type: JSON knows only numbers.
fn wrong_kind<V: IntoValue>(actual: &Value<V>, accepted: &[ValueKind]) -> (FaultCode, String) {
    let whole = accepted.contains(&ValueKind::Integer) && !accepted.contains(&ValueKind::Float);
    match actual {
        Value::NegativeInteger(_) if whole => {
            (FaultCode::OutOfRange, "must be at least 0".to_owned())
        }
        Value::Float(number) if whole && is_huge(*number) => {
            let size = if *number > 0.0 { "large" } else { "small" };
            (FaultCode::OutOfRange, format!("is too {size}"))
        }
        actual => {
            let expected = match accepted {
                [] => "another value",
                kinds if kinds.contains(&ValueKind::Float) => "a number",
                [first, ..] => word(*first),
            };
            (
                FaultCode::WrongType,
                format!("expected {expected}, found {}", word(actual.kind())),
            )
        }
    }
}

/// Whether a number has no fraction and is beyond every whole number of 64 bits: JSON is read so that it is a float then.
fn is_huge(number: f64) -> bool {
    /// 2 to the power of 63.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    number.abs() >= BEYOND
}

fn word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "true or false",
        ValueKind::Integer | ValueKind::NegativeInteger => "a whole number",
        ValueKind::Float => "a number with a fraction",
        ValueKind::String => "a text",
        ValueKind::Sequence => "a list",
        ValueKind::Map => "an object",
    }
}

/// Rewords what `deserr` says about numbers that do not fit their type, the only case in which it
/// says anything of its own about the types in use here. Other words of its are not for clients.
fn unexpected(message: &str) -> (FaultCode, String) {
    let bound = |before: &str| message.split_once(before)?.1.split('`').next();
    if let Some(max) = bound("maximum value authorized is `") {
        return (FaultCode::OutOfRange, format!("must be at most {max}"));
    }
    if let Some(min) = bound("minimum value authorized is `") {
        return (FaultCode::OutOfRange, format!("must be at least {min}"));
    }
    (
        FaultCode::BadFormat,
        "is not of the form that is expected".to_owned(),
    )
}

/// The JSON pointer of a location.
pub(crate) fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => format!("{}/{}", pointer(*prev), escaped(key)),
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

/// A key as a token of a pointer (RFC 6901, section 3).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
