//! What agents were over a stretch of time.

use axum::Json as Body;
use axum::extract::State;
use deserr::Deserr;
use utoipa::IntoParams;

use super::chat_values::{self, PartTimes, Subject, add_parts, check};
use super::docs::{BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::Id;
use super::past::{Asked, Moment, Present, check_past};
use super::principal::{OwnPresence, Permitted};
use super::{ApiError, AppState};
use crate::domain::{AgentId, OfficeId, Timestamp, Zone};
use crate::engine::PresenceView;
use crate::faults::{Faults, StandIns};
use crate::protocol::wire;
use crate::reports::{
    AgentCell, AgentTotals, DaySums, Seconds, Span, Stood, Window, agent_days, busy_times,
    time_in_chats, timeline, whole,
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

impl StandIns for TimelineQuery {}

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
    Asked { query, sent }: Asked<TimelineQuery>,
) -> Result<Body<wire::TimeLine>, ApiError> {
    check_past(&agent, agent_id)?;
    let present = Present::of(&app, agent.tenant_id).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let subject = Subject {
        office_id: query.office_id,
        ..Subject::default()
    };
    let (asked, scope) = check(&mut tx, present, (query.from, query.to), &subject, sent).await?;
    let person = tx.find_person(agent_id).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let mut times = PartTimes::of([agent_id]);
    add_parts(&mut tx, &scope, asked, asked.to, &mut times).await?;
    let lived = Lived::read(&mut tx, &person, asked, query.office_id, &times).await?;
    let totals = together(&lived.days(present.zone));
    Ok(Body(wire::TimeLine::new(
        agent_id.0,
        query.office_id,
        asked,
        &lived.spans,
        wire::PresenceTotals::new(&totals, person.capacity),
    )))
}

/// An office of a query that never was there.
pub(super) fn unknown_office() -> ApiError {
    chat_values::unknown_office().into()
}

/// What is known of an agent in a window.
pub(super) struct Lived {
    /// The part of what is asked about in which it was there; `None` when it was not.
    pub(super) window: Option<Window>,
    /// What it was, interval by interval; none when it was not there.
    pub(super) spans: Vec<Span<Stood>>,
    /// From when to when it answered each of its chats.
    chats: Vec<(Timestamp, Option<Timestamp>)>,
    /// Whether it belonged to the office that is asked about at any time.
    pub(super) belonged: bool,
}

impl Lived {
    /// Reads it. `times` are those in which it answered chats, in the office that is asked about.
    pub(super) async fn read(
        tx: &mut TenantTx,
        person: &Person,
        asked: Window,
        office: Option<OfficeId>,
        times: &PartTimes,
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
            chats: times.of_agent(person.id).to_vec(),
        })
    }

    /// What it adds up to by day, each with its time in chats.
    pub(super) fn days(&self, zone: Zone) -> Vec<LivedDay> {
        let Some(window) = self.window else {
            return Vec::new();
        };
        let busy = busy_times(window, &self.chats);
        let days = agent_days(&self.spans, &busy, zone);
        let windows: Vec<Window> = days.iter().map(|day| day.window).collect();
        let in_chats = time_in_chats(&self.spans, &self.chats, &windows);
        days.into_iter().zip(in_chats).collect()
    }
}

/// A day with the time in chats.
pub(super) type LivedDay = (DaySums<AgentCell>, Seconds);

/// What some days add up to.
pub(super) fn together(days: &[LivedDay]) -> AgentTotals {
    let mut in_chats = Seconds::default();
    for (_, of_day) in days {
        in_chats += *of_day;
    }
    AgentTotals::of(&whole(days.iter().map(|(day, _)| day)), in_chats)
}
