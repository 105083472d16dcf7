//! The attacks, each at twice a cap.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use goto_microapps_api::{Carrier, Session};
use goto_microapps_harness::stranger::{ask, say, status};
use goto_microapps_harness::{ADMIN_PASSWORD, challenge};
use goto_sandbox::Route;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::stage::{LIMIT, PER_SECOND, Stage, stranger};
use crate::{Outcome, Size};

/// What asks for a small file.
const FILE: &str = "GET /app/pages.css HTTP/1.1\r\nhost: localhost\r\n";
/// The first part of a request whose rest never comes.
const BODY: &str = "POST /form HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nabc";
/// Longest anything here waits for the proxy to end what it should end.
const PATIENCE: Duration = Duration::from_secs(60);

/// All of them, one after another.
///
/// # Errors
/// What kept one from being carried out.
pub async fn all(size: &Size) -> anyhow::Result<Vec<Outcome>> {
    let stage = &Stage::start(size).await?;
    let share = LIMIT / 4;
    let [public, admin] = stage.listeners();
    let mut outcomes = vec![
        stage
            .under(
                (42, "garbage codes from 50 addresses", share),
                garbage(stage, 50),
            )
            .await?,
    ];
    for (to, [silent, heads, bodies]) in [
        (
            public,
            [
                "silent connections",
                "unfinished heads",
                "unfinished bodies",
            ],
        ),
        (
            admin,
            [
                "silent connections to the console",
                "unfinished heads to the console",
                "unfinished bodies to the console",
            ],
        ),
    ] {
        let cap = size.connections;
        for (attack, text) in [(silent, ""), (heads, "GET /app/pages.css HT")] {
            outcomes.push(
                stage
                    .under((43, attack, cap), held(to, text, 2 * cap))
                    .await?,
            );
        }
        let cap = size.requests;
        outcomes.push(
            stage
                .under((43, bodies, cap), held(to, BODY, 2 * cap))
                .await?,
        );
    }
    outcomes.push(
        stage
            .under(
                (44, "heads of 64 KB", 0),
                large_heads(public, size.requests),
            )
            .await?,
    );
    outcomes.push(
        stage
            .under((44, "a client that never reads", 0), never_reads(public))
            .await?,
    );
    let burst = PER_SECOND * 10;
    outcomes.push(
        stage
            .under(
                (45, "a flood with a new cookie each time", burst + burst / 2),
                flood(public, 2 * burst),
            )
            .await?,
    );
    outcomes.push(
        stage
            .under(
                (46, "sign-ins that nobody finishes", size.sign_ins + 2),
                pending(stage, 2 * size.sign_ins),
            )
            .await?,
    );
    outcomes.push(
        stage
            .under((49, "passwords guessed from elsewhere", 5), guess(stage))
            .await?,
    );
    outcomes.push(
        stage
            .under((49, "foreign names for the console", 0), foreign(admin))
            .await?,
    );
    outcomes.push(
        stage
            .under(
                (50, "a planted cookie before the real one", 0),
                planted(stage),
            )
            .await?,
    );
    outcomes.push(
        stage
            .under((52, "searches that grow when folded", 40), bombs(stage, 40))
            .await?,
    );
    outcomes.push(
        stage
            .under(
                (57, "one sign-in taken by both its codes", 10),
                both_codes(stage, 10),
            )
            .await?,
    );
    outcomes.push(
        stage
            .under((58, "pages that are not listed", 0), unlisted(public))
            .await?,
    );
    Ok(outcomes)
}

/// Sign-ins with codes that nobody gave out; what passes is what GoTo had to judge.
async fn garbage(stage: &Stage, addresses: usize) -> anyhow::Result<(usize, usize)> {
    let public = stage.harness.proxy().public();
    let before = stage.harness.sandbox.log_of(Route::Token).len();
    let origin = stage.harness.intranet.origin();
    let depart = format!(
        "GET /app/sign-in?origin={origin}&challenge={} HTTP/1.1\r\nhost: localhost\r\n",
        challenge("a verifier nobody needs")
    );
    let attacks = (0..2 * addresses).map(|number| {
        let (from, depart) = (stranger(number % addresses), &depart);
        async move {
            let left = exchange(from, public, depart).await?;
            if left.starts_with("HTTP/1.1 503") {
                return Ok(());
            }
            let (state, cookie) = state_and_cookie(&left)?;
            let back = format!(
                "GET /app/api/auth/serviceAction/callback?code=garbage&state={state} HTTP/1.1\r\n\
                 host: localhost\r\ncookie: {cookie}\r\n"
            );
            exchange(from, public, &back).await.map(drop)
        }
    });
    for attack in join_all(attacks).await {
        attack?;
    }
    let after = stage.harness.sandbox.log_of(Route::Token).len();
    Ok((2 * addresses, after - before))
}

