//! What each figure of a report about chats counts (CHAT-12), by hand.

use deskbell::domain::{
    AgentId, ChatId, CloseReason, Millis, OfferNumber, OfficeId, ParticipantRole, Purpose, QueueId,
    Timestamp,
};
use deskbell::reports::{
    ChatLog, Figure, Happened, Happening, Measure, MissedTarget, OfferEnd, measures,
};
use uuid::Uuid;

const ANA: AgentId = AgentId(Uuid::from_u128(1));
const BO: AgentId = AgentId(Uuid::from_u128(2));
const SALES: QueueId = QueueId(Uuid::from_u128(3));
const CARE: QueueId = QueueId(Uuid::from_u128(4));

/// A chat that was started at 0, and what happened at which second of it.
fn measured(happened: &[(i64, Happened)]) -> Vec<Measure> {
    let happenings = (1..).zip(happened).map(|(seq, (second, what))| Happening {
        seq,
        at: Timestamp(0) + Millis::from_secs(*second),
        what: *what,
    });
    measures(&ChatLog {
        chat_id: ChatId(Uuid::nil()),
        started_at: Timestamp(0),
        office_id: OfficeId(Uuid::nil()),
        happenings: happenings.collect(),
    })
}

/// The values of a figure with the agents that they are about; lengths in seconds.
fn values(measured: &[Measure], figure: Figure) -> Vec<(i64, Option<AgentId>)> {
    let is_time = matches!(
        figure,
        Figure::Waiting
            | Figure::AbandonedAfter
            | Figure::FirstReply
            | Figure::Conversation
            | Figure::Handling
            | Figure::WrapUp
    );
    let unit = if is_time { 1000 } else { 1 };
    let of_figure = measured.iter().filter(|measure| measure.figure == figure);
    of_figure
        .map(|measure| (measure.value / unit, measure.agent_id))
        .collect()
}

fn queued() -> Happened {
    Happened::Queued {
        queue_id: Some(SALES),
    }
}

fn rings(number: u32, agent_id: AgentId) -> Happened {
    Happened::OfferMade {
        number: OfferNumber(number),
        agent_id,
        queue_id: Some(SALES),
    }
}

fn ended(number: u32, end: OfferEnd) -> Happened {
    Happened::OfferEnded {
        number: OfferNumber(number),
        end,
    }
}

fn joins(agent_id: AgentId, queue_id: QueueId) -> Happened {
    Happened::Joined {
        agent_id,
        role: ParticipantRole::Agent,
        queue_id: Some(queue_id),
    }
}

fn writes(agent_id: AgentId) -> Happened {
    Happened::Message {
        agent_id: Some(agent_id),
    }
}

const ASKS: Happened = Happened::Message { agent_id: None };

fn closed(reason: CloseReason) -> Happened {
    Happened::Closed { reason }
}

#[test]
fn chat_12_a_missed_offer_is_told_by_whether_the_visitor_left() {
    let missed = [
        (0, queued()),
        (0, rings(1, ANA)),
        (30, ended(1, OfferEnd::Missed)),
    ];
    let left = measured(&[&missed[..], &[(45, closed(CloseReason::VisitorEnded))]].concat());
    let taken = [
        (40, joins(BO, SALES)),
        (50, closed(CloseReason::VisitorEnded)),
    ];
    let answered = measured(&[&missed[..], &taken].concat());
    let banned = measured(&[&missed[..], &[(45, closed(CloseReason::Banned))]].concat());
    let waits = measured(&missed);

    assert_eq!(values(&left, Figure::MissedVisitorLeft), [(1, Some(ANA))]);
    assert_eq!(values(&left, Figure::MissedVisitorStayed), []);
    assert_eq!(values(&left, Figure::Abandoned), [(1, None)]);
    assert_eq!(values(&left, Figure::AbandonedAfter), [(45, None)]);
    assert_eq!(values(&left, Figure::Conversation), []);
    for stayed in [&answered, &banned, &waits] {
        assert_eq!(values(stayed, Figure::MissedVisitorLeft), []);
        assert_eq!(
            values(stayed, Figure::MissedVisitorStayed),
            [(1, Some(ANA))]
        );
        assert_eq!(values(stayed, Figure::Abandoned), []);
    }
    assert_eq!(values(&answered, Figure::ClosedByVisitor), [(1, None)]);
    assert_eq!(values(&banned, Figure::ClosedBanned), [(1, None)]);
    assert_eq!(values(&waits, Figure::Open), [(1, None)]);
}

