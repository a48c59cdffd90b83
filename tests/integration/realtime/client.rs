//! A client as the protocol describes it: a snapshot, and what each event makes of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The events that an agent's client knows.
pub(crate) const AGENT_EVENTS: [&str; 35] = [
    "availability.changed",
    "chat.accepted",
    "chat.agent_seen",
    "chat.assist_requested",
    "chat.closed",
    "chat.hand_over_ended",
    "chat.invite_requested",
    "chat.idle_warning",
    "chat.message",
    "chat.message_deleted",
    "chat.message_edited",
    "chat.overflowed",
    "chat.participant_joined",
    "chat.participant_left",
    "chat.requeued",
    "chat.ringing",
    "chat.transfer_requested",
    "chat.transferred",
    "chat.note",
    "chat.rated",
    "chat.read",
    "chat.reminder",
    "chat.reopened",
    "chat.target_missed",
    "chat.typing",
    "chat.updated",
    "chat.wrap_up_ended",
    "chat.wrap_up_started",
    "offer.accepted",
    "offer.made",
    "offer.missed",
    "offer.rejected",
    "offer.withdrawn",
    "presence.changed",
    "queue.login_changed",
];

/// The events that a visitor's client knows.
pub(super) const VISITOR_EVENTS: [&str; 18] = [
    "chat.accepted",
    "chat.agent_seen",
    "chat.closed",
    "chat.deferred",
    "chat.idle_warning",
    "chat.message",
    "chat.message_deleted",
    "chat.message_edited",
    "chat.participant_joined",
    "chat.participant_left",
    "chat.place",
    "chat.queued",
    "chat.requeued",
    "chat.transferred",
    "chat.rated",
    "chat.read",
    "chat.reopened",
    "chat.typing",
];

/// What a client holds.
pub(crate) struct Client {
    snapshot: Value,
    chats: BTreeMap<String, Value>,
    offers: BTreeMap<String, Value>,
    /// The messages that it was told of, by the chat's id. No snapshot holds them.
    said: BTreeMap<String, Vec<String>>,
    wrap_ups: BTreeMap<String, Value>,
    /// The last chat that was over.
    over: Option<Value>,
}

impl Client {
    /// Begins with a welcome.
    pub(crate) fn new(welcome: &Value) -> Self {
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        let mut snapshot = welcome["snapshot"].clone();
        let mut take = |key: &str, id: &str| -> BTreeMap<String, Value> {
            let list = snapshot[key].take();
            let list = list.as_array().cloned().unwrap_or_default();
            list.into_iter()
                .map(|entry| (entry[id].to_string(), without_passing(entry)))
                .collect()
        };
        let (chats, offers) = (take("chats", "id"), take("offers", "chat_id"));
        let wrap_ups = take("wrap_ups", "chat").into_values();
        let wrap_ups = wrap_ups.map(|work| (work["chat"]["id"].to_string(), work));
        Self {
            wrap_ups: wrap_ups.collect(),
            snapshot,
            chats,
            offers,
            said: BTreeMap::new(),
            over: None,
        }
    }

    /// Takes one event, as `docs/protocol.md` says.
    pub(crate) fn apply(&mut self, event: &Value) {
        let id = event["chat_id"].to_string();
        match event["type"].as_str().unwrap() {
            "presence.changed" => self.snapshot["presence"] = event["presence"].clone(),
            "availability.changed" => {
                let changed = &event["office"];
                let offices = self.snapshot["offices"].as_array_mut().unwrap();
                let office = offices.iter_mut().find(|o| o["id"] == changed["office_id"]);
                // One that was added since is not among them before the next welcome.
                if let Some(office) = office {
                    office["mode"] = changed["mode"].clone();
                }
            }
            "queue.login_changed" => {
                let queues = self.snapshot["queues"].as_array_mut().unwrap();
                let queue = queues.iter_mut().find(|q| q["id"] == event["queue_id"]);
                queue.unwrap()["logged_in"] = event["logged_in"].clone();
            }
            "chat.agent_seen" => {
                let chat = self.chats.get_mut(&id);
                let chat = chat.unwrap_or_else(|| panic!("no such chat: {event}"));
                let agents = chat["agents"].as_array_mut().unwrap();
                let card = agents.iter_mut().find(|a| a["id"] == event["agent"]["id"]);
                *card.unwrap() = event["agent"].clone();
            }
            "offer.made" => {
                let mut offer = event.clone();
                for head in ["type", "seq", "at"] {
                    offer.as_object_mut().unwrap().remove(head);
                }
                self.offers.insert(id.clone(), offer);
                self.see_ringing(&id, &json!(true));
            }
            "chat.ringing" => {
                assert!(self.chats.contains_key(&id), "no such chat: {event}");
                self.see_ringing(&id, &event["rings"]);
            }
            "offer.accepted" | "offer.rejected" | "offer.missed" | "offer.withdrawn" => {
                let gone = self.offers.remove(&id);
                let gone = gone.unwrap_or_else(|| panic!("no such offer: {event}"));
                assert_eq!(gone["offer"], event["offer"]);
                self.see_ringing(&id, &event["rings"]);
            }
            "chat.queued"
            | "chat.accepted"
            | "chat.overflowed"
            | "chat.participant_joined"
            | "chat.requeued"
            | "chat.transferred"
            | "chat.reopened" => {
                self.chats
                    .insert(id, without_passing(event["chat"].clone()));
            }
            "chat.participant_left" => self.see_leave(&id, &event["agent"]["id"]),
            "chat.transfer_requested"
            | "chat.invite_requested"
            | "chat.assist_requested"
            | "chat.hand_over_ended" => self.see_hand_over(&id, event),
            "chat.message" => self.hear(&id, event),
            "chat.closed" | "chat.deferred" => {
                let left = self.chats.remove(&id);
                assert!(left.is_some(), "no such chat: {event}");
                self.over = Some(event["chat_id"].clone());
            }
            // Nor is a place part of a snapshot: it moves with the others'.
            "chat.typing" | "chat.place" | "chat.idle_warning" | "chat.reminder"
            | "queue.updated" | "session.logged_out" => {}
            _ => self.apply_turn(&id, event),
        }
    }

