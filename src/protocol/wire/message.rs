//! Messages.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Author, File, Time};
use crate::domain::{
    self, Body, ButtonId, ButtonText, ButtonUrl, MessageId, MessageText, Name, RichText, markup,
};
use crate::engine::{EditedMessage, MessageView};
use crate::protocol::FileLinks;

/// What is said in a chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    /// Given by its sender; that of a notice is the service's.
    #[schema(value_type = String)]
    pub id: MessageId,
    /// 1, 2, 3... within the chat.
    pub seq: u32,
    /// Who wrote it.
    pub author: Author,
    /// What it says, as it was written; of a notice its sentence in English, of a deleted message `null`.
    pub text: Option<String>,
    /// The text as it is shown, in pieces.
    #[schema(value_type = Vec<Node>)]
    pub content: Vec<markup::Node>,
    /// Its file.
    pub file: Option<File>,
    /// What the visitor may press instead of writing.
    pub buttons: Vec<Button>,
    /// The button whose press this is.
    pub button: Option<PressedButton>,
    /// What the service says, for programs.
    pub notice: Option<Notice>,
    /// When it was taken.
    pub sent_at: Time,
    /// When its author last changed it.
    pub edited_at: Option<Time>,
    /// Whether its author has deleted it; then it holds nothing any more.
    pub deleted: bool,
}

impl Message {
    /// A message as it is now, with addresses that are made now.
    #[must_use]
    pub fn new(view: &MessageView, links: &dyn FileLinks) -> Self {
        let message = &view.message;
        let mut shown = Self {
            id: message.id.clone(),
            seq: message.seq,
            author: Author::new(message.author, view.author_name.as_ref()),
            text: None,
            content: Vec::new(),
            file: None,
            buttons: Vec::new(),
            button: None,
            notice: None,
            sent_at: message.sent_at.into(),
            edited_at: message.edited_at.map(Time),
            deleted: false,
        };
        match &message.body {
            Body::Written(written) => {
                if let Some(text) = &written.text {
                    shown.text = Some(text.source().as_str().to_owned());
                    shown.content = text.content();
                }
                shown.file = written.file.as_deref().map(|card| File::new(card, links));
                shown.buttons = written.buttons.iter().map(Button::from).collect();
                shown.button = written.pressed.as_ref().map(PressedButton::from);
            }
            Body::Notice(notice) => {
                let sentence = notice.sentence();
                let text = sentence.as_str().into();
                shown.content.push(markup::Node::Text { text });
                shown.text = Some(sentence);
                shown.notice = Some(notice.into());
            }
            Body::Deleted => shown.deleted = true,
        }
        shown
    }
}

/// A piece of a message, as documented; the domain's own type is what is written. Every text in it is shown as it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Node {
    /// A text.
    Text {
        /// What it says.
        text: String,
    },
    /// What is written in italics.
    Italic {
        /// The pieces; none of them is italic again.
        #[schema(no_recursion)]
        content: Vec<Node>,
    },
    /// What is written in bold.
    Bold {
        /// The pieces; none of them is bold again.
        #[schema(no_recursion)]
        content: Vec<Node>,
    },
    /// What leads somewhere else.
    Link {
        /// Where: `http`, `https`, `mailto` or `tel`.
        url: String,
        /// The pieces; none of them is a link again.
        #[schema(no_recursion)]
        content: Vec<Node>,
    },
}

/// An answer that needs no writing, or a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Button {
    /// Unique within the message.
    #[schema(value_type = String)]
    pub id: ButtonId,
    /// What stands on it.
    #[schema(value_type = String)]
    pub text: ButtonText,
    /// Where it leads; `null` for one that is pressed to answer.
    #[schema(value_type = Option<String>)]
    pub url: Option<ButtonUrl>,
}

impl From<&domain::Button> for Button {
    fn from(button: &domain::Button) -> Self {
        Self {
            id: button.id.clone(),
            text: button.text.clone(),
            url: button.url.clone(),
        }
    }
}

