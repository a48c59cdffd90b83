//! What was, and what it adds up to: time lines of presences and of what offices showed (PRES-18), and chats (CHAT-12).
//!
//! Owns that a report adds up to the clock. A time line is cut from the moments of change, each interval ending where
//! the next begins; sums are taken over the days of the tenant's calendar; seconds are apportioned so that the parts
//! make the whole. Must not read a clock or a database: whoever asks brings the moments and says when.

mod availability;
mod chats;
mod days;
mod presence;
mod rounding;
mod timeline;
mod totals;

pub use availability::{OfficeCell, OfficeTotals, Showed};
pub use chats::{
    ChatLog, ChatSums, ChatTable, Figure, FigureKind, Folded, Grain, Happened, Happening, Measure,
    MissedTarget, OfferEnd, Part, ScoreSums, TimeSums, Told, fold, intervals, measures,
};
pub use days::{DaySums, days, per_day, whole};
pub use presence::{Elsewhere, Stood, Work, busy_times};
pub use rounding::{Seconds, apportion};
pub use timeline::{Span, Window, timeline};
pub use totals::{
    AgentCell, AgentTotals, PauseTime, StatusTime, agent_days, chat_seconds, time_in_chats,
};
