//! The fixed values that golden frames are made of.

use std::sync::Arc;

use deskbell::domain::{
    Actor, Agent, AgentId, Attributes, Author, Body, Button, ButtonRef, Buttons, ChatId, ChatState,
    Choice, CloseReason, Contact, ContactFields, ContactId, CustomStatus, DispositionId, FileCard,
    FileId, FileSource, HandOver, InternalNote, Message, MessageId, Millis, MissedTargets, Mode,
    NoticeAgent, OfferNumber, OfferState, Office, OfficeId, Overrun, Pause, PauseId, Pausing,
    Pixels, Presence, PresenceReason, Priority, Purpose, Queue, QueueId, ReadMark, ReadMarks,
    Reader, RichText, Role, Score, ShownReason, Standing, Status, StatusId, SystemNotice, TagId,
    Target, Timestamp, VisitorId, Widget, WidgetId, WidgetKey, WrapUp, Written,
};
use deskbell::engine::{
    AgentCard, Aside, AvailabilityChange, Cause, ChatStateView, ChatView, DeletedMessage,
    EditedMessage, MarkRaised, Marks, MessageView, NoteEvent, NoteView, OfferView,
    OfficeAvailability, Parties, PresenceRow, PresenceView, QueueLogIn, QueueView, Waiting,
    WrapUpView,
};
use deskbell::protocol::FileLinks;
use uuid::Uuid;

/// 2026-03-01, 09:30 UTC.
pub(super) const AT: Timestamp = Timestamp(1_772_357_400_000);

pub(super) fn later(seconds: i64) -> Timestamp {
    AT + Millis::from_secs(seconds)
}

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(super) fn agent_id() -> AgentId {
    AgentId(id(5))
}

pub(super) fn agent() -> Agent {
    let email = "ana@acme.example".parse().unwrap();
    Agent::new(agent_id(), "Ana".parse().unwrap(), email, Role::Agent, AT)
}

pub(super) fn contact() -> Arc<Contact> {
    let mut fields = ContactFields::default();
    fields.insert("plan", "gold").unwrap();
    Arc::new(Contact {
        id: ContactId(id(2)),
        name: Some("Vic".parse().unwrap()),
        email: Some("vic@home.example".parse().unwrap()),
        fields,
    })
}

pub(super) fn card() -> AgentCard {
    AgentCard {
        id: agent_id(),
        name: "Ana".parse().unwrap(),
        status: Some(Status::Online),
    }
}

/// A chat; an agent has an assistant too, gives it away, and is listened to, which no frame may tell.
pub(super) fn chat(state: ChatStateView, has_agent: bool) -> ChatView {
    let assistant = AgentCard {
        id: AgentId(id(14)),
        name: "Eve".parse().unwrap(),
        status: None,
    };
    let hand_over = HandOver {
        purpose: Purpose::Transfer,
        to: Target::Agent(AgentId(id(15))),
        by: agent_id(),
        since: later(50),
    };
    let aside = Aside {
        assistants: Vec::from_iter(has_agent.then_some(assistant)),
        listeners: vec![AgentId(id(16))],
        hand_over: has_agent.then_some(hand_over),
    };
    let mut read_marks = ReadMarks::default();
    read_marks.set(Reader::Visitor, ReadMark::new(0, 1));
    if has_agent {
        read_marks.set(Reader::Agent(agent_id()), ReadMark::new(1, 1));
    }
    ChatView {
        id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        office_id: OfficeId(id(3)),
        queue_id: Some(QueueId(id(4))),
        contact: contact(),
        known: None,
        state,
        agents: Vec::from_iter(has_agent.then(card)),
        aside: aside.boxed(),
        last_seq: 1,
        last_note: 1,
        read_marks: Box::new(read_marks),
        started_at: AT,
        position: (!has_agent).then_some(1),
        estimated_wait: (!has_agent).then_some(Millis(89_001)),
        marks: Box::new(marks()),
    }
}