/// A button that was pressed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PressedButton {
    /// The message that has it.
    #[schema(value_type = String)]
    pub message_id: MessageId,
    /// The button.
    #[schema(value_type = String)]
    pub button_id: ButtonId,
}

impl From<&domain::ButtonRef> for PressedButton {
    fn from(pressed: &domain::ButtonRef) -> Self {
        Self {
            message_id: pressed.message_id.clone(),
            button_id: pressed.button_id.clone(),
        }
    }
}

/// An agent as a notice names it, by the name that it had then.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeAgent {
    /// Its id.
    pub agent_id: Uuid,
    /// The name under which it chats.
    #[schema(value_type = String)]
    pub name: Name,
}

impl From<&domain::NoticeAgent> for NoticeAgent {
    fn from(agent: &domain::NoticeAgent) -> Self {
        Self {
            agent_id: agent.agent_id.0,
            name: agent.name.clone(),
        }
    }
}

/// What the service says in a chat.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Notice {
    /// The chat was given to an agent.
    Assigned {
        /// To whom.
        agent: NoticeAgent,
    },
    /// The chat goes on with another agent.
    TransferredToAgent {
        /// With whom.
        agent: NoticeAgent,
    },
    /// The chat goes on with whoever of another queue takes it.
    TransferredToQueue {
        /// Of which queue.
        queue_id: Uuid,
    },
    /// One agent more takes part.
    AgentJoined {
        /// Who.
        agent: NoticeAgent,
    },
    /// One of several agents takes part no longer.
    AgentLeft {
        /// Who.
        agent: NoticeAgent,
    },
    /// A supervisor goes on instead of the agent.
    TakenOver {
        /// Who goes on.
        agent: NoticeAgent,
    },
    /// The agent is gone, and the chat waits for another one.
    Requeued {},
    /// The visitor has been silent, and the chat is about to close.
    IdleWarning {
        /// When it closes unless the visitor writes; `null` where silence closes no chat.
        closes_at: Option<Time>,
    },
    /// The visitor came back to a chat that was closed.
    Reopened {},
}

impl From<&domain::SystemNotice> for Notice {
    fn from(notice: &domain::SystemNotice) -> Self {
        use domain::SystemNotice as Told;
        match notice {
            Told::Assigned { agent } => Self::Assigned {
                agent: agent.into(),
            },
            Told::TransferredToAgent { agent } => Self::TransferredToAgent {
                agent: agent.into(),
            },
            Told::TransferredToQueue { queue_id } => Self::TransferredToQueue {
                queue_id: queue_id.0,
            },
            Told::AgentJoined { agent } => Self::AgentJoined {
                agent: agent.into(),
            },
            Told::AgentLeft { agent } => Self::AgentLeft {
                agent: agent.into(),
            },
            Told::TakenOver { agent } => Self::TakenOver {
                agent: agent.into(),
            },
            Told::Requeued {} => Self::Requeued {},
            Told::IdleWarning { closes_at } => Self::IdleWarning {
                closes_at: closes_at.map(Time),
            },
            Told::Reopened {} => Self::Reopened {},
        }
    }
}

/// What is new of a message whose author has changed it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageChange {
    /// The message.
    #[schema(value_type = String)]
    pub id: MessageId,
    /// Its number, which stays.
    pub seq: u32,
    /// What it says from now on; `null` when it was deleted since.
    #[schema(value_type = Option<String>)]
    pub text: Option<MessageText>,
    /// The text as it is shown.
    #[schema(value_type = Vec<Node>)]
    pub content: Vec<markup::Node>,
    /// When it was changed.
    pub edited_at: Time,
}

impl MessageChange {
    /// The change of a message at an instant.
    #[must_use]
    pub fn new(edited: &EditedMessage, at: Time) -> Self {
        let text = edited.text.as_ref();
        Self {
            id: edited.id.clone(),
            seq: edited.seq,
            text: text.map(|text| text.source().clone()),
            content: text.map(RichText::content).unwrap_or_default(),
            edited_at: at,
        }
    }
}
