//! Contacts over all their chats (CHAT-6). The journal writes what forms say, the app role what agents keep.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{
    AgentId, ContactEntry, ContactId, ContactNote, ContactProfile, Email, Given, LanguageTag, Name,
    Timestamp, VisitorId,
};

use super::row::RowOf;
use super::time::{from_db, to_db, to_db_opt};
use super::{Error, TenantTx};

/// Which contacts to list; what is `None` does not narrow the list.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// Whose name or address begins with this, in either case.
    pub search: Option<String>,
    /// With this address, in either case.
    pub email: Option<Email>,
    /// With a chat that this agent may read, or made by it.
    pub readable_by: Option<AgentId>,
}

struct ContactRow {
    contact_id: Uuid,
    kept_name: Option<String>,
    form_name: Option<String>,
    kept_email: Option<String>,
    form_email: Option<String>,
    fields: serde_json::Value,
    kept_fields: serde_json::Value,
    note: Option<String>,
    language: Option<String>,
    assigned_agent_ids: Vec<Uuid>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<ContactRow> for ContactProfile {
    type Error = Error;

    fn try_from(row: ContactRow) -> Result<Self, Error> {
        let of = RowOf("contacts", row.contact_id);
        Ok(Self {
            id: ContactId(row.contact_id),
            name: Given {
                kept: of.parse_opt("name", row.kept_name.as_deref())?,
                form: of.parse_opt("form_name", row.form_name.as_deref())?,
            },
            email: Given {
                kept: of.parse_opt("email", row.kept_email.as_deref())?,
                form: of.parse_opt("form_email", row.form_email.as_deref())?,
            },
            form: of.json("fields", row.fields)?,
            kept_fields: of.json("kept_fields", row.kept_fields)?,
            note: of.parse_opt("note", row.note.as_deref())?,
            language: of.parse_opt("language", row.language.as_deref())?,
            assigned_agent_ids: row.assigned_agent_ids.into_iter().map(AgentId).collect(),
            created_by: row.created_by.map(AgentId),
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

struct ReturningRow {
    visitor_id: Uuid,
    contact_id: Uuid,
    kept_name: Option<String>,
    form_name: Option<String>,
    kept_email: Option<String>,
    form_email: Option<String>,
    fields: serde_json::Value,
    kept_fields: serde_json::Value,
    assigned_agent_ids: Vec<Uuid>,
    last_agent_id: Option<Uuid>,
}

impl ReturningRow {
    fn entry(self) -> Result<(VisitorId, ContactEntry), Error> {
        let of = RowOf("contacts", self.contact_id);
        let entry = ContactEntry {
            contact_id: ContactId(self.contact_id),
            name: Given {
                kept: of.parse_opt("name", self.kept_name.as_deref())?,
                form: of.parse_opt("form_name", self.form_name.as_deref())?,
            },
            email: Given {
                kept: of.parse_opt("email", self.kept_email.as_deref())?,
                form: of.parse_opt("form_email", self.form_email.as_deref())?,
            },
            form: of.json("fields", self.fields)?,
            kept_fields: of.json("kept_fields", self.kept_fields)?,
            last_agent_id: self.last_agent_id.map(AgentId),
            assigned_agent_ids: self.assigned_agent_ids.into_iter().map(AgentId).collect(),
        };
        Ok((VisitorId(self.visitor_id), entry))
    }
}

/// Reads the contacts `k` that a condition chooses and that were not deleted; its `$1` is the tenant, its `$2` who reads.
macro_rules! contacts_where {
    ($condition:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            ContactRow,
            "select k.contact_id, case when k.name_is_kept then k.name end as kept_name, k.form_name,
                 case when k.email_is_kept then k.email end as kept_email, k.form_email, k.fields, k.kept_fields, k.note,
                 k.language, k.assigned_agent_ids, k.created_by, k.created_at, k.version
             from contacts k
             where k.tenant_id = $1 and k.deleted_at is null
                 and ($2::uuid is null or k.created_by = $2 or exists (
                     select from chats c
                     join chat_readers r on r.tenant_id = c.tenant_id and r.chat_id = c.chat_id and r.agent_id = $2
                     where c.tenant_id = k.tenant_id and c.contact_id = k.contact_id))
                 and " + $condition,
            $($argument),+
        )
    };
}

impl TenantTx {
    /// Finds a contact; with an agent, only if that may read one of its chats or has made it. One that was deleted is not
    /// found.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_contact(
        &mut self,
        id: ContactId,
        readable_by: Option<AgentId>,
    ) -> Result<Option<ContactProfile>, Error> {
        let tenant_id = self.tenant();
        let row = contacts_where!(
            "k.contact_id = $3",
            tenant_id,
            readable_by.map(|id| id.0) as Option<Uuid>,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ContactProfile::try_from).transpose()
    }

    /// Lists the contacts that pass a filter, newest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_contacts(
        &mut self,
        filter: &ContactFilter,
        after: Option<(Timestamp, ContactId)>,
        limit: i64,
    ) -> Result<Vec<ContactProfile>, Error> {
        let tenant_id = self.tenant();
        let (after_at, after_id) = after.unzip();
        // What begins with a text lies between it and the same text with the last character that there is behind it.
        let rows = contacts_where!(
            "($3::text is null
                   or k.name_folded >= lower($3) and k.name_folded < lower($3) || chr(1114111)
                   or k.email_folded >= lower($3) and k.email_folded < lower($3) || chr(1114111))
                 and ($4::text is null or k.email_folded = lower($4))
                 and ($5::timestamptz is null or (k.created_at, k.contact_id) < ($5, $6))
             order by k.created_at desc, k.contact_id desc
             limit $7",
            tenant_id,
            filter.readable_by.map(|id| id.0) as Option<Uuid>,
            filter.search.as_deref() as Option<&str>,
            filter.email.as_ref().map(Email::as_str) as Option<&str>,
            to_db_opt(after_at) as Option<DateTime<Utc>>,
            after_id.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ContactProfile::try_from).collect()
    }

    /// Writes what agents keep of a contact, if the stored one still has the version `expected`. Says whether it had.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn update_contact(
        &mut self,
        contact: &ContactProfile,
        expected: i64,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let of = RowOf("contacts", contact.id);
        let assigned: Vec<Uuid> = contact.assigned_agent_ids.iter().map(|id| id.0).collect();
        let done = sqlx::query!(
            "update contacts
             set name = $4, name_is_kept = $5, email = $6, email_is_kept = $7, kept_fields = $8, note = $9,
                 language = $10, assigned_agent_ids = $11, version = $12
             where tenant_id = $1 and contact_id = $2 and version = $3 and deleted_at is null",
            tenant_id,
            contact.id.0,
            expected,
            contact.name.value().map(Name::as_str),
            contact.name.kept.is_some(),
            contact.email.value().map(Email::as_str),
            contact.email.kept.is_some(),
            of.to_json("kept_fields", &contact.kept_fields)?,
            contact.note.as_ref().map(ContactNote::as_str),
            contact.language.as_ref().map(LanguageTag::as_str),
            &assigned,
            contact.version,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Counts the contacts that agents have made, those that were deleted not among them.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_made_contacts(&mut self) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from contacts
               where tenant_id = $1 and created_by is not null and deleted_at is null"#,
            tenant_id,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Writes a contact that an agent has made. No form has said anything of it yet.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn insert_contact(&mut self, contact: &ContactProfile) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let of = RowOf("contacts", contact.id);
        let assigned: Vec<Uuid> = contact.assigned_agent_ids.iter().map(|id| id.0).collect();
        let done = sqlx::query!(
            "insert into contacts (tenant_id, contact_id, name, name_is_kept, email, email_is_kept, kept_fields, note,
                 language, assigned_agent_ids, created_by, created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            tenant_id,
            contact.id.0,
            contact.name.kept.as_ref().map(Name::as_str),
            contact.name.kept.is_some(),
            contact.email.kept.as_ref().map(Email::as_str),
            contact.email.kept.is_some(),
            of.to_json("kept_fields", &contact.kept_fields)?,
            contact.note.as_ref().map(ContactNote::as_str),
            contact.language.as_ref().map(LanguageTag::as_str),
            &assigned,
            contact.created_by.map(|id| id.0),
            to_db(contact.created_at),
            contact.version,
        )
        .execute(self.connection())
        .await?;
        of.written("contact_id", &done)
    }

    /// Keeps others from writing a contact until the transaction ends, and says whether one of its chats is not over: it
    /// waits, it is answered, or it is a message that nobody has taken up. Chats that begin or go on write their contact,
    /// so none does meanwhile.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn hold_contact(&mut self, id: ContactId) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        sqlx::query!(
            "select from contacts where tenant_id = $1 and contact_id = $2 for update",
            tenant_id,
            id.0,
        )
        .execute(self.connection())
        .await?;
        // A statement of its own: it sees what was committed while the first one waited.
        let has_open_chats = sqlx::query_scalar!(
            r#"select exists (
                   select from chats where tenant_id = $1 and contact_id = $2
                       and state in ('waiting', 'active', 'offline_message')) as "has_open_chats!""#,
            tenant_id,
            id.0,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(has_open_chats)
    }

    /// Deletes a contact, if it still has the version `expected`: its row stays, with nothing of the person in it. Says
    /// whether it had. Chats keep the answers of their own forms.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn delete_contact(
        &mut self,
        id: ContactId,
        expected: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update contacts set deleted_at = $4, version = version + 1
             where tenant_id = $1 and contact_id = $2 and version = $3 and deleted_at is null",
            tenant_id,
            id.0,
            expected,
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The contacts of visitors, who had their last chats, and whom their chats are for. Of a visitor without a chat so far
    /// there is nothing.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn returning(
        &mut self,
        visitor_ids: &[VisitorId],
    ) -> Result<Vec<(VisitorId, ContactEntry)>, Error> {
        let tenant_id = self.tenant();
        let ids: Vec<Uuid> = visitor_ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query_as!(
            ReturningRow,
            r#"select v.visitor_id, k.contact_id, k.assigned_agent_ids, k.fields, k.kept_fields,
                 case when k.name_is_kept then k.name end as kept_name, k.form_name,
                 case when k.email_is_kept then k.email end as kept_email, k.form_email,
                 (select p.agent_id
                  from (select c.chat_id from chats c
                        where c.tenant_id = $1 and c.contact_id = k.contact_id
                        order by c.started_at desc, c.chat_id desc
                        limit 100) latest
                  join participants p
                      on p.tenant_id = $1 and p.chat_id = latest.chat_id and p.role = 'agent'
                  order by p.joined_at desc, p.agent_id
                  limit 1) as "last_agent_id?"
             from visitors v
             join contacts k on k.tenant_id = v.tenant_id and k.contact_id = v.contact_id
             where v.tenant_id = $1 and v.visitor_id = any ($2)"#,
            tenant_id,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ReturningRow::entry).collect()
    }
}
