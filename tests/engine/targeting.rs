//! Targeting rules: which visit is greeted by which rule (AVAIL-6).

use deskbell::domain::{
    Address, Conditions, Country, Language, LanguageTag, OfficeId, TargetingRule, TargetingRuleId,
    Timestamp, UrlPart, UrlPattern, Visit, WidgetId, matching, next_match_s,
};
use uuid::Uuid;

const WIDGET: WidgetId = WidgetId(Uuid::from_u128(1));
const OFFICE: OfficeId = OfficeId(Uuid::from_u128(2));
const PAGE: &str = "https://shop.example/Pricing?plan=gold#buy";

fn rule(number: u128, sort_order: i32, conditions: Conditions) -> TargetingRule {
    TargetingRule {
        id: TargetingRuleId(Uuid::from_u128(number)),
        name: "Rule".parse().unwrap(),
        widget_id: None,
        office_id: None,
        enabled: true,
        sort_order,
        conditions,
        greeting: "May we help?".parse().unwrap(),
        created_at: Timestamp(0),
        version: 1,
    }
}

fn visit() -> Visit {
    Visit {
        widget_id: WIDGET,
        live_offices: vec![OFFICE],
        url: PAGE.parse().unwrap(),
        time_on_page_s: 10,
        visits: 3,
        referrer: Some("https://search.example/?q=chairs".parse().unwrap()),
        country: Some("DE".parse().unwrap()),
        language: Some("de-AT".parse().unwrap()),
    }
}

/// Whether a rule with one condition changed fits.
fn fits(change: impl FnOnce(&mut Conditions)) -> bool {
    let mut conditions = Conditions::default();
    change(&mut conditions);
    matching(&[rule(1, 0, conditions)], &visit()).is_some()
}

#[test]
fn avail_06_a_rule_without_conditions_greets_everybody() {
    assert!(fits(|_| ()));
}

#[test]
fn avail_06_a_part_of_the_address_is_found_in_either_case() {
    for (part, expected) in [
        ("/pricing", true),
        ("SHOP.example", true),
        ("#buy", true),
        ("/cart", false),
        ("pricing/", false),
    ] {
        let part: UrlPart = part.parse().unwrap();
        assert_eq!(
            fits(|c| c.url_contains = Some(part.clone())),
            expected,
            "{part:?}"
        );
    }
}

#[test]
fn avail_06_a_pattern_fits_the_whole_address() {
    for (pattern, expected) in [
        ("*", true),
        ("**", true),
        (PAGE, true),
        ("*/pricing*", true),
        ("https://*.example/*gold*", true),
        ("https://shop.example/pricing?plan=gold#buy*", true),
        ("*#buy", true),
        ("*shop*shop*", false),
        ("/pricing", false),
        ("*/pricing", false),
        ("https://shop.example", false),
        // A piece is not used twice: the end is not the part of the address that the beginning took.
        ("https://shop.example/pricing?plan=gold#buy*buy", false),
        ("*gold#buy*", true),
    ] {
        let pattern: UrlPattern = pattern.parse().unwrap();
        assert_eq!(
            fits(|c| c.url_matches = Some(pattern.clone())),
            expected,
            "{pattern:?}"
        );
    }
}

#[test]
fn avail_06_a_hostile_pattern_takes_no_time() {
    let pattern: UrlPattern = "*a".repeat(249).parse().unwrap();
    let mut visit = visit();
    visit.url = "a".repeat(Address::BYTES_MAX - 1).parse().unwrap();
    let conditions = Conditions {
        url_matches: Some(format!("{}b", pattern.as_str()).parse().unwrap()),
        ..Conditions::default()
    };

    // An exponential search would not come back.
    assert!(matching(&[rule(1, 0, conditions)], &visit).is_none());
}

#[test]
fn avail_06_time_and_visits_are_enough_at_their_bound() {
    for (seconds, expected) in [(10, true), (11, false)] {
        assert_eq!(fits(|c| c.min_time_on_page_s = Some(seconds)), expected);
    }
    for (visits, expected) in [(3, true), (4, false)] {
        assert_eq!(fits(|c| c.min_visits = Some(visits)), expected);
    }
}

#[test]
fn avail_06_what_is_not_known_does_not_fit() {
    let mut unknown = visit();
    unknown.referrer = None;
    unknown.country = None;
    unknown.language = None;
    let change: [fn(&mut Conditions); 3] = [
        |c| c.referrer_contains = Some("Search.".parse().unwrap()),
        |c| c.countries = ["at", "DE"].map(|text| text.parse().unwrap()).into(),
        |c| c.languages = ["fr", "DE"].map(|text| text.parse().unwrap()).into(),
    ];

    for change in change {
        let mut conditions = Conditions::default();
        change(&mut conditions);
        let rules = [rule(1, 0, conditions)];
        assert!(matching(&rules, &visit()).is_some());
        assert!(matching(&rules, &unknown).is_none());
    }
    assert!(!fits(|c| c.countries = ["AT".parse().unwrap()].into()));
    // `d` is no language and `den` is another one than `de`.
    assert!(!fits(|c| c.languages = ["den".parse().unwrap()].into()));
}

