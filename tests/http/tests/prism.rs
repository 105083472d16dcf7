//! The vendor's descriptions as judges: Prism stands between proxy and sandbox, once with each, and
//! says where a request or an answer is not what they promise.

#[path = "suite/steps.rs"]
#[expect(dead_code, reason = "the suite's, of which little is needed here")]
mod steps;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::Meeting;
use goto_microapps_harness::{Harness, NodeProgram, Options, free_address};
use goto_sandbox::{
    EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, Route, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET,
    Times,
};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use steps::{ELODIE, JUERGEN, Test, connected, count, form, fresh_key};

const PRISM: &str = "node_modules/@stoplight/prism-cli/dist/index.js";

/// What Prism found in one exchange.
#[derive(Clone, Debug)]
struct Finding {
    call: String,
    /// `response.body.0.uniqueMeetingId`
    place: String,
    code: String,
    message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            call,
            place,
            code,
            message,
        } = self;
        write!(out, "{call}: {place} {code}: {message}")
    }
}

impl Finding {
    /// JavaScript cannot hold these numbers; JSON and GoTo can.
    fn is_long_id(&self) -> bool {
        let ids = [
            "uniqueMeetingId",
            "meetingInstanceKey",
            "sessionId",
            "organizerKey",
            "organizerkey",
        ];
        self.code == "maximum" && ids.iter().any(|id| self.place.ends_with(id))
    }

    /// The descriptions give each time a format that their own samples do not keep.
    fn is_sampled_time(&self) -> bool {
        let times = [
            "startTime",
            "endTime",
            "createTime",
            "joinTime",
            "leaveTime",
            "date",
        ];
        self.code == "format"
            && self.message.contains("date-time")
            && self.place.starts_with("response.body")
            && times.iter().any(|time| self.place.ends_with(time))
    }
}

/// What stands between proxy and sandbox: Prism where there is a description, nothing elsewhere.
#[derive(Clone)]
struct Hop {
    http: reqwest::Client,
    sandbox: String,
    meetings: String,
    identity: String,
    /// Exchanges that were judged, as `GET /upcomingMeetings 200`.
    judged: Arc<Mutex<Vec<String>>>,
    findings: Arc<Mutex<Vec<Finding>>>,
    /// Whether the next answer to a create gets lost here.
    lose_create: Arc<AtomicBool>,
}

/// Both judges and the hop; the judges end with it.
struct Court {
    hop: Hop,
    /// API base for the proxy.
    url: String,
    _judges: [NodeProgram; 2],
}

impl Court {
    async fn open(sandbox_port: u16) -> anyhow::Result<Self> {
        let sandbox = format!("http://127.0.0.1:{sandbox_port}");
        let starting = tokio::task::spawn_blocking({
            let sandbox = sandbox.clone();
            move || {
                let meetings = judge("gotomeeting.json", &format!("{sandbox}/G2M/rest"))?;
                let identity = judge("identity.json", &format!("{sandbox}/identity/v1"))?;
                anyhow::Ok((meetings, identity))
            }
        });
        let ((meetings, meetings_url), (identity, identity_url)) = starting.await??;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let hop = Hop {
            http: http.build()?,
            sandbox,
            meetings: meetings_url,
            identity: identity_url,
            judged: Arc::default(),
            findings: Arc::default(),
            lose_create: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let router = Router::new().fallback(pass_on).with_state(hop.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            hop,
            url,
            _judges: [meetings, identity],
        })
    }

    fn findings(&self) -> Vec<Finding> {
        locked(&self.hop.findings).clone()
    }

    fn judged(&self) -> Vec<String> {
        locked(&self.hop.judged).clone()
    }
}

