//! Identity secrets, as they are stored: sealed. No engine decides by them, so they are written here and not by the
//! journal.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{IdentitySecretId, Sealed, SealedSecret};

use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, TenantTx};

struct SecretRow {
    identity_secret_id: Uuid,
    kid: String,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
}

impl From<SecretRow> for SealedSecret {
    fn from(row: SecretRow) -> Self {
        Self {
            id: IdentitySecretId(row.identity_secret_id),
            sealed: Sealed {
                kid: row.kid,
                bytes: row.sealed,
            },
            created_at: from_db(row.created_at),
        }
    }
}

impl TenantTx {
    /// Lists the tenant's identity secrets, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn list_identity_secrets(
        &mut self,
        after: Option<IdentitySecretId>,
        limit: i64,
    ) -> Result<Vec<SealedSecret>, Error> {
        let tenant_id = self.tenant();
        let rows = sqlx::query_as!(
            SecretRow,
            "select identity_secret_id, kid, sealed, created_at from identity_secrets
             where tenant_id = $1 and ($2::uuid is null or identity_secret_id > $2)
             order by identity_secret_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(SealedSecret::from).collect())
    }

    /// Finds an identity secret.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn find_identity_secret(
        &mut self,
        id: IdentitySecretId,
    ) -> Result<Option<SealedSecret>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            SecretRow,
            "select identity_secret_id, kid, sealed, created_at from identity_secrets
             where tenant_id = $1 and identity_secret_id = $2",
            tenant_id,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(SealedSecret::from))
    }

    /// Writes a new identity secret.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Conflict`.
    pub async fn insert_identity_secret(&mut self, secret: &SealedSecret) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "insert into identity_secrets (tenant_id, identity_secret_id, kid, sealed, created_at)
             values ($1, $2, $3, $4, $5)",
            tenant_id,
            secret.id.0,
            secret.sealed.kid,
            secret.sealed.bytes,
            to_db(secret.created_at),
        )
        .execute(self.connection())
        .await?;
        RowOf("identity_secrets", secret.id).written("identity_secret_id", &done)
    }

    /// Deletes an identity secret. Says whether there was one.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn delete_identity_secret(&mut self, id: IdentitySecretId) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "delete from identity_secrets where tenant_id = $1 and identity_secret_id = $2",
            tenant_id,
            id.0,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
