//! Widgets as readers see them, and the board of all of them that a node makes ready at its start.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{AgentId, Name, OfficeId, TenantId, Widget, WidgetId, WidgetKey};
use crate::engine::OfficeAvailability;

use super::offices::ShownRow;
use super::row::RowOf;
use super::time::from_db;
use super::{Error, SystemTx, TenantTx};

/// An office with what visitors saw of it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeOnBoard {
    /// What visitors read.
    pub name: Name,
    /// What it shows.
    pub shown: OfficeAvailability,
}

/// A widget with all that answers a poll of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetOnBoard {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The widget.
    pub widget: Widget,
    /// Its offices, in the order in which they are tried.
    pub offices: Vec<OfficeOnBoard>,
}

struct WidgetRow {
    tenant_id: Uuid,
    widget_id: Uuid,
    key: String,
    name: String,
    allowed_domains: Vec<String>,
    messenger_text: String,
    agent_id: Option<Uuid>,
    form: Value,
    created_at: DateTime<Utc>,
    version: i64,
    office_ids: Vec<Uuid>,
}

impl TryFrom<WidgetRow> for Widget {
    type Error = Error;

    fn try_from(row: WidgetRow) -> Result<Self, Error> {
        let of = RowOf("widgets", row.widget_id);
        let domains = row.allowed_domains.iter();
        Ok(Self {
            id: WidgetId(row.widget_id),
            key: WidgetKey::from_trusted(row.key),
            name: of.parse("name", &row.name)?,
            office_ids: row.office_ids.into_iter().map(OfficeId).collect(),
            allowed_domains: domains
                .map(|domain| of.parse("allowed_domains", domain))
                .collect::<Result<_, _>>()?,
            messenger_text: of.parse("messenger_text", &row.messenger_text)?,
            agent_id: row.agent_id.map(AgentId),
            form: of.json("form", row.form)?,
            created_at: from_db(row.created_at),
            version: row.version,
        })
    }
}

/// Reads the widgets `w` that a condition chooses, without the archived.
macro_rules! widgets_where {
    ($condition:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            WidgetRow,
            r#"select w.tenant_id, w.widget_id, w.key, w.name, w.allowed_domains, w.messenger_text, w.agent_id, w.form,
                 w.created_at, w.version,
                 array(select o.office_id from widget_offices o
                       where o.tenant_id = w.tenant_id and o.widget_id = w.widget_id
                       order by o.place) as "office_ids!"
             from widgets w
             where w.archived_at is null and "# + $condition
            $(, $argument)*
        )
    };
}

impl TenantTx {
    /// Finds a widget that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_widget(&mut self, id: WidgetId) -> Result<Option<Widget>, Error> {
        let tenant_id = self.tenant();
        let row = widgets_where!("w.tenant_id = $1 and w.widget_id = $2", tenant_id, id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(Widget::try_from).transpose()
    }

    /// Lists the widgets that are not archived, oldest first, from the one that follows `after`.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_widgets(
        &mut self,
        after: Option<WidgetId>,
        limit: i64,
    ) -> Result<Vec<Widget>, Error> {
        let tenant_id = self.tenant();
        let rows = widgets_where!(
            "w.tenant_id = $1 and ($2::uuid is null or w.widget_id > $2) order by w.widget_id limit $3",
            tenant_id,
            after.map(|id| id.0) as Option<Uuid>,
            limit,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(Widget::try_from).collect()
    }
}

impl SystemTx {
    /// Lists every widget that is not archived, with its offices in their order: what a node
    /// answers polls from.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn list_board(&mut self) -> Result<Vec<WidgetOnBoard>, Error> {
        let rows = widgets_where!("true").fetch_all(self.connection()).await?;
        // After the widgets: an office that one of them names is there by now, since rows are never removed.
        let offices = self.offices_on_board().await?;
        rows.into_iter()
            .map(|row| {
                let tenant_id = row.tenant_id;
                let office = |id: &Uuid| {
                    let office = offices.get(&(tenant_id, *id)).cloned();
                    RowOf("widget_offices", *id).present("office_id", office)
                };
                Ok(WidgetOnBoard {
                    tenant_id: TenantId(tenant_id),
                    offices: row
                        .office_ids
                        .iter()
                        .map(office)
                        .collect::<Result<_, _>>()?,
                    widget: row.try_into()?,
                })
            })
            .collect()
    }

    /// The offices that visitors reach through some widget.
    async fn offices_on_board(&mut self) -> Result<BTreeMap<(Uuid, Uuid), OfficeOnBoard>, Error> {
        let rows = sqlx::query!(
            "select o.tenant_id, o.office_id, o.name, o.mode, o.shown_reason, o.shown_since, o.shown
             from offices o
             where exists (select from widget_offices w
                           where w.tenant_id = o.tenant_id and w.office_id = o.office_id)",
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let key = (row.tenant_id, row.office_id);
                let shown = ShownRow {
                    office_id: row.office_id,
                    mode: row.mode,
                    shown_reason: row.shown_reason,
                    shown_since: row.shown_since,
                    shown: row.shown,
                };
                let office = OfficeOnBoard {
                    name: RowOf("offices", row.office_id).parse("name", &row.name)?,
                    shown: shown.try_into()?,
                };
                Ok((key, office))
            })
            .collect()
    }

    /// Finds whose widget a key names; `None` for an archived one.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`.
    pub async fn find_tenant_of_widget_key(
        &mut self,
        key: &str,
    ) -> Result<Option<(TenantId, WidgetId)>, Error> {
        let row = sqlx::query!(
            "select tenant_id, widget_id from widgets where key = $1 and archived_at is null",
            key,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(|row| (TenantId(row.tenant_id), WidgetId(row.widget_id))))
    }
}
