//! Forgeries, and what else a token must not get away with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AgentClaims, FileLink, LinkSignature, TokenError, Tokens, VisitorClaims};
use crate::auth::ServerKeys;
use crate::domain::{
    AgentId, FileId, Millis, Role, SessionId, TenantId, Timestamp, VisitorId, Vouched, WidgetId,
};
use crate::random::Random;

const NOW: Timestamp = Timestamp(1_772_357_400_000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn agent() -> AgentClaims {
    AgentClaims {
        tenant_id: TenantId(id(1)),
        agent_id: AgentId(id(2)),
        session_id: SessionId(id(3)),
        role: Role::Supervisor,
        expires_at: NOW + Millis::from_secs(900),
    }
}

fn visitor() -> VisitorClaims {
    VisitorClaims {
        tenant_id: TenantId(id(1)),
        visitor_id: VisitorId(id(4)),
        widget_id: WidgetId(id(5)),
        vouched: Vouched::default(),
        expires_at: NOW + Millis::from_secs(900),
    }
}

fn keys() -> ServerKeys {
    ServerKeys::ephemeral(&Random::seeded(1))
}

/// The claims of a good agent's token, to be bent.
fn claims() -> Value {
    let seconds = NOW.0 / 1000;
    json!({
        "iss": "deskbell", "aud": "agent", "sub": id(2), "exp": seconds + 900, "nbf": seconds,
        "iat": seconds, "tid": id(1), "sid": id(3), "role": "supervisor",
    })
}

fn bent(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// Signs any claims under the header, with the good key.
fn forged(header: &Header, claims: &Value) -> String {
    let key = EncodingKey::from_secret(&keys().all()[0].secret);
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

fn header() -> Header {
    Header {
        kid: Some(keys().all()[0].kid.clone()),
        ..Header::new(Algorithm::HS256)
    }
}

fn check(token: &str) -> Result<AgentClaims, TokenError> {
    Tokens::new(&keys()).verify_agent(token, NOW)
}

#[test]
fn a_token_says_what_was_put_into_it() {
    let tokens = Tokens::new(&keys());

    let token = tokens.issue_agent(&agent(), NOW);
    assert_eq!(tokens.verify_agent(&token, NOW), Ok(agent()));
    assert_eq!(check(&forged(&header(), &claims())), Ok(agent()));

    let token = tokens.issue_visitor(&visitor(), NOW);
    assert_eq!(tokens.verify_visitor(&token, NOW), Ok(visitor()));
}

#[test]
fn a_visitors_token_says_what_its_site_has_signed_however_long_that_is() {
    let tokens = Tokens::new(&keys());
    let plain = tokens.issue_visitor(&visitor(), NOW);
    // As long as they may be, of characters that are long in UTF-8, and longer still in JSON.
    for (name, local) in [("\u{1f44b}", "\u{fc}"), ("\"", "\\")] {
        let email = format!("{}@x", local.repeat(252 / local.len()));
        let known = VisitorClaims {
            vouched: Vouched {
                name: Some(name.repeat(100).parse().unwrap()),
                email: Some(email.parse().unwrap()),
            },
            ..visitor()
        };
        let token = tokens.issue_visitor(&known, NOW);

        assert!(token.len() > plain.len());
        assert_eq!(tokens.verify_visitor(&token, NOW), Ok(known));
    }
    let payload = plain.split('.').nth(1).unwrap();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert!(payload.get("name").is_none() && payload.get("email").is_none());
}

#[test]
fn a_token_is_valid_from_its_issue_to_its_end() {
    let tokens = Tokens::new(&keys());
    let token = tokens.issue_agent(&agent(), NOW);
    let at = |offset| {
        tokens
            .verify_agent(&token, Timestamp(NOW.0 + offset))
            .map(|_| ())
    };

    assert_eq!(at(-2_001), Err(TokenError::Invalid));
    assert_eq!(at(-2_000), Ok(()));
    assert_eq!(at(901_999), Ok(()));
    assert_eq!(at(902_000), Err(TokenError::Expired));
    assert_eq!(
        check(&forged(&header(), &bent("exp", json!(i64::MAX)))).map(|_| ()),
        Ok(())
    );
}

#[test]
fn a_token_is_for_one_kind_of_caller() {
    let tokens = Tokens::new(&keys());
    let agents = tokens.issue_agent(&agent(), NOW);
    let visitors = tokens.issue_visitor(&visitor(), NOW);

    assert_eq!(
        tokens.verify_agent(&visitors, NOW),
        Err(TokenError::Invalid)
    );
    assert_eq!(
        tokens.verify_visitor(&agents, NOW),
        Err(TokenError::Invalid)
    );
}

#[test]
fn only_the_one_algorithm_is_taken() {
    let token = Tokens::new(&keys()).issue_agent(&agent(), NOW);
    let (_, rest) = token.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    for alg in ["none", "None", "HS384", "RS256", "ES256"] {
        let header = json!({"alg": alg, "typ": "JWT", "kid": keys().all()[0].kid});
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        for signature in ["", rest.split_once('.').unwrap().1] {
            let forged = format!("{header}.{payload}.{signature}");
            assert_eq!(check(&forged), Err(TokenError::Invalid), "{alg}");
        }
    }
    let other = Header {
        alg: Algorithm::HS512,
        ..header()
    };
    assert_eq!(check(&forged(&other, &claims())), Err(TokenError::Invalid));
}

#[test]
fn only_known_keys_are_taken() {
    let stranger = ServerKeys::ephemeral(&Random::seeded(2));
    let foreign = Tokens::new(&stranger).issue_agent(&agent(), NOW);
    assert_eq!(check(&foreign), Err(TokenError::Invalid));

    let key = EncodingKey::from_secret(&stranger.all()[0].secret);
    let wrong_key = jsonwebtoken::encode(&header(), &claims(), &key).unwrap();
    assert_eq!(check(&wrong_key), Err(TokenError::Invalid));

    for kid in [None, Some("other".to_owned())] {
        let header = Header { kid, ..header() };
        assert_eq!(check(&forged(&header, &claims())), Err(TokenError::Invalid));
    }
}

#[test]
fn a_changed_or_cut_token_is_refused() {
    let token = Tokens::new(&keys()).issue_agent(&agent(), NOW);
    let parts: Vec<_> = token.split('.').collect();
    let owner = URL_SAFE_NO_PAD.encode(bent("role", json!("owner")).to_string());

    assert_eq!(
        check(&format!("{}.{owner}.{}", parts[0], parts[2])),
        Err(TokenError::Invalid)
    );
    for end in 0..token.len() {
        assert_eq!(check(&token[..end]), Err(TokenError::Invalid));
    }
    assert_eq!(check(&format!("{token}.x")), Err(TokenError::Invalid));
    assert_eq!(check(&"a".repeat(1_000_000)), Err(TokenError::Invalid));
}

#[test]
fn every_claim_is_required_and_checked() {
    for name in [
        "iss", "aud", "sub", "exp", "nbf", "iat", "tid", "sid", "role",
    ] {
        let mut missing = claims();
        missing.as_object_mut().unwrap().remove(name);
        assert_eq!(
            check(&forged(&header(), &missing)),
            Err(TokenError::Invalid),
            "no {name}"
        );

        for wrong in [json!(null), json!("x"), json!(["agent", "visitor"])] {
            let wrong = forged(&header(), &bent(name, wrong));
            assert_eq!(check(&wrong), Err(TokenError::Invalid), "wrong {name}");
        }
    }
    for (name, value) in [("iss", "other"), ("aud", "visitor"), ("role", "root")] {
        let wrong = forged(&header(), &bent(name, json!(value)));
        assert_eq!(check(&wrong), Err(TokenError::Invalid), "wrong {name}");
    }
}

#[test]
fn a_replaced_key_still_verifies_until_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let load = |keys: &[Value]| {
        std::fs::write(&path, json!({"keys": keys}).to_string()).unwrap();
        Tokens::new(&ServerKeys::load(&path, &Random::system()).unwrap())
    };
    let old = json!({"kid": "old", "secret": Random::seeded(3).token(32)});
    let new = json!({"kid": "new", "secret": Random::seeded(4).token(32)});

    let token = load(std::slice::from_ref(&old)).issue_agent(&agent(), NOW);

    let both = load(&[new.clone(), old]);
    assert!(both.verify_agent(&token, NOW).is_ok());
    let renewed = both.issue_agent(&agent(), NOW);
    let only_new = load(&[new]);
    assert!(only_new.verify_agent(&renewed, NOW).is_ok());
    assert_eq!(only_new.verify_agent(&token, NOW), Err(TokenError::Invalid));
}

#[test]
fn a_fingerprint_needs_the_key() {
    let tokens = Tokens::new(&keys());
    let other = Tokens::new(&ServerKeys::ephemeral(&Random::seeded(2)));

    assert_eq!(tokens.fingerprint(&[7; 32]), tokens.fingerprint(&[7; 32]));
    assert_ne!(tokens.fingerprint(&[7; 32]), tokens.fingerprint(&[8; 32]));
    assert_ne!(tokens.fingerprint(&[7; 32]), other.fingerprint(&[7; 32]));
}

#[test]
fn a_link_opens_one_file_of_one_tenant_until_its_end() {
    let keys = ServerKeys::ephemeral(&Random::seeded(7));
    let tokens = Tokens::new(&keys);
    let link = FileLink {
        tenant_id: TenantId(Uuid::from_u128(1)),
        file_id: FileId(Uuid::from_u128(2)),
        expires_at: Timestamp(60_000),
    };
    let signed = tokens.sign_link(&link);
    let at = |link: FileLink, signed: &LinkSignature, now| {
        tokens.verify_link(&link, signed, Timestamp(now))
    };

    assert_eq!(at(link, &signed, 59_999), Ok(()));
    assert_eq!(at(link, &signed, 60_000), Err(TokenError::Expired));
    let mut other = link;
    other.tenant_id = TenantId(Uuid::from_u128(3));
    assert_eq!(at(other, &signed, 0), Err(TokenError::Invalid));
    other = link;
    other.file_id = FileId(Uuid::from_u128(3));
    assert_eq!(at(other, &signed, 0), Err(TokenError::Invalid));
    other = link;
    other.expires_at = Timestamp(61_000);
    assert_eq!(at(other, &signed, 0), Err(TokenError::Invalid));
    for (kid, signature) in [
        ("other", signed.signature.as_str()),
        (&signed.kid, ""),
        (&signed.kid, "AAAA"),
        (&signed.kid, "?"),
    ] {
        let bad = LinkSignature {
            kid: kid.to_owned(),
            signature: signature.to_owned(),
        };
        assert_eq!(at(link, &bad, 0), Err(TokenError::Invalid), "{kid}");
    }
    let stranger = Tokens::new(&ServerKeys::ephemeral(&Random::seeded(8)));
    assert_eq!(
        stranger.verify_link(&link, &signed, Timestamp(0)),
        Err(TokenError::Invalid)
    );
}
