//! What agents' and offices' time adds up to, as JSON or as a table.

use axum::Json as Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::IntoParams;

use super::chat_values::{PartTimes, Subject, add_parts, add_up, check};
use super::csv::{self, Cell, Table};
use super::docs::{BadQuery, Failures, Forbidden, Unauthorized};
use super::figure_tables::{figure_cells, figure_columns};
use super::page::{Cursor, Limit, Page};
use super::past::{Asked, Moment, Present};
use super::principal::{Permitted, ReadReports};
use super::timeline::{Lived, LivedDay, together};
use super::{ApiError, AppState};
use crate::domain::{AgentId, Invalid, OfficeId, Timestamp, Zone};
use crate::faults::{Faults, StandIns, pointer};
use crate::protocol::wire::{
    self, AgentDay, AgentReport, ChatFigures, OfficeDay, OfficeReport, PresenceTotals, Report,
};
use crate::reports::{
    AgentTotals, ChatLog, ChatTable, Folded, Grain, OfficeTotals, Showed, Window, days, timeline,
};
use crate::store::{LivedPage, Person, Site, TenantTx};

/// How finely a report is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Interval {
    /// Not at all.
    #[default]
    Total,
    /// By the days of the tenant's calendar.
    Day,
}

impl Deserr<Faults> for Interval {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        match String::deserialize_from_value(value, location)?.as_str() {
            "total" => Ok(Self::Total),
            "day" => Ok(Self::Day),
            _ => {
                let words = Invalid::UnknownValue("total, day");
                Err(Faults::invalid(pointer(location), words))
            }
        }
    }
}

/// What a report is about.
#[derive(Clone, Copy, Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// Its first instant, at most 92 days before `to`; 24 hours before it when not named.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    from: Option<Moment>,
    /// The first instant after it; now when not named or later.
    #[deserr(default)]
    #[param(value_type = Option<wire::Time>)]
    to: Option<Moment>,
    /// `total`, or `day` for the days of the tenant's calendar besides.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^(total|day)$")]
    interval: Interval,
    /// Only this office; of agents, those that belonged to it, with what they were there.
    #[deserr(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    office_id: Option<OfficeId>,
    /// The most entries of a page: 1 to 200, 50 when not named. A page may have fewer, and another one follow.
    #[deserr(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 200)]
    limit: Limit,
    /// The page that begins here.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<uuid::Uuid>>,
}

impl StandIns for ReportQuery {}

impl ReportQuery {
    fn page<T>(&self, window: Window, id: impl FnOnce(uuid::Uuid) -> T) -> LivedPage<T> {
        LivedPage {
            from: window.from,
            to: window.to,
            after: self.cursor.map(|cursor| id(cursor.0)),
            limit: self.limit.and_one_more(),
        }
    }

    /// The query of the page that follows: of the same window, whatever time it is by then.
    fn next(&self, window: Window, cursor: &str) -> String {
        let (from, to) = (wire::rfc3339(window.from), wire::rfc3339(window.to));
        let interval = match self.interval {
            Interval::Total => "total",
            Interval::Day => "day",
        };
        let limit = self.limit.0;
        let of = self.office_id.map(|id| format!("&office_id={id}"));
        let of = of.unwrap_or_default();
        format!("from={from}&to={to}&interval={interval}&limit={limit}&cursor={cursor}{of}")
    }
}

