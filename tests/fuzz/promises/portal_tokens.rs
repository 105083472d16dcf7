//! What the tokens of a portal promise; see [`crate::fuzzing`].

use std::sync::LazyLock;

use chrono::DateTime;
use futures::FutureExt;

use super::oidc::Oidc;
use crate::clock::Clock;
use crate::config;
use crate::outbound::Outbound;

/// The only key, whose private half nobody has any more.
const KEY: &str = r#"{"crv":"Ed25519","x":"arY6UIPRK-qwwzt4PxFIACGYVBQDIcLJmyFF2T5QXsU","kty":"OKP","kid":"fuzz"}"#;
/// Header and claims of the only tokens that were signed with it and are good.
const SIGNED: [&str; 2] = [
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImZ1enoifQ.eyJpc3MiOiJodHRwczovL3BvcnRhbC5leGFtcGxlIiwiYXVkIjoiZ290by1taWNyb2FwcHMiLCJlbWFpbCI6ImVsb2RpZS5tYXJ0aW5AY29ycC5leGFtcGxlIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9",
    // Its times are a fraction, far in the past and no number.
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImZ1enoifQ.eyJpc3MiOiJodHRwczovL3BvcnRhbC5leGFtcGxlIiwiYXVkIjoiZ290by1taWNyb2FwcHMiLCJlbWFpbCI6ImVsb2RpZS5tYXJ0aW5AY29ycC5leGFtcGxlIiwiaWF0IjotMWUrMzAwLCJleHAiOjQxMDI0NDQ4MDAuNSwibmJmIjoic29vbiJ9",
];

static OIDC: LazyLock<Oidc> = LazyLock::new(|| {
    let settings = config::Oidc {
        issuer: "https://portal.example".to_owned(),
        audience: "goto-microapps".to_owned(),
        claim: "email".to_owned(),
        clients: Vec::new(),
        jwks_url: None,
    };
    let noon = DateTime::from_timestamp(1_780_000_000, 0).expect("a time");
    let oidc = Oidc::new(
        &settings,
        Outbound::new(&config::Outgoing::default()),
        Clock::manual(noon),
    )
    .expect("an HTTP client");
    oidc.with_keys(vec![serde_json::from_str(KEY).expect("a key")])
});

/// Nobody makes a token out of others: what is accepted was signed as it stands.
pub(crate) fn portal_tokens(input: &[u8]) -> bool {
    let Ok(token) = std::str::from_utf8(input) else {
        return false;
    };
    let person = OIDC.person(token).now_or_never();
    match person.expect("the keys are known, nobody is asked") {
        Ok(person) => {
            assert_eq!(person.email, "elodie.martin@corp.example");
            let (signed, _) = token.rsplit_once('.').expect("three parts");
            assert!(SIGNED.contains(&signed), "a token nobody signed");
            true
        }
        Err(refused) => {
            let words = refused.to_string();
            assert!(token.len() < 12 || !words.contains(token), "{words}");
            // What an administrator is told quotes claims, never what makes it a token.
            let words = OIDC.explain(token, refused);
            assert!(words.len() < 2_048, "{words}");
            let signature = token.rsplit('.').next().unwrap_or_default();
            assert!(
                signature.len() < 43 || !words.contains(signature),
                "{words}"
            );
            false
        }
    }
}
