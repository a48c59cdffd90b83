//! Widgets with their offices.

use uuid::Uuid;

use crate::domain::{Widget, WidgetId};
use crate::store::Error;
use crate::store::row::RowOf;
use crate::store::time::to_db;

use super::Writer;

impl Writer<'_> {
    /// The key stays, because pages name it.
    pub(super) async fn put_widget(&mut self, widget: &Widget) -> Result<(), Error> {
        let domains = widget.allowed_domains.iter();
        let domains: Vec<String> = domains.map(|domain| domain.as_str().to_owned()).collect();
        let done = sqlx::query!(
            "insert into widgets (tenant_id, widget_id, key, name, allowed_domains, messenger_text, agent_id,
                 created_at, version, form)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (tenant_id, widget_id) do update set
                 name = excluded.name, allowed_domains = excluded.allowed_domains,
                 messenger_text = excluded.messenger_text, agent_id = excluded.agent_id, created_at = excluded.created_at,
                 version = excluded.version, form = excluded.form
                 where widgets.version < excluded.version and widgets.archived_at is null",
            self.tenant.0,
            widget.id.0,
            widget.key.as_str(),
            widget.name.as_str(),
            &domains,
            widget.messenger_text.as_str(),
            widget.agent_id.map(|id| id.0),
            to_db(widget.created_at),
            widget.version,
            RowOf("widgets", widget.id).to_json("form", &widget.form)?,
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("widgets", widget.id).written("version", &done)?;
        sqlx::query!(
            "delete from widget_offices where tenant_id = $1 and widget_id = $2",
            self.tenant.0,
            widget.id.0,
        )
        .execute(&mut *self.connection)
        .await?;
        let offices: Vec<Uuid> = widget.office_ids.iter().map(|id| id.0).collect();
        sqlx::query!(
            "insert into widget_offices (tenant_id, widget_id, place, office_id)
             select $1, $2, place, office_id
             from unnest($3::uuid[]) with ordinality as o (office_id, place)",
            self.tenant.0,
            widget.id.0,
            &offices,
        )
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    pub(super) async fn archive_widget(&mut self, id: WidgetId) -> Result<(), Error> {
        let done = sqlx::query!(
            "update widgets set archived_at = $3
             where tenant_id = $1 and widget_id = $2 and archived_at is null",
            self.tenant.0,
            id.0,
            to_db(self.at),
        )
        .execute(&mut *self.connection)
        .await?;
        RowOf("widgets", id).written("archived_at", &done)
    }
}
