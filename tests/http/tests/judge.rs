//! The proxy and an authorization server that is not ours: npm `oidc-provider`, `tests/judge`.
//!
//! It takes the place of the sandbox's OAuth. Between proxy and sandbox is a hop that asks the judge
//! whose a token is and goes on with one of the sandbox's, so that the sandbox stays a GoTo.

#[path = "judge/calendars.rs"]
mod calendars;
#[path = "suite/steps.rs"]
#[expect(dead_code, reason = "the suite's, of which little is needed here")]
mod steps;
#[path = "judge/types.rs"]
mod types;
#[path = "judge/zones.rs"]
mod zones;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{Carrier, Code, HandoffOutcome};
use goto_microapps_harness::{
    ADMIN_PASSWORD, Harness, NodeProgram, Options, Reply, Visitor, challenge, free_address,
};
use goto_sandbox::{
    EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET,
};
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use steps::{Disk, ELODIE, Test, VERIFIER, ZOE, code, eventually, form, fresh_key, quiet};

const HOUR: Duration = Duration::from_secs(3600);
const EMPLOYEE_CALLBACK: &str = "app/api/auth/serviceAction/callback";
const SERVICE_CALLBACK: &str = "admin/api/gwsc/auth/serverContext";

fn http() -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    Ok(builder
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()?)
}

/// The running server; ends with the test.
struct Judge {
    _program: NodeProgram,
    /// No slash at the end.
    url: String,
    http: reqwest::Client,
}

impl Judge {
    /// Starts it for a proxy on this port.
    fn start(proxy_port: u16) -> anyhow::Result<Self> {
        let client = |id: &str, secret: &str, callback: &str| {
            let redirect = format!("http://proxy.localhost:{proxy_port}/{callback}");
            json!({ "id": id, "secret": secret, "redirect": redirect })
        };
        let settings = json!({ "clients": [
            client(EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, EMPLOYEE_CALLBACK),
            client(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SERVICE_CALLBACK),
        ] })
        .to_string();
        let environment = [("JUDGE", settings.as_str())];
        let (program, url) =
            NodeProgram::start("oidc-provider", &["server.mjs"], &environment, "listening ")?;
        Ok(Self {
            _program: program,
            url,
            http: http()?,
        })
    }

    /// What happened at its token endpoint and around it.
    async fn log(&self) -> anyhow::Result<Vec<Value>> {
        let answer = self.http.get(format!("{}/judge/log", self.url));
        Ok(answer.send().await?.json().await?)
    }

    /// The calls of the token endpoint with this grant.
    async fn asked(&self, grant: &str) -> anyhow::Result<Vec<Value>> {
        let mut log = self.log().await?;
        log.retain(|entry| entry["grant"] == grant);
        Ok(log)
    }

    /// How many families of tokens it ended.
    async fn ended(&self) -> anyhow::Result<usize> {
        let log = self.log().await?;
        Ok(log
            .iter()
            .filter(|entry| entry["path"] == "revoked")
            .count())
    }

    /// What a browser does there as `email`; the way back, which is not taken.
    async fn consent(&self, departure: &str, email: &str) -> anyhow::Result<String> {
        let mut url = Url::parse(departure)?;
        url.query_pairs_mut().append_pair("login_hint", email);
        let mut cookies = BTreeMap::new();
        for _ in 0..5 {
            let jar: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let request = self.http.get(url.clone()).header("cookie", jar.join("; "));
            let answer = request.send().await?;
            keep(&mut cookies, answer.headers());
            let status = answer.status();
            let location = answer.headers().get(LOCATION).context(status)?;
            url = url.join(location.to_str()?)?;
            if !url.as_str().starts_with(&self.url) {
                return Ok(url.into());
            }
        }
        anyhow::bail!("too many redirects at the judge")
    }
}

