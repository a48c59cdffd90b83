//! What visitors thought of their chats.

use crate::domain::{ChatId, Rating, Timestamp};

use super::row::RowOf;
use super::time::from_db;
use super::{Error, TenantTx};

/// A rating, and when it was last given or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRating {
    /// The rating.
    pub rating: Rating,
    /// When.
    pub rated_at: Timestamp,
}

impl TenantTx {
    /// Finds the rating of a chat.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_rating(&mut self, chat: ChatId) -> Result<Option<StoredRating>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query!(
            "select score, comment, rated_at from ratings where tenant_id = $1 and chat_id = $2",
            tenant_id,
            chat.0
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| {
            let of = RowOf("ratings", chat);
            Ok(StoredRating {
                rating: Rating {
                    score: of.number("score", i64::from(row.score))?,
                    comment: of.parse_opt("comment", row.comment.as_deref())?,
                },
                rated_at: from_db(row.rated_at),
            })
        })
        .transpose()
    }
}