pub(super) fn marks() -> Marks {
    let mut fields = ContactFields::default();
    fields.insert("order", "4711").unwrap();
    Marks {
        attributes: Attributes {
            important: true,
            tags: [TagId(id(14))].into(),
            dispositions: [DispositionId(id(15))].into(),
            fields,
        },
        priority: Priority::try_from(2).unwrap(),
        missed_targets: MissedTargets {
            waiting: true,
            first_reply: false,
        },
        score: Some(Score::MAX),
    }
}

pub(super) fn wrap_up() -> WrapUpView {
    let state = ChatState::WrapUp {
        accepted_at: Some(later(5)),
        at: later(60),
        reason: CloseReason::VisitorEnded,
    };
    WrapUpView {
        chat: chat(ChatStateView::Settled(state), true),
        agent_id: agent_id(),
        wrap_up: WrapUp {
            since: later(60),
            until: later(90),
        },
    }
}

pub(super) fn active() -> ChatView {
    let accepted_at = later(5);
    chat(
        ChatStateView::Settled(ChatState::Active { accepted_at }),
        true,
    )
}

pub(super) fn closed() -> ChatView {
    let state = ChatState::Closed {
        accepted_at: Some(later(5)),
        at: later(60),
        reason: CloseReason::AgentClosed,
    };
    chat(ChatStateView::Settled(state), true)
}

pub(super) fn parties() -> Parties {
    Parties {
        chat_id: ChatId(id(1)),
        visitor_id: VisitorId(id(2)),
        agents: vec![agent_id()],
    }
}

pub(super) fn message(author: Author) -> MessageView {
    let author_name = matches!(author, Author::Agent(_)).then(|| "Ana".parse().unwrap());
    MessageView {
        message: Message {
            id: "m-1".parse().unwrap(),
            seq: 1,
            author,
            body: Body::Written(written().into()),
            sent_at: later(6),
            edited_at: None,
        },
        author_name,
    }
}

/// A text with every mark, and both kinds of button.
fn written() -> Written {
    let button = |id: &str, text: &str, url: Option<&str>| Button {
        id: id.parse().unwrap(),
        text: text.parse().unwrap(),
        url: url.map(|url| url.parse().unwrap()),
    };
    let buttons = vec![
        button("yes", "Yes, please", None),
        button("terms", "The terms", Some("https://acme.example/terms")),
    ];
    let text = "Hello \u{1F44B} *__you__*,\n<b>read</b> [_this_](https://acme.example/a?b=1&c)";
    Written {
        buttons: Buttons::new(buttons).unwrap(),
        ..text.parse().unwrap()
    }
}

/// The press of a button of it.
pub(super) fn press() -> MessageView {
    let pressed = ButtonRef {
        message_id: "m-1".parse().unwrap(),
        button_id: "yes".parse().unwrap(),
    };
    let mut view = message(Author::Visitor);
    let press = Written {
        pressed: Some(pressed),
        ..RichText::plain("Yes, please".parse().unwrap()).into()
    };
    view.message.body = Body::Written(press.into());
    view
}

/// What the service says, for each reason.
pub(super) fn notices() -> Vec<(&'static str, MessageView)> {
    let agent = || NoticeAgent {
        agent_id: agent_id(),
        name: "Ana".parse().unwrap(),
    };
    let notices = [
        ("assigned", SystemNotice::Assigned { agent: agent() }),
        (
            "transferred_to_agent",
            SystemNotice::TransferredToAgent { agent: agent() },
        ),
        (
            "transferred_to_queue",
            SystemNotice::TransferredToQueue {
                queue_id: QueueId(id(4)),
            },
        ),
        ("agent_joined", SystemNotice::AgentJoined { agent: agent() }),
        ("agent_left", SystemNotice::AgentLeft { agent: agent() }),
        ("taken_over", SystemNotice::TakenOver { agent: agent() }),
        ("requeued", SystemNotice::Requeued {}),
        (
            "idle_warning",
            SystemNotice::IdleWarning {
                closes_at: Some(later(120)),
            },
        ),
        ("reopened", SystemNotice::Reopened {}),
    ];
    let said = |(reason, notice)| {
        let mut view = message(Author::System);
        view.message.id = MessageId::of_notice(1);
        view.message.body = Body::Notice(notice);
        (reason, view)
    };
    notices.into_iter().map(said).collect()
}