fn keep(cookies: &mut BTreeMap<String, String>, headers: &HeaderMap) {
    for value in headers.get_all(SET_COOKIE) {
        let pair = value.to_str().unwrap_or_default().split(';').next();
        if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Between proxy and sandbox.
#[derive(Clone)]
struct Hop {
    http: reqwest::Client,
    judge: String,
    sandbox: String,
    /// As the sandbox's redirect URLs begin; no slash at the end.
    proxy: String,
}

impl Hop {
    async fn start(judge: &Judge, sandbox_port: u16, proxy_port: u16) -> anyhow::Result<String> {
        let hop = Self {
            http: http()?,
            judge: judge.url.clone(),
            sandbox: format!("http://127.0.0.1:{sandbox_port}"),
            proxy: format!("http://proxy.localhost:{proxy_port}"),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(pass_on).with_state(hop);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(format!("http://{address}/"))
    }

    /// A token of the sandbox's for whom the judge's token is of; `None` if the judge does not
    /// know it.
    async fn swap(&self, headers: &HeaderMap) -> anyhow::Result<Option<String>> {
        let who = self.http.get(format!("{}/judge/who", self.judge));
        let authorization = headers.get("authorization").context("no token")?;
        let who = who.header("authorization", authorization).send().await?;
        if who.status() != StatusCode::OK {
            return Ok(None);
        }
        let who: Value = who.json().await?;
        let (id, secret, callback) = if who["client"] == SERVICE_CLIENT_ID {
            (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, SERVICE_CALLBACK)
        } else {
            (
                EMPLOYEE_CLIENT_ID,
                EMPLOYEE_CLIENT_SECRET,
                EMPLOYEE_CALLBACK,
            )
        };
        let redirect = format!("{}/{callback}", self.proxy);
        let url = format!("{}/oauth/authorize", self.sandbox);
        let mut consent = vec![
            ("response_type", "code"),
            ("client_id", id),
            ("redirect_uri", &redirect),
            ("state", "hop"),
            ("email", who["email"].as_str().context("an address")?),
        ];
        let mut answer = self.http.post(&url).form(&consent).send().await?;
        if answer.headers().get(LOCATION).is_none() {
            consent.push(("decision", "allow"));
            answer = self.http.post(&url).form(&consent).send().await?;
        }
        let back = answer.headers().get(LOCATION).context("no way back")?;
        let back = Url::parse(back.to_str()?)?;
        let code = back.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.context("no code of the sandbox's")?;
        let tokens = self
            .http
            .post(format!("{}/oauth/token", self.sandbox))
            .basic_auth(id, Some(secret))
            .form(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", &redirect),
            ]);
        let tokens: Value = tokens.send().await?.json().await?;
        let token = tokens["access_token"].as_str().context("no token")?;
        Ok(Some(token.to_owned()))
    }
}

async fn pass_on(State(hop): State<Hop>, request: Request) -> Response {
    let passed = async {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await?;
        let Some(token) = hop.swap(&head.headers).await? else {
            let refused = r#"{"int_err_code":"InvalidToken","msg":"Invalid token passed"}"#;
            return Ok((StatusCode::FORBIDDEN, Bytes::from(refused)));
        };
        let path = head.uri.path_and_query().context("a path")?;
        let mut headers = head.headers;
        for name in ["host", "content-length", "authorization"] {
            headers.remove(name);
        }
        let request = hop
            .http
            .request(head.method, format!("{}{path}", hop.sandbox))
            .headers(headers)
            .bearer_auth(token)
            .body(body);
        let answer = request.send().await?;
        anyhow::Ok((answer.status(), answer.bytes().await?))
    };
    match passed.await {
        Ok((status, body)) => {
            (status, [("content-type", "application/json")], body).into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

/// All of it; the clocks of proxy and sandbox stand, the judge's runs.
async fn start(options: Options) -> anyhow::Result<(Judge, Harness)> {
    let [sandbox_port, proxy_port] = [free_address()?.port(), free_address()?.port()];
    let judge = Judge::start(proxy_port)?;
    let api = Hop::start(&judge, sandbox_port, proxy_port).await?;
    let url = |path: &str| format!("\"{}/{path}\"", judge.url);
    let options = options
        .set("goto.authorize_url", &url("auth"))
        .set("goto.token_url", &url("token"))
        .set("goto.revocation_url", &url("token/revocation"))
        .set("goto.api_base", &format!("{api:?}"))
        .set("goto.employees.scopes", r#"["collab:"]"#)
        .set("goto.service_account.scopes", r#"["collab:", "identity:"]"#);
    let harness = Harness::start(Options {
        ports: [sandbox_port, proxy_port, 0, 0],
        ..options
    });
    Ok((judge, harness.await?))
}

/// Signs in up to what the window says.
async fn arrive(judge: &Judge, visitor: &Visitor, email: &str) -> anyhow::Result<Reply> {
    let departure = visitor.depart(VERIFIER).await?;
    visitor.open(&judge.consent(&departure, email).await?).await
}

async fn sign_in(judge: &Judge, visitor: &Visitor, email: &str) -> anyhow::Result<()> {
    let page = arrive(judge, visitor, email).await?;
    let (message, _) = Visitor::posted(&page).with_context(|| page.text.clone())?;
    let code = message.code.with_context(|| page.text.clone())?;
    let reply = visitor.take(&code, VERIFIER, Carrier::Cookie).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    Ok(())
}

async fn create(visitor: &Visitor) -> anyhow::Result<Reply> {
    visitor.create(&fresh_key(), &form()).await
}

#[tokio::test]
async fn security_01_a_server_that_is_not_ours_takes_both_clients() -> Test {
    let (judge, harness) = start(quiet()).await?;
    let elodie = harness.visitor();
    sign_in(&judge, &elodie, ELODIE).await?;
    let created = create(&elodie).await?;
    assert_eq!(created.status, 201, "{}", created.text);

    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let departure = admin.depart().await?;
    let email = harness.sandbox.admin().email;
    let back = judge.consent(&departure, &email).await?;
    let page = admin.open(&back).await?;
    assert_eq!(page.status, 200, "{}", page.text);
    eventually(async || {
        let found = elodie.get("app/api/organizers?q=suharto").await?;
        Ok(found.text.contains("Suharto").then_some(()))
    })
    .await?;

    let exchanges = judge.asked("authorization_code").await?;
    assert_eq!(exchanges.len(), 2);
    for (exchange, client) in exchanges
        .iter()
        .zip([EMPLOYEE_CLIENT_ID, SERVICE_CLIENT_ID])
    {
        assert_eq!(exchange["status"], 200, "{exchange}");
        assert_eq!(exchange["client"], client);
        assert_eq!(exchange["basic"], true);
        assert_eq!(exchange["secret_in_body"], false);
        assert!(exchange["verifier"].as_u64() >= Some(43), "{exchange}");
    }
    Ok(())
}

#[tokio::test]
async fn security_02_a_server_that_requires_s256_refuses_whatever_was_tampered_with() -> Test {
    let (judge, harness) = start(quiet()).await?;
    let visitor = harness.visitor();
    let told = async |departure: &str| -> anyhow::Result<(u16, HandoffOutcome)> {
        let back = judge.consent(departure, ELODIE).await?;
        let page = visitor.open(&back).await?;
        let (message, _) = Visitor::posted(&page)?;
        assert_eq!(message.code, None);
        Ok((page.status, message.outcome))
    };
    let without = |departure: &str, name: &str| -> anyhow::Result<String> {
        let mut url = Url::parse(departure)?;
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(other, _)| other != name)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        Ok(url.into())
    };
    // The server itself refuses to begin without a challenge, or with a plain one.
    for name in ["code_challenge", "code_challenge_method"] {
        let departure = without(&visitor.depart(VERIFIER).await?, name)?;
        let (_, outcome) = told(&departure).await?;
        assert_eq!(outcome, HandoffOutcome::Failed, "{name}");
    }
    assert_eq!(judge.asked("authorization_code").await?.len(), 0);

    let departure = without(&visitor.depart(VERIFIER).await?, "code_challenge")?;
    let another = challenge("somebody else's verifier, which is long enough for S256");
    let swapped = format!("{departure}&code_challenge={another}");
    assert_eq!(told(&swapped).await?, (502, HandoffOutcome::Failed));
    let exchanges = judge.asked("authorization_code").await?;
    assert_eq!(exchanges.len(), 1, "once");
    assert_eq!(exchanges[0]["error"], "invalid_grant");
    let reply = create(&visitor).await?;
    assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    Ok(())
}

#[tokio::test]
async fn security_16_a_server_whose_refresh_tokens_work_once_always_gets_the_newest() -> Test {
    let (judge, mut harness) = start(quiet()).await?;
    let elodie = harness.visitor();
    sign_in(&judge, &elodie, ELODIE).await?;
    for renewed in 1..=3 {
        harness.advance(HOUR);
        assert_eq!(create(&elodie).await?.status, 201);
        let renewals = judge.asked("refresh_token").await?;
        assert_eq!(renewals.len(), renewed);
        assert!(renewals.iter().all(|renewal| renewal["status"] == 200));
        harness.kill_proxy().await?;
        harness.start_proxy().await?;
    }
    assert_eq!(judge.ended().await?, 0, "none was sent twice");
    Ok(())
}

#[tokio::test]
async fn security_18_a_replayed_refresh_token_ends_its_family_and_is_not_tried_again() -> Test {
    let disk = Disk::new()?;
    let options = disk.under(quiet());
    let (judge, mut harness) = start(options).await?;
    let zoe = harness.visitor();
    sign_in(&judge, &zoe, ZOE).await?;
    harness.stop_proxy().await?;
    let backup = std::fs::read(disk.path())?;
    harness.start_proxy().await?;
    harness.advance(HOUR);
    assert_eq!(create(&zoe).await?.status, 201, "renewed, rotated");
    harness.stop_proxy().await?;
    std::fs::write(disk.path(), backup)?;
    for log in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{log}", disk.path().display()));
    }
    harness.start_proxy().await?;
    for _ in 0..5 {
        let reply = create(&zoe).await?;
        assert_eq!(code(&reply)?, (401, Code::ReconnectRequired));
    }
    let renewals = judge.asked("refresh_token").await?;
    let errors: Vec<&Value> = renewals.iter().map(|renewal| &renewal["error"]).collect();
    assert_eq!(errors, [&Value::Null, &json!("invalid_grant")], "no loop");
    assert_eq!(judge.ended().await?, 1, "the whole family");

    sign_in(&judge, &zoe, ZOE).await?;
    assert_eq!(create(&zoe).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn security_19_a_server_that_is_not_ours_ends_the_consent_of_who_signs_out() -> Test {
    let (judge, harness) = start(quiet()).await?;
    let elodie = harness.visitor();
    sign_in(&judge, &elodie, ELODIE).await?;
    let session = elodie.cookie("goto_session").unwrap_or_default();
    let out = elodie.send(elodie.call(Method::DELETE, "app/api/session"));
    assert_eq!(out.await?.status, 204);
    eventually(async || Ok((judge.ended().await? == 1).then_some(()))).await?;
    let log = judge.log().await?;
    let revocation = log
        .iter()
        .find(|entry| entry["path"] == "/token/revocation");
    let revocation = revocation.context("no revocation")?;
    assert_eq!(revocation["status"], 200, "{revocation}");
    assert_eq!(revocation["client"], EMPLOYEE_CLIENT_ID);
    assert_eq!(revocation["basic"], true);
    assert_eq!(revocation["secret_in_body"], false);
    elodie.set_cookie("goto_session", &session);
    let reply = create(&elodie).await?;
    assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    Ok(())
}
