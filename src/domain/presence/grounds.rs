//! What is kept with every change of a presence, so that its steps can be told again at any later time.
//!
//! A presence shows the choice, the overrides, the pause and the wish; these are the other facts that its steps name.
//! Facts that made no difference anywhere are left out, so a presence and its grounds change together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::effective::{Basis, judge, steps};
use super::{
    Choice, Comeback, Demotion, Facts, Inactivity, Link, LinkKind, Pausing, PresenceReason, Status,
    Wanted,
};
use crate::domain::{CustomStatus, OfficeId, StatusId, Timestamp};

/// What the loss of everything that held an agent has made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unheld {
    /// `away` or `offline`.
    pub status: Status,
    /// `disconnected` or `lease_expired`.
    pub reason: PresenceReason,
    /// Since when.
    pub since: Timestamp,
}

/// The facts behind a presence that it does not show by itself. Most presences have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grounds {
    /// How the choice came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comeback: Option<Comeback>,
    /// What inactivity has brought.
    #[serde(skip_serializing_if = "Inactivity::is_none")]
    pub inactivity: Inactivity,
    /// What the loss of its connections and leases has brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unheld: Option<Unheld>,
    /// The custom statuses, of those that were set, that had no part in chats then (PRES-13).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub silent: BTreeSet<StatusId>,
}

impl Grounds {
    /// None.
    pub const NONE: Self = Self {
        comeback: None,
        inactivity: Inactivity {
            global: None,
            offices: BTreeMap::new(),
        },
        unheld: None,
        silent: BTreeSet::new(),
    };

    /// Those of an agent that belongs to these offices.
    #[must_use]
    pub fn of(
        facts: &Facts,
        offices: impl IntoIterator<Item = OfficeId>,
        statuses: &BTreeMap<StatusId, CustomStatus>,
        seated: bool,
    ) -> Self {
        let silent = |choice: Choice| super::effective::silent(choice, statuses);
        let basis = Basis::of(facts, seated, &silent);
        let mut grounds = Self::NONE;
        for office in std::iter::once(None).chain(offices.into_iter().map(Some)) {
            judge(&basis, office, &mut |link| {
                grounds.keep(&basis, office, link);
            });
        }
        grounds
    }

    fn keep(&mut self, basis: &Basis<'_>, office: Option<OfficeId>, link: Link) {
        match link.kind {
            LinkKind::Comeback => self.comeback = basis.comeback,
            LinkKind::Unheld => self.unheld = basis.unheld,
            LinkKind::CustomStatus(id) => {
                self.silent.insert(id);
            }
            LinkKind::Inactivity => {
                let made = link.since.map(|since| Demotion {
                    status: link.after.status,
                    since,
                });
                let kept = &mut self.inactivity;
                match (made, office) {
                    (Some(made), Some(office)) if basis.inactivity.global != Some(made) => {
                        kept.offices.insert(office, made);
                    }
                    (made, _) => kept.global = made,
                }
            }
            LinkKind::Choice
            | LinkKind::Override
            | LinkKind::Pause(_)
            | LinkKind::Drain
            | LinkKind::Seat => {}
        }
    }
}

/// A presence as far as its steps are made from it.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// What was set for all offices.
    pub choice: Choice,
    /// What was set for some.
    pub overrides: &'a BTreeMap<OfficeId, Choice>,
    /// The facts that it does not show.
    pub grounds: &'a Grounds,
    /// The pause.
    pub pausing: Option<Pausing>,
    /// The wish for later.
    pub wanted: Option<Wanted>,
    /// Whether there was a seat.
    pub seated: bool,
}

impl Kept<'_> {
    /// The steps by which it came about in an office, or outside of any: what [`super::explain`] said then.
    #[must_use]
    pub fn explain(&self, office: Option<OfficeId>) -> Vec<Link> {
        let grounds = self.grounds;
        let silent = |choice: Choice| {
            let of_choice = choice.status_id.filter(|id| grounds.silent.contains(id));
            of_choice.filter(|_| choice.status != Status::Offline)
        };
        let basis = Basis {
            choice: self.choice,
            overrides: self.overrides,
            comeback: grounds.comeback,
            inactivity: &grounds.inactivity,
            unheld: grounds.unheld,
            pausing: self.pausing,
            wanted: self.wanted,
            seated: self.seated,
            silent: &silent,
        };
        steps(&basis, office)
    }
}
