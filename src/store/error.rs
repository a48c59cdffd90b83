//! What can go wrong with data.

/// A failure of the database, or of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A constraint refused the write.
    #[error("the constraint {0:?} refused the write")]
    Conflict(Constraint),
    /// A row that the code cannot have written.
    #[error("the row {id} of {table} has an impossible {column}")]
    Inconsistency {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Which row.
        id: String,
    },
    /// Postgres cannot be reached, or has no connection to spare.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// No answer came in time; whether something was done is not known.
    #[error("the database did not answer in time")]
    TimedOut,
    /// A statement failed.
    #[error("a statement failed")]
    Query(#[source] sqlx::Error),
}

/// The constraints that mean something to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Another tenant has this slug.
    TenantSlug,
    /// Another agent of the tenant has this address.
    AgentEmail,
    /// The chat has a message of this id.
    MessageSentOnce,
    /// The principal has used this key.
    IdempotencyKey,
    /// Another template of the tenant has this shortcut.
    TemplateShortcut,
    /// Another tag of the tenant has this name.
    TagName,
    /// Any other.
    Other,
}

impl Error {
    /// Says what is wrong with a row.
    pub(super) fn inconsistent(
        table: &'static str,
        column: &'static str,
        id: impl std::fmt::Display,
    ) -> Self {
        Self::Inconsistency {
            table,
            column,
            id: id.to_string(),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(refusal) = &error {
            if refusal.code().is_some_and(|code| code.starts_with("23")) {
                return Self::Conflict(match refusal.constraint() {
                    Some("tenants_slug_key") => Constraint::TenantSlug,
                    Some("agents_email_key") => Constraint::AgentEmail,
                    Some("messages_sent_once") => Constraint::MessageSentOnce,
                    Some("idempotency_keys_pkey" | "platform_idempotency_keys_pkey") => {
                        Constraint::IdempotencyKey
                    }
                    Some("templates_shortcut_key") => Constraint::TemplateShortcut,
                    Some("tags_name_key") => Constraint::TagName,
                    _ => Constraint::Other,
                });
            }
            // 57: the server stops, starts or cut the statement off; 53: out of connections or space; 08: the
            // connection; 55P03: a lock was not to be had in time; 25P03: the session was idle for too long.
            let passing = |code: &str| {
                ["57", "53", "08"]
                    .iter()
                    .any(|class| code.starts_with(class))
                    || ["55P03", "25P03"].contains(&code)
            };
            if refusal.code().is_some_and(|code| passing(&code)) {
                return Self::Unavailable(error);
            }
            return Self::Query(error);
        }
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            _ => Self::Query(error),
        }
    }
}
