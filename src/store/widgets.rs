//! Widgets as readers see them, and the board of all of them that a node makes ready at its start.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Mode, Name, OfficeId, TenantId, Widget, WidgetId, WidgetKey};

use super::offices::mode_of;
use super::row::RowOf;
use super::time::from_db;
use super::{Error, SystemTx, TenantTx};

/// An office with what visitors saw of it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeMode {
    /// The office.
    pub office_id: OfficeId,
    /// What visitors read.
    pub name: Name,
    /// Its mode.
    pub mode: Mode,
}

/// A widget with all that answers a poll of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetOnBoard {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The widget.
    pub widget: Widget,
    /// Its offices, in the order in which they are tried.
    pub offices: Vec<OfficeMode>,
}

struct WidgetRow {
    widget_id: Uuid,
    key: String,
    name: String,
    allowed_domains: Vec<String>,
    messenger_text: String,
    created_at: DateTime<Utc>,
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
            created_at: from_db(row.created_at),
        })
    }
}

struct BoardRow {
    tenant_id: Uuid,
    widget_id: Uuid,
    key: String,
    name: String,
    allowed_domains: Vec<String>,
    messenger_text: String,
    created_at: DateTime<Utc>,
    office_ids: Vec<Uuid>,
    office_names: Vec<String>,
    office_modes: Vec<String>,
}

impl TryFrom<BoardRow> for WidgetOnBoard {
    type Error = Error;

    fn try_from(row: BoardRow) -> Result<Self, Error> {
        let office = |((id, name), mode): ((&Uuid, &String), &String)| {
            Ok(OfficeMode {
                office_id: OfficeId(*id),
                name: RowOf("offices", *id).parse("name", name)?,
                mode: mode_of(mode, *id)?,
            })
        };
        let offices = row
            .office_ids
            .iter()
            .zip(&row.office_names)
            .zip(&row.office_modes);
        let offices = offices.map(office).collect::<Result<_, Error>>()?;
        let widget = WidgetRow {
            widget_id: row.widget_id,
            key: row.key,
            name: row.name,
            allowed_domains: row.allowed_domains,
            messenger_text: row.messenger_text,
            created_at: row.created_at,
            office_ids: row.office_ids,
        };
        Ok(Self {
            tenant_id: TenantId(row.tenant_id),
            widget: widget.try_into()?,
            offices,
        })
    }
}

impl TenantTx {
    /// Finds a widget that is not archived.
    ///
    /// # Errors
    /// As every read: `Unavailable`, `Query`, `Inconsistency`.
    pub async fn find_widget(&mut self, id: WidgetId) -> Result<Option<Widget>, Error> {
        let tenant_id = self.tenant();
        let row = sqlx::query_as!(
            WidgetRow,
            r#"select w.widget_id, w.key, w.name, w.allowed_domains, w.messenger_text, w.created_at,
                 array(select o.office_id from widget_offices o
                       where o.tenant_id = w.tenant_id and o.widget_id = w.widget_id
                       order by o.place) as "office_ids!"
             from widgets w
             where w.tenant_id = $1 and w.widget_id = $2 and w.archived_at is null"#,
            tenant_id,
            id.0,
        )
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
        let rows = sqlx::query_as!(
            WidgetRow,
            r#"select w.widget_id, w.key, w.name, w.allowed_domains, w.messenger_text, w.created_at,
                 array(select o.office_id from widget_offices o
                       where o.tenant_id = w.tenant_id and o.widget_id = w.widget_id
                       order by o.place) as "office_ids!"
             from widgets w
             where w.tenant_id = $1 and ($2::uuid is null or w.widget_id > $2) and w.archived_at is null
             order by w.widget_id
             limit $3"#,
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
        let rows = sqlx::query_as!(
            BoardRow,
            r#"select w.tenant_id, w.widget_id, w.key, w.name, w.allowed_domains, w.messenger_text, w.created_at,
                 coalesce(o.ids, '{}') as "office_ids!",
                 coalesce(o.names, '{}') as "office_names!",
                 coalesce(o.modes, '{}') as "office_modes!"
             from widgets w
             left join (
                 select p.tenant_id, p.widget_id, array_agg(o.office_id order by p.place) as ids,
                     array_agg(o.name order by p.place) as names, array_agg(o.mode order by p.place) as modes
                 from widget_offices p
                 join offices o on o.tenant_id = p.tenant_id and o.office_id = p.office_id
                 group by p.tenant_id, p.widget_id
             ) o on o.tenant_id = w.tenant_id and o.widget_id = w.widget_id
             where w.archived_at is null"#,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(WidgetOnBoard::try_from).collect()
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
