//! One transaction for the batches of many tenants. Arrays with `unnest`: one statement a table, however many rows.

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{NodeId, OfferNumber};
use crate::engine::{ChatEvent, EventKind, OfferEvent};

use super::super::time::{to_db, to_db_opt};
use super::super::{Constraint, Error};
use super::messages::{self, Changes};
use super::rows::{
    Agents, Chats, Departures, Events, Messages, Offers, Participants, Queues, Works, expect_rows,
    to_i64,
};
use super::{Batch, CommitError, asides, life, offices, setup, visitors};

/// Commits the batches as one, or none of them.
pub(super) async fn commit(
    pool: &PgPool,
    node_id: NodeId,
    batches: &[&Batch],
) -> Result<(), CommitError> {
    let mut tx = pool
        .begin()
        .await
        .map_err(|e| CommitError::Unknown(e.into()))?;
    if !fence(&mut tx, node_id, batches).await.map_err(refused)? {
        return Err(CommitError::Fenced);
    }
    write(&mut tx, batches).await.map_err(refused)?;
    tx.commit()
        .await
        .map_err(|e| CommitError::Unknown(e.into()))
}

/// A refusal is definite; a connection that broke on the way is not, though nothing can have been written.
fn refused(error: Error) -> CommitError {
    match error {
        Error::Unavailable(_) | Error::TimedOut => CommitError::Unknown(error),
        Error::Conflict(_) | Error::Inconsistency { .. } | Error::Query(_) => {
            CommitError::Refused(error)
        }
    }
}

/// Moves the tenants' rows on. The row's lock makes a take-over wait for this transaction, and a late owner finds no
/// row: with its epoch gone, or with numbers that somebody else has given.
async fn fence(
    connection: &mut PgConnection,
    node_id: NodeId,
    batches: &[&Batch],
) -> Result<bool, Error> {
    let column = |of: fn(&Batch) -> i64| batches.iter().map(|b| of(b)).collect::<Vec<i64>>();
    let tenant_id: Vec<Uuid> = batches.iter().map(|batch| batch.tenant_id.0).collect();
    let epoch = column(|batch| batch.epoch);
    let old_seq = column(|batch| to_i64(batch.last_event_seq));
    let new_seq = column(|batch| to_i64(batch.last_event_seq + batch.events.len() as u64));
    let at: Vec<_> = batches
        .iter()
        .filter_map(|batch| batch.events.last().map(|numbered| to_db(numbered.event.at)))
        .collect();
    let deadline: Vec<_> = batches
        .iter()
        .map(|batch| to_db_opt(batch.next_deadline))
        .collect();
    let moved = sqlx::query!(
        "update tenant_owners o
         set last_event_seq = b.new_seq, last_event_at = b.at, next_deadline_at = b.deadline
         from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[],
                     $7::timestamptz[]) as b (tenant_id, epoch, old_seq, new_seq, at, deadline)
         where o.tenant_id = b.tenant_id and o.node_id = $1 and o.epoch = b.epoch
           and o.last_event_seq = b.old_seq",
        node_id.0,
        &tenant_id,
        &epoch,
        &old_seq,
        &new_seq,
        &at,
        &deadline as _
    )
    .execute(connection)
    .await?;
    Ok(moved.rows_affected() == batches.len() as u64)
}

/// Writes everything but the fence, referred-to rows before those that refer to them.
async fn write(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    setup::write(connection, batches).await?;
    // While Postgres writes who has come, the rest is put into columns.
    let visitors = visitors::write(connection, batches);
    let (visitors, rows) = tokio::join!(visitors, async { Rows::of(batches) });
    visitors?;
    let rows = rows?;
    update_agents(connection, &rows.agents).await?;
    // Who left and is back is written by the next.
    end_participants(connection, &rows.departures).await?;
    write_chats(connection, &rows.chats, &rows.participants).await?;
    life::write(connection, batches).await?;
    write_offers(connection, (&rows.offers, &rows.works, &rows.queues)).await?;
    messages::insert(connection, &rows.messages).await?;
    rows.changes.write(connection).await?;
    asides::write(connection, batches).await?;
    insert_events(connection, &rows.events).await?;
    offices::write(connection, batches).await?;
    insert_answers(connection, batches).await
}

