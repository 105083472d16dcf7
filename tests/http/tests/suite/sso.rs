//! Single sign-on: a gateway's header, a portal's token, and everybody who would like to write
//! either.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use goto_microapps_api::{Carrier, Code, Session};
use goto_microapps_harness::{Harness, Options, Reply, Visitor};
use goto_sandbox::Route;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::steps::{ELODIE, JUERGEN, Test, VERIFIER, ZOE, count, form, fresh_key, noon, quiet};

const SECRET: &str = "a-secret-that-only-the-gateway-knows";

fn behind_gateway(peers: &str) -> Options {
    quiet()
        .set("sso.gateway.header", "\"x-forwarded-email\"")
        .set("sso.gateway.secret", &format!("\"{SECRET}\""))
        .set("sso.gateway.peers", peers)
        .set(
            "sso.map",
            "[\"z.oneill@corp.example=zoe.oneill@corp.example\"]",
        )
}

/// As the gateway sends it on.
fn named(request: RequestBuilder, email: &str) -> RequestBuilder {
    request
        .header("x-forwarded-email", email)
        .header("x-gateway-secret", SECRET)
}

async fn who(visitor: &Visitor, request: RequestBuilder) -> anyhow::Result<Option<String>> {
    let reply = visitor.send(request).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    Ok(reply.json::<Session>()?.user.map(|user| user.email))
}

fn session(visitor: &Visitor) -> RequestBuilder {
    visitor.call(Method::GET, "app/api/session")
}

#[tokio::test]
async fn who_consented_once_is_known_in_every_browser_behind_the_gateway() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    let stranger = harness.visitor();
    assert_eq!(who(&stranger, named(session(&stranger), ZOE)).await?, None);
    harness.employee(ZOE).await?;
    for email in [ZOE, "ZOE.ONEILL@corp.example", "z.oneill@corp.example"] {
        let found = who(&stranger, named(session(&stranger), email)).await?;
        assert_eq!(found.as_deref(), Some(ZOE), "{email}");
    }
    let create = stranger
        .call(Method::POST, "app/api/meetings")
        .header("idempotency-key", fresh_key())
        .json(&form());
    let reply = stranger.send(named(create, ZOE)).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    // The plain pages know them as well.
    let page = stranger
        .send(named(stranger.plain(Method::GET, "form"), ZOE))
        .await?;
    assert!(page.text.contains("Zoë O’Neill"), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn security_35_a_sign_on_header_counts_from_the_gateway_only() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let ask = || session(&visitor);
    let spoofs = [
        ask().header("x-forwarded-email", ZOE),
        ask()
            .header("x-forwarded-email", ZOE)
            .header("x-gateway-secret", "another"),
        ask()
            .header("x-forwarded-email", ZOE)
            .header("x-gateway-secret", ""),
        // Twice: somebody added one.
        named(ask(), ZOE).header("x-forwarded-email", ELODIE),
        named(ask(), ZOE).header("x-gateway-secret", SECRET),
        // Some gateways fold underscores into hyphens.
        ask()
            .header("x_forwarded_email", ZOE)
            .header("x-gateway-secret", SECRET),
        ask()
            .header("forwarded", format!("for=127.0.0.1;email={ZOE}"))
            .header("x-gateway-secret", SECRET),
        named(ask(), "not an address"),
        named(ask(), ""),
    ];
    for (number, spoof) in spoofs.into_iter().enumerate() {
        assert_eq!(who(&visitor, spoof).await?, None, "spoof {number}");
    }
    let elsewhere = Harness::start(behind_gateway("[\"10.0.0.0/8\"]")).await?;
    elsewhere.employee(ZOE).await?;
    let visitor = elsewhere.visitor();
    let request = named(session(&visitor), ZOE).header("x-forwarded-for", "10.0.0.7");
    assert_eq!(who(&visitor, request).await?, None, "from outside");
    Ok(())
}

