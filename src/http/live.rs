//! How busy a tenant is at this moment.

use axum::Json as Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use deserr::Deserr;
use utoipa::IntoParams;

use super::chat_values::unknown_office;
use super::csv::{self, Cell, Table};
use super::docs::{BadQuery, Failures, Forbidden, Unauthorized};
use super::past::{Asked, noted};
use super::principal::{Permitted, ReadReports};
use super::{ApiError, AppState};
use crate::domain::OfficeId;
use crate::faults::{Faults, StandIns};
use crate::protocol::wire::Now;

/// Of what.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NowQuery {
    /// Only this office: its queues, and the agents that belong to it with what they are there.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
}

impl StandIns for NowQuery {}

/// Chats, agents and room for more at this moment.
#[utoipa::path(
    get, path = "/v1/reports/now", operation_id = "report_now", tag = "reports", security(("agent" = [])),
    params(NowQuery),
    responses(
        (status = 200, description = "The moment; as a table of the queues where `Accept` asks for it", content(
            (Now = "application/json"), (String = "text/csv"))),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn report_now(
    State(app): State<AppState>,
    agent: Permitted<ReadReports>,
    Asked { query, mut sent }: Asked<NowQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let office_id = query.office_id;
    let read = move |engine: &crate::engine::Engine| {
        let is_known = office_id.is_none_or(|id| engine.office(id).is_some());
        is_known.then(|| engine.live(office_id))
    };
    let live = app.hub.read(agent.tenant_id, read).await?;
    let live = noted(&mut sent, &["/office_id"], live.ok_or_else(unknown_office));
    let live = sent.faults().or(live)?;
    let now = Now::new(office_id, live.ok_or_else(ApiError::internal)?);
    if csv::is_wanted(&headers) {
        return Ok(queues_table(&now).answer(None));
    }
    Ok(csv::vary(Body(now).into_response()))
}

/// One row for each queue.
fn queues_table(now: &Now) -> Table {
    let mut table = Table::new(&[
        "at",
        "queue_id",
        "office_id",
        "name",
        "waiting",
        "ringing",
        "longest_wait_s",
        "active",
        "wrap_up",
        "members",
        "online",
        "ready",
        "free_capacity",
    ]);
    let number = |number: u32| Cell::from(i64::from(number));
    for queue in &now.queues {
        let chats = &queue.chats;
        let longest = chats.longest_wait_s.map(|seconds| seconds.to_string());
        table.row([
            Cell::from(now.at),
            Cell::from(queue.queue_id),
            Cell::from(queue.office_id),
            Cell::Text(queue.name.as_str().to_owned()),
            number(chats.waiting),
            number(chats.ringing),
            Cell::Word(longest.unwrap_or_default()),
            number(chats.active),
            number(chats.wrap_up),
            number(queue.members),
            number(queue.online),
            number(queue.ready),
            number(queue.free_capacity),
        ]);
    }
    table
}