/// What the time of every agent adds up to, of archived ones too.
#[utoipa::path(
    get, path = "/v1/reports/agents", operation_id = "report_agents", tag = "reports", security(("agent" = [])),
    params(ReportQuery),
    responses(
        (status = 200, description = "A page, by the agents' ids; as a table where `Accept` asks for it, with the \
            next page in `Link`", content((Report<AgentReport> = "application/json"), (String = "text/csv"))),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn report_agents(
    State(app): State<AppState>,
    agent: Permitted<ReadReports>,
    Asked { query, sent }: Asked<ReportQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let present = Present::of(&app, agent.tenant_id).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let subject = Subject::chats((query.office_id, None, None), Grain::Total);
    let (window, scope) = check(&mut tx, present, (query.from, query.to), &subject, sent).await?;
    let people = tx.list_people(&query.page(window, AgentId)).await?;
    let page = Page::new(people, query.limit, |last| last.id.0, Person::clone);
    let mut chats = ChatTable::new(days(window, present.zone));
    let mut times = PartTimes::of(page.data.iter().map(|person| person.id));
    let put = |log: &ChatLog, folded: &Folded| {
        for measure in &folded.measures {
            if let Some(id) = measure.agent_id.filter(|id| times.includes(*id)) {
                chats.add(id, log.started_at, measure);
            }
        }
        times.add(&folded.parts);
    };
    add_up(&mut tx, &scope, (window, present.now), put).await?;
    // The time in chats is that of the clock, so it is also of chats that were started before.
    add_parts(&mut tx, &scope, window, window.from, &mut times).await?;
    let mut data = Vec::new();
    for person in page.data {
        let at = (window, present.zone);
        data.extend(line_of_agent(&mut tx, person, at, &query, (&chats, &times)).await?);
    }
    if csv::is_wanted(&headers) {
        let next = page.next_cursor.map(|cursor| query.next(window, &cursor));
        return Ok(agents_table(&data).answer(next));
    }
    let report = Report::new(window, present.zone.as_str(), data, page.next_cursor);
    Ok(csv::vary(Body(report).into_response()))
}

/// An agent's line; none for one that had nothing to do with the office.
async fn line_of_agent(
    tx: &mut TenantTx,
    person: Person,
    (asked, zone): (Window, Zone),
    query: &ReportQuery,
    (chats, times): (&ChatTable<AgentId>, &PartTimes),
) -> Result<Option<AgentReport>, ApiError> {
    let lived = Lived::read(tx, &person, asked, query.office_id, times).await?;
    let Some(window) = lived.window.filter(|_| lived.belonged) else {
        return Ok(None);
    };
    let days = lived.days(zone);
    let shown = |totals: &AgentTotals| PresenceTotals::new(totals, person.capacity);
    let by_day = || {
        let mut begun = Timestamp(0);
        let day = |(day, in_chats): &LivedDay| {
            let totals = shown(&AgentTotals::of(&day.seconds, *in_chats));
            let sums = chats.between(&person.id, begun, day.window.to);
            begun = day.window.to;
            AgentDay::new(day.date, day.window, (totals, sums))
        };
        days.iter().map(day).collect()
    };
    let by_day = (query.interval == Interval::Day).then(by_day);
    let totals = (shown(&together(&days)), chats.whole(&person.id));
    let named = (person.id.0, person.name);
    Ok(Some(AgentReport::new(named, window, totals, by_day)))
}

/// How long every office showed what, of archived ones too.
#[utoipa::path(
    get, path = "/v1/reports/availability", operation_id = "report_availability", tag = "reports",
    security(("agent" = [])), params(ReportQuery),
    responses(
        (status = 200, description = "A page, by the offices' ids; as a table where `Accept` asks for it, with the \
            next page in `Link`", content((Report<OfficeReport> = "application/json"), (String = "text/csv"))),
        Unauthorized, Forbidden, BadQuery, Failures
    )
)]
pub(super) async fn report_availability(
    State(app): State<AppState>,
    agent: Permitted<ReadReports>,
    Asked { query, sent }: Asked<ReportQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let present = Present::of(&app, agent.tenant_id).await?;
    let mut tx = app.store.tenant(agent.tenant_id).await?;
    let subject = Subject {
        office_id: query.office_id,
        ..Subject::default()
    };
    let (window, _) = check(&mut tx, present, (query.from, query.to), &subject, sent).await?;
    let sites = match query.office_id {
        Some(id) => tx.find_site(id).await?.into_iter().collect(),
        None => tx.list_sites(&query.page(window, OfficeId)).await?,
    };
    let page = Page::new(sites, query.limit, |last| last.id.0, Site::clone);
    let mut data = Vec::new();
    for site in page.data {
        data.extend(line_of_office(&mut tx, site, window, &query, present.zone).await?);
    }
    if csv::is_wanted(&headers) {
        let next = page.next_cursor.map(|cursor| query.next(window, &cursor));
        return Ok(offices_table(&data).answer(next));
    }
    let report = Report::new(window, present.zone.as_str(), data, page.next_cursor);
    Ok(csv::vary(Body(report).into_response()))
}

