//! Shapes of fields that the JSON types alone do not tell.
//!
//! Owns absent against null, as merge patches tell them apart, bounded numbers and lists without repetition. Must not know what any
//! of them stands for.

use std::collections::BTreeSet;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Sequence, Value, ValueKind, ValuePointerRef,
    take_cf_content,
};

use super::{Faults, is_huge, pointer};
use crate::domain::Invalid;

/// A field where null means something else than absence, as in a merge patch. Carries
/// `#[deserr(default)]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not named.
    #[default]
    Absent,
    /// Named, and null.
    Null,
    /// Named, with a value.
    Value(T),
}

impl<T> Field<T> {
    /// What stands in the field: `absent` when it is not named, `None` for null.
    pub fn or(self, absent: Option<T>) -> Option<T> {
        match self {
            Self::Absent => absent,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Changes the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(change(value)),
        }
    }

    /// Changes what may be none: null makes it none.
    pub fn put_into(self, target: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *target = None,
            Self::Value(value) => *target = Some(value),
        }
    }

    /// Changes what has a default: null takes it back to that.
    pub fn put_or(self, target: &mut T, default: impl FnOnce() -> T) {
        match self {
            Self::Absent => {}
            Self::Null => *target = default(),
            Self::Value(value) => *target = value,
        }
    }
}

impl<T: Deserr<Faults>> Deserr<Faults> for Field<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        match value {
            Value::Null => Ok(Self::Null),
            value => T::deserialize_from_value(value, location).map(Self::Value),
        }
    }
}

/// A field of a merge patch that cannot be null: it has no default and cannot be none. Carries `#[deserr(default)]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Not named: it stays as it is.
    #[default]
    Absent,
    /// Named, with a value.
    Value(T),
}

impl<T> Change<T> {
    /// Changes the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Absent => Change::Absent,
            Self::Value(value) => Change::Value(change(value)),
        }
    }

    /// Changes what the field stands for.
    pub fn put_into(self, target: &mut T) {
        if let Self::Value(value) = self {
            *target = value;
        }
    }
}

impl<T: Deserr<Faults>> Deserr<Faults> for Change<T> {
    /// Null goes on to the value's own type, which refuses it.
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        T::deserialize_from_value(value, location).map(Self::Value)
    }
}

/// A whole number within bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Deserr<Faults> for Between<MIN, MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        // A number that is too large for an i64 is as far out of range as any other. Beyond a u64 it is read as a float.
        let number = match value {
            Value::Integer(number) => i64::try_from(number).unwrap_or(i64::MAX),
            Value::Float(number) if is_huge(number) && number > 0.0 => i64::MAX,
            Value::Float(number) if is_huge(number) => i64::MIN,
            value => i64::deserialize_from_value(value, location)?,
        };
        between::<i64, MIN, MAX>(number)
            .map(Self)
            .map_err(|invalid| Faults::invalid(pointer(location), invalid))
    }
}

/// Checks a number's bounds and gives it as the type of the field:
/// `#[deserr(try_from(i64) = between::<_, 1, 300> -> Invalid)] timeout_s: u64`.
///
/// # Errors
/// `OutOfRange`.
pub fn between<T: TryFrom<i64>, const MIN: i64, const MAX: i64>(number: i64) -> Result<T, Invalid> {
    let invalid = Invalid::OutOfRange { min: MIN, max: MAX };
    if !(MIN..=MAX).contains(&number) {
        return Err(invalid);
    }
    T::try_from(number).map_err(|_| invalid)
}

/// A list in which nothing stands twice, in the order of its sender; each repetition is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distinct<T>(pub Vec<T>);

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Deserr<Faults> + Ord> Deserr<Faults> for Distinct<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let (entries, mut faults) = entries::<T, V>(value, location)?;
        let mut seen = BTreeSet::new();
        for (index, entry) in &entries {
            if !seen.insert(entry) {
                let here = pointer(location.push_index(*index));
                faults.extend(Faults::invalid(here, Invalid::Duplicate));
            }
        }
        drop(seen);
        faults.or(Self(entries.into_iter().map(|(_, entry)| entry).collect()))
    }
}

/// Reads a list entry by entry: those that are right with their places, and what is wrong with the others. What is true of
/// the entries together is so checked beside what is wrong with one.
///
/// # Errors
/// `WrongType` for what is no list.
pub(crate) fn entries<T: Deserr<Faults>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<(Vec<(usize, T)>, Faults), Faults> {
    let Value::Sequence(list) = value else {
        return Err(take_cf_content(Faults::error(
            None,
            ErrorKind::IncorrectValueKind {
                actual: value,
                accepted: &[ValueKind::Sequence],
            },
            location,
        )));
    };
    let mut entries = Vec::new();
    let mut faults = Faults::default();
    for (index, value) in list.into_iter().enumerate() {
        match T::deserialize_from_value(value.into_value(), location.push_index(index)) {
            Ok(entry) => entries.push((index, entry)),
            Err(wrong) => faults.extend(wrong),
        }
    }
    Ok((entries, faults))
}