/// What the batches come to in the tables that nearly all of them change.
#[derive(Default)]
struct Rows {
    agents: Agents,
    works: Works,
    chats: Chats,
    participants: Participants,
    departures: Departures,
    offers: Offers,
    queues: Queues,
    messages: Messages,
    changes: Changes,
    events: Events,
}

impl Rows {
    fn of(batches: &[&Batch]) -> Result<Self, Error> {
        let mut rows = Self::default();
        // An agent that left, came back and left again in one batch has one row.
        let mut departures = BTreeMap::new();
        for batch in batches {
            let tenant = batch.tenant_id;
            let mut reasons: BTreeMap<(Uuid, OfferNumber), String> = BTreeMap::new();
            for numbered in &batch.events {
                rows.events.push(tenant, numbered)?;
                match &numbered.event.kind {
                    EventKind::Chat(ChatEvent::MessageSent(parties, view)) => {
                        rows.messages
                            .push(tenant, parties.chat_id.0, &view.message)?;
                    }
                    EventKind::Chat(ChatEvent::MessageEdited(parties, edited)) => {
                        rows.changes
                            .edit(tenant, parties.chat_id, edited, numbered.event.at)?;
                    }
                    EventKind::Chat(ChatEvent::MessageDeleted(parties, deleted)) => {
                        rows.changes.delete(
                            tenant,
                            parties.chat_id,
                            deleted.seq,
                            numbered.event.at,
                        );
                    }
                    EventKind::Chat(ChatEvent::ParticipantLeft(parties, departure)) => {
                        let key = (tenant, parties.chat_id, departure.agent.id);
                        departures.insert(key, (departure, numbered.event.at));
                    }
                    EventKind::Offer(OfferEvent::Rejected(key, Some(reason)), _) => {
                        reasons.insert((key.chat_id.0, key.number), reason.as_str().to_owned());
                    }
                    EventKind::Setup(_)
                    | EventKind::Queue(_)
                    | EventKind::Presence(_)
                    | EventKind::Availability(_)
                    | EventKind::Offer(..)
                    | EventKind::Chat(_)
                    | EventKind::Note(_) => {}
                }
            }
            let records = &batch.records;
            for agent in &records.agents {
                rows.agents.push(tenant, agent)?;
            }
            for work in &records.works {
                rows.works.push(tenant, work)?;
            }
            for chat in &records.chats {
                rows.chats.push(tenant, chat)?;
                rows.participants.push(tenant, chat);
            }
            for offer in &records.offers {
                let reason = reasons.remove(&(offer.chat_id.0, offer.number));
                rows.offers.push(tenant, offer, reason);
            }
            for queue in &records.queues {
                rows.queues.push(tenant, queue)?;
            }
        }
        rows.departures = Departures::of(departures);
        Ok(rows)
    }
}

async fn update_agents(connection: &mut PgConnection, rows: &Agents) -> Result<(), Error> {
    if rows.tenant_id.is_empty() {
        return Ok(());
    }
    let changed = sqlx::query!(
        "update agents a
         set facts = r.facts::jsonb, standing = r.standing::jsonb, idle_since = r.idle_since,
             work = r.work::jsonb
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[],
                     $6::text[])
              as r (tenant_id, agent_id, facts, standing, idle_since, work)
         where a.tenant_id = r.tenant_id and a.agent_id = r.agent_id",
        &rows.tenant_id,
        &rows.agent_id,
        &rows.facts,
        &rows.standing,
        &rows.idle_since,
        &rows.work
    )
    .execute(connection)
    .await?;
    expect_rows(changed.rows_affected(), rows.tenant_id.len(), "agents")
}