#[tokio::test]
async fn the_gateway_s_word_comes_before_a_cookie() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    harness.employee(ZOE).await?;
    let elodie = harness.employee(ELODIE).await?;
    let found = who(&elodie, named(session(&elodie), ZOE)).await?;
    assert_eq!(found.as_deref(), Some(ZOE));
    // Not even where the one it names has not consented.
    assert_eq!(who(&elodie, named(session(&elodie), JUERGEN)).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_as_somebody_else_than_the_gateway_says_is_refused() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    let visitor = harness.visitor();
    let url = {
        let mut url = url::Url::parse(&format!("{}app/sign-in", harness.public_url()))?;
        url.query_pairs_mut()
            .append_pair("origin", harness.intranet.origin())
            .append_pair("challenge", &goto_microapps_harness::challenge(VERIFIER))
            .append_pair("lang", "en");
        url
    };
    let away = visitor
        .send(named(visitor.plain(Method::GET, url.as_str()), ZOE))
        .await?;
    let back = harness
        .sandbox
        .consent(away.header("location"), ELODIE)
        .await?;
    let page = visitor.open(&back).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("That is another account"),
        "{}",
        page.text
    );
    for email in [ZOE, ELODIE] {
        assert_eq!(who(&visitor, named(session(&visitor), email)).await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn with_single_sign_on_a_consent_outlives_its_sessions_until_somebody_signs_out() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    harness.employee(ZOE).await?;
    harness.advance(Duration::from_secs(20 * 24 * 3600));
    let visitor = harness.visitor();
    let found = who(&visitor, named(session(&visitor), ZOE)).await?;
    assert_eq!(found.as_deref(), Some(ZOE));
    let out = visitor.call(Method::DELETE, "app/api/session");
    assert_eq!(visitor.send(named(out, ZOE)).await?.status, 204);
    assert_eq!(who(&visitor, named(session(&visitor), ZOE)).await?, None);
    let revoked = harness.sandbox.finished(Route::Revoke, 1);
    crate::steps::soon(revoked).await;
    Ok(())
}

/// An issuer of tokens, whose keys can be changed or taken away.
struct Issuer {
    url: String,
    state: Arc<Mutex<Keys>>,
    server: AbortHandle,
}

#[derive(Default)]
struct Keys {
    published: Vec<Value>,
    away: bool,
    asked: usize,
}

struct Key {
    id: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new(id: &'static str) -> anyhow::Result<Self> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())?;
        Ok(Self { id, pair })
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        })
    }

    fn sign(&self, claims: &Value) -> anyhow::Result<String> {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.id });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes())?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl Issuer {
    async fn start(keys: &[&Key]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(Keys::default()));
        let document = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let router = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async move || Json(document)),
            )
            .route("/keys", get(published))
            .with_state(state.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self {
            url,
            state,
            server: server.abort_handle(),
        };
        issuer.publish(keys);
        Ok(issuer)
    }

    fn publish(&self, keys: &[&Key]) {
        let mut state = self.state.lock().expect("no panic while held");
        state.published = keys.iter().map(|key| key.jwk()).collect();
    }

    fn goes_away(&self) {
        self.state.lock().expect("no panic while held").away = true;
    }

    fn asked(&self) -> usize {
        self.state.lock().expect("no panic while held").asked
    }

    fn options(&self) -> Options {
        quiet()
            .set("sso.oidc.issuer", &format!("\"{}\"", self.url))
            .set("sso.oidc.audience", "\"the-proxy\"")
    }

    fn claims(&self, email: &str) -> Value {
        let now = noon().timestamp();
        json!({
            "iss": self.url, "aud": "the-proxy", "sub": "1", "email": email,
            "iat": now, "nbf": now, "exp": now + 3600,
        })
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn published(State(state): State<Arc<Mutex<Keys>>>) -> Result<Json<Value>, StatusCode> {
    let mut state = state.lock().expect("no panic while held");
    state.asked += 1;
    if state.away {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(Json(json!({ "keys": state.published })))
}

fn with_token(visitor: &Visitor, token: &str) -> RequestBuilder {
    session(visitor).bearer_auth(token)
}

#[tokio::test]
async fn a_portal_s_token_names_the_employee_in_every_browser() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(issuer.options()).await?;
    let token = key.sign(&issuer.claims(ZOE))?;
    let visitor = harness.visitor();
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    harness.employee(ZOE).await?;
    let found = who(&visitor, with_token(&visitor, &token)).await?;
    assert_eq!(found.as_deref(), Some(ZOE));
    let reply = visitor
        .send(
            visitor
                .call(Method::POST, "app/api/meetings")
                .header("idempotency-key", fresh_key())
                .bearer_auth(&token)
                .json(&form()),
        )
        .await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(issuer.asked(), 1, "the keys are remembered");
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_not_quite_right_names_nobody() -> Test {
    let key = Key::new("first")?;
    let stranger = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(issuer.options()).await?;
    let zoe = harness.employee(ZOE).await?;
    let now = noon().timestamp();
    let good = issuer.claims(ZOE);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        if let Some(claims) = claims.as_object_mut() {
            claims.remove(name);
        }
        claims
    };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = key.sign(&good)?;
    let mut parts = signed.split('.');
    let (head, body, signature) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let none = format!(
        "{}.{body}.",
        encode(&json!({ "alg": "none", "kid": "first" }))
    );
    let public_as_secret = {
        use aws_lc_rs::hmac;
        let text = format!(
            "{}.{body}",
            encode(&json!({ "alg": "HS256", "kid": "first" }))
        );
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk().to_string().as_bytes());
        let tag = hmac::sign(&secret, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let forged = format!("{head}.{}.{signature}", encode(&issuer.claims(ELODIE)));
    let cases = [
        (
            "another audience",
            key.sign(&with("aud", json!("somebody-else")))?,
        ),
        ("no audience", key.sign(&without("aud"))?),
        (
            "another issuer",
            key.sign(&with("iss", json!("https://evil.example")))?,
        ),
        ("expired", key.sign(&with("exp", json!(now - 61)))?),
        ("without an end", key.sign(&without("exp"))?),
        ("not yet", key.sign(&with("nbf", json!(now + 61)))?),
        ("not a time", key.sign(&with("nbf", json!("yesterday")))?),
        ("made tomorrow", key.sign(&with("iat", json!(now + 86400)))?),
        ("no e-mail", key.sign(&without("email"))?),
        (
            "an unverified e-mail",
            key.sign(&with("email_verified", json!(false)))?,
        ),
        ("a list of e-mails", key.sign(&with("email", json!([ZOE])))?),
        ("a stranger's key", stranger.sign(&good)?),
        ("no signature", none),
        ("a public key as secret", public_as_secret),
        ("changed", forged),
        ("cut short", signed[..signed.len() - 4].to_owned()),
        ("dots", "a.b.c".to_owned()),
        ("very long", format!("{}.a.b", "a".repeat(20_000))),
    ];
    for (what, token) in cases {
        let reply = zoe.send(with_token(&zoe, &token)).await;
        // Headers that are too large never arrive.
        let Ok(reply) = reply else { continue };
        if reply.status == 431 {
            continue;
        }
        assert_eq!(reply.status, 200, "{what}");
        let user = reply.json::<Session>()?.user;
        assert_eq!(user, None, "{what}: not even with a cookie");
    }
    for claims in [
        with("aud", json!(["other", "the-proxy"])),
        with("exp", json!(now - 30)),
        with("nbf", json!(now + 30)),
    ] {
        let found = who(&zoe, with_token(&zoe, &key.sign(&claims)?)).await?;
        assert_eq!(found.as_deref(), Some(ZOE), "{claims}");
    }
    Ok(())
}

#[tokio::test]
async fn keys_change_and_go_away_in_mid_flight() -> Test {
    let (first, second, third) = (Key::new("first")?, Key::new("second")?, Key::new("third")?);
    let issuer = Issuer::start(&[&first]).await?;
    let harness = Harness::start(issuer.options()).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let ask = async |key: &Key| {
        let token = key.sign(&issuer.claims(ZOE))?;
        who(&visitor, with_token(&visitor, &token)).await
    };
    assert!(ask(&first).await?.is_some());
    issuer.publish(&[&first, &second]);
    assert!(ask(&second).await?.is_none(), "not asked for again at once");
    harness.advance(Duration::from_secs(31));
    assert!(ask(&second).await?.is_some());
    assert!(ask(&first).await?.is_some());
    // Unknown keys do not make a storm of questions.
    let before = issuer.asked();
    for _ in 0..20 {
        assert!(ask(&third).await?.is_none());
    }
    assert!(issuer.asked() <= before + 1);
    // A withdrawn key is forgotten within the hour the tokens last.
    issuer.publish(&[&second]);
    harness.advance(Duration::from_secs(3540));
    assert!(ask(&second).await?.is_some());
    harness.advance(Duration::from_secs(60));
    assert!(ask(&first).await?.is_none(), "withdrawn");
    issuer.goes_away();
    assert!(ask(&second).await?.is_some(), "known keys last");
    Ok(())
}

#[tokio::test]
async fn security_37_a_portal_s_keys_come_from_its_own_address_and_are_bounded() -> Test {
    let key = Key::new("first")?;
    for wrong in ["", "issuer", "redirect", "length"] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let named = if wrong == "issuer" {
            "https://somebody-else.example"
        } else {
            url.as_str()
        };
        let document = json!({ "issuer": named, "jwks_uri": format!("{url}/keys") });
        let mut keys = json!({ "keys": [key.jwk()] });
        if wrong == "length" {
            keys["padding"] = "x".repeat(600 * 1024).into();
        }
        let discovery = "/.well-known/openid-configuration";
        let mut router = Router::new().route(discovery, get(async move || Json(document)));
        router = if wrong == "redirect" {
            let moved = get(async || Redirect::temporary("/moved"));
            router
                .route("/keys", moved)
                .route("/moved", get(async move || Json(keys)))
        } else {
            router.route("/keys", get(async move || Json(keys)))
        };
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let options = quiet()
            .set("sso.oidc.issuer", &format!("\"{url}\""))
            .set("sso.oidc.audience", "\"the-proxy\"");
        let harness = Harness::start(options).await?;
        harness.employee(ZOE).await?;
        let now = noon().timestamp();
        let token = key.sign(&json!({
            "iss": url, "aud": "the-proxy", "email": ZOE, "iat": now, "exp": now + 3600,
        }))?;
        let visitor = harness.visitor();
        let found = who(&visitor, with_token(&visitor, &token)).await?;
        assert_eq!(found.is_some(), wrong.is_empty(), "{wrong}");
        server.abort();
    }
    Ok(())
}

#[tokio::test]
async fn keys_that_were_never_there_keep_nobody_from_signing_in_by_hand() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    issuer.goes_away();
    let harness = Harness::start(issuer.options()).await?;
    let zoe = harness.employee(ZOE).await?;
    let token = key.sign(&issuer.claims(ZOE))?;
    assert_eq!(who(&zoe, with_token(&zoe, &token)).await?, None);
    assert_eq!(who(&zoe, session(&zoe)).await?.as_deref(), Some(ZOE));
    Ok(())
}

#[tokio::test]
async fn a_token_s_employee_cannot_take_somebody_else_s_sign_in() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(issuer.options()).await?;
    let visitor = harness.visitor();
    let away = visitor.depart(VERIFIER).await?;
    let back = harness.sandbox.consent(&away, ELODIE).await?;
    let page = visitor.open(&back).await?;
    let (message, _) = Visitor::posted(&page)?;
    let body = goto_microapps_api::HandoffRequest {
        code: message.code.unwrap_or_default(),
        verifier: VERIFIER.to_owned(),
        carrier: Carrier::Cookie,
    };
    let request = visitor
        .call(Method::POST, "app/api/session")
        .bearer_auth(key.sign(&issuer.claims(ZOE))?)
        .json(&body);
    let reply: Reply = visitor.send(request).await?;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.problem()?.code, Code::HandoffRefused);
    assert_eq!(visitor.cookie("goto_session"), None);
    let token = key.sign(&issuer.claims(ELODIE))?;
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}
