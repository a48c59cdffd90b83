//! A row for each kind of thing that is set up: what it is made of, changed to, and what is wrong with it.

use serde_json::{Value, json};

use super::hours;
use crate::support::{PASSWORD, Tenant};

/// One kind.
pub(super) struct Kind {
    pub(super) folder: &'static str,
    /// The least that makes one.
    pub(super) least: Value,
    /// A patch of every field, and what is shown of it then.
    pub(super) patch: Value,
    pub(super) patched: Value,
    /// A body in which every field is wrong, for `POST` and `PATCH` alike, with the faults.
    pub(super) bad: Value,
    pub(super) faults: &'static [&'static str],
}

/// What the kinds name of each other.
struct Named {
    office: String,
    skill: String,
    disposition: String,
    pause: String,
    queue: String,
    agent: String,
    widget: String,
}

impl Named {
    async fn of(tenant: &Tenant) -> Self {
        let make = async |folder: &str, body: Value| {
            let made = tenant.owner.post(folder, body).await.ok();
            made["id"].as_str().unwrap().to_owned()
        };
        let me = tenant.owner.get("/v1/me").await.ok();
        let widgets = tenant.owner.get("/v1/widgets").await.ok();
        Self {
            office: tenant.office_id.clone(),
            skill: make("/v1/skills", json!({"name": "Czech"})).await,
            disposition: make("/v1/dispositions", json!({"name": "Sold"})).await,
            pause: make("/v1/pauses", json!({"name": "Missed", "paid": false})).await,
            queue: tenant.queue_id.clone(),
            agent: me["id"].as_str().unwrap().to_owned(),
            widget: widgets["data"][0]["id"].as_str().unwrap().to_owned(),
        }
    }
}

pub(super) async fn kinds(tenant: &Tenant) -> Vec<Kind> {
    let named = Named::of(tenant).await;
    vec![
        office(),
        agent(&named),
        queue(&named),
        widget(&named),
        status(),
        pause(),
        template(&tenant.office_id),
        mark(),
        skill(),
        disposition(),
        routing_rule(&named),
    ]
}

fn office() -> Kind {
    let patch = json!({
        "name": "Night", "when_not_live": "hidden", "when_busy": "messenger",
        "hours": hours("22:00", "06:00"), "inactivity": {"away_after_s": 600},
    });
    let mut patched = patch.clone();
    patched["inactivity"]["offline_after_s"] = Value::Null;
    Kind {
        folder: "/v1/offices",
        least: json!({"name": "Sales"}),
        patch,
        patched,
        bad: json!({
            "name": "", "when_not_live": "live", "when_busy": "hidden",
            "hours": {"time_zone": "Europe/Nowhere", "weekly": [
                {"day": "monday", "opens": "18:00", "closes": "18:00"},
                {"day": "moonday", "opens": "8", "closes": 9},
            ]},
            "inactivity": {"away_after_s": 59, "offline_after_s": 86_401, "resume": true},
            "mode": "live",
        }),
        faults: &[
            "/hours/time_zone bad_format",
            "/hours/weekly/0/closes bad_format",
            "/hours/weekly/1/closes wrong_type",
            "/hours/weekly/1/day unknown_value",
            "/hours/weekly/1/opens bad_format",
            "/inactivity/away_after_s out_of_range",
            "/inactivity/offline_after_s out_of_range",
            "/inactivity/resume unknown_field",
            "/mode unknown_field",
            "/name too_short",
            "/when_busy unknown_value",
            "/when_not_live unknown_value",
        ],
    }
}

