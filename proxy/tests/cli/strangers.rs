//! What strangers repeat, as the log tells it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::place::{Place, ask, good};

/// The whole answer to a request under another name.
fn under_name(address: SocketAddr, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn what_a_stranger_repeats_is_logged_once_with_the_key() {
    let place = Place::configured(&good());
    let serving = place.serve();
    for _ in 0..3 {
        let page = "origin: https://new-portal.example\r\nx-forwarded-for: 10.0.0.1\r\n";
        ask(serving.public(), "/app/api/session", page);
        let answer = under_name(serving.admin(), "/metrics", "meetings-admin.example");
        assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
    }
    serving.signal("TERM");
    let (log, _) = serving.ended();
    for (key, name) in [
        ("embedding.origins: ", "https://new-portal.example"),
        ("admin.hosts: ", "meetings-admin.example"),
        ("server.trusted_proxies: ", "127.0.0.1"),
    ] {
        let lines: Vec<String> = log
            .iter()
            .map(ToString::to_string)
            .filter(|line| line.contains(key))
            .collect();
        assert_eq!(lines.len(), 1, "{key}: {log:#?}");
        assert!(lines[0].contains(name), "{}", lines[0]);
    }
}