#[test]
fn chat_12_the_first_accept_counts_and_every_part_of_an_agent() {
    let measured = measured(&[
        (0, queued()),
        (0, ASKS),
        (8, joins(ANA, SALES)),
        (20, writes(ANA)),
        (25, writes(ANA)),
        (60, Happened::Left { agent_id: ANA }),
        (60, Happened::Requeued),
        (90, joins(BO, CARE)),
        (95, ASKS),
        (100, writes(BO)),
        (110, joins(ANA, CARE)),
        (150, closed(CloseReason::AgentClosed)),
    ]);

    assert_eq!(values(&measured, Figure::Accepted), [(1, Some(ANA))]);
    assert_eq!(values(&measured, Figure::Waiting), [(8, Some(ANA))]);
    assert_eq!(values(&measured, Figure::FirstReply), [(20, Some(ANA))]);
    assert_eq!(values(&measured, Figure::Requeued), [(1, None)]);
    assert_eq!(
        values(&measured, Figure::Handled),
        [(1, Some(ANA)), (1, Some(BO))]
    );
    assert_eq!(
        values(&measured, Figure::Handling),
        [(52, Some(ANA)), (40, Some(ANA)), (60, Some(BO))]
    );
    assert_eq!(values(&measured, Figure::Conversation), [(142, None)]);
    let of_visitor: Vec<_> = values(&measured, Figure::MessagesVisitor);
    assert_eq!(of_visitor, [(1, None), (1, None)], "one for each queue");
    assert_eq!(
        values(&measured, Figure::MessagesAgent),
        [(2, Some(ANA)), (1, Some(BO))]
    );
    let queues = measured.iter().filter_map(|measure| match measure.figure {
        Figure::Started | Figure::Waiting | Figure::Closed | Figure::Conversation => {
            Some((measure.figure, measure.queue_id))
        }
        _ => None,
    });
    assert_eq!(
        queues.collect::<Vec<_>>(),
        [
            (Figure::Started, Some(SALES)),
            (Figure::Waiting, Some(SALES)),
            (Figure::Closed, Some(CARE)),
            (Figure::Conversation, Some(CARE)),
        ]
    );
}

#[test]
fn chat_12_a_hand_over_counts_for_who_asked_and_for_who_took_it() {
    let (transfer, invite) = (Purpose::Transfer, Purpose::Invite);
    let asks = |purpose, by| Happened::HandOver {
        purpose,
        by: Some(by),
    };
    let over = |purpose, taken_by| Happened::HandOverEnded { purpose, taken_by };

    let measured = measured(&[
        (0, queued()),
        (1, joins(ANA, SALES)),
        (2, asks(transfer, ANA)),
        (3, over(transfer, None)),
        (4, asks(invite, ANA)),
        (5, joins(BO, SALES)),
        (5, over(invite, Some(BO))),
        (6, asks(transfer, BO)),
        (7, Happened::Left { agent_id: BO }),
        (7, joins(ANA, CARE)),
        (7, over(transfer, Some(ANA))),
        (8, asks(transfer, ANA)),
        (9, closed(CloseReason::VisitorEnded)),
    ]);

    let by = |figure| values(&measured, figure);
    assert_eq!(
        by(Figure::Transfers),
        [(1, Some(ANA)), (1, Some(BO)), (1, Some(ANA))]
    );
    assert_eq!(
        by(Figure::TransfersFailed),
        [(1, Some(ANA)), (1, Some(ANA))],
        "one was refused, one came to its end with the chat"
    );
    assert_eq!(by(Figure::TransfersDone), [(1, Some(BO))]);
    assert_eq!(by(Figure::TransfersIn), [(1, Some(ANA))]);
    assert_eq!(by(Figure::Invites), [(1, Some(ANA))]);
    assert_eq!(by(Figure::InvitesAccepted), [(1, Some(ANA))]);
    let queues: Vec<_> = measured
        .iter()
        .filter(|measure| [Figure::TransfersDone, Figure::TransfersIn].contains(&measure.figure))
        .map(|measure| measure.queue_id)
        .collect();
    assert_eq!(queues, [Some(SALES), Some(CARE)]);
}

