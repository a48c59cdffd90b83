//! What the turns of a chat's life write besides its record: ratings, and who has it no more.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::RatingComment;
use crate::engine::{ChatEvent, EventKind, LifeEvent};

use super::super::Error;
use super::super::time::to_db;
use super::Batch;

/// Comes after the chats' own rows.
pub(super) async fn write(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    for batch in batches {
        for numbered in &batch.events {
            let at = to_db(numbered.event.at);
            match &numbered.event.kind {
                EventKind::Chat(ChatEvent::Life(LifeEvent::Rated(parties, rating))) => {
                    let comment = rating.comment.as_ref().map(RatingComment::as_str);
                    sqlx::query!(
                        "insert into ratings (tenant_id, chat_id, score, comment, rated_at)
                         values ($1, $2, $3, $4, $5)
                         on conflict (tenant_id, chat_id) do update set
                             score = excluded.score, comment = excluded.comment,
                             rated_at = excluded.rated_at",
                        batch.tenant_id.0,
                        parties.chat_id.0,
                        i16::from(rating.score.get()),
                        comment,
                        at
                    )
                    .execute(&mut *connection)
                    .await?;
                }
                EventKind::Chat(ChatEvent::Life(LifeEvent::Reopened(chat, gone)))
                    if !gone.is_empty() =>
                {
                    let gone: Vec<Uuid> = gone.iter().map(|id| id.0).collect();
                    sqlx::query!(
                        "update participants set left_at = $4
                         where tenant_id = $1 and chat_id = $2 and agent_id = any ($3) and left_at is null",
                        batch.tenant_id.0,
                        chat.id.0,
                        &gone,
                        at
                    )
                    .execute(&mut *connection)
                    .await?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}
