//! What was so at a moment, and why: of the present from the engine, of the past from the events.

use std::collections::BTreeSet;

use axum::Json as Body;
use axum::extract::State;
use deserr::Deserr;
use utoipa::IntoParams;

use super::docs::{BadQuery, Failures, Forbidden, Missing, Unauthorized};
use super::extract::{Id, Query};
use super::past::{Moment, Present, check_past, check_reports};
use super::principal::{Permitted, ReadPresence};
use super::{ApiError, AppState};
use crate::domain::{AgentId, OfficeId, Presence, Status, Timestamp};
use crate::engine::{AvailabilityChange, Cause, Engine, PresenceView};
use crate::faults::Faults;
use crate::protocol::wire::{
    self, AgentThen, EventRef, NextChange, OfficeCause, OfficeEvidence, PresenceEvidence,
};
use crate::store::{AvailabilityMoment, PresenceMoment, TenantTx};

/// Which moment.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AtQuery {
    /// The moment; the present when not named or later.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    at: Option<Moment>,
}

/// What an agent effectively is or was, outside of any office and in each, and by which steps that came about. The past
/// of others needs the right to read reports. Before an agent was made and after it was archived there is nothing.
#[utoipa::path(
    get, path = "/v1/agents/{agent_id}/presence", operation_id = "find_presence", tag = "presence",
    security(("agent" = [])), params(("agent_id" = uuid::Uuid, Path), AtQuery),
    responses(
        (status = 200, description = "The presence with its reasons", body = PresenceEvidence),
        Unauthorized, Forbidden, Missing, BadQuery, Failures
    )
)]
pub(super) async fn find_presence(
    State(app): State<AppState>,
    agent: Permitted<ReadPresence>,
    Id(agent_id): Id<AgentId>,
    Query(query): Query<AtQuery>,
) -> Result<Body<PresenceEvidence>, ApiError> {
    if query.at.is_some() {
        check_past(&agent, agent_id)?;
    }
    let read = move |engine: &Engine| (engine.now(), engine.presence_row_of(agent_id));
    let (now, row) = app.hub.read(agent.tenant_id, read).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let past = query.at.map(|at| at.0).filter(|at| *at < now);
    let Some(at) = past else {
        let row = row.ok_or_else(ApiError::not_found)?;
        let moment = presence_at(&mut tx, agent_id, now).await?;
        let event = moment.as_ref().map(event_of_presence);
        return Ok(Body(PresenceEvidence::present(now, &row, event)));
    };
    let person = tx.find_person(agent_id).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let moment = presence_at(&mut tx, agent_id, at).await?;
    let was_there = moment.is_some() || person.made_at <= at;
    if !was_there || person.ended_at.is_some_and(|ended_at| ended_at <= at) {
        return Err(ApiError::not_found());
    }
    let colleague = wire::Colleague {
        id: person.id.0,
        name: person.name,
        role: wire::Role(person.role.as_str()),
    };
    let event = moment.as_ref().map(event_of_presence);
    let initial = || PresenceView::initial(agent_id, person.made_at);
    let view = moment.map_or_else(initial, |moment| moment.presence);
    Ok(Body(PresenceEvidence::past(colleague, at, &view, event)))
}

async fn presence_at(
    tx: &mut TenantTx,
    agent_id: AgentId,
    at: Timestamp,
) -> Result<Option<PresenceMoment>, ApiError> {
    let one = BTreeSet::from([agent_id]);
    Ok(tx.presences_at(&one, at).await?.remove(&agent_id))
}

fn event_of_presence(moment: &PresenceMoment) -> EventRef {
    EventRef::new(moment.seq, moment.at, moment.actor)
}

