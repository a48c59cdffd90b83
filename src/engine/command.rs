//! What can be asked of an engine. Ids and secrets that must not be guessed come in with the command.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{
    Agent, AgentId, Ban, BanId, ButtonRef, ChatId, ConnectionId, Contact, CustomStatus,
    Disposition, DispositionId, Email, IfUnavailable, Landing, MessageId, Name, Note, NoteId,
    OfferNumber, Office, OfficeId, Pause, PauseId, Queue, QueueId, Rating, Release, RichText,
    RoutingRule, RoutingRuleId, Seen, SessionId, Skill, SkillId, Source, Status, StatusId, Target,
    TenantSettings, UnsentText, VisitorId, Widget, WidgetId, Written,
};

use super::life::ChatUpdate;

/// A hashed password on its way through the engine into the database; the engine keeps nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub Arc<str>);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A new password of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    /// Its hash.
    pub hash: PasswordHash,
    /// The session that goes on: the one in which the agent itself chose the password. All others end.
    pub keeps: Option<SessionId>,
}

/// One thing that is asked, by whom it may be asked was settled before.
#[derive(Clone, Debug)]
pub enum Command {
    /// Offices, agents, queues, widgets.
    Setup {
        /// Who asks; `None` is the service itself.
        by: Option<AgentId>,
        /// What for.
        command: SetupCommand,
    },
    /// Status and connections of an agent.
    Presence {
        /// The agent concerned.
        agent_id: AgentId,
        /// Who asks: the agent itself, or somebody who may (PRES-5); `None` is the service.
        by: Option<AgentId>,
        /// What for.
        command: PresenceCommand,
    },
    /// The presence of all agents of an office at once (PRES-5).
    Office {
        /// The office concerned.
        office_id: OfficeId,
        /// Who asks.
        by: AgentId,
        /// What they are to be there; `None` clears what was set for the office.
        status: Option<NewStatus>,
    },
    /// Chats, asked for by an agent.
    Agent {
        /// Who asks.
        agent_id: AgentId,
        /// About which chat.
        chat_id: ChatId,
        /// What for.
        command: AgentCommand,
    },
    /// Chats, asked for by a visitor.
    Visitor {
        /// Who asks.
        visitor_id: VisitorId,
        /// About which chat; a new one's id when one is to be started.
        chat_id: ChatId,
        /// Where it asks from, if that is known.
        source: Option<Source>,
        /// What for.
        command: VisitorCommand,
    },
    /// The engine was restored after a crash: connections that were there are not any more (PRES-20). It comes
    /// first after a restore, but for an `advance` to the same instant: that lets happen what was due meanwhile.
    Recover,
}