/// Chats and who takes part in them. Both at once: in a rush each exchange with the database counts.
async fn write_chats(
    connection: &mut PgConnection,
    rows: &Chats,
    participants: &Participants,
) -> Result<(), Error> {
    if rows.tenant_id.is_empty() {
        return Ok(());
    }
    let changed = sqlx::query!(
        r#"with written as (
             insert into chats (tenant_id, chat_id, visitor_id, contact_id, contact_name, contact_email,
                 contact_fields, widget_id, office_id, queue_id, state, started_at, enqueued_at,
                 accepted_at, closed_at, close_reason, round, round_starts_at, last_offer, last_seq,
                 important, tag_ids, disposition_ids, custom_fields, routing, course)
             select c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21,
                 c22::uuid[], c23::uuid[], c24, c25::jsonb, c26::jsonb
             from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[],
                 $8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::timestamptz[], $13::timestamptz[],
                 $14::timestamptz[], $15::timestamptz[], $16::text[], $17::integer[], $18::timestamptz[],
                 $19::integer[], $20::integer[], $21::boolean[], $22::text[], $23::text[], $24::jsonb[],
                 $25::text[], $26::text[])
                 as r (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19,
                     c20, c21, c22, c23, c24, c25, c26)
             on conflict (tenant_id, chat_id) do update set
                 contact_name = excluded.contact_name, contact_email = excluded.contact_email,
                 office_id = excluded.office_id, queue_id = excluded.queue_id, state = excluded.state,
                 enqueued_at = excluded.enqueued_at, accepted_at = excluded.accepted_at, closed_at = excluded.closed_at,
                 close_reason = excluded.close_reason, round = excluded.round,
                 round_starts_at = excluded.round_starts_at, last_offer = excluded.last_offer,
                 last_seq = excluded.last_seq, important = excluded.important, tag_ids = excluded.tag_ids,
                 disposition_ids = excluded.disposition_ids, custom_fields = excluded.custom_fields,
                 routing = excluded.routing, course = excluded.course returning 1),
         joined as (
             insert into participants as p (tenant_id, chat_id, agent_id, role, joined_at)
             select * from unnest($27::uuid[], $28::uuid[], $29::uuid[], $30::text[], $31::timestamptz[])
             on conflict (tenant_id, chat_id, agent_id) do update set role = excluded.role,
                 joined_at = excluded.joined_at, left_at = null where p.left_at is not null or p.role <> excluded.role)
         select count(*) as "chats!" from written"#,
        &rows.tenant_id,
        &rows.chat_id,
        &rows.visitor_id,
        &rows.contact_id,
        &rows.contact_name as _,
        &rows.contact_email as _,
        &rows.contact_fields,
        &rows.widget_id,
        &rows.office_id,
        &rows.queue_id as _,
        &rows.state as _,
        &rows.started_at,
        &rows.enqueued_at,
        &rows.accepted_at as _,
        &rows.closed_at as _,
        &rows.close_reason as _,
        &rows.round,
        &rows.round_starts_at as _,
        &rows.last_offer,
        &rows.last_seq,
        &rows.important,
        &rows.tag_ids,
        &rows.disposition_ids,
        &rows.custom_fields,
        &rows.routing,
        &rows.course,
        &participants.tenant_id,
        &participants.chat_id,
        &participants.agent_id,
        &participants.role as _,
        &participants.joined_at
    )
    .fetch_one(connection)
    .await?;
    expect_rows(changed.chats, rows.tenant_id.len(), "chats")
}

