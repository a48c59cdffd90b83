//! Routing rules and forms (ROUTE-1, AVAIL-4).

use std::sync::Arc;

use deskbell::domain::{
    AnswerFault, AnswerFaultKind, ChatId, Comparison, Contact, ContactFields, ContactId,
    ContactTest, FieldKind, FormField, Landing, OfficeId, Priority, RoutingAction,
    RoutingConditions, RoutingRule, RoutingRuleId, WhenNotLive, WidgetId,
};
use deskbell::engine::{
    Command, FieldFault, LeaveMessage, Refusal, SetupCommand, StartChat, Use, VisitorCommand,
};
use uuid::Uuid;

use crate::scenario::{Scenario, Units, hours};

/// Two queues: Ana is in the first, Cyril, who speaks Czech, in the second.
fn office() -> Scenario {
    Scenario::office("support")
        .people(["ana", "cyril"])
        .queue("general", "support", ["ana"])
        .queue("czech", "support", ["cyril"])
        .all_available()
}

fn rule(s: &Scenario, number: u128, queue: &str) -> RoutingRule {
    RoutingRule {
        id: RoutingRuleId(Uuid::from_u128(number)),
        name: "A rule".parse().unwrap(),
        enabled: true,
        sort_order: RoutingRule::SORT_ORDER,
        conditions: RoutingConditions::default(),
        action: RoutingAction {
            queue_id: Some(s.queue_id(queue)),
            ..RoutingAction::default()
        },
        created_at: s.now,
        version: 1,
    }
}

fn add(s: &mut Scenario, rule: RoutingRule) {
    s.set_up(SetupCommand::CreateRoutingRule(Box::new(rule)));
    s.forget_log();
}

/// Starts a chat, and says in which queue it is.
fn start(s: &mut Scenario, visitor: &str, landing: Landing, field: (&str, &str)) -> String {
    let mut contact = Contact {
        id: ContactId(Uuid::from_u128(900)),
        name: None,
        email: Some("vic@shop.example".parse().unwrap()),
        fields: ContactFields::default(),
    };
    contact.fields.insert(field.0, field.1).unwrap();
    s.visitor(visitor).starts_from(landing, Arc::new(contact));
    let queue = s.expect_queued(visitor).queue_id.unwrap();
    s.forget_log();
    s.name_of(queue.0)
}

fn from_page(url: &str) -> Landing {
    Landing {
        url: Some(url.parse().unwrap()),
        ..Landing::default()
    }
}

fn test(field: &str, test: Comparison) -> ContactTest {
    ContactTest {
        field: field.parse().unwrap(),
        test,
    }
}

