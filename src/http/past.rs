//! Asking about the past: instants and windows in a query, and whom they may be about.
//!
//! Owns the bounds of a window, and that every parameter of such a question that is wrong is named at once, also where only
//! the database tells. "Now" is the engine's: whatever it has done up to then is in the database when it answers, so
//! nothing that happened before is missing from what is read after.

use axum::extract::{FromRequestParts, Query as UrlQuery};
use axum::http::request::Parts;
use chrono::DateTime;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::{Map, Value as Json};

use super::principal::AgentPrincipal;
use super::{ApiError, AppState};
use crate::domain::{AgentId, Invalid, Millis, Permission, TenantId, Timestamp, Zone};
use crate::faults::{Draft, Fault, FaultCode, Faults, Sent, StandIns, pointer, read};
use crate::protocol::ErrorCode;
use crate::reports::Window;

/// How much of the past one question may be about: a quarter of a year. All events of that time are read.
const WINDOW_MAX: Millis = Millis::from_secs(92 * 86_400);

/// What is asked about when nothing is said.
const WINDOW_DEFAULT: Millis = Millis::from_secs(86_400);

/// An instant in a query: RFC 3339, any offset, taken to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub Timestamp);

impl Deserr<Faults> for Moment {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        let read = DateTime::parse_from_rfc3339(&text).ok();
        let at = read.map(|at| Timestamp(at.timestamp_millis()));
        let within_years = at.filter(|at| (Timestamp(0)..=Timestamp::MAX).contains(at));
        within_years.map(Self).ok_or_else(|| {
            let wanted = "a time such as 2026-03-01T09:30:00Z, from 1970 to 9999";
            Faults::invalid(pointer(location), Invalid::BadFormat(wanted))
        })
    }
}

/// The parameters of a question, as far as they can be read by themselves: what is found out about them is told together
/// with what cannot.
pub(super) struct Asked<T> {
    /// What could be read. Unless nothing is wrong it is for looking at only.
    pub query: T,
    /// What is wrong so far.
    pub sent: Sent,
}

impl<T: Deserr<Faults> + StandIns, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = UrlQuery::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let pairs = pairs
            .map_err(|_| ApiError::new(ErrorCode::MalformedRequest, "the query cannot be read"))?;
        Ok(Self::read(pairs.0)?)
    }
}

impl<T: Deserr<Faults> + StandIns> Asked<T> {
    fn read(pairs: Vec<(String, String)>) -> Result<Self, Faults> {
        let mut map = Map::new();
        let mut twice = Faults::default();
        for (name, value) in pairs {
            if map.contains_key(&name) {
                twice.push(Fault {
                    pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                    code: FaultCode::Duplicate,
                    detail: Invalid::Duplicate.to_string(),
                });
            }
            map.insert(name, Json::String(value));
        }
        match read::<Draft<T>>(Json::Object(map)) {
            Ok(draft) => {
                let (query, mut sent) = draft.split();
                sent.wrong(twice);
                Ok(Self { query, sent })
            }
            Err(more) => {
                twice.extend(more);
                Err(twice)
            }
        }
    }
}

/// Adds what was found out about parameters, which are all that a fault is about.
pub(super) fn noted<T>(sent: &mut Sent, at: &[&str], found: Result<T, Faults>) -> Option<T> {
    match found {
        Ok(value) => Some(value),
        Err(faults) => {
            for fault in faults.0 {
                sent.found(fault, at);
            }
            None
        }
    }
}

/// A tenant's present.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    /// The instant up to which everything is on record.
    pub now: Timestamp,
    /// The zone of its calendar.
    pub zone: Zone,
}

impl Present {
    /// Asks the tenant's engine.
    pub(super) async fn of(app: &AppState, tenant_id: TenantId) -> Result<Self, ApiError> {
        let read = |engine: &crate::engine::Engine| Self {
            now: engine.now(),
            zone: engine.settings().time_zone,
        };
        Ok(app.hub.read(tenant_id, read).await?)
    }

    /// The window that is asked about: the last 24 hours when nothing is said, never beyond now.
    pub(super) fn window(self, from: Option<Moment>, to: Option<Moment>) -> Result<Window, Faults> {
        let to = to.map_or(self.now, |to| to.0.min(self.now));
        let from = from.map_or(Timestamp((to.0 - WINDOW_DEFAULT.0).max(0)), |from| from.0);
        let fault = |detail| Err(Faults::one("/from", FaultCode::OutOfRange, detail));
        if from >= to {
            return fault("must be before to, and in the past");
        }
        if to.since(from) > WINDOW_MAX {
            return fault("must be at most 92 days before to");
        }
        Ok(Window { from, to })
    }
}

/// Checks that an agent may know another one's past: its own it may, others' with the right to read reports.
pub(super) fn check_past(by: &AgentPrincipal, of: AgentId) -> Result<(), ApiError> {
    if by.agent_id == of {
        Ok(())
    } else {
        check_reports(by)
    }
}

/// Checks the right to read reports, for a call that needs it only when it asks about the past.
pub(super) fn check_reports(by: &AgentPrincipal) -> Result<(), ApiError> {
    if by.may(Permission::ReadReports) {
        return Ok(());
    }
    let detail = "your role does not allow to ask about the past of others";
    Err(ApiError::new(ErrorCode::Forbidden, detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::faults::read;

    const NOW: i64 = 1_772_357_400_000;
    const DAY: i64 = 86_400_000;

    fn window(from: Option<i64>, to: Option<i64>) -> Option<(i64, i64)> {
        let present = Present {
            now: Timestamp(NOW),
            zone: Zone::default(),
        };
        let moment = |at: Option<i64>| at.map(|at| Moment(Timestamp(at)));
        let found = present.window(moment(from), moment(to)).ok()?;
        Some((found.from.0, found.to.0))
    }

    #[test]
    fn a_window_is_bounded_and_ends_now_at_the_latest() {
        assert_eq!(window(None, None), Some((NOW - DAY, NOW)));
        assert_eq!(window(None, Some(NOW - 5)), Some((NOW - 5 - DAY, NOW - 5)));
        assert_eq!(window(Some(NOW - 9), Some(NOW + 9)), Some((NOW - 9, NOW)));
        let longest = Some((NOW - 92 * DAY, NOW));
        assert_eq!(window(Some(NOW - 92 * DAY), None), longest);
        assert_eq!(window(Some(NOW - 92 * DAY - 1), None), None);
        assert_eq!(window(Some(NOW), None), None, "from the present on");
        assert_eq!(window(Some(NOW + 1), Some(NOW + 2)), None, "in the future");
        assert_eq!(window(Some(5), Some(5)), None);
    }

    #[test]
    fn a_moment_is_rfc_3339() {
        let moment = |text: &str| read::<Moment>(json!(text)).ok().map(|moment| moment.0.0);

        assert_eq!(moment("2026-03-01T09:30:00Z"), Some(NOW));
        assert_eq!(moment("2026-03-01T10:30:00.0004+01:00"), Some(NOW));
        assert_eq!(moment("2026-03-01T09:30:00.250Z"), Some(NOW + 250));
        for bad in [
            "",
            "now",
            "2026-03-01",
            "2026-03-01T09:30:00",
            "1969-12-31T23:59:59Z",
            "1772357400",
        ] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
