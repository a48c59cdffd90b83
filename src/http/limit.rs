//! Rate limits, each a token bucket for a caller (the generic cell rate algorithm).
//!
//! Owns who is limited by what, and what a caller is told at the bound. Callers that are remembered have a bound of
//! their own: at it those are forgotten that could not be limited anyway, and if that is not enough, all are.
//! Must not decide who a caller is.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};

use super::ApiError;
use crate::clock::Clock;
use crate::config::Limits;
use crate::protocol::ErrorCode;
use crate::telemetry::names;

/// What is asked for now (draft-ietf-httpapi-ratelimit-headers).
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What may be asked for at all.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// So many checks pass before the callers are counted: counting looks at every shard.
const CHECKS_PER_COUNT: u32 = 1024;
/// The limits share the callers that may be remembered.
const LIMITS: usize = 9;

/// The service's clock as the limiter reads it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(Nanos);

impl std::ops::Add<Nanos> for Tick {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0 + other)
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0)
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration))
    }
}

impl GovernorClock for Ticks {
    type Instant = Tick;

    fn now(&self) -> Tick {
        let millis = u64::try_from(self.0.monotonic().0).unwrap_or_default();
        Tick(Nanos::from(Duration::from_millis(millis)))
    }
}

type Buckets = RateLimiter<u128, DashMapStateStore<u128>, Ticks, NoOpMiddleware<Tick>>;

/// What a limit allows, as its headers say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Policy {
    name: &'static str,
    /// So many at once.
    burst: u32,
    /// So long until as many are allowed again.
    window_s: u64,
}

/// One limit with the callers that it knows.
struct Limit {
    policy: Policy,
    quota: Quota,
    clock: Ticks,
    buckets: ArcSwap<Buckets>,
    checks: AtomicU32,
    callers_max: usize,
}

impl Limit {
    fn new(
        name: &'static str,
        each: Duration,
        burst: u32,
        callers_max: usize,
        clock: &Ticks,
    ) -> Option<Self> {
        let quota = Quota::with_period(each)?.allow_burst(NonZeroU32::new(burst)?);
        let window_s = (each * burst).as_secs_f64().ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a window of at most a day, and at least a second"
        )]
        let policy = Policy {
            name,
            burst,
            window_s: window_s as u64,
        };
        Some(Self {
            policy,
            quota,
            clock: clock.clone(),
            buckets: ArcSwap::from_pointee(Buckets::dashmap_with_clock(quota, clock.clone())),
            checks: AtomicU32::new(0),
            callers_max,
        })
    }

    fn check(&self, caller: u128) -> Result<(), Exceeded> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_PER_COUNT == CHECKS_PER_COUNT - 1 {
            self.shrink();
        }
        self.buckets
            .load()
            .check_key(&caller)
            .map_err(|not_until| self.exceeded(&not_until))
    }

    fn exceeded(&self, not_until: &NotUntil<Tick>) -> Exceeded {
        metrics::counter!(names::RATE_LIMITED, "limit" => self.policy.name).increment(1);
        let wait = not_until.wait_time_from(self.clock.now());
        // Rounded up: who comes back at the second that it was told is let in.
        let wait_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Exceeded {
            policy: self.policy,
            wait_s: wait_s.max(1),
        }
    }

    /// Forgets callers whose bucket is full again, and everybody when too many are left.
    fn shrink(&self) {
        let buckets = self.buckets.load();
        if buckets.len() < self.callers_max {
            return;
        }
        buckets.retain_recent();
        if buckets.len() >= self.callers_max {
            let fresh = Buckets::dashmap_with_clock(self.quota, self.clock.clone());
            self.buckets.store(Arc::new(fresh));
        } else {
            buckets.shrink_to_fit();
        }
    }
}

/// A caller has asked too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    policy: Policy,
    wait_s: u64,
}

