//! What a stranger may cost: connections, heads, bodies, answers nobody reads, floods.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use goto_microapps_harness::stranger::{ask, say, status};
use goto_microapps_harness::{Harness, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::steps::{Test, eventually, quiet, soon};

/// Where strangers connect from.
pub(crate) const STRANGER: [u8; 4] = [127, 0, 0, 2];
/// Where honest clients connect from.
pub(crate) const HONEST: [u8; 4] = [127, 0, 0, 1];
/// What asks for a small file.
const FILE: &str = "GET /app/pages.css HTTP/1.1\r\nhost: localhost\r\n";

/// All that comes until the other side has enough.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The first part of a request whose rest never comes.
fn unfinished(headers: &str) -> String {
    format!("POST /form HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n{headers}\r\nabc")
}

fn listeners(harness: &Harness) -> [SocketAddr; 2] {
    [harness.proxy().public(), harness.proxy().admin()]
}

/// A reverse proxy on this machine, so that the header says who a client is.
pub(crate) fn forwarded() -> Options {
    quiet().set("server.trusted_proxies", "[\"127.0.0.0/8\"]")
}

fn client(address: &str) -> String {
    format!("x-forwarded-for: {address}\r\n")
}

#[tokio::test]
async fn security_43_an_unfinished_body_is_ended_on_both_listeners() -> Test {
    let harness = Harness::start(quiet().set("inbound.body_seconds", "1")).await?;
    for to in listeners(&harness) {
        let mut silent = say(STRANGER, to, &unfinished("")).await?;
        let (mut reads, mut writes) = say(STRANGER, to, &unfinished("")).await?.into_split();
        // One that sends a little from time to time is not better.
        let trickle = async {
            while writes.write_all(b"x").await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        };
        let mut text = String::new();
        let reading = async {
            let _ = soon(reads.read_to_string(&mut text)).await;
        };
        tokio::select! {
            () = reading => {}
            () = trickle => {}
        }
        let answer = until_closed(&mut silent).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{to}: {answer}");
        assert!(answer.contains("did not come in time"), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn security_43_an_unfinished_head_is_ended_on_both_listeners() -> Test {
    let options = quiet().set("inbound.head_seconds", "1");
    let harness = Harness::start(options).await?;
    for to in listeners(&harness) {
        // A connection between two requests may be silent for longer than a head may take.
        let mut idle = say(HONEST, to, &format!("{FILE}\r\n")).await?;
        let mut answer = vec![0; 12];
        soon(idle.read_exact(&mut answer)).await?;
        assert_eq!(answer, b"HTTP/1.1 200");
        let mut silent = say(STRANGER, to, "").await?;
        let mut half = say(STRANGER, to, "GET /app/pages.css HT").await?;
        let (mut reads, mut writes) = say(STRANGER, to, FILE).await?.into_split();
        let trickle = async {
            while writes.write_all(b"x: y\r\n").await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        };
        let mut rest = Vec::new();
        tokio::select! {
            _ = soon(reads.read_to_end(&mut rest)) => {}
            () = trickle => {}
        }
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
        until_closed(&mut silent).await;
        until_closed(&mut half).await;
        idle.write_all(format!("{FILE}connection: close\r\n\r\n").as_bytes())
            .await?;
        let more = until_closed(&mut idle).await;
        assert!(more.contains("HTTP/1.1 200"), "{more}");
    }
    Ok(())
}

#[tokio::test]
async fn security_43_a_silent_connection_is_ended_between_requests_too() -> Test {
    let harness = Harness::start(quiet().set("inbound.idle_seconds", "1")).await?;
    for to in listeners(&harness) {
        let mut idle = say(STRANGER, to, &format!("{FILE}\r\n")).await?;
        let answer = until_closed(&mut idle).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn security_43_one_address_has_a_cap_of_connections() -> Test {
    const CAP: usize = 8;
    let options = quiet().set("inbound.connections_per_address", &CAP.to_string());
    let harness = Harness::start(options.clone()).await?;
    for to in listeners(&harness) {
        let mut held = Vec::new();
        for _ in 0..2 * CAP {
            held.push(say(STRANGER, to, "").await?);
        }
        assert_eq!(ask(HONEST, to, FILE).await?, 200);
        let mut open = 0;
        for mut stream in held {
            // Who is beyond the cap hears it at once; the others are served.
            let said = stream.write_all(format!("{FILE}\r\n").as_bytes()).await;
            open += usize::from(said.is_ok() && status(&mut stream).await.is_ok());
        }
        assert_eq!(open, CAP, "{to}");
    }

    // A reverse proxy brings everybody.
    let trusting = options.set("server.trusted_proxies", "[\"127.0.0.2\"]");
    let harness = Harness::start(trusting).await?;
    let mut held = Vec::new();
    for _ in 0..2 * CAP {
        held.push(say(STRANGER, harness.proxy().public(), &format!("{FILE}\r\n")).await?);
    }
    for stream in &mut held {
        assert_eq!(status(stream).await?, 200);
    }
    Ok(())
}

#[tokio::test]
async fn security_43_one_address_has_a_cap_of_open_requests() -> Test {
    const CAP: usize = 4;
    let options = forwarded()
        .set("inbound.requests_at_once_per_address", &CAP.to_string())
        .set("inbound.body_seconds", "3600");
    let harness = Harness::start(options).await?;
    let asked = unfinished(&format!(
        "expect: 100-continue\r\n{}",
        client("203.0.113.7")
    ));
    for to in listeners(&harness) {
        let mut held = Vec::new();
        for _ in 0..CAP {
            let mut stream = say(HONEST, to, &asked).await?;
            // The proxy says this when it begins to read the body.
            assert_eq!(status(&mut stream).await?, 100);
            held.push(stream);
        }
        for _ in 0..CAP {
            let mut refused = say(HONEST, to, &asked).await?;
            assert_eq!(status(&mut refused).await?, 503);
        }
        let other = format!("{FILE}{}", client("203.0.113.8"));
        assert_eq!(ask(HONEST, to, &other).await?, 200);
    }
    Ok(())
}

#[tokio::test]
async fn security_43_a_place_is_taken_when_the_body_is_there() -> Test {
    const CAP: usize = 4;
    let options = quiet().set("inbound.requests_at_once", &CAP.to_string());
    let harness = Harness::start(options).await?;
    for to in listeners(&harness) {
        let mut held = Vec::new();
        for _ in 0..2 * CAP {
            held.push(say(STRANGER, to, &unfinished("expect: 100-continue\r\n")).await?);
        }
        // The proxy says this when it begins to read the body.
        for stream in &mut held {
            assert_eq!(status(stream).await?, 100);
        }
        assert_eq!(ask(HONEST, to, FILE).await?, 200, "{to}");
    }
    Ok(())
}

#[tokio::test]
async fn security_44_a_head_has_at_most_32_kb() -> Test {
    let harness = Harness::start(quiet()).await?;
    for to in listeners(&harness) {
        for (kilobytes, expected) in [(30, 200), (33, 431), (400, 431)] {
            let long = "x".repeat(kilobytes * 1024);
            let head = format!("{FILE}x-long: {long}\r\n");
            let mut stream = say(STRANGER, to, "").await?;
            // The answer may come before all of it is sent.
            let _ = stream
                .write_all(format!("{head}connection: close\r\n\r\n").as_bytes())
                .await;
            // What is too large is refused unread, and then the answer may be lost on the way.
            let answer = status(&mut stream).await.unwrap_or(431);
            assert_eq!(answer, expected, "{kilobytes} KB");
        }
        let many = "x-many: y\r\n".repeat(300);
        let answer = ask(STRANGER, to, &format!("{FILE}{many}")).await?;
        assert_eq!(answer, 431);
    }
    Ok(())
}

#[tokio::test]
async fn security_44_a_client_that_does_not_read_is_cut_off() -> Test {
    let harness = Harness::start(quiet().set("inbound.write_seconds", "1")).await?;
    let loader = harness.visitor().open("embed.js").await?.text;
    let (_, rest) = loader.split_once("assets/").context("a file")?;
    let name = rest.split(['"', '\'', '`']).next().context("its name")?;
    let get = format!("GET /assets/{name} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut stream = say(STRANGER, harness.proxy().public(), &get).await?;
    // Asks on and on; when the buffers on the way are full, somebody has to end it.
    let asking = async { while stream.write_all(get.as_bytes()).await.is_ok() {} };
    soon(asking).await;
    assert_eq!(ask(HONEST, harness.proxy().public(), FILE).await?, 200);
    Ok(())
}

#[tokio::test]
async fn security_44_unfinished_requests_share_a_bounded_buffer() -> Test {
    let options = forwarded()
        .set("inbound.buffers_mb", "1")
        .set("inbound.body_seconds", "3600")
        .set("inbound.head_seconds", "3600");
    let harness = Harness::start(options).await?;
    for to in listeners(&harness) {
        let body = "x".repeat(60_000);
        let asking = (0..40).map(|number| {
            let head = format!(
                "POST /form HTTP/1.1\r\nhost: localhost\r\ncontent-length: 65000\r\n{}\r\n{body}",
                client(&format!("203.0.113.{number}"))
            );
            async move {
                let mut stream = say(HONEST, to, "").await.expect("a connection");
                // Refused in the middle, and then the answer may be lost on the way.
                let _ = stream.write_all(head.as_bytes()).await;
                let mut line = [0; 12];
                let _ = stream.read_exact(&mut line).await;
                assert!(&line == b"HTTP/1.1 503" || line == [0; 12], "{line:?}");
            }
        });
        // Seventeen of them are a megabyte.
        let mut held: FuturesUnordered<_> = asking.collect();
        for _ in 17..40 {
            soon(held.next()).await;
        }
        // Who sends nothing large is served, as soon as what was refused is gone, and when they go
        // there is room again.
        let honest = format!("{FILE}{}", client("198.51.100.1"));
        eventually(async || {
            // A head that there is no room for has no answer.
            let status = ask(HONEST, to, &honest).await.unwrap_or(503);
            Ok((status == 200).then_some(()))
        })
        .await?;
        drop(held);
        let whole = format!(
            "POST /form HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60000\r\n{}connection: close\r\n\r\n{body}",
            client("198.51.100.1")
        );
        let again = async {
            loop {
                let mut stream = say(HONEST, to, &whole).await?;
                if status(&mut stream).await.unwrap_or(503) != 503 {
                    return anyhow::Ok(());
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        soon(again).await?;
    }
    Ok(())
}

/// How many of a flood are refused; the headers are made anew for each.
async fn flood(harness: &Harness, headers: impl Fn(usize) -> String) -> anyhow::Result<usize> {
    let to = harness.proxy().public();
    let asking = (0..150).map(|number| {
        let head = format!("{FILE}{}", headers(number));
        async move { ask(HONEST, to, &head).await }
    });
    let mut refused = 0;
    for status in join_all(asking).await {
        refused += usize::from(status? == 503);
    }
    Ok(refused)
}

/// Ten a second, a hundred in a burst.
fn slow(options: Options) -> Options {
    options.set("inbound.requests_per_second", "5")
}

#[tokio::test]
async fn security_45_whatever_session_is_claimed_the_address_counts() -> Test {
    type Header = fn(usize) -> String;
    let claims: [Header; 3] = [
        |n| format!("cookie: goto_session={n}\r\n"),
        |n| format!("authorization: Bearer {n}\r\n"),
        |n| format!("cookie: a{n}=1\r\nauthorization: {n}\r\n"),
    ];
    for claim in claims {
        let harness = Harness::start(slow(quiet())).await?;
        let refused = flood(&harness, claim).await?;
        assert!(refused > 0, "{}", claim(1));
    }
    Ok(())
}

#[tokio::test]
async fn security_45_each_form_of_an_address_is_read() -> Test {
    type Header = fn(usize) -> String;
    // Whatever stands in front of it, the last address is the client's.
    let forms: [Header; 9] = [
        |n| format!("198.51.100.{n}, 203.0.113.7:{}", 50_000 + n),
        |n| format!("spoof{n}, \"203.0.113.7:{}\"", 50_000 + n),
        |n| format!("198.51.100.{n}, \"203.0.113.7\""),
        |n| format!("198.51.100.{n}, [2001:db8::7]:{}", 50_000 + n),
        |n| format!("198.51.100.{n}, \"[2001:db8::7]:{}\"", 50_000 + n),
        |n| format!("198.51.100.{n}, [2001:db8::7]"),
        |n| format!("198.51.100.{n}, ::ffff:203.0.113.7"),
        // One customer has all of these.
        |n| format!("198.51.100.{n}, 2001:db8::{n:x}"),
        |n| format!("198.51.100.{n}\r\nx-forwarded-for: 203.0.113.7"),
    ];
    for form in forms {
        let harness = Harness::start(slow(forwarded())).await?;
        let refused = flood(&harness, |n| client(&form(n))).await?;
        assert!(refused > 0, "{}", form(1));
        let other = format!("{FILE}{}", client("203.0.113.8:1"));
        assert_eq!(ask(HONEST, harness.proxy().public(), &other).await?, 200);
    }
    Ok(())
}

#[tokio::test]
async fn security_45_a_header_nobody_can_read_counts_as_the_peer() -> Test {
    type Header = fn(usize) -> String;
    let forms: [Header; 6] = [
        |n| format!("198.51.100.{n}, unknown"),
        |n| format!("198.51.100.{n}, _hidden"),
        |n| format!("198.51.100.{n}, 203.0.113.300"),
        |n| format!("198.51.100.{n}, \"203.0.113.7"),
        |n| format!("198.51.100.{n}, \u{e9}"),
        |n| format!("198.51.100.{n}, 203.0.113.7:port"),
    ];
    for form in forms {
        let harness = Harness::start(slow(forwarded())).await?;
        let refused = flood(&harness, |n| client(&form(n))).await?;
        assert!(refused > 0, "{}", form(1));
    }
    Ok(())
}