/// Changes of what the engine decides by. An update carries the whole thing as it is to be, with the version that it
/// was made from; it is refused when somebody else was faster. So is an archiving that names a version.
#[derive(Clone, Debug)]
pub enum SetupCommand {
    /// Changes the tenant's settings.
    UpdateSettings(TenantSettings),
    /// Adds an office.
    CreateOffice(Box<Office>),
    /// Changes an office.
    UpdateOffice(Box<Office>),
    /// Archives an office without queues and widgets.
    ArchiveOffice(OfficeId, Option<i64>),
    /// Adds an agent.
    CreateAgent(Box<Agent>, PasswordHash),
    /// Changes an agent, and its password if one is given. A new password or another role ends its sessions.
    UpdateAgent(Box<Agent>, Option<NewPassword>),
    /// Archives an agent without open chats; its sessions end.
    ArchiveAgent(AgentId, Option<i64>),
    /// Adds a queue with its members.
    CreateQueue(Queue, BTreeSet<AgentId>),
    /// Changes a queue and its members.
    UpdateQueue(Queue, BTreeSet<AgentId>),
    /// Replaces the members of a queue.
    SetMembers(QueueId, BTreeSet<AgentId>, Option<i64>),
    /// Archives a queue without open chats.
    ArchiveQueue(QueueId, Option<i64>),
    /// Adds a widget.
    CreateWidget(Widget),
    /// Changes a widget.
    UpdateWidget(Widget),
    /// Archives a widget.
    ArchiveWidget(WidgetId, Option<i64>),
    /// Adds a custom status.
    CreateStatus(CustomStatus),
    /// Changes a custom status, at once for all who are in it.
    UpdateStatus(CustomStatus),
    /// Archives a custom status; who is in it goes on in its base.
    ArchiveStatus(StatusId, Option<i64>),
    /// Adds a kind of pause.
    CreatePause(Pause),
    /// Changes a kind of pause; those that have begun go on as they were.
    UpdatePause(Pause),
    /// Archives a kind of pause that no queue names; those that have begun go on.
    ArchivePause(PauseId, Option<i64>),
    /// Adds a skill.
    CreateSkill(Skill),
    /// Changes a skill.
    UpdateSkill(Skill),
    /// Archives a skill that no queue requires; agents have it no more.
    ArchiveSkill(SkillId, Option<i64>),
    /// Adds a disposition.
    CreateDisposition(Disposition),
    /// Changes a disposition.
    UpdateDisposition(Disposition),
    /// Archives a disposition that no queue offers; chats that have it keep it.
    ArchiveDisposition(DispositionId, Option<i64>),
    /// Adds a routing rule.
    CreateRoutingRule(Box<RoutingRule>),
    /// Changes a routing rule.
    UpdateRoutingRule(Box<RoutingRule>),
    /// Archives a routing rule.
    ArchiveRoutingRule(RoutingRuleId, Option<i64>),
    /// Bans a contact, whose open chats end, or a network.
    CreateBan(Ban),
    /// Changes why somebody is banned, and until when.
    UpdateBan(Ban),
    /// Lifts a ban.
    LiftBan(BanId, Option<i64>),
}

/// What an agent is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewStatus {
    /// One of the four.
    Base(Status),
    /// One that the tenant has added.
    Custom(StatusId),
}

/// Status and connections.
#[derive(Clone, Debug)]
pub enum PresenceCommand {
    /// Sets the global status (PRES-2), which clears the overrides (PRES-3) and ends a pause.
    SetStatus(NewStatus),
    /// Sets the status for one office (PRES-4).
    SetOverride(OfficeId, NewStatus),
    /// Clears what was set for one office.
    ClearOverride(OfficeId),
    /// Sets the global status when the agent's last chat has ended (PRES-21).
    SetStatusAfterChats(NewStatus),
    /// Begins a pause, or changes to another one.
    StartPause(PauseId),
    /// Ends the pause.
    EndPause,
    /// Another system says that the agent is there (PRES-14).
    Ping {
        /// Whether offers may be made on the strength of the lease alone.
        takes_offers: bool,
    },
    /// The agent has chats of a queue offered again.
    LogInQueue(QueueId),
    /// The agent has no more chats of a queue offered; it stays a member and may pick them (ROUTE-7).
    LogOutQueue(QueueId),
    /// A person did something (PRES-6).
    Act,
    /// A connection of the agent opened.
    Connect(ConnectionId),
    /// A connection of the agent ended.
    Disconnect(ConnectionId),
    /// The agent logged out of a session (PRES-8).
    LogOut(SessionId),
    /// A session of the agent was revoked; its status stands (PRES-8).
    Revoke(SessionId),
    /// A connection of the agent shows this chat from now on, or none (CHAT-8).
    Focus(ConnectionId, Option<ChatId>),
}

