//! Instants between the domain and `timestamptz`.

use chrono::{DateTime, Utc};

use crate::domain::Timestamp;

/// The form that Postgres takes.
pub(super) fn to_db(at: Timestamp) -> DateTime<Utc> {
    // Timestamp::MAX is within chrono's range, so the fallback is never taken.
    DateTime::from_timestamp_millis(at.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The same for a time that may be absent.
pub(super) fn to_db_opt(at: Option<Timestamp>) -> Option<DateTime<Utc>> {
    at.map(to_db)
}

/// The domain's form of a stored time.
pub(super) fn from_db(at: DateTime<Utc>) -> Timestamp {
    Timestamp(at.timestamp_millis())
}
