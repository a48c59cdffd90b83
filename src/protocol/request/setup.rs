//! Making offices, queues and widgets.

use std::collections::BTreeSet;

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{
    AgentId, Domain, Invalid, Millis, Name, Note, Office, OfficeId, Queue, QueueId, QueueSettings,
    Strategy, Timestamp, WhenNotLive, Widget, WidgetId, WidgetKey,
};
use crate::faults::{Between, Distinct, Faults, Field};
use crate::protocol::wire;

/// An admin adds an office.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateOffice {
    /// What visitors read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// What a visitor sees while nobody is there.
    #[deserr(default)]
    #[schema(value_type = Option<wire::WhenNotLive>)]
    pub when_not_live: Option<WhenNotLive>,
}

impl CreateOffice {
    /// The office that is asked for.
    #[must_use]
    pub fn into_office(self, id: OfficeId, at: Timestamp) -> Office {
        Office {
            when_not_live: self.when_not_live.unwrap_or_default(),
            ..Office::new(id, self.name, at)
        }
    }
}

/// From 5 s, in which a person can reach for the mouse, to 10 min, after which nobody will.
type RingTimeout = Between<5, 600>;
/// From 1 s, so that a queue without a willing agent does not spin, to 10 min.
type RoundPause = Between<1, 600>;
/// Every waiting chat is in memory, so there is an end to it.
type MaxWaiting = Between<1, 10_000>;

/// An admin adds a queue.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateQueue {
    /// The office whose visitors it takes.
    #[schema(value_type = Uuid)]
    pub office_id: OfficeId,
    /// What agents read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// How agents are ranked.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Strategy>)]
    pub strategy: Option<Strategy>,
    /// How long an offer rings: 30 when not named; `null` rings on.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 600)]
    pub ring_timeout_s: Field<RingTimeout>,
    /// How long a chat waits for a new round; 10 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 600)]
    pub round_pause_s: Option<RoundPause>,
    /// How many chats may wait; 1000 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10000)]
    pub max_waiting: Option<MaxWaiting>,
    /// The agents that its chats are offered to.
    #[deserr(default)]
    #[schema(value_type = Vec<Uuid>, required = false)]
    pub member_ids: Distinct<AgentId>,
}

impl CreateQueue {
    /// The queue that is asked for, and its members.
    #[must_use]
    pub fn into_queue(self, id: QueueId, at: Timestamp) -> (Queue, BTreeSet<AgentId>) {
        let default = QueueSettings::default();
        let seconds = |Between(seconds): RingTimeout| Millis::from_secs(seconds);
        let settings = QueueSettings {
            strategy: self.strategy.unwrap_or_default(),
            ring_timeout: self.ring_timeout_s.map(seconds).or(default.ring_timeout),
            round_pause: self
                .round_pause_s
                .map_or(default.round_pause, |Between(seconds)| {
                    Millis::from_secs(seconds)
                }),
            max_waiting: self
                .max_waiting
                .and_then(|Between(count)| u32::try_from(count).ok())
                .unwrap_or(default.max_waiting),
        };
        let queue = Queue {
            id,
            office_id: self.office_id,
            name: self.name,
            settings,
            created_at: at,
            version: 1,
        };
        (queue, self.member_ids.0.into_iter().collect())
    }
}

/// An admin says who is in a queue.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SetMembers {
    /// All of its members.
    #[schema(value_type = Vec<Uuid>)]
    pub member_ids: Distinct<AgentId>,
}

/// An admin adds a widget.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CreateWidget {
    /// What admins read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// The offices that a visitor may reach through it, at least one, in the order in which they are tried.
    #[deserr(try_from(Distinct<OfficeId>) = at_least_one -> Invalid)]
    #[schema(value_type = Vec<Uuid>, min_items = 1)]
    pub office_ids: Vec<OfficeId>,
    /// The pages that may embed it; `*` for every one. The server's own are always allowed.
    #[deserr(default)]
    #[schema(value_type = Vec<String>, required = false, example = json!(["example.com"]))]
    pub allowed_domains: Distinct<Domain>,
    /// What it says when nobody is there.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub messenger_text: Option<Note>,
}

/// A widget without an office would never show anything.
fn at_least_one(list: Distinct<OfficeId>) -> Result<Vec<OfficeId>, Invalid> {
    if list.0.is_empty() {
        Err(Invalid::TooShort { min: 1 })
    } else {
        Ok(list.0)
    }
}

impl CreateWidget {
    /// What a widget says when its admin has nothing to say.
    const MESSENGER_TEXT: &str =
        "Nobody is here right now. Leave a message and we will answer by e-mail.";

    /// The widget that is asked for.
    ///
    /// # Panics
    /// Never: the default text fits its type, which a test holds.
    #[must_use]
    pub fn into_widget(self, id: WidgetId, key: WidgetKey, at: Timestamp) -> Widget {
        #[expect(clippy::expect_used, reason = "a constant that a test parses")]
        let text = || {
            Self::MESSENGER_TEXT
                .parse()
                .expect("the default text fits a note")
        };
        Widget {
            id,
            key,
            name: self.name,
            office_ids: self.office_ids,
            allowed_domains: self.allowed_domains.0,
            messenger_text: self.messenger_text.unwrap_or_else(text),
            created_at: at,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::faults::read;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn queue(ring_timeout: Option<Value>) -> Queue {
        let mut body = json!({"office_id": ID, "name": "Sales"});
        if let Some(value) = ring_timeout {
            body["ring_timeout_s"] = value;
        }
        let request: CreateQueue = read(body).unwrap();
        request.into_queue(QueueId(Uuid::nil()), Timestamp(0)).0
    }

    #[test]
    fn a_ring_timeout_of_null_rings_on_and_an_absent_one_is_the_default() {
        assert_eq!(queue(None).settings, QueueSettings::default());
        assert_eq!(queue(Some(Value::Null)).settings.ring_timeout, None);
        assert_eq!(
            queue(Some(json!(45))).settings.ring_timeout,
            Some(Millis::from_secs(45))
        );
    }

    #[test]
    fn a_widget_has_an_office_and_something_to_say() {
        let none = read::<CreateWidget>(json!({"name": "Shop", "office_ids": []})).unwrap_err();
        assert_eq!(none.0[0].pointer, "/office_ids");

        let request: CreateWidget = read(json!({"name": "Shop", "office_ids": [ID]})).unwrap();
        let key = WidgetKey::from_trusted("wk_1".to_owned());
        let widget = request.into_widget(WidgetId(Uuid::nil()), key, Timestamp(0));
        assert_eq!(widget.messenger_text.as_str(), CreateWidget::MESSENGER_TEXT);
    }
}