fn agent(named: &Named) -> Kind {
    let patch = json!({
        "name": "Anna", "public_name": "A.", "picture_url": "https://img.example/a.png",
        "email": "anna@test.example", "role": "supervisor", "capacity": 7, "capacity_max": 9, "auto_accept": true,
        "skills": [{"skill_id": named.skill, "level": 3}], "office_ids": [named.office],
        "hours": hours("08:00", "16:00"), "inactivity": {"away_after_s": 60, "offline_after_s": 86_400},
        "offers_when_invisible_after_s": 3600, "seat": "assigned",
    });
    Kind {
        folder: "/v1/agents",
        least: json!({"name": "Ana", "email": "ana@test.example", "password": PASSWORD}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "x".repeat(101), "public_name": "", "picture_url": "http://img.example/a.png",
            "email": "nobody", "password": "short", "role": "king", "capacity": 101, "capacity_max": 0, "auto_accept": 1, "skills": [{"level": 0}],
            "office_ids": ["x", 1], "hours": {"weekly": []},
            "inactivity": {"away_after_s": "60"}, "offers_when_invisible_after_s": 4, "seat": "none",
            "status": "online",
        }),
        faults: &[
            "/auto_accept wrong_type",
            "/capacity out_of_range",
            "/capacity_max out_of_range",
            "/email bad_format",
            "/hours/time_zone required",
            "/inactivity/away_after_s wrong_type",
            "/name too_long",
            "/offers_when_invisible_after_s out_of_range",
            "/office_ids/0 bad_format",
            "/office_ids/1 wrong_type",
            "/password too_short",
            "/picture_url bad_format",
            "/public_name too_short",
            "/role unknown_value",
            "/seat unknown_value",
            "/skills/0/level out_of_range",
            "/skills/0/skill_id required",
            "/status unknown_field",
        ],
    }
}

fn queue(named: &Named) -> Kind {
    let patch = json!({
        "name": "Night", "strategy": "priority_tiers",
        "required_skills": [{"skill_id": named.skill, "level": 10}], "priority": 10, "ageing_s": 1,
        "ring_timeout_s": null, "round_pause_s": 600, "auto_accept": true,
        "on_missed_offer": {"pause_id": named.pause}, "missed_offers_before": 100,
        "prefer_last_agent_for_s": 86_400, "first_reply_within_s": 5,
        "external_url_template": "https://crm.example/{{chat.id}}?mail={{visitor.email}}", "max_waiting": 10_000,
        "reopen_at": 9_999, "max_wait_s": 86_400, "overflow": {"queue_id": named.queue},
        "hours": hours("08:00", "16:00"), "disposition_ids": [named.disposition],
        "disposition_required": false, "several_dispositions": true, "wrap_up_s": 3600,
        "idle_warning_s": 10, "idle_close_s": 604_800, "reopen_within_s": 2_592_000,
        "reminder": {"after_s": 5}, "waiting_target_s": 1, "first_reply_target_s": 86_400,
        "member_ids": [named.agent],
    });
    Kind {
        folder: "/v1/queues",
        least: json!({"name": "Sales", "office_id": named.office}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": 1, "strategy": "random", "required_skills": {}, "priority": 11, "ageing_s": 0,
            "ring_timeout_s": 601, "round_pause_s": 0, "auto_accept": "no", "on_missed_offer": "gone",
            "missed_offers_before": 0, "prefer_last_agent_for_s": 0, "first_reply_within_s": 4,
            "external_url_template": "https://{{visitor.name}}.example/{{visitor.nam}}",
            "max_waiting": 10_001, "reopen_at": 0, "max_wait_s": 4, "overflow": {"queue": "x"},
            "hours": 1, "disposition_ids": ["x"], "disposition_required": 1,
            "several_dispositions": 1, "wrap_up_s": 3601, "idle_warning_s": 9, "idle_close_s": 604_801,
            "reopen_within_s": 59, "reminder": {"after_s": 4}, "waiting_target_s": 0,
            "first_reply_target_s": 86_401, "member_ids": "all", "colour": "red",
        }),
        faults: &[
            "/ageing_s out_of_range",
            "/auto_accept wrong_type",
            "/colour unknown_field",
            "/disposition_ids/0 bad_format",
            "/disposition_required wrong_type",
            "/external_url_template bad_format",
            "/external_url_template unknown_placeholder",
            "/first_reply_target_s out_of_range",
            "/first_reply_within_s out_of_range",
            "/hours wrong_type",
            "/idle_close_s out_of_range",
            "/idle_warning_s out_of_range",
            "/max_wait_s out_of_range",
            "/max_waiting out_of_range",
            "/member_ids wrong_type",
            "/missed_offers_before out_of_range",
            "/name wrong_type",
            "/on_missed_offer unknown_value",
            "/overflow/queue unknown_field",
            "/overflow/queue_id required",
            "/prefer_last_agent_for_s out_of_range",
            "/priority out_of_range",
            "/reminder/after_s out_of_range",
            "/reopen_at out_of_range",
            "/reopen_within_s out_of_range",
            "/required_skills wrong_type",
            "/ring_timeout_s out_of_range",
            "/round_pause_s out_of_range",
            "/several_dispositions wrong_type",
            "/strategy unknown_value",
            "/waiting_target_s out_of_range",
            "/wrap_up_s out_of_range",
        ],
    }
}

