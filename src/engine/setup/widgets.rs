//! Widgets.

use crate::domain::{AgentId, Contact, Widget, WidgetId, faults_of_answers};

use super::super::effect::{EventKind, SetupEvent};
use super::super::refusal::Reference;
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_widget(&mut self, widget: Widget) -> Result<Reply, Refusal> {
        self.check_room(self.state.widgets.len())?;
        self.check_widget(&widget)?;
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
        self.check_widget(&new)?;
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

    fn check_widget(&self, widget: &Widget) -> Result<(), Refusal> {
        let known = |id| self.state.offices.contains_key(id);
        if !widget.office_ids.iter().all(known) {
            return Err(Refusal::UnknownOffice);
        }
        let known = |id| self.state.agents.contains_key(&id);
        if !widget.agent_id.is_none_or(known) {
            return Err(Refusal::UnknownIds(vec![Reference::WidgetAgent]));
        }
        Ok(())
    }
}

impl State {
    /// Checks what a visitor has answered to the widget's form (AVAIL-4).
    pub(in super::super) fn check_answers(
        &self,
        id: WidgetId,
        contact: &Contact,
    ) -> Result<(), Refusal> {
        let form = self.widgets.get(&id).map(|widget| &*widget.form);
        let faults = faults_of_answers(form.unwrap_or_default(), contact);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Refusal::BadAnswers(faults))
        }
    }
}