/// What an agent does with a chat.
#[derive(Clone, Debug)]
pub enum AgentCommand {
    /// Accepts an offer; without a number it picks the chat from the waiting list.
    Accept(Option<OfferNumber>),
    /// Rejects an offer.
    Reject(OfferNumber, Option<Note>),
    /// Sends a message.
    Send(MessageId, Written),
    /// Gives a message of its own another text.
    Edit(MessageId, RichText),
    /// Deletes a message of its own.
    Delete(MessageId),
    /// Begins or stops typing.
    Type(bool),
    /// Gives the chat to somebody else (CHAT-1).
    Transfer(HandOverTo, Release),
    /// Has somebody answer besides (CHAT-2).
    Invite(HandOverTo),
    /// Asks for somebody who reads along (CHAT-3); without a target, the supervisors of the office.
    Assist(Option<Target>, Option<Note>),
    /// Takes back a transfer, an invitation or a request for help that nobody has accepted yet.
    CancelHandOver,
    /// Reads along: seen by the agents, or by nobody.
    ReadAlong(ReadAlong),
    /// Takes the chat from whoever has it.
    TakeOver,
    /// Ends its own part.
    Leave,
    /// Tells the agents of the chat something.
    Note(NoteId, RichText),
    /// Says how far it has got.
    Mark(Seen),
    /// Closes the chat, with these outcomes; without any named, with those that were selected before.
    Close(Option<Vec<DispositionId>>),
    /// Says something of the chat.
    Update(Box<ChatUpdate>),
    /// Is done with the work after the chat.
    EndWrapUp,
}

/// Whom a chat is to be handed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverTo {
    /// Whom.
    pub to: Target,
    /// What the one who asks says about it.
    pub note: Option<Note>,
    /// What becomes of it when nobody can take it now.
    pub if_unavailable: IfUnavailable,
}

/// How a supervisor reads along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAlong {
    /// Nobody else sees it.
    Unseen,
    /// The agents see it, and it advises them.
    Seen,
}

impl AgentCommand {
    /// Whether a person does it. Clients say by themselves what they were sent and what they show.
    #[must_use]
    pub fn is_act(&self) -> bool {
        !matches!(self, Self::Mark(_))
    }
}

/// What a visitor does.
#[derive(Clone, Debug)]
pub enum VisitorCommand {
    /// Starts a chat.
    Start(Box<StartChat>),
    /// Leaves a message while nobody is there (AVAIL-4).
    LeaveMessage(Box<LeaveMessage>),
    /// Sends a message.
    Send(MessageId, Written),
    /// Presses a button: a message that says what stands on it.
    Press(MessageId, ButtonRef),
    /// Gives a message of its own another text.
    Edit(MessageId, RichText),
    /// Deletes a message of its own.
    Delete(MessageId),
    /// Begins or stops typing; while it types, with what stands there.
    Type(bool, Option<UnsentText>),
    /// Says how far it has got.
    Mark(Seen),
    /// Ends the chat.
    End,
    /// Does not wait any longer and asks for the answer by e-mail (AVAIL-5).
    AskByEmail(Box<AskByEmail>),
    /// Says how good it was.
    Rate(Rating),
}

/// A waiting visitor's wish for an answer by e-mail.
#[derive(Clone, Debug)]
pub struct AskByEmail {
    /// Its name, if it gives another than before.
    pub name: Option<Name>,
    /// Where to; needed unless it was given before.
    pub email: Option<Email>,
}

/// A visitor's wish to talk.
#[derive(Clone, Debug)]
pub struct StartChat {
    /// The widget it came through.
    pub widget_id: WidgetId,
    /// The office it chose.
    pub office_id: Option<OfficeId>,
    /// The queue it chose.
    pub queue_id: Option<QueueId>,
    /// Who it says it is.
    pub contact: Arc<Contact>,
    /// What is known of it over all its chats, this form included: what routing rules ask; `None` is no more than the form.
    pub known: Option<Box<Contact>>,
    /// The agents that the contact is assigned to (ROUTE-1).
    pub assigned: Vec<AgentId>,
    /// The agent that had the contact's last chat (ROUTE-10).
    pub last_agent_id: Option<AgentId>,
    /// Where it comes from: what routing rules ask.
    pub landing: Landing,
    /// Its first message.
    pub message: Option<(MessageId, Written)>,
}

/// A message for when somebody is back.
#[derive(Clone, Debug)]
pub struct LeaveMessage {
    /// The widget it came through.
    pub widget_id: WidgetId,
    /// The office it is for; else the widget's first.
    pub office_id: Option<OfficeId>,
    /// Who it is from, with an e-mail address.
    pub contact: Arc<Contact>,
    /// The message.
    pub message: (MessageId, Written),
}
