//! Partitions of the events, made by the owner's role ahead of time. What was missed waits in the
//! default partition and is moved when its own is made.

use chrono::Months;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::domain::Timestamp;

use super::Error;
use super::time::to_db;

/// Makes the partitions of this month and of the `months` that follow. Those that are there stay as
/// they are.
///
/// # Errors
/// As every write: `Unavailable`, `Query`.
pub async fn make_partitions_ahead(
    options: &PgConnectOptions,
    today: Timestamp,
    months: u32,
) -> Result<(), Error> {
    let today = to_db(today).date_naive();
    let mut owner = PgConnection::connect_with(options).await?;
    for month in 0..=months {
        let Some(day) = today.checked_add_months(Months::new(month)) else {
            break;
        };
        sqlx::query_scalar!("select make_events_partition($1)", day)
            .fetch_one(&mut owner)
            .await?;
    }
    Ok(owner.close().await?)
}