    /// A chat that it reads along while that waits rings, or does not any more.
    fn see_ringing(&mut self, chat_id: &str, rings: &Value) {
        let rings = rings.as_bool().expect("whether it rings");
        let waits = |chat: &&mut Value| {
            ["waiting", "offered"]
                .map(Value::from)
                .contains(&chat["state"])
        };
        if let Some(chat) = self.chats.get_mut(chat_id).filter(waits) {
            chat["state"] = json!(if rings { "offered" } else { "waiting" });
        }
    }

    /// The life of a chat besides.
    fn apply_turn(&mut self, id: &str, event: &Value) {
        match event["type"].as_str().unwrap() {
            "chat.wrap_up_started" => {
                let work = json!({
                    "chat": event["chat"], "since": event["since"], "until": event["until"],
                });
                self.wrap_ups.insert(id.to_owned(), work);
            }
            "chat.wrap_up_ended" => {
                let left = self.wrap_ups.remove(id);
                assert!(left.is_some(), "no such work: {event}");
            }
            "chat.updated" | "chat.rated" => {
                let work = self.wrap_ups.get_mut(id).map(|work| &mut work["chat"]);
                for chat in self.chats.get_mut(id).into_iter().chain(work) {
                    for (key, value) in event.as_object().unwrap() {
                        if !["type", "seq", "at", "chat_id", "by"].contains(&key.as_str()) {
                            chat[key] = value.clone();
                        }
                    }
                }
            }
            "chat.target_missed" => {
                let chat = self.chats.get_mut(id).unwrap();
                let missed = chat["missed_targets"].as_array_mut().unwrap();
                missed.push(event["target"].clone());
            }
            "chat.note" | "chat.read" => {
                // What is written about a chat that is over comes to those who had it, too.
                let work = self.wrap_ups.get_mut(id).map(|work| &mut work["chat"]);
                for chat in self.chats.get_mut(id).into_iter().chain(work) {
                    aside(chat, event);
                }
            }
            // What is said is no part of a snapshot: it is read from the chat's events.
            "chat.message_edited" | "chat.message_deleted" => {
                let chat = self.chats.get(id);
                let chat = chat.unwrap_or_else(|| panic!("no such chat: {event}"));
                assert!(event["message"]["seq"].as_u64() <= chat["last_seq"].as_u64());
            }
            other => panic!("a client does not know what to do with {other}"),
        }
    }

    /// Somebody is to come into a chat, or is not any more.
    fn see_hand_over(&mut self, chat_id: &str, event: &Value) {
        let kind = event["type"].as_str().unwrap();
        let chat = self.chats.get_mut(chat_id);
        if let Some(purpose) = kind.strip_suffix("_requested") {
            // Help without a target looks for nobody, and who is only told of it has no such chat.
            if let Some(chat) = chat.filter(|_| !event["to"].is_null()) {
                chat["hand_over"] = json!({
                    "purpose": purpose.trim_start_matches("chat."), "to": event["to"],
                    "by_agent_id": event["by"]["id"], "since": event["at"],
                });
            }
        } else {
            let chat = chat.unwrap_or_else(|| panic!("no such chat: {event}"));
            assert_eq!(chat["hand_over"]["purpose"], event["purpose"]);
            chat["hand_over"] = Value::Null;
        }
    }

