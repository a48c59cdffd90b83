//! What an agent was through an interval, and when it was in a chat.

use super::timeline::Window;
use crate::domain::{
    Actor, OfficeId, PauseId, Presence, PresenceReason, Status, StatusId, Timestamp,
};
use crate::engine::PresenceView;

/// Whether an agent was at work, and whether that is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// It was not.
    Off,
    /// It was, in a custom status or a pause that is not paid.
    Unpaid,
    /// It was.
    Paid,
}

/// What an agent was in an office where that is not what it was everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The office.
    pub office_id: OfficeId,
    /// What it effectively was there.
    pub status: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Who made it so.
    pub by: Actor,
}

/// What an agent was, as far as a time line tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// What it effectively was.
    pub status: Status,
    /// Why.
    pub reason: PresenceReason,
    /// Who made it so.
    pub by: Actor,
    /// The custom status that was set.
    pub status_id: Option<StatusId>,
    /// The pause that it was in.
    pub pause_id: Option<PauseId>,
    /// Whether it was at work, and whether that is paid.
    pub work: Work,
    /// The offices in which it was something else; none when one office is asked about.
    pub offices: Vec<Elsewhere>,
}

impl Stood {
    /// What an agent was by its presence, outside of any office or in one. In an office that it did not belong to it
    /// was what it was outside of any.
    #[must_use]
    pub fn of(view: &PresenceView, office: Option<OfficeId>) -> Self {
        let here = view.standing.of(office);
        let elsewhere = view.standing.offices.iter().filter(|(_, there)| {
            office.is_none() && (there.status, there.reason) != (here.status, here.reason)
        });
        Self {
            status: here.status,
            reason: here.reason,
            by: here.by,
            status_id: view.selected(office).status_id,
            pause_id: view.pausing.map(|pausing| pausing.pause_id),
            work: match (is_at_work(here), view.paid) {
                (false, _) => Work::Off,
                (true, false) => Work::Unpaid,
                (true, true) => Work::Paid,
            },
            offices: elsewhere
                .map(|(id, there)| Elsewhere {
                    office_id: *id,
                    status: there.status,
                    reason: there.reason,
                    by: there.by,
                })
                .collect(),
        }
    }
}

/// Whoever is not offline, and who is so only because its custom status has no part in chats, a training perhaps, or
/// because there was no seat.
fn is_at_work(presence: Presence) -> bool {
    let kept_from_chats = [PresenceReason::StatusForbidsChats, PresenceReason::NoSeat];
    presence.status != Status::Offline || kept_from_chats.contains(&presence.reason)
}

/// The times of a window in which an agent took part in a chat at least, from the start and the end of each one, `None`
/// for one that goes on. They are in order and do not touch.
#[must_use]
pub fn busy_times(window: Window, chats: &[(Timestamp, Option<Timestamp>)]) -> Vec<Window> {
    let mut parts: Vec<Window> = chats
        .iter()
        .filter_map(|(from, to)| window.within_life(*from, *to))
        .collect();
    parts.sort_by_key(|part| part.from);
    let mut busy: Vec<Window> = Vec::new();
    for part in parts {
        match busy.last_mut() {
            Some(last) if part.from <= last.to => last.to = last.to.max(part.to),
            Some(_) | None => busy.push(part),
        }
    }
    busy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chats_at_the_same_time_are_one_time() {
        let at = |from, to| (Timestamp(from), Some(Timestamp(to)));
        let window = |from, to| Window {
            from: Timestamp(from),
            to: Timestamp(to),
        };
        let chats = [
            at(40, 50),
            at(0, 12),
            at(11, 20),
            at(20, 25),
            at(3, 5),
            (Timestamp(95), None),
            at(100, 120),
        ];

        let busy = busy_times(window(10, 100), &chats);

        assert_eq!(busy, [window(10, 25), window(40, 50), window(95, 100)]);
    }
}
