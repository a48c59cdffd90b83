//! Forged, bent and outdated identity tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::auth::ServerKeys;

const NOW: Timestamp = Timestamp(1_772_357_400_000);

fn secret(seed: u64) -> IdentitySecret {
    IdentitySecret::new(&Random::seeded(seed))
}

fn claims() -> Value {
    json!({"sub": "customer-17", "exp": NOW.0 / 1000 + 600})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn sign_as(header: &Header, claims: &Value, secret: &IdentitySecret) -> String {
    let key = EncodingKey::from_secret(secret.reveal().as_bytes());
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

fn signed(claims: &Value) -> String {
    sign_as(&Header::new(Algorithm::HS256), claims, &secret(1))
}

/// What is wrong with a token, as `code: detail`.
fn check(token: &str) -> Result<IdentityClaims, Vec<String>> {
    let read = IdentityToken::read(token);
    let read = read.and_then(|token| token.verify(&[secret(2), secret(1)], NOW));
    read.map_err(|faults| {
        let each = faults.0.into_iter().map(|fault| {
            assert_eq!(fault.pointer, "/identity_token");
            format!("{}: {}", fault.code.as_str(), fault.detail)
        });
        each.collect()
    })
}

fn faults_of(claims: &Value) -> Vec<String> {
    check(&signed(claims)).err().unwrap_or_default()
}

#[test]
fn a_token_of_either_secret_says_who_it_is() {
    let claims = json!({
        "sub": "customer-17", "exp": NOW.0 / 1000 + 600, "iat": NOW.0 / 1000, "nbf": NOW.0 / 1000,
        "name": " Vic ", "email": "vic@site.example", "aud": "anybody", "iss": "a site", "plan": [1],
    });
    let expected = IdentityClaims {
        subject: "customer-17".parse().unwrap(),
        vouched: Vouched {
            name: Some("Vic".parse().unwrap()),
            email: Some("vic@site.example".parse().unwrap()),
        },
    };

    let header = Header::new(Algorithm::HS256);
    for seed in [1, 2] {
        let token = sign_as(&header, &claims, &secret(seed));
        assert_eq!(check(&token), Ok(expected.clone()));
    }
    let plain = check(&signed(&json!({
        "sub": "customer-17", "exp": 1_772_358_000.5, "name": null, "email": " ",
    })));
    let plain = plain.unwrap();
    assert_eq!(plain.subject, expected.subject);
    assert_eq!(plain.vouched, Vouched::default());
}

#[test]
fn only_the_tenants_secrets_are_taken_and_nothing_is_said_of_what_others_sign() {
    let header = Header::new(Algorithm::HS256);
    let expired = with("exp", json!(1));
    let no_subject = with("sub", json!(null));

    for claims in [claims(), expired, no_subject] {
        let token = sign_as(&header, &claims, &secret(3));
        assert_eq!(
            check(&token).unwrap_err(),
            ["mismatch: none of the tenant's identity secrets has signed it"]
        );
    }
    let bare = IdentityToken::read("e30.e30.AAAA").map(|_| ());
    assert!(bare.is_err(), "a header without alg");
    let none: Vec<IdentitySecret> = Vec::new();
    let token = signed(&claims());
    let token = IdentityToken::read(&token).unwrap();
    assert_eq!(token.verify(&none, NOW).unwrap_err().0.len(), 1);
}

#[test]
fn only_the_one_algorithm_is_taken() {
    let token = signed(&claims());
    let parts: Vec<_> = token.split('.').collect();

    for alg in ["none", "None", "hs256", "HS384", "HS512", "RS256", "ES256"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        for signature in ["", parts[2]] {
            let faults = check(&format!("{header}.{}.{signature}", parts[1])).unwrap_err();
            assert_eq!(faults.len(), 1, "{alg}");
            assert!(faults[0].starts_with("bad_format: "), "{faults:?}");
            assert!(faults[0].contains("HS256"), "{faults:?}");
        }
    }
    let extended = Header {
        crit: Some(vec!["exp".to_owned()]),
        ..Header::new(Algorithm::HS256)
    };
    let faults = check(&sign_as(&extended, &claims(), &secret(1))).unwrap_err();
    assert!(faults[0].contains("crit"), "{faults:?}");
}

#[test]
fn a_changed_cut_or_foreign_text_is_refused() {
    let token = signed(&claims());
    let parts: Vec<_> = token.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(with("sub", json!("customer-18")).to_string());

    let faults = check(&format!("{}.{other}.{}", parts[0], parts[2])).unwrap_err();
    assert!(faults[0].starts_with("mismatch: "), "{faults:?}");
    for end in 0..token.len() {
        assert!(check(&token[..end]).is_err(), "{end}");
    }
    for text in ["", "..", "a.b.c", "ä.ö.ü", &format!("{token}.x")] {
        let faults = check(text).unwrap_err();
        assert!(faults[0].starts_with("bad_format: "), "{text}: {faults:?}");
    }
    let faults = check(&"a".repeat(4097)).unwrap_err();
    assert!(faults[0].starts_with("too_long: "), "{faults:?}");
    let longest = with("own", json!("x".repeat(2900)));
    assert!(signed(&longest).len() < 4096 && check(&signed(&longest)).is_ok());
    let list = sign_as(&Header::new(Algorithm::HS256), &json!([1]), &secret(1));
    let faults = check(&list).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].contains("JSON object"), "{faults:?}");
}

