//! Widgets.

use crate::domain::{Widget, WidgetId};

use super::super::effect::{EventKind, SetupEvent};
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
        self.state.widgets.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::WidgetArchived(id)));
        Ok(Reply::Done)
    }

    fn check_widget(&self, widget: &Widget) -> Result<(), Refusal> {
        let known = |id| self.state.offices.contains_key(id);
        let all_known = widget.office_ids.iter().all(known);
        all_known.then_some(()).ok_or(Refusal::UnknownOffice)
    }
}