/// A note that an agent has written.
pub(super) fn note() -> NoteEvent {
    let note = InternalNote {
        id: "n-1".parse().unwrap(),
        number: 1,
        author: agent_id(),
        text: "She is a *regular*".parse().unwrap(),
        sent_at: later(6),
    };
    let author_name = "Ana".parse().unwrap();
    NoteEvent {
        chat_id: ChatId(id(1)),
        agents: vec![agent_id()],
        note: NoteView { note, author_name },
    }
}

/// The agent has read the first message; no other one has.
pub(super) fn mark() -> MarkRaised {
    MarkRaised {
        reader: Reader::Agent(agent_id()),
        mark: ReadMark::new(1, 2),
        by_agents: Some(ReadMark::new(1, 2)),
    }
}

pub(super) fn edited() -> EditedMessage {
    EditedMessage {
        id: "m-1".parse().unwrap(),
        seq: 1,
        text: Some("Hello *again*".parse().unwrap()),
    }
}

pub(super) fn deleted() -> DeletedMessage {
    DeletedMessage {
        id: "m-1".parse().unwrap(),
        seq: 1,
    }
}

/// A message that is a file alone.
pub(super) fn with_file(card: FileCard) -> MessageView {
    let mut view = message(Author::Visitor);
    let written = Written {
        text: None,
        file: Some(card.into()),
        ..Written::from("-".parse::<RichText>().unwrap())
    };
    view.message.body = Body::Written(written.into());
    view
}

/// An image that was uploaded.
pub(super) fn upload() -> FileCard {
    FileCard {
        source: FileSource::Upload(FileId(id(15))),
        name: "shot.png".parse().unwrap(),
        media_type: "image/png".parse().unwrap(),
        bytes: Some(4096),
        pixels: Some(Pixels {
            width: 640,
            height: 480,
        }),
    }
}

/// What is said to be an image, and is not on this server.
pub(super) fn elsewhere() -> FileCard {
    FileCard {
        source: FileSource::Address("https://files.example.com/shot.png".parse().unwrap()),
        bytes: None,
        pixels: None,
        ..upload()
    }
}

/// What opens files in the samples.
pub(super) struct Links;

impl FileLinks for Links {
    fn link_to(&self, file_id: FileId) -> String {
        format!("/v1/files/{file_id}/content?signed")
    }
}

/// A message that its author has changed and then deleted.
pub(super) fn emptied() -> MessageView {
    let mut view = message(Author::Visitor);
    view.message.body = Body::Deleted;
    view.message.edited_at = Some(later(7));
    view
}

pub(super) fn offer(state: OfferState) -> OfferView {
    OfferView {
        chat_id: ChatId(id(1)),
        number: OfferNumber(1),
        agent_id: agent_id(),
        state,
        made_at: later(1),
        expires_at: Some(later(31)),
        waiting_since: AT,
        office_id: OfficeId(id(3)),
        queue_id: QueueId(id(4)),
        queue_name: "General".parse().unwrap(),
        contact: contact(),
        purpose: Purpose::Transfer,
        by: Some(card()),
        note: Some("Knows more".parse().unwrap()),
        external_url: Some("https://crm.example/find?mail=vic%40home.example".into()),
    }
}