fn widget(named: &Named) -> Kind {
    let patch = json!({
        "name": "Shop", "office_ids": [named.office], "allowed_domains": ["example.com"],
        "messenger_text": "Write to us", "agent_id": named.agent,
        "form": [{
            "name": "plan", "label": "Plan", "kind": "choice", "required": true, "choices": ["gold", "tin"],
            "max_length": 10,
        }],
    });
    Kind {
        folder: "/v1/widgets",
        least: json!({"name": "Site", "office_ids": [named.office]}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "", "office_ids": [], "allowed_domains": ["http://x/", "a.example", "A.example"],
            "messenger_text": "x".repeat(501), "agent_id": "x", "key": "wk_1",
            "form": [{"name": "", "kind": "date", "required": 1, "max_length": 1001, "size": 3}],
        }),
        faults: &[
            "/agent_id bad_format",
            "/allowed_domains/0 bad_format",
            "/allowed_domains/2 duplicate",
            "/form/0/kind unknown_value",
            "/form/0/label required",
            "/form/0/max_length out_of_range",
            "/form/0/name too_short",
            "/form/0/required wrong_type",
            "/form/0/size unknown_field",
            "/key unknown_field",
            "/messenger_text too_long",
            "/name too_short",
            "/office_ids too_short",
        ],
    }
}

fn status() -> Kind {
    let patch = json!({
        "name": "Training", "base": "away", "handles_chats": false, "paid": false,
        "color": "#2e7d32", "sort_order": -1000, "longest_a_day_s": 86_400,
    });
    Kind {
        folder: "/v1/statuses",
        least: json!({"name": "Mail", "base": "online"}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "", "base": "busy", "handles_chats": 1, "paid": "no", "color": "green",
            "sort_order": 1001, "longest_a_day_s": 59, "icon": "x",
        }),
        faults: &[
            "/base unknown_value",
            "/color bad_format",
            "/handles_chats wrong_type",
            "/icon unknown_field",
            "/longest_a_day_s out_of_range",
            "/name too_short",
            "/paid wrong_type",
            "/sort_order out_of_range",
        ],
    }
}

fn pause() -> Kind {
    let patch = json!({
        "name": "Lunch", "paid": false, "longest_s": 60, "on_overrun": "end", "sort_order": 1000,
    });
    Kind {
        folder: "/v1/pauses",
        least: json!({"name": "Break", "paid": true}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "x".repeat(101), "paid": "yes", "longest_s": 86_401, "on_overrun": "stop",
            "sort_order": -1001, "color": "#000000",
        }),
        faults: &[
            "/color unknown_field",
            "/longest_s out_of_range",
            "/name too_long",
            "/on_overrun unknown_value",
            "/paid wrong_type",
            "/sort_order out_of_range",
        ],
    }
}