#[test]
fn a_token_is_valid_from_its_beginning_to_its_end_and_a_minute_beside() {
    let exp = |offset: i64| faults_of(&with("exp", json!(NOW.0 / 1000 + offset)));
    assert_eq!(exp(-59), [""; 0]);
    assert_eq!(exp(-60), ["expired: the claim exp: has passed"]);
    assert_eq!(exp(24 * 3600 + 60), [""; 0]);
    let ahead = ["out_of_range: the claim exp: must be at most 24 hours ahead"];
    assert_eq!(exp(24 * 3600 + 61), ahead);
    assert_eq!(faults_of(&with("exp", json!(i64::MAX))), ahead);
    assert_eq!(faults_of(&with("exp", json!(1e300))), ahead);
    let long_ago = faults_of(&with("exp", json!(i64::MIN)));
    assert_eq!(long_ago, ["expired: the claim exp: has passed"]);

    for claim in ["nbf", "iat"] {
        let at = |offset: i64| faults_of(&with(claim, json!(NOW.0 / 1000 + offset)));
        assert_eq!(at(60), [""; 0]);
        assert_eq!(
            at(61),
            [format!("not_yet_valid: the claim {claim}: is ahead")]
        );
    }
}

#[test]
fn everything_that_is_wrong_with_the_claims_is_said_at_once() {
    assert_eq!(
        faults_of(&json!({})),
        [
            "required: the claim sub: is required",
            "required: the claim exp: is required",
        ]
    );
    assert_eq!(
        faults_of(&json!({
            "sub": 17, "exp": "tomorrow", "nbf": true, "iat": [], "name": {}, "email": 1,
        })),
        [
            "wrong_type: the claim sub: must be a text",
            "wrong_type: the claim exp: must be a number of seconds",
            "wrong_type: the claim nbf: must be a number of seconds",
            "wrong_type: the claim iat: must be a number of seconds",
            "wrong_type: the claim name: must be a text",
            "wrong_type: the claim email: must be a text",
        ]
    );
    let long = json!({
        "sub": "a".repeat(201), "exp": NOW.0 / 1000, "name": "n".repeat(101), "email": "vic",
    });
    let codes: Vec<_> = faults_of(&long)
        .into_iter()
        .map(|fault| fault.split(": ").take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        codes,
        [
            "too_long the claim sub",
            "too_long the claim name",
            "bad_format the claim email",
        ]
    );
    for subject in ["", " ", "a\nb"] {
        assert_eq!(
            faults_of(&with("sub", json!(subject))).len(),
            1,
            "{subject:?}"
        );
    }
}

#[test]
fn a_visitor_is_the_same_for_one_subject_of_one_tenant() {
    let (one, other) = (TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
    let subject = |text: &str| text.parse::<Subject>().unwrap();
    let vic = visitor_of(one, &subject("vic"));

    assert_eq!(visitor_of(one, &subject("vic")), vic);
    assert_ne!(visitor_of(one, &subject("Vic")), vic);
    assert_ne!(visitor_of(one, &subject("vic ")), vic);
    assert_ne!(visitor_of(other, &subject("vic")), vic);
    assert!(is_identified(vic));
    // What was given out must stay what it is: chats hang on it.
    assert_eq!(vic.to_string(), "8bbb21d2-4b38-8c93-8810-25b62785e467");
    assert_eq!(vic.0.get_variant(), uuid::Variant::RFC4122);
    let anonymous = VisitorId(Random::system().uuid_v7(NOW));
    assert!(!is_identified(anonymous));
}

#[test]
fn a_secret_opens_in_the_row_that_it_was_sealed_for() {
    let random = Random::seeded(1);
    let sealer = Sealer::new(&ServerKeys::ephemeral(&random));
    let secret = secret(1);
    let (tenant_id, id) = (
        TenantId(Uuid::from_u128(1)),
        IdentitySecretId(Uuid::from_u128(2)),
    );
    let row = SealedSecret {
        id,
        sealed: secret.seal(tenant_id, id, &sealer, &random),
        created_at: NOW,
    };
    let open = |tenant_id, row: &SealedSecret| IdentitySecret::open(tenant_id, row, &sealer);

    assert_eq!(open(tenant_id, &row), Ok(secret.clone()));
    let moved = SealedSecret {
        id: IdentitySecretId(Uuid::from_u128(3)),
        ..row.clone()
    };
    assert_eq!(open(tenant_id, &moved), Err(Unreadable));
    assert_eq!(open(TenantId(Uuid::from_u128(4)), &row), Err(Unreadable));
    assert_eq!(secret.reveal().len(), 4 + 43);
    let printed = format!("{secret:?} {row:?}");
    assert!(!printed.contains(&secret.reveal()[4..]), "{printed}");
}