/// A whole answer, as text.
async fn exchange(from: std::net::Ipv4Addr, to: SocketAddr, head: &str) -> anyhow::Result<String> {
    let mut stream = say(from, to, &format!("{head}connection: close\r\n\r\n")).await?;
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await??;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn state_and_cookie(answer: &str) -> anyhow::Result<(String, String)> {
    let after = |name: &str| {
        let (_, rest) = answer.split_once(name)?;
        rest.split(['&', '\r', ';']).next().map(str::to_owned)
    };
    let state = after("state=").with_context(|| answer.to_owned())?;
    let cookie = after("set-cookie: ").context("no cookie")?;
    Ok((state, cookie))
}

/// Connections on which something was begun; those pass that are still held when all are there.
async fn held(to: SocketAddr, text: &str, count: usize) -> anyhow::Result<(usize, usize)> {
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        streams.push(say(stranger(0), to, text).await?);
    }
    // Whoever is refused hears it at once; nobody may hold on for ever.
    let ends = streams.into_iter().map(async |mut stream| {
        let refused = is_refused(&mut stream, Duration::from_secs(2)).await;
        if !refused {
            let ended = is_refused(&mut stream, PATIENCE).await;
            anyhow::ensure!(ended, "a connection was held for a minute");
        }
        Ok(usize::from(!refused))
    });
    let mut passed = 0;
    for end in join_all(ends).await {
        passed += end?;
    }
    Ok((count, passed))
}

/// Whether the other side answers or ends it within a time.
async fn is_refused(stream: &mut TcpStream, within: Duration) -> bool {
    let mut byte = [0];
    timeout(within, stream.read(&mut byte)).await.is_ok()
}

