//! What chats add up to (CHAT-12).
//!
//! Owns the figures. Each chat is read whole and folded into measures, one for each value of a figure; a report adds
//! measures up, the list behind a figure shows them. A chat counts in the interval in which it was started, with all that
//! came of it since, so numbers of different figures are about the same chats. The times in which agents answered come of
//! the same fold, and are counted by the clock, when they were.

mod calendar;
mod figure;
mod fold;
mod log;
mod sums;

pub use calendar::{ChatTable, Grain, intervals};
pub use figure::{Figure, FigureKind};
pub use fold::{Folded, Measure, Part, fold, measures};
pub use log::{ChatLog, Happened, Happening, MissedTarget, OfferEnd};
pub use sums::{ChatSums, ScoreSums, TimeSums, Told};
