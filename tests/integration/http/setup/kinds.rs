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

pub(super) fn kinds(tenant: &Tenant) -> Vec<Kind> {
    vec![
        office(),
        agent(&tenant.office_id),
        queue(&tenant.office_id),
        widget(&tenant.office_id),
        status(),
        pause(),
        template(&tenant.office_id),
        mark(),
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

fn agent(office_id: &str) -> Kind {
    let patch = json!({
        "name": "Anna", "public_name": "A.", "picture_url": "https://img.example/a.png",
        "email": "anna@test.example", "role": "supervisor", "capacity": 7, "office_ids": [office_id],
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
            "email": "nobody", "password": "short", "role": "king", "capacity": 101,
            "office_ids": ["x", 1], "hours": {"weekly": []},
            "inactivity": {"away_after_s": "60"}, "offers_when_invisible_after_s": 4, "seat": "none",
            "status": "online",
        }),
        faults: &[
            "/capacity out_of_range",
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
            "/status unknown_field",
        ],
    }
}

fn queue(office_id: &str) -> Kind {
    let patch = json!({
        "name": "Night", "strategy": "longest_idle", "ring_timeout_s": null, "round_pause_s": 600,
        "max_waiting": 1, "member_ids": [],
    });
    Kind {
        folder: "/v1/queues",
        least: json!({"name": "Sales", "office_id": office_id}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": 1, "strategy": "random", "ring_timeout_s": 601, "round_pause_s": 0,
            "max_waiting": 10_001, "member_ids": "all", "wrap_up_s": 5,
        }),
        faults: &[
            "/max_waiting out_of_range",
            "/member_ids wrong_type",
            "/name wrong_type",
            "/ring_timeout_s out_of_range",
            "/round_pause_s out_of_range",
            "/strategy unknown_value",
            "/wrap_up_s unknown_field",
        ],
    }
}

fn widget(office_id: &str) -> Kind {
    let patch = json!({
        "name": "Shop", "office_ids": [office_id], "allowed_domains": ["example.com"],
        "messenger_text": "Write to us",
    });
    Kind {
        folder: "/v1/widgets",
        least: json!({"name": "Site", "office_ids": [office_id]}),
        patched: patch.clone(),
        patch,
        bad: json!({
            "name": "", "office_ids": [], "allowed_domains": ["http://x/", "a.example", "A.example"],
            "messenger_text": "x".repeat(501), "key": "wk_1",
        }),
        faults: &[
            "/allowed_domains/0 bad_format",
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
