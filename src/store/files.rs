//! Files that were uploaded (CHAT-5): what is known of them. Their bytes are not here.
//!
//! Owns the order that keeps rows and bytes together: a row comes before the bytes and counts once they are there; it is
//! given up before they go and removed after that. So a crash at any moment leaves a row that leads to what is left.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{
    AgentId, ChatId, FileId, Pixels, TenantId, Timestamp, Upload, Uploader, VisitorId,
};

use super::row::RowOf;
use super::time::{from_db, to_db};
use super::{Error, SystemTx, TenantTx};

const TABLE: &str = "files";

struct FileRow {
    file_id: Uuid,
    agent_id: Option<Uuid>,
    visitor_id: Option<Uuid>,
    name: String,
    media_type: String,
    bytes: i64,
    sha256: Vec<u8>,
    width: Option<i32>,
    height: Option<i32>,
    created_at: DateTime<Utc>,
    chat_id: Option<Uuid>,
}

impl TryFrom<FileRow> for Upload {
    type Error = Error;

    fn try_from(row: FileRow) -> Result<Self, Error> {
        let of = RowOf(TABLE, row.file_id);
        let uploader = match (row.agent_id, row.visitor_id) {
            (Some(id), None) => Uploader::Agent(AgentId(id)),
            (None, Some(id)) => Uploader::Visitor(VisitorId(id)),
            _ => return Err(of.fault("agent_id")),
        };
        let pixels = row.width.zip(row.height).map(|(width, height)| {
            Ok::<_, Error>(Pixels {
                width: of.number("width", width)?,
                height: of.number("height", height)?,
            })
        });
        Ok(Self {
            id: FileId(row.file_id),
            uploader,
            name: of.parse("name", &row.name)?,
            media_type: of.parse("media_type", &row.media_type)?,
            bytes: of.number("bytes", row.bytes)?,
            sha256: of.number("sha256", row.sha256)?,
            pixels: pixels.transpose()?,
            created_at: from_db(row.created_at),
            chat_id: row.chat_id.map(ChatId),
        })
    }
}

/// The two columns of an uploader.
fn columns(uploader: Uploader) -> (Option<Uuid>, Option<Uuid>) {
    match uploader {
        Uploader::Agent(id) => (Some(id.0), None),
        Uploader::Visitor(id) => (None, Some(id.0)),
    }
}