async fn large_heads(to: SocketAddr, count: usize) -> anyhow::Result<(usize, usize)> {
    let long = "x".repeat(64 * 1024);
    let mut passed = 0;
    for _ in 0..count {
        let mut stream = say(stranger(1), to, "").await?;
        // The answer may come before all of it is sent, and be lost then.
        let head = format!("{FILE}x-long: {long}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        passed += usize::from(status(&mut stream).await.unwrap_or(431) == 200);
    }
    Ok((count, passed))
}

/// Asks on and on without reading, until somebody ends it.
async fn never_reads(to: SocketAddr) -> anyhow::Result<(usize, usize)> {
    let get = "GET /embed.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20);
    let mut stream = say(stranger(2), to, &get).await?;
    let mut sent = 20;
    let asking = async {
        while stream.write_all(get.as_bytes()).await.is_ok() {
            sent += 20;
        }
    };
    let ended = timeout(PATIENCE, asking).await.is_ok();
    Ok((sent, usize::from(!ended)))
}

async fn flood(to: SocketAddr, count: usize) -> anyhow::Result<(usize, usize)> {
    let mut passed = 0;
    // One after another: the rate is what is tried, not the number at once.
    for number in 0..count {
        let head = format!("{FILE}cookie: goto_session={number}\r\n");
        passed += usize::from(ask(stranger(3), to, &head).await? == 200);
    }
    Ok((count, passed))
}

async fn pending(stage: &Stage, count: usize) -> anyhow::Result<(usize, usize)> {
    let public = stage.harness.proxy().public();
    let depart = format!(
        "GET /app/sign-in?origin={}&challenge={} HTTP/1.1\r\nhost: localhost\r\n",
        stage.harness.intranet.origin(),
        challenge("a verifier nobody needs")
    );
    for number in 0..count {
        let status = ask(stranger(10 + number % 20), public, &depart).await?;
        anyhow::ensure!(status == 303, "a sign-in began with {status}");
    }
    let rows = "SELECT COUNT(*) FROM sign_in_transaction";
    Ok((count, stage.number(rows).await?))
}

/// What passes is what was looked at; the administrator gets in meanwhile.
async fn guess(stage: &Stage) -> anyhow::Result<(usize, usize)> {
    let to = stage.harness.proxy().admin();
    let body = "password=wrong";
    let head = format!(
        "POST /admin/sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let (count, mut passed) = (20, 0);
    for _ in 0..count {
        let mut stream = say(stranger(4), to, &head).await?;
        passed += usize::from(status(&mut stream).await? == 403);
        stage.harness.admin().sign_in(ADMIN_PASSWORD).await?;
    }
    Ok((count, passed))
}

async fn foreign(to: SocketAddr) -> anyhow::Result<(usize, usize)> {
    let names = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
    ];
    // The style sheet is nobody's data, and the page that says no needs it.
    let paths = [
        "/",
        "/admin",
        "/admin/log.ndjson",
        "/metrics",
        "/health/ready",
    ];
    let mut passed = 0;
    for name in names {
        for path in paths {
            let head = format!("GET {path} HTTP/1.1\r\nhost: {name}\r\n");
            passed += usize::from(ask(stranger(5), to, &head).await? != 421);
        }
    }
    Ok((names.len() * paths.len(), passed))
}

async fn planted(stage: &Stage) -> anyhow::Result<(usize, usize)> {
    let admin = stage.harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let real = admin.cookie("goto_admin").context("a session")?;
    let mut locked = 0;
    for number in 0..10 {
        let cookies = format!(
            "goto_admin={}; goto_admin={real}",
            challenge(&number.to_string())
        );
        let request = stage.harness.admin().plain(reqwest::Method::GET, "/admin");
        let page = admin.send(request.header("cookie", cookies)).await?;
        locked += usize::from(!page.text.contains("Callback URLs"));
    }
    Ok((10, locked))
}

/// Text that is many times as long once it is folded; each must be answered.
async fn bombs(stage: &Stage, count: usize) -> anyhow::Result<(usize, usize)> {
    let thief = stage.harness.employee("juergen.gross@corp.example").await?;
    let text: String = "\u{fdfa} ".repeat(100);
    let mut url = url::Url::parse(stage.harness.public_url())?.join("app/api/organizers")?;
    url.query_pairs_mut().append_pair("q", &text);
    let mut passed = 0;
    for _ in 0..count / 4 {
        let asking = (0..4).map(|_| thief.get(url.as_str()));
        for reply in join_all(asking).await {
            let reply = reply?;
            anyhow::ensure!(
                reply.status < 500 || reply.status == 503,
                "{}",
                reply.status
            );
            passed += usize::from(reply.status == 200);
        }
    }
    Ok((count, passed))
}

/// The posted and the typed code of one sign-in, at the same time; what passes is sessions.
async fn both_codes(stage: &Stage, count: usize) -> anyhow::Result<(usize, usize)> {
    let mut sessions = 0;
    for number in 0..count {
        let verifier = format!("verifier-{number}-0123456789-0123456789-0123456789-0123456789");
        let visitor = stage.harness.visitor();
        let departure = visitor.depart(&verifier).await?;
        let email = "zoe.oneill@corp.example";
        let back = stage.harness.sandbox.consent(&departure, email).await?;
        let (posted, typed) = visitor.arrive_severed(&back, &verifier).await?;
        let (one, other) = tokio::join!(
            visitor.take(&posted, &verifier, Carrier::Bearer),
            visitor.take(&typed, &verifier, Carrier::Bearer),
        );
        for reply in [one?, other?] {
            sessions += usize::from(reply.status == 200);
        }
    }
    let rest: Session = stage
        .harness
        .visitor()
        .get("app/api/session")
        .await?
        .json()?;
    anyhow::ensure!(rest.user.is_none(), "a session without a code");
    Ok((2 * count, sessions))
}

async fn unlisted(to: SocketAddr) -> anyhow::Result<(usize, usize)> {
    let origins = [
        "https://evil.example",
        "null",
        "http://intranet.localhost.evil.example",
    ];
    let mut told = 0;
    for origin in origins {
        for method in ["GET", "OPTIONS", "POST"] {
            let head = format!(
                "{method} /app/api/session HTTP/1.1\r\nhost: localhost\r\norigin: {origin}\r\n\
                 access-control-request-method: POST\r\nx-goto-microapps: 1\r\ncontent-length: 0\r\n"
            );
            let answer = exchange(stranger(6), to, &head).await?;
            told += usize::from(answer.contains("access-control-"));
        }
    }
    Ok((origins.len() * 3, told))
}
