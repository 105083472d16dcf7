//! A long day of the proxy with everything logged: none of the sandbox's secrets, each of which has
//! the word `canary` in it, nor any session of ours may be found anywhere afterwards.
//!
//! A program of its own, because it takes the whole process's log.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use goto_microapps_api::{
    Carrier, EditMeeting, HandoffResponse, IDEMPOTENCY_KEY, InvitationExtra, Meeting, NewMeeting,
    SeenMeeting, StartTicket,
};
use goto_microapps_harness::{
    ADMIN_PASSWORD, Harness, Options, PROXY_THREAD, Reply, SECRETS, Visitor,
};
use goto_sandbox::{Fault, FaultKind, Route};
use reqwest::Method;
use tracing_subscriber::fmt::MakeWriter;

const ZOE: &str = "zoe.oneill@corp.example";
const ELODIE: &str = "elodie.martin@corp.example";

/// What the proxy's own threads logged; the sandbox and the browser live in this process too.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default();
        if name == PROXY_THREAD || name.starts_with("sqlx") {
            let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            log.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn holds(place: &[u8], secret: &str) -> bool {
    place
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

fn form(subject: &str) -> NewMeeting {
    NewMeeting {
        subject: subject.to_owned(),
        start: "2026-03-03T14:00".to_owned(),
        end: "2026-03-03T15:00".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        password_required: true,
        invitation: InvitationExtra::to(vec!["kestrel-participant@guest.example".to_owned()]),
        ..NewMeeting::default()
    }
}

async fn create(visitor: &Visitor, subject: &str) -> anyhow::Result<Reply> {
    let key = format!("a-key-of-this-one-day-{}", subject.replace(' ', "-"));
    visitor.create(&key, &form(subject)).await
}

/// Everything that goes wrong at GoTo, on the way to it and back.
fn troubles() -> Vec<FaultKind> {
    vec![
        FaultKind::status(400),
        FaultKind::status(500),
        FaultKind::Html,
        FaultKind::HtmlAfterCommit,
        FaultKind::InvalidToken,
        FaultKind::CutBefore,
        FaultKind::CutAfterCommit,
        FaultKind::Truncated,
        FaultKind::EmptyBody,
        FaultKind::WrongTypes,
        FaultKind::MissingFields(Vec::new()),
    ]
}

/// A sign-in of somebody whose browser takes no cookie, and everything on the way that would let
/// somebody else take it over.
async fn sign_in_by_hand(harness: &Harness) -> anyhow::Result<Vec<String>> {
    let visitor = harness.visitor();
    let verifier = "verifier-of-a-widget-0123456789-0123456789-0123456789";
    let departure = url::Url::parse(&visitor.depart(verifier).await?)?;
    let state = departure.query_pairs().find(|(name, _)| name == "state");
    let mut secrets = vec![
        verifier.to_owned(),
        state.context("no state")?.1.into_owned(),
        visitor.cookie("goto_sign_in").context("no cookie")?,
    ];
    let back = harness.sandbox.consent(departure.as_str(), ELODIE).await?;
    let (posted, typed) = visitor.arrive_severed(&back, verifier).await?;
    secrets.push(typed);
    let taken = visitor.take(&posted, verifier, Carrier::Bearer).await?;
    let taken: HandoffResponse = taken.json()?;
    secrets.push(posted);
    secrets.push(taken.bearer.context("no bearer")?);
    visitor.get("app/api/session").await?;
    Ok(secrets)
}

/// The owner starts the meeting: the ticket, and what only the host may have.
async fn host(visitor: &Visitor, id: &str) -> anyhow::Result<Vec<String>> {
    let press = visitor.call(Method::POST, &format!("app/api/meetings/{id}/start"));
    let ticket = visitor.send(press).await?.json::<StartTicket>()?.ticket;
    let sent = visitor.plain(Method::POST, "app/start");
    let led = sent.form(&[("ticket", &ticket)]).send().await?;
    let location = led.headers().get("location").context("led nowhere")?;
    let (_, token) = location.to_str()?.split_once('=').context("a token")?;
    Ok(vec![ticket, token.to_owned()])
}

/// The owner makes it another, with somebody else invited.
async fn edit(visitor: &Visitor, id: &str) -> anyhow::Result<()> {
    let made = visitor.get(&format!("app/api/meetings/{id}")).await?;
    let made = made.json::<Meeting>()?;
    let change = EditMeeting {
        seen: SeenMeeting {
            subject: made.subject,
            start: made.start,
            end: made.end,
        },
        meeting: NewMeeting {
            invitation: InvitationExtra::to(vec!["kestrel-newcomer@guest.example".to_owned()]),
            ..form("another meeting")
        },
    };
    // Another worker of the proxy may have it in hand: asked again, as the widget does.
    for _ in 0..300 {
        let request = visitor.call(Method::POST, &format!("app/api/meetings/{id}/edit"));
        let request = request
            .header(IDEMPOTENCY_KEY, "a-key-of-this-one-edit")
            .json(&change);
        let reply = visitor.send(request).await?;
        anyhow::ensure!(matches!(reply.status, 200 | 202), "{}", reply.text);
        if reply.status == 200 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the change does not come to an end")
}

async fn day(harness: &Harness) -> anyhow::Result<Vec<String>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let zoe = harness.employee(ZOE).await?;
    let elodie = harness.employee(ELODIE).await?;
    let mut secrets = vec![];
    secrets.extend(zoe.cookie("goto_session"));
    secrets.extend(elodie.cookie("goto_session"));
    secrets.extend(sign_in_by_hand(harness).await?);
    secrets.push(ADMIN_PASSWORD.to_owned());
    secrets.push(admin.cookie("goto_admin").context("no session")?);

    let reply = create(&zoe, "an ordinary meeting").await?;
    anyhow::ensure!(reply.status == 201, "{}", reply.text);
    let made = reply.json::<Meeting>()?;
    let id = made.id;
    // Whoever has the link, or the number with its code, is in the meeting.
    secrets.push(made.join_url);
    let phone = made.phone.unwrap_or_default();
    secrets.extend(phone.lines().next().map(|line| line.trim().to_owned()));
    for path in [
        format!("app/api/meetings/{id}"),
        "app/api/organizers?q=elodie".to_owned(),
        "app/api/session".to_owned(),
        "form".to_owned(),
        format!("form/meetings/{id}?new=1"),
        "frame".to_owned(),
        "embed.js".to_owned(),
        "app/api/meetings/1".to_owned(),
    ] {
        zoe.get(&path).await?;
    }
    secrets.extend(host(&zoe, &id).await?);
    secrets.push("kestrel-participant".to_owned());
    secrets.push("kestrel-newcomer".to_owned());
    edit(&zoe, &id).await?;
    for (number, trouble) in troubles().into_iter().enumerate() {
        for route in [
            Route::CreateMeeting,
            Route::GetMeeting,
            Route::Token,
            Route::Me,
        ] {
            harness.sandbox.fault(Fault::once(route, trouble.clone()));
        }
        // Tokens end, so that the day is full of renewals.
        harness.advance(Duration::from_secs(3600));
        create(&zoe, &format!("trouble {number}")).await?;
        zoe.get(&format!("app/api/meetings/{id}")).await?;
        let late = harness.visitor();
        let _ = late.sign_in(&harness.sandbox, ELODIE).await;
        harness.sandbox.clear_faults();
        // The breaker closes again.
        harness.advance(Duration::from_secs(120));
    }
    for query in [
        "code=canary-code-forged&state=canary-state",
        "error=access_denied&error_description=canary-words",
        "%",
    ] {
        let path = format!("app/api/auth/serviceAction/callback?{query}");
        elodie.open(&path).await?;
        let path = format!("admin/api/gwsc/auth/serverContext?{query}");
        elodie.open(&path).await?;
    }
    let bearer = elodie
        .call(Method::GET, "app/api/session")
        .bearer_auth("canary.bearer.token");
    elodie.send(bearer).await?;
    harness.sandbox.revoke_grants_of(ELODIE)?;
    harness.advance(Duration::from_secs(3600));
    create(&elodie, "after the consent was withdrawn").await?;
    let _ = harness.proxy().sync().await;
    // The console's session ended meanwhile.
    admin.sign_in(ADMIN_PASSWORD).await?;
    for path in ["/admin", "/admin/log.ndjson", "/metrics", "/health/ready"] {
        let page = admin.get(path).await?;
        anyhow::ensure!(page.status == 200 || path == "/health/ready", "{path}");
        for secret in &secrets {
            anyhow::ensure!(
                !page.text.contains(secret.as_str()),
                "{path} shows {secret}"
            );
        }
    }
    zoe.send(zoe.call(Method::DELETE, "app/api/session"))
        .await?;
    admin.post("/admin/disconnect", &[]).await?;
    Ok(secrets)
}

#[tokio::test]
async fn security_20_and_39_and_63_no_secret_is_left_anywhere_after_a_long_day()
-> anyhow::Result<()> {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();
    let directory = tempfile::tempdir()?;
    let database = directory.path().join("store.db");
    let mut options = Options {
        start: Some("2026-03-02T12:00:00Z".parse()?),
        store_url: Some(format!("sqlite://{}", database.display())),
        ..Options::default()
    }
    .set("goto.requests", "5000")
    .set("goto.requests_per_second", "1000");
    options.sandbox.requests_per_second = 0;
    options.sandbox.organizers = 40;
    options.sandbox.rotate_refresh = goto_sandbox::Rotation::Always;
    let mut harness = Harness::start(options).await?;
    // Time passes, or nothing would ever be tried again.
    let mut secrets = {
        let day = day(&harness);
        tokio::pin!(day);
        loop {
            tokio::select! {
                secrets = &mut day => break secrets?,
                () = tokio::time::sleep(Duration::from_millis(10)) => {
                    harness.advance(Duration::from_secs(2));
                }
            }
        }
    };
    // What a panic or a careless line of a log would print.
    let debug = [
        (
            "Debug of the settings".to_owned(),
            format!("{:?}", harness.settings()),
        ),
        (
            "Debug of the proxy".to_owned(),
            format!("{:?}", harness.proxy()),
        ),
    ];
    harness.stop_proxy().await?;
    secrets.extend(SECRETS.map(str::to_owned));

    let mut places = vec![(
        "the log".to_owned(),
        log.0.lock().unwrap_or_else(PoisonError::into_inner).clone(),
    )];
    places.extend(
        debug
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes())),
    );
    for file in ["", "-wal", "-shm"] {
        let name = format!("store.db{file}");
        if let Ok(bytes) = std::fs::read(directory.path().join(&name)) {
            places.push((name, bytes));
        }
    }
    for (name, bytes) in &places {
        for secret in &secrets {
            if !holds(bytes, secret) {
                continue;
            }
            let text = String::from_utf8_lossy(bytes);
            let lines: Vec<&str> = text
                .lines()
                .filter(|line| line.contains(secret.as_str()))
                .take(5)
                .collect();
            panic!("{secret} in {name}:\n{}", lines.join("\n"));
        }
    }
    // A scan of nothing would find nothing.
    assert!(
        places[0].1.len() > 50_000,
        "the log has {} bytes",
        places[0].1.len()
    );
    assert!(holds(&places[0].1, "answered"));
    assert!(holds(&places[1].1, "client_secret"));
    assert!(holds(&places[3].1, "oauth_grant"));
    Ok(())
}