impl From<Exceeded> for ApiError {
    fn from(exceeded: Exceeded) -> Self {
        let Exceeded {
            policy:
                Policy {
                    name,
                    burst,
                    window_s,
                },
            wait_s,
        } = exceeded;
        let mut error = Self::new(ErrorCode::RateLimited, format!("try again in {wait_s} s"))
            .with_header(RETRY_AFTER, HeaderValue::from(wait_s));
        let headers = [
            (RATE_LIMIT, format!("\"{name}\";r=0;t={wait_s}")),
            (
                RATE_LIMIT_POLICY,
                format!("\"{name}\";q={burst};w={window_s}"),
            ),
        ];
        for (header, text) in headers {
            if let Ok(value) = HeaderValue::from_str(&text) {
                error = error.with_header(header, value);
            }
        }
        error
    }
}

/// All limits of a node. A limit of zero is off.
pub struct Limiter {
    logins_by_address: Option<Limit>,
    logins_by_account: Option<Limit>,
    refreshes: Option<Limit>,
    requests: Option<Limit>,
    visitors: Option<Limit>,
    chat_starts: Option<Limit>,
    uploads: Option<Limit>,
    polls: Option<Limit>,
    greetings: Option<Limit>,
    accounts: RandomState,
}

impl Limiter {
    /// Sets up the limits. Their time is that of the given clock.
    #[must_use]
    pub fn new(limits: &Limits, clock: Arc<dyn Clock>) -> Self {
        let clock = Ticks(clock);
        let callers_max = limits.tracked_max / LIMITS;
        let limit = |name, each: Option<Duration>, burst| {
            Limit::new(name, each?, burst, callers_max, &clock)
        };
        let per_minute = |name, count: u32| {
            let each = Duration::from_mins(1).checked_div(count);
            // All at once, if need be: an office logs in at nine o'clock sharp.
            limit(name, each, count)
        };
        let per_second =
            |name, count: u32, burst| limit(name, Duration::from_secs(1).checked_div(count), burst);
        let polls = limits.polls_per_second_per_address;
        Self {
            logins_by_address: per_minute("logins", limits.logins_per_minute_per_address),
            logins_by_account: per_minute("account", limits.logins_per_minute_per_account),
            refreshes: per_minute("refreshes", limits.refreshes_per_minute_per_address),
            requests: per_second(
                "requests",
                limits.requests_per_second,
                limits.requests_burst,
            ),
            visitors: per_minute("visitors", limits.visitors_per_minute_per_address),
            chat_starts: per_minute("chat-starts", limits.chat_starts_per_minute),
            uploads: per_minute("uploads", limits.uploads_per_minute),
            greetings: per_minute("greetings", limits.greetings_per_minute_per_address),
            polls: per_second("polls", polls, polls.saturating_mul(2)),
            accounts: RandomState::new(),
        }
    }

    /// A log-in from an address.
    ///
    /// # Errors
    /// When there were too many.
    pub fn login(&self, address: u128) -> Result<(), Exceeded> {
        check(self.logins_by_address.as_ref(), address)
    }

    /// A log-in to an account, whether it exists or not.
    ///
    /// # Errors
    /// When there were too many.
    pub fn account(&self, tenant: &str, email: &str) -> Result<(), Exceeded> {
        let account = self
            .accounts
            .hash_one((tenant, email.trim().to_lowercase()));
        check(self.logins_by_account.as_ref(), u128::from(account))
    }

    /// A refresh from an address, whether its token is good or not.
    ///
    /// # Errors
    /// When there were too many.
    pub fn refresh(&self, address: u128) -> Result<(), Exceeded> {
        check(self.refreshes.as_ref(), address)
    }

    /// A request of somebody who has logged in.
    ///
    /// # Errors
    /// When there were too many.
    pub fn request(&self, principal: uuid::Uuid) -> Result<(), Exceeded> {
        check(self.requests.as_ref(), principal.as_u128())
    }

    /// A new visitor from an address.
    ///
    /// # Errors
    /// When there were too many.
    pub fn visitor(&self, address: u128) -> Result<(), Exceeded> {
        check(self.visitors.as_ref(), address)
    }