type Change = fn(&mut RoutingConditions);
type Cases = Vec<(Landing, (&'static str, &'static str), &'static str)>;

#[test]
fn route_01_each_condition_is_asked_and_what_is_not_known_does_not_fit() {
    let language = |text: &str| Landing {
        language: Some(text.parse().unwrap()),
        ..Landing::default()
    };
    let country = |text: &str| Landing {
        country: Some(text.parse().unwrap()),
        ..Landing::default()
    };
    let none = Landing::default;
    let plan = ("plan", "gold");
    let rows: [(Change, Cases); 4] = [
        (
            |asked| asked.url_matches = vec!["https://shop.example/cz/*".parse().unwrap()],
            vec![
                (from_page("https://SHOP.example/cz/a"), plan, "czech"),
                (from_page("https://shop.example/de/a"), plan, "general"),
                (none(), plan, "general"),
            ],
        ),
        (
            |asked| asked.languages = ["cs".parse().unwrap()].into(),
            vec![
                (language("cs-CZ"), plan, "czech"),
                (language("de"), plan, "general"),
                (none(), plan, "general"),
            ],
        ),
        (
            |asked| asked.countries = ["CZ".parse().unwrap()].into(),
            vec![
                (country("cz"), plan, "czech"),
                (country("AT"), plan, "general"),
                (none(), plan, "general"),
            ],
        ),
        (
            |asked| {
                let gold = Comparison::Equals("GOLD".parse().unwrap());
                let shop = Comparison::Contains("@shop.".parse().unwrap());
                asked.contact = vec![test("plan", gold), test("email", shop)];
            },
            vec![
                (none(), ("plan", "Gold"), "czech"),
                (none(), ("plan", "golden"), "general"),
                (none(), ("other", "gold"), "general"),
            ],
        ),
    ];
    for (change, cases) in rows {
        for (landing, field, expected) in cases {
            let mut s = office();
            let mut rule = rule(&s, 1, "czech");
            change(&mut rule.conditions);
            add(&mut s, rule);

            assert_eq!(start(&mut s, "v1", landing, field), expected);
        }
    }
}

#[test]
fn route_01_the_first_rule_that_fits_wins_and_one_that_is_off_never() {
    let mut s = office();
    let mut off = rule(&s, 1, "czech");
    (off.enabled, off.sort_order) = (false, 0);
    let mut late = rule(&s, 2, "czech");
    late.sort_order = 7;
    let mut soon = rule(&s, 3, "general");
    soon.sort_order = 6;
    for rule in [off, late, soon] {
        add(&mut s, rule);
    }

    let queue = start(&mut s, "v1", Landing::default(), ("a", "b"));

    assert_eq!(queue, "general");
    let chat = s.engine.durable().chats.remove(0);
    let by = chat.routing.entry.unwrap().rule_id;
    assert_eq!(by, Some(RoutingRuleId(Uuid::from_u128(3))));
}

#[test]
fn route_01_of_rules_of_one_order_the_older_wins() {
    let mut s = office();
    let older = rule(&s, 2, "czech");
    let mut younger = rule(&s, 1, "general");
    younger.created_at = s.now + 1.secs();
    for rule in [younger, older] {
        add(&mut s, rule);
    }

    let queue = start(&mut s, "v1", Landing::default(), ("a", "b"));

    assert_eq!(queue, "czech");
}

#[test]
fn route_01_a_rule_never_leads_nowhere() {
    let mut s = Scenario::office("support")
        .people(["ana", "cyril"])
        .queue_settings(|queue| queue.max_waiting = 1)
        .and_office("away", WhenNotLive::Messenger)
        .queue("deserted", "away", ["cyril"])
        .queue("general", "support", ["ana"])
        .queue("small", "support", ["ana"])
        .queue("closed", "support", ["ana"])
        .capacity(1);
    s.agent("ana").comes_online();
    s.forget_log();
    s.changes_queue("general", |queue| queue.max_waiting = 10);
    s.changes_queue("closed", |queue| {
        queue.hours = Some(hours(&["20:00-21:00"]));
    });
    for (number, queue) in [(1, "deserted"), (2, "small"), (3, "closed")] {
        let rule = rule(&s, number, queue);
        add(&mut s, rule);
    }
    // Four are Ana's to answer; the fifth waits in the small queue, and fills it.
    let landing = Landing::default;
    let mut queues = Vec::new();
    for visitor in ["v1", "v2"] {
        queues.push(start(&mut s, visitor, landing(), ("a", "b")));
    }

    assert_eq!(queues, ["small", "general"]);
}

#[test]
fn route_01_a_rule_only_within_hours_begins_and_ends_with_them() {
    let mut s = office();
    let mut rule = rule(&s, 1, "czech");
    rule.conditions.hours = Some(hours(&["09:00-10:00"]));
    add(&mut s, rule);
    let landing = Landing::default;

    let within = start(&mut s, "v1", landing(), ("a", "b"));
    s.wait((60 * 60).secs());
    s.forget_log();
    let after = start(&mut s, "v2", landing(), ("a", "b"));

    assert_eq!((&*within, &*after), ("czech", "general"));
}

#[test]
fn route_01_a_rule_keeps_a_chat_for_a_group_and_says_how_urgent_it_is() {
    let mut s = office();
    let mut rule = rule(&s, 1, "general");
    rule.action.queue_id = None;
    rule.action.priority = Some(Priority::MAX);
    rule.action.agent_ids = [s.agent_id("cyril")].into();
    add(&mut s, rule);

    s.visitor("v1").starts_chat();

    // He is no member of the queue that the chat entered.
    s.expect_offer("v1").to("cyril");
    let chat = s.engine.durable().chats.remove(0);
    assert_eq!(chat.queue_id, Some(s.queue_id("general")));
    assert_eq!(chat.routing.priority, Priority::MAX);
}

#[test]
fn route_01_who_chooses_a_queue_is_asked_no_rule() {
    let mut s = office();
    let rule = rule(&s, 1, "czech");
    add(&mut s, rule);

    s.visitor("v1").asks_for(None, Some("general"));

    let chat = s.expect_queued("v1");
    assert_eq!(chat.queue_id, Some(s.queue_id("general")));
    s.expect_offer("v1").to("ana");
}

#[test]
fn what_a_rule_names_stays_but_for_agents() {
    let mut s = office();
    let mut rule = rule(&s, 1, "czech");
    rule.action.agent_ids = [s.agent_id("ana"), s.agent_id("cyril")].into();
    rule.conditions.office_ids = [s.office_id("support")].into();
    add(&mut s, rule);

    s.archives_queue("czech");
    s.expect_refused(Refusal::InUse(Use::RoutingRule));
    s.archives_agent("ana");
    s.forget_log();

    let kept = s.engine.durable().routing_rules.remove(0);
    assert_eq!(kept.action.agent_ids, [s.agent_id("cyril")].into());
    assert_eq!(kept.version, 2);
}

#[test]
fn avail_04_the_form_of_a_widget_is_checked_when_a_chat_starts_and_when_a_message_is_left() {
    let mut s = office();
    let SetupCommand::CreateWidget(mut widget) = s.new_widget("shop", &["support"]) else {
        unreachable!()
    };
    widget.form = vec![FormField {
        name: "order".parse().unwrap(),
        label: "Order".parse().unwrap(),
        kind: FieldKind::Text,
        required: true,
        choices: Vec::new(),
        max_length: 10,
    }];
    let widget_id: WidgetId = widget.id;
    s.set_up(SetupCommand::CreateWidget(widget));
    s.forget_log();
    let contact = |order: Option<&str>| {
        let mut fields = ContactFields::default();
        if let Some(order) = order {
            fields.insert("order", order).unwrap();
        }
        Arc::new(Contact {
            id: ContactId(Uuid::from_u128(900)),
            name: Some("Vic".parse().unwrap()),
            email: Some("vic@shop.example".parse().unwrap()),
            fields,
        })
    };
    let ask = |s: &mut Scenario, number: u128, contact: Arc<Contact>, live: bool| {
        let command = if live {
            VisitorCommand::Start(Box::new(StartChat {
                widget_id,
                office_id: None,
                queue_id: None,
                contact,
                known: None,
                assigned: Vec::new(),
                last_agent_id: None,
                landing: Landing::default(),
                message: None,
            }))
        } else {
            VisitorCommand::LeaveMessage(Box::new(LeaveMessage {
                widget_id,
                office_id: None::<OfficeId>,
                contact,
                message: ("m1".parse().unwrap(), "Hello".parse().unwrap()),
            }))
        };
        s.does(Command::Visitor {
            visitor_id: deskbell::domain::VisitorId(Uuid::from_u128(900)),
            chat_id: ChatId(Uuid::from_u128(number)),
            source: None,
            command,
        });
    };

    for (number, live) in [(901, true), (902, false)] {
        ask(&mut s, number, contact(None), live);
        s.expect_refused(Refusal::BadFields(vec![FieldFault::Answer(AnswerFault {
            name: "order".parse().unwrap(),
            kind: AnswerFaultKind::Missing,
        })]));
        ask(&mut s, number, contact(Some("12")), live);
        s.forget_log();
    }

    assert_eq!(s.engine.durable().chats.len(), 1);
}