/// An office's line, from the first change on that is on record: making an office is one.
async fn line_of_office(
    tx: &mut TenantTx,
    site: Site,
    window: Window,
    query: &ReportQuery,
    zone: Zone,
) -> Result<Option<OfficeReport>, ApiError> {
    let moments = tx
        .availability_events(site.id, window.from, window.to)
        .await?;
    let Some(first) = moments.first() else {
        return Ok(None);
    };
    let Some(window) = window.within_life(first.at, site.ended_at) else {
        return Ok(None);
    };
    let showed = moments
        .iter()
        .map(|moment| (moment.at, Showed::from(&moment.change)));
    let spans = timeline(window, Showed::from(&first.change), showed);
    let days = OfficeTotals::per_day(&spans, zone);
    let by_day = || {
        days.iter()
            .map(|(day, totals)| OfficeDay::new(day, totals))
            .collect()
    };
    Ok(Some(OfficeReport {
        office_id: site.id.0,
        name: site.name,
        from: window.from.into(),
        to: window.to.into(),
        totals: (&OfficeTotals::whole(&days)).into(),
        days: (query.interval == Interval::Day).then(by_day),
    }))
}

/// One row for each agent, or for each of its days.
fn agents_table(lines: &[AgentReport]) -> Table {
    let mut columns: Vec<String> = [
        "agent_id",
        "name",
        "date",
        "from",
        "to",
        "total_s",
        "online_s",
        "away_s",
        "offline_s",
        "invisible_s",
        "paid_s",
        "unpaid_s",
        "off_s",
        "paid_pauses_s",
        "unpaid_pauses_s",
        "busy_s",
        "occupancy",
        "chats_s",
        "load",
    ]
    .map(str::to_owned)
    .into();
    columns.extend(figure_columns());
    let mut table = Table::new(&columns);
    for line in lines {
        let mut row = |date: &str, from, to, totals: &PresenceTotals, chats: &ChatFigures| {
            let begin = begin(line.agent_id, line.name.as_str(), date, from, to);
            let figures = figure_cells(&chats.0);
            table.row(
                begin
                    .into_iter()
                    .chain(presence_cells(totals))
                    .chain(figures),
            );
        };
        match &line.days {
            None => row("", line.from, line.to, &line.totals, &line.chats),
            Some(days) => {
                for day in days {
                    row(&day.date, day.from, day.to, &day.totals, &day.chats);
                }
            }
        }
    }
    table
}

fn presence_cells(totals: &PresenceTotals) -> impl Iterator<Item = Cell> {
    let numbers = [
        totals.total_s,
        totals.online_s,
        totals.away_s,
        totals.offline_s,
        totals.invisible_s,
        totals.paid_s,
        totals.unpaid_s,
        totals.off_s,
        totals.paid_pauses_s,
        totals.unpaid_pauses_s,
        totals.busy_s,
    ];
    let part =
        |part: Option<f64>| Cell::Word(part.map(|part| part.to_string()).unwrap_or_default());
    let end = [
        part(totals.occupancy),
        Cell::from(totals.chats_s),
        part(totals.load),
    ];
    numbers.map(Cell::from).into_iter().chain(end)
}

/// One row for each office, or for each of its days.
fn offices_table(lines: &[OfficeReport]) -> Table {
    let mut table = Table::new(&[
        "office_id",
        "name",
        "date",
        "from",
        "to",
        "total_s",
        "live_s",
        "messenger_s",
        "hidden_s",
        "changes",
    ]);
    for line in lines {
        let mut row = |date: &str, from, to, totals: &wire::AvailabilityTotals| {
            let numbers = [
                totals.total_s,
                totals.live_s,
                totals.messenger_s,
                totals.hidden_s,
            ];
            let begin = begin(line.office_id, line.name.as_str(), date, from, to);
            let changes = [Cell::Word(totals.changes.to_string())];
            table.row(
                begin
                    .into_iter()
                    .chain(numbers.map(Cell::from))
                    .chain(changes),
            );
        };
        match &line.days {
            None => row("", line.from, line.to, &line.totals),
            Some(days) => {
                for day in days {
                    row(&day.date, day.from, day.to, &day.totals);
                }
            }
        }
    }
    table
}

/// The cells with which every row begins. A row without a date is about the whole time.
fn begin(id: uuid::Uuid, name: &str, date: &str, from: wire::Time, to: wire::Time) -> [Cell; 5] {
    [
        Cell::from(id),
        Cell::Text(name.to_owned()),
        Cell::Word(date.to_owned()),
        Cell::from(from),
        Cell::from(to),
    ]
}
