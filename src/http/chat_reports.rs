//! What chats add up to, as JSON or as a table, and the chats behind a figure (CHAT-12).

use std::ops::ControlFlow;

use axum::Json as Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::IntoParams;
use uuid::Uuid;

use super::chat_values::{Scope, Subject, add_up, check, go_through};
use super::csv;
use super::docs::{BadQuery, Failures, Forbidden, Unauthorized};
use super::figure_tables::{chats_table, queues_table};
use super::page::{Cursor, Limit, Page};
use super::past::{Asked, Moment, Present};
use super::principal::{Permitted, ReadReports};
use super::{ApiError, AppState};
use crate::domain::{AgentId, ChatId, Invalid, LocalDate, OfficeId, QueueId, Timestamp};
use crate::faults::{Faults, StandIns, pointer};
use crate::protocol::wire::{
    self, ChatFigures, ChatInterval, ChatReport, FigureEntry, QueueReport, Report,
};
use crate::reports::{ChatLog, ChatTable, Figure, Folded, Grain, Measure, Window, intervals};
use crate::store::Line;

impl Deserr<Faults> for Grain {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        match String::deserialize_from_value(value, location)?.as_str() {
            "total" => Ok(Self::Total),
            "day" => Ok(Self::Day),
            "hour" => Ok(Self::Hour),
            _ => {
                let words = Invalid::UnknownValue("total, day, hour");
                Err(Faults::invalid(pointer(location), words))
            }
        }
    }
}

impl Deserr<Faults> for Figure {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text = String::deserialize_from_value(value, location)?;
        let figure = text.parse();
        figure.map_err(|invalid| Faults::invalid(pointer(location), invalid))
    }
}

/// Which chats a report is about.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChatReportQuery {
    /// The first instant at which they were started, at most 92 days before `to`; 24 hours before it when not named.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    from: Option<Moment>,
    /// The first instant after it; now when not named or later.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    to: Option<Moment>,
    /// `total`, or `day` or `hour` for those of the tenant's calendar besides; hours of at most 14 days. An hour begins
    /// where the clock shows a full one, and where it is changed.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^(total|day|hour)$")]
    interval: Grain,
    /// Only what is about this office.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
    /// Only what is about this queue.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    queue_id: Option<QueueId>,
    /// Only what is about this agent.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    agent_id: Option<AgentId>,
}

/// Which queues a report is about, and which of their chats.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueReportQuery {
    /// The first instant at which the chats were started, at most 92 days before `to`; 24 hours before it when not named.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    from: Option<Moment>,
    /// The first instant after it; now when not named or later.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    to: Option<Moment>,
    /// `total`, or `day` or `hour` for those of the tenant's calendar besides; hours of at most 14 days. An hour begins
    /// where the clock shows a full one, and where it is changed.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^(total|day|hour)$")]
    interval: Grain,
    /// Only the queues of this office.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
    /// Only this queue.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    queue_id: Option<QueueId>,
    /// Only what is about this agent.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    agent_id: Option<AgentId>,
    /// The most queues of a page: 1 to 200, 50 when not named.
    #[deserr(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 200)]
    limit: Limit,
    /// The page that begins here.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<Uuid>>,
}

/// Which values of a figure to list.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FigureQuery {
    /// The figure, by its name in a report.
    #[param(value_type = String)]
    figure: Figure,
    /// The first instant at which the chats were started, at most 92 days before `to`; 24 hours before it when not named.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    from: Option<Moment>,
    /// The first instant after it; now when not named or later.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    to: Option<Moment>,
    /// Only what is about this office.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
    /// Only what is about this queue.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    queue_id: Option<QueueId>,
    /// Only what is about this agent.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    agent_id: Option<AgentId>,
    /// The most values of a page: 1 to 200, 50 when not named.
    #[deserr(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 200)]
    limit: Limit,
    /// The page that begins here.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<(Timestamp, ChatId, u32)>>,
}