impl TenantTx {
    /// Waits until no other transaction begins an upload of this agent or visitor, and has others wait until this one has
    /// ended: of two that begin the last one that there may be, the second sees the first's.
    ///
    /// # Errors
    /// `Unavailable` when another one takes too long; else as every read.
    pub async fn queue_for_uploads(&mut self, uploader: Uploader) -> Result<(), Error> {
        let (Uploader::Agent(AgentId(id)) | Uploader::Visitor(VisitorId(id))) = uploader;
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtext('files'), hashtext($1))",
            id.to_string(),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Counts the uploads of an agent or visitor that no message has, those among them that are not complete.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn count_unsent_files(&mut self, uploader: Uploader) -> Result<i64, Error> {
        let tenant_id = self.tenant();
        let (agent_id, visitor_id) = columns(uploader);
        Ok(sqlx::query_scalar!(
            r#"select (select count(*) from files
                       where tenant_id = $1 and agent_id = $2 and chat_id is null and removing_at is null)
                    + (select count(*) from files
                       where tenant_id = $1 and visitor_id = $3 and chat_id is null and removing_at is null)
                   as "count!""#,
            tenant_id,
            agent_id,
            visitor_id,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Makes room for a file among those of the tenant, which may have so many bytes together. Says whether there is.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn reserve_file_bytes(&mut self, bytes: u64, max: u64) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let of = RowOf("file_usage", tenant_id);
        let bytes: i64 = of.number("bytes", bytes)?;
        let done = sqlx::query!(
            "insert into file_usage as u (tenant_id, bytes)
             select $1, $2 where $2::bigint <= $3::bigint
             on conflict (tenant_id) do update set bytes = u.bytes + excluded.bytes
                 where u.bytes + excluded.bytes <= $3",
            tenant_id,
            bytes,
            i64::try_from(max).unwrap_or(i64::MAX),
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes a file down whose bytes are about to come; it does not count yet.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn insert_file(&mut self, file: &Upload) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let of = RowOf(TABLE, file.id);
        let (agent_id, visitor_id) = columns(file.uploader);
        let side = |column, of_pixels: fn(Pixels) -> u32| -> Result<Option<i32>, Error> {
            let side = file.pixels.map(of_pixels);
            side.map(|side| of.number(column, side)).transpose()
        };
        sqlx::query!(
            "insert into files (tenant_id, file_id, agent_id, visitor_id, name, media_type, bytes,
                                sha256, width, height, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            tenant_id,
            file.id.0,
            agent_id,
            visitor_id,
            file.name.as_str(),
            file.media_type.as_str(),
            of.number::<i64, _>("bytes", file.bytes)?,
            &file.sha256[..],
            side("width", |pixels| pixels.width)?,
            side("height", |pixels| pixels.height)?,
            to_db(file.created_at),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Says that all bytes of a file are there: from now on it counts.
    ///
    /// # Errors
    /// `Inconsistency` when it was removed in the meantime; else as every write.
    pub async fn complete_file(&mut self, file_id: FileId, at: Timestamp) -> Result<(), Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "update files set stored_at = $3
             where tenant_id = $1 and file_id = $2 and stored_at is null and removing_at is null",
            tenant_id,
            file_id.0,
            to_db(at),
        )
        .execute(self.connection())
        .await?;
        RowOf(TABLE, file_id).written("file_id", &done)
    }

    /// Removes the row of a file that is not complete, and gives its room back. Says whether there was one.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn delete_incomplete_file(&mut self, file_id: FileId) -> Result<bool, Error> {
        let tenant_id = self.tenant();
        let done = sqlx::query!(
            "with gone as (
                 delete from files where tenant_id = $1 and file_id = $2 and stored_at is null
                 returning bytes
             )
             update file_usage u set bytes = u.bytes - gone.bytes from gone where u.tenant_id = $1",
            tenant_id,
            file_id.0,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Finds a file that is there as a whole and was not given up.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_file(&mut self, file_id: FileId) -> Result<Option<Upload>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            FileRow,
            "select file_id, agent_id, visitor_id, name, media_type, bytes, sha256, width, height,
                    created_at, chat_id
             from files
             where tenant_id = $1 and file_id = $2 and stored_at is not null and removing_at is null",
            tenant_id,
            file_id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(TryInto::try_into).transpose()
    }
}

impl SystemTx {
    /// Gives up the files that came before `before` and that no message has, at most `limit` of them. Says how many.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn give_up_unsent_files(
        &mut self,
        before: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<u64, Error> {
        let done = sqlx::query!(
            "update files set removing_at = $2
             where chat_id is null and (tenant_id, file_id) in
                 (select tenant_id, file_id from files
                  where chat_id is null and removing_at is null and created_at < $1
                  order by created_at limit $3)",
            to_db(before),
            to_db(now),
            limit,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Files whose bytes are to be removed, those that were given up first before the others.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn list_given_up_files(
        &mut self,
        limit: i64,
    ) -> Result<Vec<(TenantId, FileId)>, Error> {
        let rows = sqlx::query!(
            "select tenant_id, file_id from files where removing_at is not null
             order by removing_at limit $1",
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        let ids = rows.into_iter();
        Ok(ids
            .map(|row| (TenantId(row.tenant_id), FileId(row.file_id)))
            .collect())
    }

    /// Removes the row of a file whose bytes are gone, and gives its room back to its tenant.
    ///
    /// # Errors
    /// As every write: `Unavailable`, `Query`.
    pub async fn delete_given_up_file(
        &mut self,
        tenant_id: TenantId,
        file_id: FileId,
    ) -> Result<(), Error> {
        sqlx::query!(
            "with gone as (
                 delete from files
                 where tenant_id = $1 and file_id = $2 and removing_at is not null
                 returning bytes
             )
             update file_usage u set bytes = u.bytes - gone.bytes from gone where u.tenant_id = $1",
            tenant_id.0,
            file_id.0,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
