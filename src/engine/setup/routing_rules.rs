//! Routing rules (ROUTE-1).

use crate::domain::{
    AgentId, OfficeId, QueueId, ROUTING_RULES_MAX, RoutingRule, RoutingRuleId, WidgetId,
};

use super::super::effect::{EventKind, SetupEvent};
use super::super::fields::{refuse, unknown};
use super::super::refusal::{FieldFault, Reference, Use};
use super::super::state::State;
use super::super::turn::Turn;
use super::super::{Refusal, Reply};
use super::check_version;

impl Turn<'_> {
    pub(super) fn create_routing_rule(&mut self, rule: RoutingRule) -> Result<Reply, Refusal> {
        if self.state.routing_rules.len() >= ROUTING_RULES_MAX {
            return Err(Refusal::LimitReached);
        }
        refuse(self.state.routing_rule_faults(&rule))?;
        let rule = Box::new(rule);
        self.state.routing_rules.insert(rule.id, rule.clone());
        self.emit(EventKind::Setup(SetupEvent::RoutingRuleCreated(
            rule.clone(),
        )));
        Ok(Reply::RoutingRule(rule))
    }

    pub(super) fn update_routing_rule(&mut self, new: RoutingRule) -> Result<Reply, Refusal> {
        let before = self.state.routing_rules.get(&new.id);
        let before = before.ok_or(Refusal::UnknownRoutingRule)?;
        check_version(before.version, Some(new.version))?;
        refuse(self.state.routing_rule_faults(&new))?;
        let version = new.version + 1;
        Ok(self.put_routing_rule(RoutingRule { version, ..new }))
    }

    fn put_routing_rule(&mut self, rule: RoutingRule) -> Reply {
        let rule = Box::new(rule);
        self.state.routing_rules.insert(rule.id, rule.clone());
        self.emit(EventKind::Setup(SetupEvent::RoutingRuleChanged(
            rule.clone(),
        )));
        Reply::RoutingRule(rule)
    }

    pub(super) fn archive_routing_rule(
        &mut self,
        id: RoutingRuleId,
        version: Option<i64>,
    ) -> Result<Reply, Refusal> {
        let rule = self.state.routing_rules.get(&id);
        check_version(rule.ok_or(Refusal::UnknownRoutingRule)?.version, version)?;
        self.state.routing_rules.remove(&id);
        self.emit(EventKind::Setup(SetupEvent::RoutingRuleArchived(id)));
        Ok(Reply::Done)
    }

    /// Rules that kept chats for an agent keep them for the others of it, if there are any.
    pub(super) fn take_from_routing_rules(&mut self, agent_id: AgentId) {
        let rules = self.state.routing_rules.values();
        let naming = rules.filter(|rule| rule.action.agent_ids.contains(&agent_id));
        let naming: Vec<RoutingRule> = naming.map(|rule| (**rule).clone()).collect();
        for mut rule in naming {
            rule.action.agent_ids.remove(&agent_id);
            rule.version += 1;
            self.put_routing_rule(rule);
        }
    }
}

impl State {
    /// Refuses to let go of a queue that a rule sends chats to.
    pub(super) fn check_no_rule_for_queue(&self, id: QueueId) -> Result<(), Refusal> {
        self.check_no_rule(|rule| rule.action.queue_id == Some(id))
    }

    /// Refuses to let go of a widget that a rule asks for: without it, the rule would ask for any.
    pub(super) fn check_no_rule_for_widget(&self, id: WidgetId) -> Result<(), Refusal> {
        self.check_no_rule(|rule| rule.conditions.widget_ids.contains(&id))
    }

    /// Refuses to let go of an office that a rule asks for.
    pub(super) fn check_no_rule_for_office(&self, id: OfficeId) -> Result<(), Refusal> {
        self.check_no_rule(|rule| rule.conditions.office_ids.contains(&id))
    }

    fn check_no_rule(&self, names: impl Fn(&RoutingRule) -> bool) -> Result<(), Refusal> {
        if self.routing_rules.values().any(|rule| names(rule)) {
            Err(Refusal::InUse(Use::RoutingRule))
        } else {
            Ok(())
        }
    }

    /// What is wrong with a rule: what it names and is not there.
    pub(in super::super) fn routing_rule_faults(&self, rule: &RoutingRule) -> Vec<FieldFault> {
        let (action, asked) = (&rule.action, &rule.conditions);
        let queue = unknown(Reference::RuleQueue, &action.queue_id, |id| {
            self.queues.contains_key(id)
        });
        let agents = unknown(Reference::RuleAgent, &action.agent_ids, |id| {
            self.agents.contains_key(id)
        });
        let widgets = unknown(Reference::RuleWidget, &asked.widget_ids, |id| {
            self.widgets.contains_key(id)
        });
        let offices = unknown(Reference::RuleOffice, &asked.office_ids, |id| {
            self.offices.contains_key(id)
        });
        queue.chain(agents).chain(widgets).chain(offices).collect()
    }
}