/// What visitors see or saw of an office, what made it so, who was online there, and what came next. The past needs the
/// right to read reports. Before an office was made and after it was archived there is nothing.
#[utoipa::path(
    get, path = "/v1/offices/{office_id}/availability", operation_id = "find_office_availability",
    tag = "presence", security(("agent" = [])), params(("office_id" = uuid::Uuid, Path), AtQuery),
    responses(
        (status = 200, description = "What is shown, with its reasons", body = OfficeEvidence),
        Unauthorized, Forbidden, Missing, BadQuery, Failures
    )
)]
pub(super) async fn find_office_availability(
    State(app): State<AppState>,
    agent: Permitted<ReadPresence>,
    Id(office_id): Id<OfficeId>,
    Query(query): Query<AtQuery>,
) -> Result<Body<OfficeEvidence>, ApiError> {
    if query.at.is_some() {
        check_reports(&agent)?;
    }
    let present = Present::of(&app, agent.tenant_id).await?;
    let past = query.at.map(|at| at.0).filter(|at| *at < present.now);
    let Some(at) = past else {
        return present_office(&app, &agent, office_id).await;
    };
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let site = tx.find_site(office_id).await?;
    let site = site.ok_or_else(ApiError::not_found)?;
    let (stood, next) = tx.availability_at(office_id, at).await?;
    let has_ended = site.ended_at.is_some_and(|ended_at| ended_at <= at);
    let stood = stood.filter(|_| !has_ended);
    let stood = stood.ok_or_else(ApiError::not_found)?;
    let members = tx.members_at(office_id, at).await?;
    let mut online = online_at(&mut tx, &members, office_id, at).await?;
    let online_count = online.len();
    online.truncate(AvailabilityChange::NAMED);
    let next = match next.filter(|next| next.at <= present.now) {
        Some(next) => Some(change_that_came(&mut tx, office_id, &next).await?),
        None => None,
    };
    Ok(Body(OfficeEvidence {
        office_id: office_id.0,
        at: at.into(),
        mode: wire::Mode(stood.change.shown.mode.as_str()),
        reason: wire::ShownReason(stood.change.shown.reason.as_str()),
        since: stood.change.shown.since.into(),
        cause: cause_of(&mut tx, office_id, &stood).await?,
        is_open: stood.change.is_open,
        members: members.len(),
        online_count,
        online,
        next,
    }))
}

/// The same of the present. What comes next is what is known already: when, not what.
async fn present_office(
    app: &AppState,
    agent: &Permitted<ReadPresence>,
    office_id: OfficeId,
) -> Result<Body<OfficeEvidence>, ApiError> {
    let read = move |engine: &Engine| (engine.now(), engine.office_now(office_id));
    let (now, office) = app.hub.read(agent.tenant_id, read).await?;
    let office = office.ok_or_else(ApiError::not_found)?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let (stood, _) = tx.availability_at(office_id, now).await?;
    let stood = stood.ok_or_else(ApiError::not_found)?;
    let online = office.online.iter().take(AvailabilityChange::NAMED);
    let shown = &office.shown;
    Ok(Body(OfficeEvidence {
        office_id: office_id.0,
        at: now.into(),
        mode: wire::Mode(shown.mode.as_str()),
        reason: wire::ShownReason(shown.reason.as_str()),
        since: shown.since.into(),
        cause: cause_of(&mut tx, office_id, &stood).await?,
        is_open: office.is_open,
        members: office.members as usize,
        online_count: office.online.len(),
        online: online
            .map(|(id, presence)| AgentThen::new(*id, *presence))
            .collect(),
        next: shown.valid_until.map(|at| NextChange {
            at: at.into(),
            mode: None,
            reason: None,
            cause: None,
        }),
    }))
}

/// Which members of an office's queues were effectively online there, by id.
async fn online_at(
    tx: &mut TenantTx,
    members: &BTreeSet<AgentId>,
    office_id: OfficeId,
    at: Timestamp,
) -> Result<Vec<AgentThen>, ApiError> {
    let moments = tx.presences_at(members, at).await?;
    let there = moments.iter().map(|(id, moment)| {
        let presence: Presence = moment.presence.standing.of(Some(office_id));
        (*id, presence)
    });
    let online = there.filter(|(_, presence)| presence.status == Status::Online);
    Ok(online
        .map(|(id, presence)| AgentThen::new(id, presence))
        .collect())
}

/// What made an office show something else. An agent's presence is that of the same instant.
async fn cause_of(
    tx: &mut TenantTx,
    office_id: OfficeId,
    moment: &AvailabilityMoment,
) -> Result<OfficeCause, ApiError> {
    let event = EventRef::new(moment.seq, moment.at, moment.actor);
    let agent = match moment.change.cause {
        Cause::Presence(agent_id) => presence_at(tx, agent_id, moment.at).await?,
        Cause::Hours | Cause::Setup | Cause::Chat(_) => None,
    };
    let agent = agent.map(|of_agent| {
        let presence = of_agent.presence.standing.of(Some(office_id));
        let then = AgentThen::new(of_agent.presence.agent_id, presence);
        (then, event_of_presence(&of_agent))
    });
    Ok(OfficeCause::new(moment.change.cause, event, agent))
}

/// The change that really came.
async fn change_that_came(
    tx: &mut TenantTx,
    office_id: OfficeId,
    moment: &AvailabilityMoment,
) -> Result<NextChange, ApiError> {
    let shown = &moment.change.shown;
    Ok(NextChange {
        at: moment.at.into(),
        mode: Some(wire::Mode(shown.mode.as_str())),
        reason: Some(wire::ShownReason(shown.reason.as_str())),
        cause: Some(cause_of(tx, office_id, moment).await?),
    })
}