/// Prism with one description before `upstream`; its address.
fn judge(description: &str, upstream: &str) -> anyhow::Result<(NodeProgram, String)> {
    let port = free_address()?.port().to_string();
    let file = format!("descriptions/{description}");
    let arguments = [PRISM, "proxy", &file, upstream, "--port", &port];
    let ready = "Prism is listening on ";
    NodeProgram::start("@stoplight/prism-cli", &arguments, &[], ready)
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pass_on(State(hop): State<Hop>, request: Request) -> Response {
    match hop.pass_on(request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

impl Hop {
    async fn pass_on(&self, request: Request) -> anyhow::Result<Response> {
        let (mut head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await?;
        let target = head.uri.path_and_query().context("a path")?.to_string();
        let (judge, rest) = if let Some(rest) = target.strip_prefix("/G2M/rest/") {
            (Some(&self.meetings), rest)
        } else if let Some(rest) = target.strip_prefix("/identity/v1/") {
            (Some(&self.identity), rest)
        } else {
            (None, target.trim_start_matches('/'))
        };
        head.headers.remove("host");
        head.headers.remove("content-length");
        let url = format!("{}/{rest}", judge.unwrap_or(&self.sandbox));
        let is_create = head.method == Method::POST && rest == "meetings";
        let request = self.http.request(head.method.clone(), url);
        let answer = request.headers(head.headers).body(body).send().await?;
        let status = answer.status();
        if judge.is_some() {
            let path = rest.split('?').next().unwrap_or_default();
            let call = format!("{} /{path}", head.method);
            locked(&self.judged).push(format!("{call} {}", status.as_u16()));
            locked(&self.findings).extend(findings(&call, &answer)?);
        }
        if is_create && self.lose_create.swap(false, Ordering::SeqCst) {
            return Ok(StatusCode::BAD_GATEWAY.into_response());
        }
        let mut response = Response::builder().status(status);
        for name in [CONTENT_TYPE, RETRY_AFTER] {
            if let Some(value) = answer.headers().get(&name) {
                response = response.header(name, value);
            }
        }
        Ok(response.body(answer.bytes().await?.into())?)
    }
}

/// What Prism says about an exchange: a header for what it let pass, a document of its own for what
/// it did not.
fn findings(call: &str, answer: &reqwest::Response) -> anyhow::Result<Vec<Finding>> {
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str());
    let finding = |place: String, code: &str, message: &str| Finding {
        call: call.to_owned(),
        place,
        code: code.to_owned(),
        message: message.to_owned(),
    };
    if let Some(Ok(kind)) = header("content-type")
        && kind.starts_with("application/problem+json")
    {
        return Ok(vec![finding(String::new(), "refused", kind)]);
    }
    let violations = match header("sl-violations") {
        Some(text) => serde_json::from_str(text?)?,
        None => Value::Array(Vec::new()),
    };
    let violations = violations.as_array().context("a list of violations")?;
    let found = violations.iter().map(|violation| {
        let text = |name: &str| violation[name].as_str().unwrap_or_default();
        let place: Vec<&str> = violation["location"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        finding(place.join("."), text("code"), text("message"))
    });
    Ok(found.collect())
}

/// What employees and administrator do: consent, reading everybody, a create, one whose answer is
/// lost and that is found again, details.
async fn work(court: &Court, harness: &Harness) -> Test {
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.sandbox.employee(JUERGEN).context("a person")?;
    let mut asked = form();
    asked.co_organizers = vec![juergen.key];
    let created = elodie.create(&fresh_key(), &asked).await?;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.json::<Meeting>()?.id;
    let details = elodie.get(&format!("app/api/meetings/{id}")).await?;
    assert_eq!(details.status, 200, "{}", details.text);

    court.hop.lose_create.store(true, Ordering::SeqCst);
    let key = fresh_key();
    asked.subject = "Lost & found".to_owned();
    let lost = elodie.create(&key, &asked).await?;
    assert_eq!(lost.status, 202, "{}", lost.text);
    // Refused and renewed on the way: of all calls this one documents the 403 of a token that ended.
    harness.sandbox.expire_access_tokens();
    let request = elodie.call(Method::POST, "app/api/meetings/check");
    let found = elodie.send(request.header("idempotency-key", &key)).await?;
    assert_eq!(found.status, 201, "{}", found.text);
    assert_eq!(harness.sandbox.meetings().len(), 2);

    let gone = elodie.get("app/api/meetings/100000001").await?;
    assert_eq!(gone.status, 404, "{}", gone.text);
    assert!(count(harness, Route::Users) > 0, "the directory was read");
    Ok(())
}

/// The calls that the proxy does not make, by others: what is deprecated, and what administrators do.
async fn read_all(court: &Court, harness: &Harness) -> Test {
    let employee = (
        EMPLOYEE_CLIENT_ID,
        EMPLOYEE_CLIENT_SECRET,
        "app/api/auth/serviceAction/callback",
    );
    let service = (
        SERVICE_CLIENT_ID,
        SERVICE_CLIENT_SECRET,
        "admin/api/gwsc/auth/serverContext",
    );
    let own = token(court, harness, employee, ELODIE).await?;
    let admin = token(court, harness, service, &harness.sandbox.admin().email).await?;
    let get = async |path: &str, token: &str| {
        let url = format!("{}G2M/rest/{path}", court.url);
        let answer = court.hop.http.get(url).bearer_auth(token).send().await?;
        anyhow::ensure!(answer.status() == 200, "{path}: {}", answer.status());
        anyhow::Ok(())
    };
    let id = harness.sandbox.meetings()[0].id;
    let key = harness.sandbox.employee(ELODIE).context("a person")?.key;
    get(&format!("meetings/{id}/start"), &own).await?;
    get(&format!("organizers/{key}/upcomingMeetings"), &admin).await?;
    get(&format!("organizers/{key}/meetings?scheduled=true"), &admin).await?;
    get(&format!("organizers/{key}"), &own).await?;
    get("organizers", &admin).await?;
    // Until it took place.
    harness.advance(Duration::from_secs(2 * 24 * 3600));
    let own = token(court, harness, employee, ELODIE).await?;
    let admin = token(court, harness, service, &harness.sandbox.admin().email).await?;
    let range = "startDate=2026-03-01T00:00:00Z&endDate=2026-03-09T00:00:00Z";
    get(&format!("historicalMeetings?{range}"), &own).await?;
    get(&format!("meetings?history=true&{range}"), &own).await?;
    get(&format!("meetings/{id}/attendees"), &own).await?;
    get(&format!("organizers/{key}/attendees?{range}"), &admin).await?;
    get(
        &format!("organizers/{key}/historicalMeetings?{range}"),
        &admin,
    )
    .await
}

/// An access token for somebody, as another application with the same clients gets it.
async fn token(
    court: &Court,
    harness: &Harness,
    (id, secret, callback): (&str, &str, &str),
    email: &str,
) -> anyhow::Result<String> {
    let callback = format!("{}{callback}", harness.public_url());
    let mut departure = url::Url::parse(&harness.sandbox.authorize_url())?;
    departure
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", id)
        .append_pair("redirect_uri", &callback);
    let back = harness.sandbox.consent(departure.as_str(), email).await?;
    let back = url::Url::parse(&back)?;
    let code = back.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = code.context("a code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &callback),
    ];
    let url = format!("{}/oauth/token", court.hop.sandbox);
    let request = court.hop.http.post(url).basic_auth(id, Some(secret));
    let tokens: Value = request.form(&form).send().await?.json().await?;
    let token = tokens["access_token"].as_str();
    Ok(token.with_context(|| tokens.to_string())?.to_owned())
}

#[tokio::test]
async fn goto_s_descriptions_find_nothing_but_ids_too_long_for_javascript() -> Test {
    for times in [Times::AsFormatted, Times::AsSampled] {
        let sandbox_port = free_address()?.port();
        let court = Court::open(sandbox_port).await?;
        let mut options = connected();
        options.sandbox.times = times;
        let options = Options {
            ports: [sandbox_port, 0, 0, 0],
            ..options
        };
        let api_base = format!("{:?}", court.url);
        let harness = Harness::start(options.set("goto.api_base", &api_base)).await?;
        work(&court, &harness).await?;
        read_all(&court, &harness).await?;
        let judged = court.judged();
        for call in [
            "GET /Users/me 200",
            "POST /meetings 201",
            "GET /upcomingMeetings 403",
            "GET /upcomingMeetings 200",
        ] {
            let times = judged.iter().filter(|one| *one == call).count();
            assert!(times > 0, "{call} is not among {judged:?}");
        }
        for (method, end) in [("GET /meetings/", " 200"), ("GET /meetings/", " 404")] {
            let is = |one: &String| one.starts_with(method) && one.ends_with(end);
            assert!(judged.iter().any(is), "{method}…{end}: {judged:?}");
        }
        assert!(
            judged.iter().any(|call| call.ends_with("/start 200")),
            "{judged:?}"
        );
        let findings = court.findings();
        assert!(
            findings.iter().any(Finding::is_long_id),
            "Prism looked at nothing"
        );
        let others: Vec<String> = findings
            .iter()
            .filter(|finding| !finding.is_long_id())
            .filter(|finding| times == Times::AsFormatted || !finding.is_sampled_time())
            .map(ToString::to_string)
            .collect();
        assert!(others.is_empty(), "{others:#?}");
    }
    Ok(())
}
