//! What things are made to be in a plan, in small numbers.

use std::collections::BTreeSet;

use deskbell::domain::{
    Agent, Capacity, Closing, CustomStatus, DispositionId, Hours, Interval, Level, LocalTime,
    Millis, Office, OnAgentGone, OnMissedOffer, Overflow, Overrun, OwnInactivity, Pause, Priority,
    QueueId, QueueSettings, Reminder, Role, Seat, SkillId, Skills, Status, Strategy, Targets,
    TenantSettings, VisitorIdle, Weekday, WeeklyInterval, WhenBusy, WhenNotLive,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Kind {
    Office,
    Agent,
    Queue,
    Widget,
    Status,
    Pause,
    Skill,
    Disposition,
}

/// Hours of every day: intervals of `length` minutes with `gap` minutes between them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HoursSpec {
    pub(crate) offset: u8,
    pub(crate) length: u8,
    pub(crate) gap: u8,
    /// By a clock that is an hour ahead in winter.
    pub(crate) abroad: bool,
}

impl HoursSpec {
    fn hours(&self) -> Hours {
        let nine = if self.abroad { 10 } else { 9 } * 60;
        let zone = if self.abroad { "Europe/Berlin" } else { "UTC" };
        let time = |minute: u16| -> LocalTime {
            format!("{:02}:{:02}", minute / 60, minute % 60)
                .parse()
                .unwrap()
        };
        let step = u16::from(self.length) + u16::from(self.gap);
        let mut weekly = Vec::new();
        for day in Weekday::ALL {
            for number in 0..8 {
                let opens = nine + u16::from(self.offset) + number * step;
                let closes = opens + u16::from(self.length);
                let interval = Interval::new(time(opens), time(closes)).unwrap();
                weekly.push(WeeklyInterval { day, interval });
            }
        }
        Hours::new(zone.parse().unwrap(), &weekly, Vec::new()).unwrap()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DelaysSpec {
    pub(crate) away_min: Option<u8>,
    pub(crate) offline_min: Option<u8>,
}

impl DelaysSpec {
    fn own(&self) -> OwnInactivity {
        OwnInactivity {
            away_after: self.away_min.map(minutes),
            offline_after: self.offline_min.map(minutes),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OfficeSpec {
    pub(crate) hidden: bool,
    pub(crate) messenger_when_busy: bool,
    pub(crate) hours: Option<HoursSpec>,
    pub(crate) delays: DelaysSpec,
}

impl OfficeSpec {
    /// What an office is like that nothing special is said of.
    pub(crate) fn plain() -> Self {
        Self {
            hidden: false,
            messenger_when_busy: false,
            hours: None,
            delays: DelaysSpec {
                away_min: None,
                offline_min: None,
            },
        }
    }

    pub(crate) fn write(&self, office: &mut Office) {
        office.when_not_live = if self.hidden {
            WhenNotLive::Hidden
        } else {
            WhenNotLive::Messenger
        };
        office.when_busy = if self.messenger_when_busy {
            WhenBusy::Messenger
        } else {
            WhenBusy::Queue
        };
        office.hours = self.hours.as_ref().map(HoursSpec::hours);
        office.inactivity = self.delays.own();
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AgentSpec {
    pub(crate) role: u8,
    pub(crate) capacity: u8,
    /// The first eight offices, by bit.
    pub(crate) offices: u8,
    pub(crate) hours: Option<HoursSpec>,
    pub(crate) delays: DelaysSpec,
    pub(crate) late_s: Option<u8>,
    pub(crate) assigned: bool,
    /// How good it is at the first two skills, two bits each; 0 is not at all.
    #[serde(default)]
    pub(crate) skills: Option<u8>,
    /// Whether an offer to it is an assignment.
    #[serde(default)]
    pub(crate) auto_accept: bool,
}

impl AgentSpec {
    /// What an agent is like that nothing special is said of.
    pub(crate) fn plain(capacity: u8) -> Self {
        Self {
            role: 0,
            capacity,
            offices: 0,
            hours: None,
            delays: DelaysSpec {
                away_min: None,
                offline_min: None,
            },
            late_s: None,
            assigned: false,
            skills: None,
            auto_accept: false,
        }
    }

    /// How good it is at the first skills that there are, if the plan says so.
    pub(crate) fn levels(&self, skills: &[SkillId]) -> Option<Skills> {
        let levels = self.skills?;
        Some(at_levels(skills, [levels & 0b11, levels >> 2 & 0b11]))
    }

    /// All but the offices and the skills.
    pub(crate) fn write(&self, agent: &mut Agent) {
        agent.role = Role::ALL[usize::from(self.role) % 4];
        agent.capacity = Capacity::try_from(i64::from(self.capacity)).unwrap();
        agent.hours = self.hours.as_ref().map(HoursSpec::hours);
        agent.inactivity = self.delays.own();
        agent.auto_accept = self.auto_accept;
        agent.offers_when_invisible_after = self.late_s.map(|s| Millis::from_secs(i64::from(s)));
        agent.seat = if self.assigned {
            Seat::Assigned
        } else {
            Seat::Shared
        };
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct QueueSpec {
    /// The first eight agents, by bit.
    pub(crate) members: u8,
    pub(crate) ring_s: Option<u8>,
    pub(crate) pause_s: u8,
    pub(crate) max_waiting: u8,
    pub(crate) reply_s: Option<u8>,
    /// Which of all strategies; it wraps around.
    pub(crate) strategy: u8,
    /// What belongs to the life of its chats, by bit: wrap-up, a warning and a close, reopening, targets, reminders in two
    /// bits, dispositions, several of them.
    pub(crate) life: u8,
    /// What it asks of agents and how urgent its chats are: the least levels of the first two skills, two bits and one; the
    /// priority of its chats, two bits; what a step of it is worth, two bits.
    #[serde(default)]
    pub(crate) order: u8,
    /// By bit: returning visitors wait for their last agent, an offer is an assignment, who misses one goes away, a full
    /// queue empties before it takes chats again, what waits for too long goes to another queue or into the inbox.
    pub(crate) more: u8,
}

impl QueueSpec {
    /// `outcomes` are the dispositions that the queue offers, if it offers any; `skills` those that it may ask for; `next` is
    /// the queue into which it may overflow.
    pub(crate) fn settings(
        &self,
        outcomes: BTreeSet<DispositionId>,
        skills: &[SkillId],
        next: Option<QueueId>,
    ) -> QueueSettings {
        let onward = next.filter(|_| self.has_more(4)).map(Overflow::Queue);
        let overflow = onward.or_else(|| self.has_more(5).then_some(Overflow::Messenger));
        let steps = [0, 1, 3, 10][usize::from(self.order >> 3 & 0b11)];
        let ageing = [300, 20, 60, 0][usize::from(self.order >> 5 & 0b11)];
        QueueSettings {
            required_skills: self.least(skills),
            priority: Priority::try_from(steps).unwrap(),
            ageing: Millis::from_secs(ageing),
            strategy: Strategy::ALL[usize::from(self.strategy) % Strategy::ALL.len()],
            ring_timeout: self.ring_s.map(|s| Millis::from_secs(i64::from(s))),
            round_pause: Millis::from_secs(i64::from(self.pause_s)),
            max_waiting: u32::from(self.max_waiting),
            first_reply_within: self.reply_s.map(|s| Millis::from_secs(i64::from(s))),
            closing: Closing {
                dispositions: if self.has(6) {
                    outcomes
                } else {
                    BTreeSet::new()
                },
                several_dispositions: self.has(7),
                wrap_up: self.has(0).then_some(Millis::from_secs(20)),
                ..Closing::default()
            },
            visitor_idle: VisitorIdle {
                warning: self.has(1).then_some(Millis::from_secs(30)),
                close: self.has(1).then_some(Millis::from_secs(60)),
                reopen_within: self.has(2).then_some(Millis::from_secs(120)),
            },
            targets: Targets {
                waiting: self.has(3).then_some(Millis::from_secs(15)),
                first_reply: self.has(3).then_some(Millis::from_secs(25)),
            },
            reminder: match (self.has(4), self.has(5)) {
                (false, _) => None,
                (true, false) => Some(Reminder::After(Millis::from_secs(10))),
                (true, true) => Some(Reminder::EveryMessage),
            },
            overflow,
            max_wait: overflow.map(|_| Millis::from_secs(30)),
            prefer_last_agent_for: self.has_more(0).then_some(Millis::from_secs(20)),
            auto_accept: self.has_more(1),
            on_missed_offer: if self.has_more(2) {
                OnMissedOffer::Away
            } else {
                OnMissedOffer::Nothing
            },
            reopen_at: self
                .has_more(3)
                .then_some(u32::from(self.max_waiting).saturating_sub(1).max(1)),
            ..QueueSettings::default()
        }
    }

    fn least(&self, skills: &[SkillId]) -> Skills {
        at_levels(skills, [self.order & 0b11, self.order >> 2 & 1])
    }

    fn has_more(&self, bit: u8) -> bool {
        self.more & (1 << bit) != 0
    }

    fn has(&self, bit: u8) -> bool {
        self.life & (1 << bit) != 0
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StatusSpec {
    pub(crate) base: u8,
    pub(crate) handles_chats: bool,
    pub(crate) paid: bool,
    pub(crate) longest_s: Option<u16>,
}

impl StatusSpec {
    pub(crate) fn write(&self, status: &mut CustomStatus) {
        status.base = Status::ALL[usize::from(self.base) % 4];
        status.handles_chats = self.handles_chats;
        status.paid = self.paid;
        status.longest_a_day = self.longest_s.map(|s| Millis::from_secs(i64::from(s)));
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PauseSpec {
    pub(crate) paid: bool,
    pub(crate) longest_s: Option<u16>,
    pub(crate) ends: bool,
}

impl PauseSpec {
    pub(crate) fn write(&self, pause: &mut Pause) {
        pause.paid = self.paid;
        pause.longest = self.longest_s.map(|s| Millis::from_secs(i64::from(s)));
        pause.on_overrun = if self.ends {
            Overrun::End
        } else {
            Overrun::Flag
        };
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SettingsSpec {
    pub(crate) seats: u8,
    pub(crate) grace_s: Option<u8>,
    pub(crate) restore_s: u16,
    pub(crate) lease_s: u8,
    pub(crate) delays: DelaysSpec,
    /// Yes or no, by bit: a loss becomes away, acts resume, who is offline replies, agents and queues are shown, who is gone
    /// loses its chats.
    /// Yes or no, by bit: a loss becomes away, acts resume, who is offline replies, agents, queues and
    /// unsent texts are shown.
    pub(crate) flags: u8,
}

impl SettingsSpec {
    fn flag(&self, bit: u8) -> bool {
        self.flags & (1 << bit) != 0
    }

    pub(crate) fn write(&self, settings: &mut TenantSettings) {
        settings.seats = u32::from(self.seats).max(1);
        settings.disconnect.grace = self.grace_s.map(|s| Millis::from_secs(i64::from(s)));
        settings.disconnect.becomes = if self.flag(0) {
            Status::Away
        } else {
            Status::Offline
        };
        settings.disconnect.restore_within = Millis::from_secs(i64::from(self.restore_s));
        settings.inactivity.away_after = self.delays.away_min.map(minutes);
        settings.inactivity.offline_after = self.delays.offline_min.map(minutes);
        settings.inactivity.resume = self.flag(1);
        settings.lease_ttl = Millis::from_secs(i64::from(self.lease_s));
        settings.offline_replies = self.flag(2);
        settings.show_agents = self.flag(3);
        settings.show_queue = self.flag(4);
        settings.chats.on_agent_gone = if self.flag(5) {
            OnAgentGone::Requeue(settings.disconnect.restore_within)
        } else {
            OnAgentGone::Keep
        };
        settings.chats.show_unsent_text = self.flag(5);
    }
}

/// The first skills at these levels; 0 is none.
fn at_levels(skills: &[SkillId], levels: [u8; 2]) -> Skills {
    let levels = skills.iter().zip(levels);
    levels
        .filter_map(|(id, level)| Some((*id, Level::try_from(i64::from(level)).ok()?)))
        .collect()
}

fn minutes(number: u8) -> Millis {
    Millis::from_secs(60 * i64::from(number))
}
