//! Who changed what, of that which no engine has events for.
//!
//! Written in the transaction of the change, so that there is none without its entry. Holds the names of fields, never
//! what stood in them.

use uuid::Uuid;

use crate::domain::{AgentId, Timestamp};

use super::row::RowOf;
use super::time::to_db;
use super::{Error, TenantTx};

/// One change.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id, greater than those before it.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub agent_id: AgentId,
    /// What was done to which kind of thing: `template.created`.
    pub kind: String,
    /// Which one.
    pub subject_id: Uuid,
    /// The fields that it changed.
    pub fields: Vec<String>,
}

impl TenantTx {
    /// Waits until no other transaction makes a thing of this kind for the tenant, and has others wait until this one has
    /// ended: of two that make the last one that there may be, the second sees the first's.
    ///
    /// # Errors
    /// `Unavailable` when another one takes too long; else as every read.
    pub async fn take_turn(&mut self, kind: &str) -> Result<(), Error> {
        let tenant_id = self.tenant().to_string();
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtext($1), hashtext($2))",
            kind,
            tenant_id,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Writes down a change.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Conflict`.
    pub async fn insert_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into audit_entries (tenant_id, entry_id, at, agent_id, kind, subject_id, fields)
             values ($1, $2, $3, $4, $5, $6, $7)",
            tenant_id,
            entry.id,
            to_db(entry.at),
            entry.agent_id.0,
            entry.kind,
            entry.subject_id,
            &entry.fields,
        )
        .execute(self.connection())
        .await?;
        RowOf("audit_entries", entry.id).written("entry_id", &done)
    }
}
