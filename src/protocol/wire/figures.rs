//! What chats add up to, and the chats behind a figure.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::Time;
use crate::domain::{LocalDate, Millis, Name};
use crate::reports::{ChatSums, Figure, FigureKind, Measure, ScoreSums, TimeSums, Told, Window};

/// Every figure, by its name.
#[derive(Clone, Debug)]
pub struct ChatFigures(pub ChatSums);

/// Lengths of time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct TimeFigure {
    /// How many there are.
    pub count: i64,
    /// Their mean in seconds, to the millisecond; `null` where there are none.
    pub average_s: Option<f64>,
    /// The shortest length in seconds that at least half of them do not exceed.
    pub p50_s: Option<f64>,
    /// The shortest length in seconds that at least nine of ten do not exceed.
    pub p90_s: Option<f64>,
}

/// Scores.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ScoreFigure {
    /// How many there are.
    pub count: i64,
    /// Their mean to two places; `null` where there are none.
    pub average: Option<f64>,
    /// How many there are of each, from 1 to 5.
    pub by_score: [i64; 5],
}

/// A length as seconds to the millisecond.
#[expect(
    clippy::cast_precision_loss,
    reason = "a length of time is far below 2^53 milliseconds"
)]
fn seconds(length: Millis) -> f64 {
    length.0 as f64 / 1000.0
}

impl From<TimeSums> for TimeFigure {
    fn from(sums: TimeSums) -> Self {
        Self {
            count: sums.count,
            average_s: sums.average.map(seconds),
            p50_s: sums.p50.map(seconds),
            p90_s: sums.p90.map(seconds),
        }
    }
}

impl From<ScoreSums> for ScoreFigure {
    fn from(sums: ScoreSums) -> Self {
        let average = sums.average_hundredths();
        let average = average.and_then(|hundredths| i32::try_from(hundredths).ok());
        Self {
            count: sums.count(),
            average: average.map(|hundredths| f64::from(hundredths) / 100.0),
            by_score: sums.by_score,
        }
    }
}

impl Serialize for ChatFigures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Figure::ALL.len()))?;
        for figure in Figure::ALL {
            match self.0.told(*figure) {
                Told::Number(number) => map.serialize_entry(figure, &number)?,
                Told::Time(sums) => map.serialize_entry(figure, &TimeFigure::from(sums))?,
                Told::Score(sums) => map.serialize_entry(figure, &ScoreFigure::from(sums))?,
            }
        }
        map.end()
    }
}

impl PartialSchema for ChatFigures {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let object = object.description(Some("Every figure, by its name."));
        let object = Figure::ALL.iter().fold(object, |object, figure| {
            let name = figure.as_str();
            let object = object.required(name);
            let described = |schema: RefOr<Schema>| match schema {
                RefOr::T(Schema::Object(mut object)) => {
                    object.description = Some(figure.meaning().to_owned());
                    RefOr::T(Schema::Object(object))
                }
                other => other,
            };
            match figure.kind() {
                FigureKind::Count | FigureKind::Sum => object.property(
                    name,
                    ObjectBuilder::new()
                        .schema_type(Type::Integer)
                        .description(Some(figure.meaning())),
                ),
                FigureKind::Time => object.property(name, described(TimeFigure::schema())),
                FigureKind::Score => object.property(name, described(ScoreFigure::schema())),
            }
        });
        object.into()
    }
}

impl ToSchema for ChatFigures {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ChatFigures")
    }
}

/// What chats add up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChatReport {
    /// The first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// The zone by whose calendar days and hours are counted.
    pub time_zone: &'static str,
    /// The figures of all chats that were started in it.
    pub totals: ChatFigures,
    /// The same by interval; only when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub intervals: Option<Vec<ChatInterval>>,
}

/// What the chats of one interval add up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChatInterval {
    /// The day of the tenant's calendar that it is of, such as `2026-03-29`.
    pub date: String,
    /// Its first instant that is in the report.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// The figures of the chats that were started in it.
    pub totals: ChatFigures,
}

impl ChatInterval {
    /// One interval.
    #[must_use]
    pub fn new(date: LocalDate, window: Window, sums: ChatSums) -> Self {
        Self {
            date: date.to_string(),
            from: window.from.into(),
            to: window.to.into(),
            totals: ChatFigures(sums),
        }
    }
}

/// What the chats of one queue add up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueReport {
    /// The queue.
    pub queue_id: Uuid,
    /// Its office.
    pub office_id: Uuid,
    /// Its name.
    #[schema(value_type = String)]
    pub name: Name,
    /// The figures of what happened in it.
    pub totals: ChatFigures,
    /// The same by interval; only when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub intervals: Option<Vec<ChatInterval>>,
}

/// One of the values that a figure was made from.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct FigureEntry {
    /// The chat.
    pub chat_id: Uuid,
    /// When it was started, which decides in which interval it counts.
    pub started_at: Time,
    /// When the value was known.
    pub at: Time,
    /// The queue that it is about.
    pub queue_id: Option<Uuid>,
    /// The agent that it is about.
    pub agent_id: Option<Uuid>,
    /// 1 for what is counted, else the number, the score, or the length in seconds.
    pub value: f64,
}

impl FigureEntry {
    /// A value of a chat.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of messages and scores are far below 2^53"
    )]
    pub fn new(chat_id: Uuid, started_at: Time, measure: &Measure) -> Self {
        Self {
            chat_id,
            started_at,
            at: measure.at.into(),
            queue_id: measure.queue_id.map(|id| id.0),
            agent_id: measure.agent_id.map(|id| id.0),
            value: match measure.figure.kind() {
                FigureKind::Time => seconds(Millis(measure.value)),
                FigureKind::Count | FigureKind::Sum | FigureKind::Score => measure.value as f64,
            },
        }
    }
}