    /// Somebody has left a chat: it oneself, which then is gone, or one of the others.
    fn see_leave(&mut self, chat_id: &str, agent_id: &Value) {
        if self.snapshot["me"]["id"] == *agent_id {
            let left = self.chats.remove(chat_id);
            assert!(left.is_some(), "no such chat: {chat_id}");
            return;
        }
        let chat = self.chats.get_mut(chat_id);
        let chat = chat.unwrap_or_else(|| panic!("no such chat: {chat_id}"));
        for list in ["agents", "participants"] {
            if let Some(people) = chat.get_mut(list).and_then(Value::as_array_mut) {
                people.retain(|one| one["id"] != *agent_id);
            }
        }
    }

    /// Takes a message.
    fn hear(&mut self, id: &str, event: &Value) {
        let Some(chat) = self.chats.get_mut(id) else {
            // A message that was left waits in the inbox, not in an open chat.
            assert!(
                self.snapshot["visitor_id"].is_string(),
                "no such chat: {event}"
            );
            return;
        };
        let seq = event["message"]["seq"].clone();
        assert_eq!(seq.as_u64(), chat["last_seq"].as_u64().map(|last| last + 1));
        chat["last_seq"] = seq;
        count_unread(chat);
        let message = event["message"]["id"].as_str().unwrap().to_owned();
        self.said.entry(id.to_owned()).or_default().push(message);
    }

    /// What it holds, in an order of its own.
    pub(crate) fn state(&self) -> Value {
        json!({
            "rest": self.snapshot, "chats": self.chats, "offers": self.offers,
            "wrap_ups": self.wrap_ups,
        })
    }

    /// The messages of a chat whose ids begin like this.
    pub(crate) fn said(&self, chat_id: &Value, prefix: &str) -> Vec<String> {
        let said = self.said.get(&chat_id.to_string()).into_iter().flatten();
        said.filter(|id| id.starts_with(prefix)).cloned().collect()
    }

    /// The ids of the queues of an agent.
    pub(crate) fn queues(&self) -> Vec<Value> {
        let queues = self.snapshot["queues"].as_array().into_iter().flatten();
        queues.map(|queue| queue["id"].clone()).collect()
    }

    /// The ids of its chats.
    pub(crate) fn chats(&self) -> Vec<Value> {
        self.chats.values().map(|chat| chat["id"].clone()).collect()
    }

    /// The last chat that was over since its welcome.
    pub(super) fn over(&self) -> Option<&Value> {
        self.over.as_ref()
    }

    /// The ids of the chats after which it still works.
    pub(super) fn wrap_ups(&self) -> Vec<Value> {
        let chats = self.wrap_ups.values().map(|work| &work["chat"]["id"]);
        chats.cloned().collect()
    }

    /// The offers that ring.
    pub(crate) fn offers(&self) -> Vec<&Value> {
        self.offers.values().collect()
    }
}

/// Takes a note or a mark.
fn aside(chat: &mut Value, event: &Value) {
    if event["type"] == "chat.read" {
        return raise(chat, event);
    }
    let number = event["note"]["number"].clone();
    let last = chat["last_note"].as_u64();
    assert_eq!(number.as_u64(), last.map(|last| last + 1));
    chat["last_note"] = number;
}

/// Sets the mark that an event tells of.
fn raise(chat: &mut Value, event: &Value) {
    let reader = &event["reader"];
    let mut mark = json!({"read_seq": event["read_seq"], "delivered_seq": event["delivered_seq"]});
    if reader["kind"] == "visitor" {
        chat["visitor_mark"] = mark;
    } else if chat.get("agents_mark").is_some() {
        assert!(
            reader.get("agent_id").is_none(),
            "a visitor is told: {event}"
        );
        chat["agents_mark"] = mark;
    } else {
        mark["agent_id"] = reader["agent_id"].clone();
        let marks = chat["agent_marks"].as_array_mut().unwrap();
        marks.retain(|known| known["agent_id"] != reader["agent_id"]);
        marks.push(mark);
        marks.sort_by_key(|mark| mark["agent_id"].to_string());
    }
    count_unread(chat);
}

/// What is unread follows from the numbers.
fn count_unread(chat: &mut Value) {
    let last = chat["last_seq"].as_u64().unwrap();
    let count = |mark: &mut Value| {
        mark["unread"] = json!(last - mark["read_seq"].as_u64().unwrap());
    };
    for name in ["visitor_mark", "agents_mark"] {
        chat.get_mut(name).map(count);
    }
    let marks = chat.get_mut("agent_marks").and_then(Value::as_array_mut);
    marks.into_iter().flatten().for_each(count);
}

/// What no event tells: a visitor's place in the line moves with the others'.
fn without_passing(mut chat: Value) -> Value {
    for key in ["position", "estimated_wait_s"] {
        if let Some(value) = chat.get_mut(key) {
            *value = Value::Null;
        }
    }
    chat
}
