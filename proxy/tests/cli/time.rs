//! A host whose clock is wrong, and is set while the proxy runs. The clock of the process is moved by
//! libfaketime, the monotonic one is left alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use goto_microapps_harness::outside::{Authority, Outside, Validity};
use serde_json::{Value, json};

use crate::place::{Place, Serving, ask, good, with};

const HOUR: i64 = 3600;

/// The library, unpacked by the test command or installed.
fn library() -> PathBuf {
    let unpacked = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/servers");
    let file = "faketime/libfaketimeMT.so.1";
    let triples = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    triples
        .iter()
        .flat_map(|triple| {
            ["/", unpacked].map(|root| Path::new(root).join("usr/lib").join(triple).join(file))
        })
        .find(|path| path.exists())
        .expect("libfaketime is not there; tests/run unpacks it")
}

/// Sets the clock of a process that [`with_clock`] prepared.
fn set_clock(place: &Place, offset: i64) {
    // In one step: a half-written file would be a moment without an offset.
    let path = place.write("clock.new", format!("{offset:+}"));
    std::fs::rename(path, place.path("clock")).unwrap();
}

/// Runs with a clock that is wrong by `offset` seconds, until it is set.
fn with_clock(place: &Place, arguments: &[&str], offset: i64) -> Command {
    set_clock(place, offset);
    let mut command = place.command(arguments);
    command
        .env("LD_PRELOAD", library())
        .env("FAKETIME_TIMESTAMP_FILE", place.path("clock"))
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

/// A portal whose key signs what is asked for.
struct Portal {
    pair: Ed25519KeyPair,
    keys: Outside,
}

impl Portal {
    fn new() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
        Self {
            pair,
            keys: Outside::json(&set.to_string()).unwrap(),
        }
    }

    fn configuration(&self) -> String {
        format!(
            "{}[sso.oidc]\nissuer = \"https://portal.example\"\naudience = \"us\"\njwks_url = \"http://{}/keys\"\n",
            good(),
            self.keys.address()
        )
    }

    fn token(&self, begins: i64, ends: i64) -> String {
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!(
            "{}.{}",
            encode(json!({"alg": "EdDSA", "kid": "k"})),
            encode(json!({
                "iss": "https://portal.example", "aud": "us", "email": "a@corp.example",
                "iat": begins, "exp": ends
            }))
        );
        let signature = self.pair.sign(text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Why the proxy does not believe a token, or nothing.
fn refused(serving: &mut Serving, token: &str) -> Option<String> {
    let bearer = format!(
        "authorization: Bearer {token}\r\norigin: https://intranet.example.com\r\nx-goto-microapps: 1\r\n"
    );
    ask(serving.public(), "/app/api/session", &bearer);
    // Said behind whatever the token made it say.
    serving.signal("HUP");
    serving.hears("SIGHUP");
    let mut said = serving.log.iter().rev().skip(1).map_while(|line| {
        let message = line["fields"]["message"].as_str()?;
        (!message.contains("SIGHUP")).then(|| line.clone())
    });
    said.find_map(|line| {
        let refused = line["fields"]["message"]
            .as_str()?
            .contains("a token of single sign-on");
        refused.then(|| {
            line["fields"]["refused"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
    })
}

#[test]
fn the_wall_clock_is_read_each_time() {
    let portal = Portal::new();
    let place = Place::configured(&portal.configuration());
    let old = portal.token(now() - 2 * HOUR, now() - 600);
    let fresh = portal.token(now() - 10, now() + HOUR);
    for (wrong, wrongly_taken, wrongly_refused, why) in [
        (-HOUR, &old, &fresh, "the token is not valid yet"),
        (
            2 * HOUR,
            &portal.token(now() + HOUR, now() + 3 * HOUR),
            &fresh,
            "the token expired",
        ),
    ] {
        let mut serving = Serving::start(with_clock(&place, &["serve"], wrong)).ready();
        // As wrong as the host's clock is.
        assert_eq!(refused(&mut serving, wrongly_taken), None, "{wrong}");
        assert_eq!(
            refused(&mut serving, wrongly_refused).as_deref(),
            Some(why),
            "{wrong}"
        );
        // NTP arrives.
        set_clock(&place, 0);
        assert_eq!(refused(&mut serving, &fresh), None, "{wrong}");
        assert!(refused(&mut serving, wrongly_taken).is_some(), "{wrong}");
        assert_eq!(
            refused(&mut serving, &old).as_deref(),
            Some("the token expired"),
            "{wrong}"
        );
    }
}

#[test]
fn a_certificate_is_not_valid_yet_for_a_clock_that_is_far_behind() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    let goto = Outside::https(&authority, "localhost", Validity::Now, None).unwrap();
    place.configure(&with(
        &good(),
        "account_id",
        &format!(
            "ca_file = \"ca.pem\"\ntoken_url = \"https://localhost:{}/oauth/token\"\naccount_id",
            goto.port()
        ),
    ));
    // The battery of the board is empty: it is the first of January 1970 or thereabouts.
    let mut serving = Serving::start(with_clock(&place, &["serve"], -20 * 365 * 24 * HOUR)).ready();
    crate::way_out::sign_in(&serving);
    let line = serving.hears("GoTo cannot be reached: ");
    assert_eq!(
        line["fields"]["cause"], "certificate_not_yet_valid",
        "{line}"
    );
    assert!(
        line["fields"]["cure"]
            .as_str()
            .unwrap()
            .contains("set this machine's clock"),
        "{line}"
    );
    // Set, it works, and the log says so.
    set_clock(&place, 0);
    crate::way_out::sign_in(&serving);
    serving.hears("GoTo is reached again");
}
