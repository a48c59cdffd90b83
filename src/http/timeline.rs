//! What agents were over a stretch of time.

use axum::Json as Body;
use axum::extract::State;
use deserr::Deserr;
use utoipa::IntoParams;

use super::docs::{BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Id, Query};
use super::past::{Moment, Present, check_past};
use super::principal::{OwnPresence, Permitted};
use super::{ApiError, AppState};
use crate::domain::{AgentId, OfficeId, Timestamp, Zone};
use crate::engine::{PresenceView, Refusal};
use crate::faults::Faults;
use crate::protocol::{Problem, wire};
use crate::reports::{
    AgentCell, AgentTotals, DaySums, Span, Stood, Window, agent_days, busy_times, chat_seconds,
    timeline, whole,
};
use crate::store::{Person, PresenceMoment, TenantTx};

/// Which part of a time line.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineQuery {
    /// Its first instant, at most 92 days before `to`; 24 hours before it when not named.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    from: Option<Moment>,
    /// The first instant after it; now when not named or later.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    to: Option<Moment>,
    /// What the agent was in this office, instead of outside of any.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
}

/// What an agent was, interval by interval, and what that adds up to. One's own, or with the right to read reports.
#[utoipa::path(
    get, path = "/v1/agents/{agent_id}/presence/timeline", operation_id = "find_timeline", tag = "reports",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path), TimelineQuery),
    responses(
        (status = 200, description = "The time line", body = wire::TimeLine),
        Unauthorized, Forbidden, Missing, BadQuery, Failures
    )
)]
pub(super) async fn find_timeline(
    State(app): State<AppState>,
    agent: Permitted<OwnPresence>,
    Id(agent_id): Id<AgentId>,
    Query(query): Query<TimelineQuery>,
) -> Result<Body<wire::TimeLine>, ApiError> {
    check_past(&agent, agent_id)?;
    let present = Present::of(&app, agent.tenant_id).await?;
    let asked = present.window(query.from, query.to)?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    check_office(&mut tx, query.office_id).await?;
    let person = tx.find_person(agent_id).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let lived = Lived::read(&mut tx, &person, asked, query.office_id).await?;
    let totals = together(&lived.days(present.zone));
    Ok(Body(wire::TimeLine::new(
        agent_id.0,
        query.office_id,
        asked,
        &lived.spans,
        wire::PresenceTotals::new(&totals, person.capacity),
    )))
}

/// Checks that an office of a query is or was there.
pub(super) async fn check_office(
    tx: &mut TenantTx,
    office: Option<OfficeId>,
) -> Result<(), ApiError> {
    if let Some(id) = office {
        tx.find_site(id).await?.ok_or_else(unknown_office)?;
    }
    Ok(())
}

/// An office of a query that never was there.
pub(super) fn unknown_office() -> ApiError {
    Problem::from(Refusal::UnknownOffice).into()
}

/// What is known of an agent in a window.
pub(super) struct Lived {
    /// The part of what is asked about in which it was there; `None` when it was not.
    pub(super) window: Option<Window>,
    /// What it was, interval by interval; none when it was not there.
    pub(super) spans: Vec<Span<Stood>>,
    /// From when to when it was in each of its chats.
    chats: Vec<(Timestamp, Option<Timestamp>)>,
    /// Whether it belonged to the office that is asked about at any time.
    pub(super) belonged: bool,
}

impl Lived {
    /// Reads it. Events and chats of one agent are all that is held at a time.
    pub(super) async fn read(
        tx: &mut TenantTx,
        person: &Person,
        asked: Window,
        office: Option<OfficeId>,
    ) -> Result<Self, ApiError> {
        let moments = tx.presence_events(person.id, asked.from, asked.to).await?;
        // The engine's clock may be ahead of the one by which the agent was made, or behind it.
        let first = moments.first().map_or(person.made_at, |first| first.at);
        let made_at = person.made_at.min(first);
        let Some(window) = asked.within_life(made_at, person.ended_at) else {
            return Ok(Self {
                window: None,
                spans: Vec::new(),
                chats: Vec::new(),
                belonged: false,
            });
        };
        let chats = tx
            .times_in_chats(person.id, office, window.from, window.to)
            .await?;
        let initial = Stood::of(&PresenceView::initial(person.id, person.made_at), office);
        let belongs = |moment: &PresenceMoment| {
            let offices = &moment.presence.standing.offices;
            office.is_none_or(|id| offices.contains_key(&id))
        };
        let stood = |moment: &PresenceMoment| (moment.at, Stood::of(&moment.presence, office));
        Ok(Self {
            window: Some(window),
            belonged: moments.iter().any(belongs) || office.is_none(),
            spans: timeline(window, initial, moments.iter().map(stood)),
            chats,
        })
    }

    /// What it adds up to by day, each with its seconds in chats.
    pub(super) fn days(&self, zone: Zone) -> Vec<LivedDay> {
        let Some(window) = self.window else {
            return Vec::new();
        };
        let busy = busy_times(window, &self.chats);
        let days = agent_days(&self.spans, &busy, zone);
        let windows: Vec<Window> = days.iter().map(|day| day.window).collect();
        let in_chats = chat_seconds(&self.spans, &self.chats, &windows);
        days.into_iter().zip(in_chats).collect()
    }
}

/// A day with the seconds in chats.
pub(super) type LivedDay = (DaySums<AgentCell>, i64);

/// What some days add up to.
pub(super) fn together(days: &[LivedDay]) -> AgentTotals {
    let in_chats = days.iter().map(|(_, in_chats)| in_chats).sum();
    AgentTotals::of(&whole(days.iter().map(|(day, _)| day)), in_chats)
}