#[test]
fn avail_06_all_conditions_must_hold() {
    let both = |visits| {
        fits(|c| {
            c.url_contains = Some("/pricing".parse().unwrap());
            c.min_visits = Some(visits);
        })
    };

    assert!(both(3));
    assert!(!both(4));
}

#[test]
fn avail_06_the_lowest_order_wins_and_then_the_oldest() {
    let open = Conditions::default;
    let mut rules = vec![rule(9, 5, open()), rule(3, 7, open()), rule(8, 5, open())];
    let winner = |rules: &[TargetingRule]| {
        let winner = matching(rules, &visit());
        winner.map(|rule| rule.id.0.as_u128())
    };

    assert_eq!(winner(&rules), Some(8));
    rules[2].enabled = false;
    assert_eq!(winner(&rules), Some(9));
    rules[0].widget_id = Some(WidgetId(Uuid::from_u128(99)));
    assert_eq!(winner(&rules), Some(3));
    rules[1].widget_id = Some(WIDGET);
    assert_eq!(winner(&rules), Some(3));
}

#[test]
fn avail_06_a_rule_greets_only_while_its_office_is_live() {
    let mut of_office = rule(1, 0, Conditions::default());
    of_office.office_id = Some(OFFICE);
    let of_any = rule(2, 0, Conditions::default());
    let mut visit = visit();
    let greets = |rule: &TargetingRule, visit: &Visit| {
        let rules = std::slice::from_ref(rule);
        matching(rules, visit).is_some()
    };

    assert!(greets(&of_office, &visit) && greets(&of_any, &visit));
    visit.live_offices = vec![OfficeId(Uuid::from_u128(3))];
    assert!(!greets(&of_office, &visit) && greets(&of_any, &visit));
    visit.live_offices.clear();
    assert!(!greets(&of_office, &visit) && !greets(&of_any, &visit));
}

#[test]
fn avail_06_the_next_rule_is_known_by_its_time() {
    let after = |seconds, change: fn(&mut TargetingRule)| {
        let conditions = Conditions {
            min_time_on_page_s: Some(seconds),
            ..Conditions::default()
        };
        let mut rule = rule(u128::from(seconds), 0, conditions);
        change(&mut rule);
        rule
    };
    let mut rules = vec![after(60, |_| ()), after(40, |_| ())];
    // What will not fit anyway is not waited for.
    rules.push(after(15, |rule| rule.enabled = false));
    rules.push(after(20, |rule| rule.conditions.min_visits = Some(4)));
    let mut visit = visit();

    assert_eq!(next_match_s(&rules, &visit), Some(30));
    visit.time_on_page_s = 40;
    assert_eq!(next_match_s(&rules, &visit), Some(20));
    visit.time_on_page_s = 60;
    assert_eq!(next_match_s(&rules, &visit), None);
    visit.time_on_page_s = 0;
    visit.live_offices.clear();
    assert_eq!(next_match_s(&rules, &visit), None);
}

#[test]
fn avail_06_the_words_of_a_rule_have_a_form() {
    let long = |n: usize| "x".repeat(n);

    assert_eq!("de".parse::<Country>().unwrap().as_str(), "DE");
    assert_eq!(" PT ".parse::<Language>().unwrap().as_str(), "pt");
    for bad in ["", "D", "DEU", "1A", "ÄÖ"] {
        assert!(bad.parse::<Country>().is_err(), "{bad}");
    }
    for bad in ["", "d", "de-AT", "d3", &long(9)] {
        assert!(bad.parse::<Language>().is_err(), "{bad}");
    }
    for good in ["de", "zh-Hant-TW", "x-1"] {
        assert!(good.parse::<LanguageTag>().is_ok(), "{good}");
    }
    for bad in ["", "de-", "de_AT", "*", &long(36)] {
        assert!(bad.parse::<LanguageTag>().is_err(), "{bad}");
    }
    assert!(long(500).parse::<UrlPart>().is_ok() && long(500).parse::<UrlPattern>().is_ok());
    for bad in ["", " ", "a\nb", &long(501)] {
        assert!(bad.parse::<UrlPart>().is_err() && bad.parse::<UrlPattern>().is_err());
    }
    assert!(long(4096).parse::<Address>().is_ok());
    assert!("".parse::<Address>().is_err() && long(4097).parse::<Address>().is_err());
}
