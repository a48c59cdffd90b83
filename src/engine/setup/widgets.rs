//! Widgets.

use crate::domain::{AgentId, Widget, WidgetId};

use super::super::effect::{EventKind, SetupEvent};
use super::super::fields::{refuse, unknown};
use super::super::refusal::{FieldFault, Reference};
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_widget(&mut self, widget: Widget) -> Result<Reply, Refusal> {
        self.check_room(self.state.widgets.len())?;
        refuse(self.state.widget_faults(&widget))?;
        self.state
            .widgets
            .insert(widget.id, Box::new(widget.clone()));
        self.emit(EventKind::Setup(SetupEvent::WidgetCreated(widget.clone())));
        Ok(Reply::Widget(widget))
    }

    /// Changes a widget; its key stays, because pages name it.
    pub(super) fn update_widget(&mut self, new: Widget) -> Result<Reply, Refusal> {
        let widget = self.state.widgets.get(&new.id);
        let widget = widget.ok_or(Refusal::UnknownWidget)?;
        check_version(widget.version, Some(new.version))?;
        refuse(self.state.widget_faults(&new))?;
        let new = Widget {
            version: new.version + 1,
            key: widget.key.clone(),
            ..new
        };
        self.state.widgets.insert(new.id, Box::new(new.clone()));
        self.emit(EventKind::Setup(SetupEvent::WidgetChanged(new.clone())));
        Ok(Reply::Widget(new))
    }

    /// From now on its key is unknown; the chats that came through it go on.
    pub(super) fn archive_widget(
        &mut self,
        id: WidgetId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let widget = self.state.widgets.get(&id).ok_or(Refusal::UnknownWidget)?;
        check_version(widget.version, version)?;
        self.state.check_no_rule_for_widget(id)?;
        self.state.widgets.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::WidgetArchived(id)));
        Ok(Reply::Done)
    }

    /// Widgets whose chats were kept for an agent keep them for nobody any more.
    pub(super) fn take_from_widgets(&mut self, agent_id: AgentId) {
        let widgets = self.state.widgets.values_mut();
        let kept = widgets.filter(|widget| widget.agent_id == Some(agent_id));
        let changed: Vec<Widget> = kept
            .map(|widget| {
                widget.agent_id = None;
                widget.version += 1;
                (**widget).clone()
            })
            .collect();
        for widget in changed {
            self.emit(EventKind::Setup(SetupEvent::WidgetChanged(widget)));
        }
    }
}

impl State {
    /// What is wrong with a widget: offices and an agent that are not there.
    pub(in super::super) fn widget_faults(&self, widget: &Widget) -> Vec<FieldFault> {
        let offices = unknown(Reference::Offices, &widget.office_ids, |id| {
            self.offices.contains_key(id)
        });
        let agent = unknown(Reference::WidgetAgent, &widget.agent_id, |id| {
            self.agents.contains_key(id)
        });
        offices.chain(agent).collect()
    }
}