impl StandIns for ChatReportQuery {}

impl StandIns for QueueReportQuery {}

impl StandIns for FigureQuery {
    const FIELDS: &'static [(&'static str, &'static str)] = &[("figure", "\"started\"")];
}

/// A subject's intervals, where they are asked for.
fn by_interval<K: Ord>(
    table: &ChatTable<K>,
    subject: &K,
    grain: Grain,
) -> Option<Vec<ChatInterval>> {
    let interval = |(index, (date, window)): (usize, &(LocalDate, Window))| {
        ChatInterval::new(*date, *window, table.part(subject, index))
    };
    let all = || table.intervals().iter().enumerate();
    (grain != Grain::Total).then(|| all().map(interval).collect())
}

/// What the chats that were started in some time add up to.
#[utoipa::path(
    get, path = "/v1/reports/chats", operation_id = "report_chats", tag = "reports", security(("agent" = [])),
    params(ChatReportQuery),
    responses(
        (status = 200, description = "The figures; as a table where `Accept` asks for it", content(
            (ChatReport = "application/json"), (String = "text/csv"))),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn report_chats(
    State(app): State<AppState>,
    agent: Permitted<ReadReports>,
    Asked { query, sent }: Asked<ChatReportQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let present = Present::of(&app, agent.tenant_id).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let about = (query.office_id, query.queue_id, query.agent_id);
    let subject = Subject::chats(about, query.interval);
    let (window, scope) = check(&mut tx, present, (query.from, query.to), &subject, sent).await?;
    let mut chats = ChatTable::new(intervals(window, present.zone, query.interval));
    let put = |log: &ChatLog, folded: &Folded| {
        for measure in &folded.measures {
            chats.add((), log.started_at, measure);
        }
    };
    add_up(&mut tx, &scope, (window, present.now), put).await?;
    let report = ChatReport {
        from: window.from.into(),
        to: window.to.into(),
        time_zone: present.zone.as_str(),
        totals: ChatFigures(chats.whole(&())),
        intervals: by_interval(&chats, &(), query.interval),
    };
    if csv::is_wanted(&headers) {
        return Ok(chats_table(&report).answer(None));
    }
    Ok(csv::vary(Body(report).into_response()))
}

/// What happened in each queue, of archived ones too.
#[utoipa::path(
    get, path = "/v1/reports/queues", operation_id = "report_queues", tag = "reports", security(("agent" = [])),
    params(QueueReportQuery),
    responses(
        (status = 200, description = "A page, by the queues' ids; as a table where `Accept` asks for it, with the \
            next page in `Link`", content((Report<QueueReport> = "application/json"), (String = "text/csv"))),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn report_queues(
    State(app): State<AppState>,
    agent: Permitted<ReadReports>,
    Asked { query, sent }: Asked<QueueReportQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let present = Present::of(&app, agent.tenant_id).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let about = (query.office_id, query.queue_id, query.agent_id);
    let subject = Subject::chats(about, query.interval);
    let (window, scope) = check(&mut tx, present, (query.from, query.to), &subject, sent).await?;
    let mut chats = ChatTable::new(intervals(window, present.zone, query.interval));
    let page = query.page_of(&scope);
    let put = |log: &ChatLog, folded: &Folded| {
        for measure in &folded.measures {
            if let Some(id) = measure.queue_id {
                chats.add(id, log.started_at, measure);
            }
        }
    };
    add_up(&mut tx, &scope, (window, present.now), put).await?;
    let line = |line: Line| QueueReport {
        queue_id: line.id.0,
        office_id: line.office_id.0,
        totals: ChatFigures(chats.whole(&line.id)),
        intervals: by_interval(&chats, &line.id, query.interval),
        name: line.name,
    };
    let data: Vec<QueueReport> = page.data.into_iter().map(line).collect();
    if csv::is_wanted(&headers) {
        let next = page.next_cursor.map(|cursor| query.next(window, &cursor));
        return Ok(queues_table(window, &data).answer(next));
    }
    let report = Report::new(window, present.zone.as_str(), data, page.next_cursor);
    Ok(csv::vary(Body(report).into_response()))
}

impl QueueReportQuery {
    /// The queues of the page.
    fn page_of(&self, scope: &Scope) -> Page<Line> {
        let lines = scope.lines.iter().filter(|line| {
            self.office_id.is_none_or(|id| line.office_id == id)
                && self.queue_id.is_none_or(|id| line.id == id)
                && self.cursor.is_none_or(|cursor| line.id.0 > cursor.0)
        });
        let lines = lines.take(usize::from(self.limit.0) + 1);
        Page::new(
            lines.cloned().collect(),
            self.limit,
            |last| last.id.0,
            Line::clone,
        )
    }

    /// The query of the page that follows: of the same window, whatever time it is by then.
    fn next(&self, window: Window, cursor: &str) -> String {
        let (from, to) = (wire::rfc3339(window.from), wire::rfc3339(window.to));
        let interval = match self.interval {
            Grain::Total => "total",
            Grain::Day => "day",
            Grain::Hour => "hour",
        };
        let limit = self.limit.0;
        let also = |name: &str, id: Option<Uuid>| {
            let also = id.map(|id| format!("&{name}={id}"));
            also.unwrap_or_default()
        };
        let office = also("office_id", self.office_id.map(|id| id.0));
        let queue = also("queue_id", self.queue_id.map(|id| id.0));
        let agent = also("agent_id", self.agent_id.map(|id| id.0));
        format!(
            "from={from}&to={to}&interval={interval}&limit={limit}&cursor={cursor}{office}{queue}{agent}"
        )
    }
}

/// The values that a figure was made from, by when their chats were started. There are as many as the figure counts; those
/// of messages are one for each chat, author and queue, and add up to the figure.
#[utoipa::path(
    get, path = "/v1/reports/chats/list", operation_id = "list_figure", tag = "reports", security(("agent" = [])),
    params(FigureQuery),
    responses(
        (status = 200, description = "A page", body = Page<FigureEntry>),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn list_figure(
    State(app): State<AppState>,
    agent: Permitted<ReadReports>,
    Asked { query, sent }: Asked<FigureQuery>,
) -> Result<Body<Page<FigureEntry>>, ApiError> {
    let present = Present::of(&app, agent.tenant_id).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let about = (query.office_id, query.queue_id, query.agent_id);
    let subject = Subject::chats(about, Grain::Total);
    let (window, scope) = check(&mut tx, present, (query.from, query.to), &subject, sent).await?;
    let wanted = usize::from(query.limit.0) + 1;
    let mut found: Vec<Found> = Vec::new();
    let put = |log: &ChatLog, folded: &Folded| {
        let of_figure = folded
            .measures
            .iter()
            .filter(|measure| measure.figure == query.figure);
        let numbered = (1..).zip(of_figure).map(|(number, measure)| Found {
            at: (log.started_at, log.chat_id, number),
            measure: *measure,
        });
        found
            .extend(numbered.filter(|found| query.cursor.is_none_or(|cursor| found.at > cursor.0)));
        if found.len() < wanted {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let after = query
        .cursor
        .map(|Cursor((at, id, _))| (at, just_before(id)));
    go_through(&mut tx, &scope, (window, present.now), after, put).await?;
    let show = |found: &Found| {
        let (started_at, chat_id, _) = found.at;
        FigureEntry::new(chat_id.0, started_at.into(), &found.measure)
    };
    Ok(Body(Page::new(found, query.limit, |last| last.at, show)))
}

/// A value, with its place in the list: the number counts within its chat.
struct Found {
    at: (Timestamp, ChatId, u32),
    measure: Measure,
}

/// The greatest id before another: what comes after it begins with that one.
fn just_before(id: ChatId) -> ChatId {
    ChatId(Uuid::from_u128(id.0.as_u128().saturating_sub(1)))
}