/// Of an agent that came and went in one batch nothing else is written.
async fn end_participants(connection: &mut PgConnection, rows: &Departures) -> Result<(), Error> {
    if rows.tenant_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into participants (tenant_id, chat_id, agent_id, role, joined_at, left_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[],
             $6::timestamptz[])
         on conflict (tenant_id, chat_id, agent_id) do update set
             role = excluded.role, left_at = excluded.left_at",
        &rows.tenant_id,
        &rows.chat_id,
        &rows.agent_id,
        &rows.role as _,
        &rows.joined_at,
        &rows.left_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What an offer changes of others: a row of its own, its agent's work, for a presence is ten times as long, and what its
/// queue remembers. At once, as chats and their agents.
async fn write_offers(
    connection: &mut PgConnection,
    (offers, works, queues): (&Offers, &Works, &Queues),
) -> Result<(), Error> {
    let rows = [&offers.tenant_id, &works.tenant_id, &queues.tenant_id];
    if rows.iter().all(|rows| rows.is_empty()) {
        return Ok(());
    }
    let changed = sqlx::query!(
        r#"with worked as (
             update agents a set idle_since = r.idle_since, work = r.work::jsonb
             from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[])
                  as r (tenant_id, agent_id, idle_since, work)
             where a.tenant_id = r.tenant_id and a.agent_id = r.agent_id
             returning 1),
         remembered as (
             update queues q set memory = r.memory::jsonb
             from unnest($5::uuid[], $6::uuid[], $7::text[]) as r (tenant_id, queue_id, memory)
             where q.tenant_id = r.tenant_id and q.queue_id = r.queue_id
             returning 1),
         offered as (
             insert into offers (tenant_id, chat_id, number, agent_id, state, withdraw_reason,
                 reject_reason, made_at, expires_at, ended_at, round, purpose, by_agent_id, note, queue_id)
             select * from unnest($8::uuid[], $9::uuid[], $10::integer[], $11::uuid[], $12::text[],
                 $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[],
                 $18::integer[], $19::text[], $20::uuid[], $21::text[], $22::uuid[])
             on conflict (tenant_id, chat_id, number) do update set
                 state = excluded.state, withdraw_reason = excluded.withdraw_reason,
                 reject_reason = excluded.reject_reason, ended_at = excluded.ended_at
             returning 1)
         select (select count(*) from worked) as "works!", (select count(*) from remembered) as "queues!",
             (select count(*) from offered) as "offers!""#,
        &works.tenant_id,
        &works.agent_id,
        &works.idle_since,
        &works.work,
        &queues.tenant_id,
        &queues.queue_id,
        &queues.memory,
        &offers.tenant_id,
        &offers.chat_id,
        &offers.number,
        &offers.agent_id,
        &offers.state as _,
        &offers.withdraw_reason as _,
        &offers.reject_reason as _,
        &offers.made_at,
        &offers.expires_at as _,
        &offers.ended_at as _,
        &offers.round,
        &offers.purpose as _,
        &offers.by_agent_id as _,
        &offers.note as _,
        &offers.queue_id as _
    )
    .fetch_one(connection)
    .await?;
    expect_rows(changed.works, works.tenant_id.len(), "agents")?;
    expect_rows(changed.queues, queues.tenant_id.len(), "queues")?;
    expect_rows(changed.offers, offers.tenant_id.len(), "offers")
}

async fn insert_events(connection: &mut PgConnection, rows: &Events) -> Result<(), Error> {
    sqlx::query!(
        "insert into events (tenant_id, event_seq, at, kind, version, actor, actor_agent_id, chat_id,
             agent_id, office_id, visitor_seq, payload)
         select e.tenant_id, e.event_seq, e.at, e.kind, e.version, e.actor, e.actor_agent_id, e.chat_id,
             e.agent_id, e.office_id, e.visitor_seq, e.payload::jsonb
         from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[],
             $5::smallint[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[],
             $11::bigint[], $12::text[])
             as e (tenant_id, event_seq, at, kind, version, actor, actor_agent_id, chat_id, agent_id, office_id,
                 visitor_seq, payload)",
        &rows.tenant_id,
        &rows.event_seq,
        &rows.at,
        &rows.kind as _,
        &rows.version,
        &rows.actor as _,
        &rows.actor_agent_id as _,
        &rows.chat_id as _,
        &rows.agent_id as _,
        &rows.office_id as _,
        &rows.visitor_seq as _,
        &rows.payload
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_answers(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    for batch in batches {
        for answer in &batch.answers {
            let at = batch.events.last().map(|numbered| to_db(numbered.event.at));
            // A key may be used anew after a day; one that is younger is refused, and with it the batch.
            let changed = sqlx::query!(
                "insert into idempotency_keys as k
                     (tenant_id, principal, key, body_hash, answer, created_at)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (tenant_id, principal, key) do update set
                     body_hash = excluded.body_hash, answer = excluded.answer,
                     created_at = excluded.created_at
                     where k.created_at < excluded.created_at - interval '24 hours'",
                batch.tenant_id.0,
                answer.principal,
                answer.key,
                &answer.record.body_hash[..],
                answer.record.answer,
                at
            )
            .execute(&mut *connection)
            .await?;
            if changed.rows_affected() == 0 {
                return Err(Error::Conflict(Constraint::IdempotencyKey));
            }
        }
    }
    Ok(())
}