fn template(office_id: &str) -> Kind {
    let patch = json!({
        "name": "Bye", "shortcut": "Bye-1", "text": "Bye {{visitor.name|then}}",
        "office_ids": [office_id], "sort_order": 1000,
    });
    Kind {
        folder: "/v1/templates",
        least: json!({"name": "Hello", "text": "Hello"}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "", "shortcut": "two words", "text": "Hi {{visitor.nam}}, {{agent.name",
            "office_ids": ["x"], "sort_order": 1001, "body": "x",
        }),
        faults: &[
            "/body unknown_field",
            "/name too_short",
            "/office_ids/0 bad_format",
            "/shortcut bad_format",
            "/sort_order out_of_range",
            "/text bad_format",
            "/text unknown_placeholder",
        ],
    }
}

fn skill() -> Kind {
    let patch = json!({"name": "German"});
    Kind {
        folder: "/v1/skills",
        least: json!({"name": "English"}),
        patched: patch.clone(),
        patch,
        bad: json!({"name": "", "level": 3}),
        faults: &["/level unknown_field", "/name too_short"],
    }
}

fn disposition() -> Kind {
    let patch = json!({"name": "Lost", "sort_order": 1000});
    Kind {
        folder: "/v1/dispositions",
        least: json!({"name": "Asked"}),
        patched: patch.clone(),
        patch,
        bad: json!({"name": 7, "sort_order": -1001, "color": "#000000"}),
        faults: &[
            "/color unknown_field",
            "/name wrong_type",
            "/sort_order out_of_range",
        ],
    }
}

fn mark() -> Kind {
    let patch = json!({"name": "Refund", "color": "#2e7d32"});
    Kind {
        folder: "/v1/tags",
        least: json!({"name": "Delivery"}),
        patched: patch.clone(),
        patch,
        bad: json!({"name": "x".repeat(101), "color": "#12345", "text": "x"}),
        faults: &["/color bad_format", "/name too_long", "/text unknown_field"],
    }
}

fn routing_rule(named: &Named) -> Kind {
    let patch = json!({
        "name": "Czech", "enabled": false, "sort_order": 1_000_000, "queue_id": named.queue,
        "priority": 10, "agent_ids": [named.agent],
        "conditions": {
            "url_matches": ["https://*/cz/*"], "languages": ["cs"], "countries": ["CZ"],
            "contact": [{"field": "email", "contains": "@shop."}, {"field": "plan", "equals": "gold"}],
            "hours": hours("08:00", "16:00"), "widget_ids": [named.widget],
            "office_ids": [named.office],
        },
    });
    Kind {
        folder: "/v1/routing-rules",
        least: json!({"name": "All"}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "", "enabled": "yes", "sort_order": -1, "queue_id": "x", "priority": 11,
            "agent_ids": ["x"], "colour": 1,
            "conditions": {
                "url_matches": [""], "languages": ["cs-CZ"], "countries": ["CZE"],
                "contact": [{"field": "a"}, {"field": "b", "equals": "c", "contains": "d"}, {"equals": ""}],
                "hours": 1, "widget_ids": [1], "office_ids": "all", "weather": "rain",
            },
        }),
        faults: &[
            "/agent_ids/0 bad_format",
            "/colour unknown_field",
            "/conditions/contact/0/equals required",
            "/conditions/contact/1/contains duplicate",
            "/conditions/contact/2/equals too_short",
            "/conditions/contact/2/field required",
            "/conditions/countries/0 bad_format",
            "/conditions/hours wrong_type",
            "/conditions/languages/0 bad_format",
            "/conditions/office_ids wrong_type",
            "/conditions/url_matches/0 too_short",
            "/conditions/weather unknown_field",
            "/conditions/widget_ids/0 wrong_type",
            "/enabled wrong_type",
            "/name too_short",
            "/priority out_of_range",
            "/queue_id bad_format",
            "/sort_order out_of_range",
        ],
    }
}
