//! The one table of who may do what.

use super::Role;

/// Something that a role allows. Acting on a chat also needs to take part in it; the engine checks that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read one's own profile and presence, and change the latter.
    OwnPresence,
    /// See who is online.
    ReadPresence,
    /// Change the presence of others: a supervisor that of the agents of its offices, an admin that of anybody.
    ChangeOthersPresence,
    /// Read time lines, reports and the reasons of past moments.
    ReadReports,
    /// Answer chats: accept, reject, write, close.
    AnswerChats,
    /// Read the chats of one's queues and those one takes part in.
    ReadOwnChats,
    /// Read every chat of the tenant.
    ReadAllChats,
    /// Change what is kept of the contacts whose chats one may read.
    ChangeContacts,
    /// Say whom the chats of a contact are for.
    AssignContacts,
    /// Delete contacts.
    DeleteContacts,
    /// See who is banned, ban and lift bans (CHAT-13).
    BanVisitors,
    /// See which offices, queues, agents and widgets there are.
    ReadSetup,
    /// Make and change them.
    ChangeSetup,
}

impl Permission {
    /// Every permission, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::OwnPresence,
        Self::ReadPresence,
        Self::ChangeOthersPresence,
        Self::ReadReports,
        Self::AnswerChats,
        Self::ReadOwnChats,
        Self::ReadAllChats,
        Self::ChangeContacts,
        Self::AssignContacts,
        Self::DeleteContacts,
        Self::BanVisitors,
        Self::ReadSetup,
        Self::ChangeSetup,
    ];
}

/// Whether a role has a permission.
#[must_use]
pub fn allows(role: Role, permission: Permission) -> bool {
    let least = match permission {
        Permission::OwnPresence
        | Permission::ReadPresence
        | Permission::AnswerChats
        | Permission::ReadOwnChats
        | Permission::ChangeContacts
        | Permission::ReadSetup => Role::Agent,
        Permission::ReadAllChats
        | Permission::AssignContacts
        | Permission::ChangeOthersPresence
        | Permission::ReadReports
        | Permission::BanVisitors => Role::Supervisor,
        Permission::DeleteContacts | Permission::ChangeSetup => Role::Admin,
    };
    role >= least
}
