//! Tables of figures: which columns there are, and what stands under them.

use super::csv::{Cell, Table};
use crate::protocol::wire::{self, ChatFigures, ChatReport, QueueReport};
use crate::reports::{ChatSums, Figure, FigureKind, Told, Window};

/// The columns of all figures, in their order.
pub(super) fn figure_columns() -> Vec<String> {
    let columns = Figure::ALL.iter().flat_map(|figure| {
        let parts: &[&str] = match figure.kind() {
            FigureKind::Count | FigureKind::Sum => &[""],
            FigureKind::Time => &["_count", "_average_s", "_p50_s", "_p90_s"],
            FigureKind::Score => &["_count", "_average", "_1", "_2", "_3", "_4", "_5"],
        };
        parts
            .iter()
            .map(|part| format!("{}{part}", figure.as_str()))
    });
    columns.collect()
}

/// What stands under them; nothing where there is no average and no percentile.
pub(super) fn figure_cells(sums: &ChatSums) -> Vec<Cell> {
    let part = |number: Option<f64>| {
        let text = number.map(|number| number.to_string());
        Cell::Word(text.unwrap_or_default())
    };
    let cells = Figure::ALL
        .iter()
        .flat_map(|figure| match sums.told(*figure) {
            Told::Number(number) => vec![Cell::from(number)],
            Told::Time(sums) => {
                let time = wire::TimeFigure::from(sums);
                let lengths = [time.average_s, time.p50_s, time.p90_s];
                let count = [Cell::from(time.count)];
                count.into_iter().chain(lengths.map(part)).collect()
            }
            Told::Score(sums) => {
                let score = wire::ScoreFigure::from(sums);
                let begin = [Cell::from(score.count), part(score.average)];
                let by_score = score.by_score.map(Cell::from);
                begin.into_iter().chain(by_score).collect()
            }
        });
    cells.collect()
}

fn table(columns: &[&str]) -> Table {
    let columns = columns.iter().map(|column| (*column).to_owned());
    let columns: Vec<String> = columns.chain(figure_columns()).collect();
    Table::new(&columns)
}

/// The cells of an interval. One without a date is the whole time.
fn interval_cells(date: &str, from: wire::Time, to: wire::Time) -> [Cell; 3] {
    [
        Cell::Word(date.to_owned()),
        Cell::from(from),
        Cell::from(to),
    ]
}

/// One row, or one for each interval.
pub(super) fn chats_table(report: &ChatReport) -> Table {
    let mut table = table(&["date", "from", "to"]);
    let mut row = |date: &str, from, to, totals: &ChatFigures| {
        let begin = interval_cells(date, from, to).into_iter();
        table.row(begin.chain(figure_cells(&totals.0)));
    };
    match &report.intervals {
        None => row("", report.from, report.to, &report.totals),
        Some(intervals) => {
            for interval in intervals {
                row(&interval.date, interval.from, interval.to, &interval.totals);
            }
        }
    }
    table
}

/// One row for each queue, or for each of its intervals.
pub(super) fn queues_table(window: Window, lines: &[QueueReport]) -> Table {
    let mut table = table(&["queue_id", "office_id", "name", "date", "from", "to"]);
    for line in lines {
        let mut row = |date: &str, from, to, totals: &ChatFigures| {
            let begin = [
                Cell::from(line.queue_id),
                Cell::from(line.office_id),
                Cell::Text(line.name.as_str().to_owned()),
            ];
            let interval = interval_cells(date, from, to);
            let cells = begin.into_iter().chain(interval);
            table.row(cells.chain(figure_cells(&totals.0)));
        };
        match &line.intervals {
            None => row("", window.from.into(), window.to.into(), &line.totals),
            Some(intervals) => {
                for interval in intervals {
                    row(&interval.date, interval.from, interval.to, &interval.totals);
                }
            }
        }
    }
    table
}