    /// A chat or an offline message of a visitor. A visitor lives in one tenant, so its id is enough.
    ///
    /// # Errors
    /// When there were too many.
    pub fn chat_start(&self, visitor: uuid::Uuid) -> Result<(), Exceeded> {
        check(self.chat_starts.as_ref(), visitor.as_u128())
    }

    /// A file that an agent or a visitor uploads.
    ///
    /// # Errors
    /// When there were too many.
    pub fn upload(&self, principal: uuid::Uuid) -> Result<(), Exceeded> {
        check(self.uploads.as_ref(), principal.as_u128())
    }

    /// A poll of a widget's availability from an address.
    ///
    /// # Errors
    /// When there were too many.
    pub fn poll(&self, address: u128) -> Result<(), Exceeded> {
        check(self.polls.as_ref(), address)
    }

    /// A widget that asks for a greeting from an address.
    ///
    /// # Errors
    /// When there were too many.
    pub fn greeting(&self, address: u128) -> Result<(), Exceeded> {
        check(self.greetings.as_ref(), address)
    }

    /// Whether polls are limited at all; if not, nobody needs to find out the address.
    #[must_use]
    pub fn limits_polls(&self) -> bool {
        self.polls.is_some()
    }

    /// Forgets callers that could not be limited anyway, where there are many. Called from time to time, so that
    /// a quiet hour gives back the memory of a busy one.
    pub fn shrink(&self) {
        let limits = [
            &self.logins_by_address,
            &self.logins_by_account,
            &self.refreshes,
            &self.requests,
            &self.visitors,
            &self.chat_starts,
            &self.uploads,
            &self.polls,
            &self.greetings,
        ];
        for limit in limits.into_iter().flatten() {
            let buckets = limit.buckets.load();
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }
}

fn check(limit: Option<&Limit>, caller: u128) -> Result<(), Exceeded> {
    limit.map_or(Ok(()), |limit| limit.check(caller))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;
    use crate::clock::ManualClock;
    use crate::domain::{Millis, Timestamp};

    fn limit(burst: u32, callers_max: usize) -> (Limit, ManualClock) {
        let clock = ManualClock::new(Timestamp(0));
        let ticks = Ticks(Arc::new(clock.clone()));
        let limit = Limit::new(
            "requests",
            Duration::from_secs(6),
            burst,
            callers_max,
            &ticks,
        );
        (limit.unwrap(), clock)
    }

    #[test]
    fn who_asks_too_often_is_told_when_to_come_back_and_is_let_in_then() {
        let (limit, clock) = limit(2, 100);
        assert!(limit.check(1).is_ok() && limit.check(1).is_ok());
        clock.advance(Millis(500));

        let exceeded = limit.check(1).unwrap_err();
        assert!(limit.check(2).is_ok());
        let response = ApiError::from(exceeded).into_response();

        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "6");
        assert_eq!(response.headers()["ratelimit"], "\"requests\";r=0;t=6");
        assert_eq!(
            response.headers()["ratelimit-policy"],
            "\"requests\";q=2;w=12"
        );
        clock.advance(Millis(5499));
        assert!(limit.check(1).is_err());
        clock.advance(Millis(1));
        assert!(limit.check(1).is_ok());
    }

    #[test]
    fn the_callers_that_are_remembered_have_a_bound() {
        let (limit, clock) = limit(1, 100);
        for caller in 0..100 {
            limit.check(caller).unwrap();
        }
        clock.advance(Millis(60_000));
        limit.check(7).unwrap();

        limit.shrink();
        assert_eq!(
            limit.buckets.load().len(),
            1,
            "those whose bucket is full are forgotten"
        );

        for caller in 0..10 * u128::from(CHECKS_PER_COUNT) {
            let _ = limit.check(caller);
        }
        assert!(limit.buckets.load().len() <= CHECKS_PER_COUNT as usize);
    }
}
