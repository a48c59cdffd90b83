//! Agents, their credentials and the end of their log-ins.

use uuid::Uuid;

use crate::domain::{Agent, AgentId, Facts, Name, PictureUrl, Standing};
use crate::engine::{EndedSessions, PasswordHash};
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    /// The facts are those of a new agent; the batch's records write over them.
    pub(super) async fn put_agent(&mut self, agent: &Agent) -> Result<(), Error> {
        let of = RowOf("agents", agent.id);
        let hours = agent.hours.as_ref();
        let late = agent.offers_when_invisible_after;
        let capacity_max = agent.capacity_max;
        let done = sqlx::query!(
            "insert into agents (tenant_id, agent_id, name, public_name, picture_url, email, email_folded, role,
                 capacity, hours, away_after_ms, offline_after_ms, offers_when_invisible_after_ms, seat, skills,
                 capacity_max, auto_accept, created_at, version, facts, standing, idle_since)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                 $22)
             on conflict (tenant_id, agent_id) do update set
                 name = excluded.name, public_name = excluded.public_name, picture_url = excluded.picture_url,
                 email = excluded.email, email_folded = excluded.email_folded, role = excluded.role,
                 capacity = excluded.capacity, hours = excluded.hours, away_after_ms = excluded.away_after_ms,
                 offline_after_ms = excluded.offline_after_ms,
                 offers_when_invisible_after_ms = excluded.offers_when_invisible_after_ms, seat = excluded.seat,
                 skills = excluded.skills, capacity_max = excluded.capacity_max,
                 auto_accept = excluded.auto_accept,
                 created_at = excluded.created_at, version = excluded.version
                 where agents.version < excluded.version and agents.archived_at is null",
            self.tenant.0,
            agent.id.0,
            agent.name.as_str(),
            agent.public_name.as_ref().map(Name::as_str),
            agent.picture_url.as_ref().map(PictureUrl::as_str),
            agent.email.as_str(),
            agent.email.folded(),
            agent.role.as_str(),
            of.number::<i32, _>("capacity", agent.capacity.get())?,
            hours.map(|hours| of.to_json("hours", hours)).transpose()?,
            agent.inactivity.away_after.map(|delay| delay.0),
            agent.inactivity.offline_after.map(|delay| delay.0),
            late.map(|delay| delay.0),
            agent.seat.as_str(),
            of.to_json("skills", &agent.skills)?,
            capacity_max
                .map(|capacity| of.number::<i32, _>("capacity_max", capacity.get()))
                .transpose()?,
            agent.auto_accept,
            to_db(agent.created_at),
            agent.version,
            of.to_json("facts", &Facts::initial(self.at))?,
            of.to_json("standing", &Standing::initial(self.at))?,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        of.written("version", &done)?;
        let offices: Vec<Uuid> = agent.office_ids.iter().map(|id| id.0).collect();
        self.replace_offices(agent.id, &offices).await
    }

    async fn replace_offices(&mut self, id: AgentId, offices: &[Uuid]) -> Result<(), Error> {
        sqlx::query!(
            "delete from agent_offices
             where tenant_id = $1 and agent_id = $2 and office_id <> all ($3)",
            self.tenant.0,
            id.0,
            offices,
        )
        .execute(&mut *self.connection)
        .await?;
        sqlx::query!(
            "insert into agent_offices (tenant_id, agent_id, office_id)
             select $1, $2, office_id from unnest($3::uuid[]) as o (office_id)
             on conflict do nothing",
            self.tenant.0,
            id.0,
            offices,
        )
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    pub(super) async fn insert_credentials(
        &mut self,
        id: AgentId,
        password: &PasswordHash,
    ) -> Result<(), Error> {
        let done = sqlx::query!(
            "insert into agent_credentials (tenant_id, agent_id, password_hash, changed_at)
             values ($1, $2, $3, $4)",
            self.tenant.0,
            id.0,
            &*password.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("agent_credentials", id).written("agent_id", &done)
    }

    pub(super) async fn change_password(
        &mut self,
        id: AgentId,
        password: &PasswordHash,
    ) -> Result<(), Error> {
        let done = sqlx::query!(
            "update agent_credentials set password_hash = $3, changed_at = $4
             where tenant_id = $1 and agent_id = $2",
            self.tenant.0,
            id.0,
            &*password.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("agent_credentials", id).written("agent_id", &done)
    }

    /// Its queues and offices go, its profile stays: chats name it. So do its facts, which nobody reads any more.
    pub(super) async fn archive_agent(&mut self, id: AgentId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update agents set archived_at = $3
             where tenant_id = $1 and agent_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("agents", id).written("archived_at", &done)?;
        sqlx::query!(
            "delete from queue_members where tenant_id = $1 and agent_id = $2",
            self.tenant.0,
            id.0,
        )
        .execute(&mut *self.connection)
        .await?;
        self.replace_offices(id, &[]).await?;
        self.revoke_sessions(id, EndedSessions::All).await
    }

    /// In the commit of what ends them: nobody logs in by what was before.
    pub(super) async fn revoke_sessions(
        &mut self,
        id: AgentId,
        ended: EndedSessions,
    ) -> Result<(), Error> {
        let kept = match ended {
            EndedSessions::None => return Ok(()),
            EndedSessions::AllBut(kept) => Some(kept.0),
            EndedSessions::All => None,
        };
        sqlx::query!(
            "update sessions set revoked_at = $3
             where tenant_id = $1 and agent_id = $2 and revoked_at is null
                 and ($4::uuid is null or session_id <> $4)",
            self.tenant.0,
            id.0,
            to_db(self.at),
            kept as Option<Uuid>,
        )
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }
}
