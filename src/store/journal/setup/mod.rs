//! What the events of a batch set up, written in their order. It is rare, so each event is a statement or two of its
//! own.
//!
//! An event carries the whole thing, so adding and changing are one upsert. It only goes forward: a version that is
//! not newer than the stored one touches no row, which is a fault of the code and refuses the batch.

mod agents;
mod bans;
mod offices;
mod queues;
mod routing_rules;
mod settings;
mod skills;
mod statuses;
mod widgets;

use sqlx::PgConnection;

use crate::domain::{TenantId, Timestamp};
use crate::engine::{EventKind, SetupEvent};

use super::super::Error;
use super::Batch;

/// Writes what the batches' events create and change, in their order.
pub(super) async fn write(connection: &mut PgConnection, batches: &[&Batch]) -> Result<(), Error> {
    for batch in batches {
        for numbered in &batch.events {
            let event = &numbered.event;
            if let EventKind::Setup(setup) = &event.kind {
                let mut writer = Writer {
                    connection,
                    tenant: batch.tenant_id,
                    at: event.at,
                };
                writer.write(setup).await?;
            }
        }
    }
    Ok(())
}

/// Writes for one tenant, at the instant of one event. Each resource has a file with its part of it.
struct Writer<'c> {
    connection: &'c mut PgConnection,
    tenant: TenantId,
    at: Timestamp,
}

impl Writer<'_> {
    async fn write(&mut self, setup: &SetupEvent) -> Result<(), Error> {
        match setup {
            SetupEvent::SettingsChanged(settings) => self.put_settings(settings).await,
            SetupEvent::OfficeCreated(office) | SetupEvent::OfficeChanged(office) => {
                self.put_office(office).await
            }
            SetupEvent::OfficeArchived(id) => self.archive_office(*id).await,
            SetupEvent::AgentCreated(agent, password) => {
                self.put_agent(agent).await?;
                self.insert_credentials(agent.id, password).await
            }
            SetupEvent::AgentChanged(agent, change) => {
                self.put_agent(agent).await?;
                if let Some(password) = &change.password {
                    self.change_password(agent.id, password).await?;
                }
                self.revoke_sessions(agent.id, change.ended).await
            }
            SetupEvent::AgentArchived(id) => self.archive_agent(*id).await,
            SetupEvent::QueueCreated(view)
            | SetupEvent::QueueChanged(view)
            | SetupEvent::MembersChanged(view) => self.put_queue(view).await,
            SetupEvent::QueueArchived(id) => self.archive_queue(*id).await,
            SetupEvent::WidgetCreated(widget) | SetupEvent::WidgetChanged(widget) => {
                self.put_widget(widget).await
            }
            SetupEvent::WidgetArchived(id) => self.archive_widget(*id).await,
            SetupEvent::StatusCreated(status) | SetupEvent::StatusChanged(status) => {
                self.put_status(status).await
            }
            SetupEvent::StatusArchived(id) => self.archive_status(*id).await,
            SetupEvent::PauseCreated(pause) | SetupEvent::PauseChanged(pause) => {
                self.put_pause(pause).await
            }
            SetupEvent::PauseArchived(id) => self.archive_pause(*id).await,
            SetupEvent::SkillCreated(skill) | SetupEvent::SkillChanged(skill) => {
                self.put_skill(skill).await
            }
            SetupEvent::SkillArchived(id) => self.archive_skill(*id).await,
            SetupEvent::DispositionCreated(found) | SetupEvent::DispositionChanged(found) => {
                self.put_disposition(found).await
            }
            SetupEvent::DispositionArchived(id) => self.archive_disposition(*id).await,
            SetupEvent::RoutingRuleCreated(rule) | SetupEvent::RoutingRuleChanged(rule) => {
                self.put_routing_rule(rule).await
            }
            SetupEvent::RoutingRuleArchived(id) => self.archive_routing_rule(*id).await,
            SetupEvent::BanCreated(ban) => self.insert_ban(ban).await,
            SetupEvent::BanChanged(ban) => self.update_ban(ban).await,
            SetupEvent::BanLifted(id) => self.lift_ban(*id).await,
        }
    }
}
