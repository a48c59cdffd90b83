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
use crate::domain::{AgentId, OfficeId, Zone};
use crate::engine::{PresenceView, Refusal};
use crate::faults::Faults;
use crate::protocol::{Problem, wire};
use crate::reports::{
    AgentCell, AgentTotals, DaySums, Span, Stood, Window, agent_days, busy_times, timeline, whole,
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
    let totals = AgentTotals::of(&whole(&lived.days(present.zone)));
    Ok(Body(wire::TimeLine::new(
        agent_id.0,
        query.office_id,
        asked,
        &lived.spans,
        &totals,
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
    /// What it was, interval by interval; none when it was not there.
    pub(super) spans: Vec<Span<Stood>>,
    /// When it was in chats.
    busy: Vec<Window>,
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
                spans: Vec::new(),
                busy: Vec::new(),
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
            belonged: moments.iter().any(belongs) || office.is_none(),
            spans: timeline(window, initial, moments.iter().map(stood)),
            busy: busy_times(window, &chats),
        })
    }

    /// What it adds up to by day.
    pub(super) fn days(&self, zone: Zone) -> Vec<DaySums<AgentCell>> {
        agent_days(&self.spans, &self.busy, zone)
    }
}