#[test]
fn chat_12_who_reads_along_answers_nothing() {
    let reads_along = |role| Happened::Joined {
        agent_id: BO,
        role,
        queue_id: None,
    };
    let measured = measured(&[
        (0, queued()),
        (1, reads_along(ParticipantRole::Listener)),
        (2, Happened::Left { agent_id: BO }),
        (3, joins(ANA, SALES)),
        (4, reads_along(ParticipantRole::Assistant)),
        (9, closed(CloseReason::AgentClosed)),
    ]);

    assert_eq!(values(&measured, Figure::Waiting), [(3, Some(ANA))]);
    assert_eq!(values(&measured, Figure::Handled), [(1, Some(ANA))]);
    assert_eq!(values(&measured, Figure::Handling), [(6, Some(ANA))]);
}

#[test]
fn chat_12_what_comes_after_the_end_counts_too() {
    let measured = measured(&[
        (0, queued()),
        (
            5,
            Happened::TargetMissed {
                target: MissedTarget::Waiting,
            },
        ),
        (8, joins(ANA, SALES)),
        (10, closed(CloseReason::VisitorIdle)),
        (10, Happened::WrapUpStarted { agent_id: ANA }),
        (12, Happened::Rated { score: 2 }),
        (15, Happened::WrapUpEnded { agent_id: ANA }),
        (20, Happened::Reopened),
        (20, joins(ANA, SALES)),
        (
            22,
            Happened::TargetMissed {
                target: MissedTarget::FirstReply,
            },
        ),
        (30, closed(CloseReason::AgentClosed)),
        (40, Happened::Rated { score: 5 }),
    ]);

    assert_eq!(values(&measured, Figure::Closed), [(1, None)]);
    assert_eq!(values(&measured, Figure::ClosedIdle), []);
    assert_eq!(values(&measured, Figure::ClosedByAgent), [(1, None)]);
    assert_eq!(values(&measured, Figure::Reopened), [(1, None)]);
    assert_eq!(values(&measured, Figure::WrapUp), [(5, Some(ANA))]);
    assert_eq!(
        values(&measured, Figure::Handling),
        [(2, Some(ANA)), (10, Some(ANA))]
    );
    assert_eq!(values(&measured, Figure::Conversation), [(22, None)]);
    assert_eq!(values(&measured, Figure::Ratings), [(5, Some(ANA))]);
    assert_eq!(values(&measured, Figure::TargetsMissedWaiting), [(1, None)]);
    assert_eq!(
        values(&measured, Figure::TargetsMissedFirstReply),
        [(1, None)]
    );
}

#[test]
fn chat_12_what_goes_to_the_inbox_is_no_chat_that_was_taken() {
    let left = measured(&[
        (0, Happened::OfflineMessage),
        (0, ASKS),
        (60, joins(ANA, SALES)),
        (70, writes(ANA)),
    ]);
    let moved = measured(&[
        (0, queued()),
        (30, Happened::OfflineMessage),
        (40, closed(CloseReason::VisitorEnded)),
    ]);

    assert_eq!(values(&left, Figure::OfflineMessages), [(1, None)]);
    assert_eq!(
        values(&left, Figure::OfflineMessagesTaken),
        [(1, Some(ANA))]
    );
    for figure in [
        Figure::Started,
        Figure::Accepted,
        Figure::Waiting,
        Figure::FirstReply,
        Figure::Open,
    ] {
        assert_eq!(values(&left, figure), [], "{figure:?}");
    }
    assert_eq!(values(&moved, Figure::Started), [(1, None)]);
    assert_eq!(values(&moved, Figure::OfflineMessages), [(1, None)]);
    assert_eq!(values(&moved, Figure::Abandoned), []);
    assert_eq!(values(&moved, Figure::Open), []);
}

#[test]
fn chat_12_every_figure_stands_in_the_rules() {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let rules = std::fs::read_to_string(rules).unwrap();

    for figure in Figure::ALL {
        let kind = format!("{:?}", figure.kind()).to_lowercase();
        let row = format!(
            "| `{figure}` | {kind} | {} |",
            figure.meaning(),
            figure = figure.as_str()
        );
        assert!(rules.contains(&row), "{row}");
    }
}