/// An agent that is in a pause, set away in one office by a supervisor.
pub(super) fn presence() -> PresenceView {
    let by = Actor::Agent(agent_id());
    let choice = Choice {
        status: Status::Online,
        status_id: Some(StatusId(id(10))),
        set_at: AT,
        set_by: by,
        reason: PresenceReason::Chosen,
    };
    let own = Choice {
        status: Status::Away,
        status_id: None,
        set_at: later(30),
        set_by: Actor::Agent(AgentId(id(11))),
        reason: PresenceReason::Override,
    };
    let pausing = Pausing {
        pause_id: PauseId(id(12)),
        paid: true,
        since: later(60),
        set_by: by,
        longest: Some((Millis::from_secs(600), Overrun::End)),
        overdue: false,
    };
    let presence = |reason, since, by| Presence {
        status: Status::Away,
        reason,
        since,
        by,
    };
    let there = presence(PresenceReason::Override, later(30), own.set_by);
    PresenceView {
        agent_id: agent_id(),
        choice,
        overrides: [(OfficeId(id(3)), own)].into(),
        standing: Standing {
            global: presence(PresenceReason::Paused, later(60), by),
            offices: [(OfficeId(id(3)), there)].into(),
        },
        pausing: Some(pausing),
        wanted: None,
        seated: true,
        leased: false,
        paid: true,
        over_limit_since: None,
        grounds: deskbell::domain::Grounds::NONE,
    }
}

pub(super) fn row() -> PresenceRow {
    PresenceRow {
        agent: agent(),
        presence: presence(),
        load: 2,
        capacity: 4,
        connections: 1,
        lease_until: None,
        logged_out: [QueueId(id(4))].into(),
    }
}

pub(super) fn log_in() -> QueueLogIn {
    QueueLogIn {
        agent_id: agent_id(),
        queue_id: QueueId(id(4)),
        logged_in: false,
    }
}

pub(super) fn place() -> Waiting {
    Waiting {
        chat_id: ChatId(id(1)),
        position: 2,
        estimated_wait: Some(Millis(89_001)),
    }
}

pub(super) fn availability() -> AvailabilityChange {
    AvailabilityChange {
        shown: OfficeAvailability {
            office_id: OfficeId(id(3)),
            mode: Mode::Messenger,
            reason: ShownReason::NobodyOnline,
            since: later(60),
            valid_until: None,
            opens_at: None,
            agents: Vec::new(),
            waiting: None,
            estimated_wait: Some(Millis(120_000)),
        },
        cause: Cause::Presence(agent_id()),
        is_open: true,
        members: 1,
        online: Vec::new(),
    }
}

pub(super) fn office() -> Office {
    Office::new(OfficeId(id(3)), "Support".parse().unwrap(), AT)
}

pub(super) fn custom_status() -> CustomStatus {
    CustomStatus {
        id: StatusId(id(10)),
        name: "Back office".parse().unwrap(),
        base: Status::Online,
        handles_chats: true,
        paid: true,
        color: "#2e7d32".parse().unwrap(),
        sort_order: 1,
        longest_a_day: Some(Millis::from_secs(7200)),
        created_at: AT,
        version: 1,
    }
}

pub(super) fn pause() -> Pause {
    Pause {
        id: PauseId(id(12)),
        name: "Lunch".parse().unwrap(),
        paid: true,
        longest: Some(Millis::from_secs(600)),
        on_overrun: Overrun::End,
        sort_order: 0,
        created_at: AT,
        version: 1,
    }
}

pub(super) fn queue() -> Queue {
    Queue {
        id: QueueId(id(4)),
        office_id: OfficeId(id(3)),
        name: "General".parse().unwrap(),
        settings: Box::default(),
        created_at: AT,
        version: 1,
    }
}

pub(super) fn queue_view() -> QueueView {
    QueueView {
        queue: queue(),
        member_ids: vec![agent_id()],
    }
}

pub(super) fn widget() -> Widget {
    Widget {
        agent_id: None,
        id: WidgetId(id(7)),
        key: WidgetKey::from_trusted("wk_1".to_owned()),
        name: "Site".parse().unwrap(),
        office_ids: vec![OfficeId(id(3))],
        allowed_domains: Vec::new(),
        messenger_text: "Write to us".parse().unwrap(),
        form: Vec::new(),
        created_at: AT,
        version: 1,
    }
}
