//! `[inbound]`: what a stranger may cost, and `admin.hosts`.

use std::time::Duration;

use super::reader::Reader;

/// What callers may take of the proxy, known or not. Everything is per process and per listener;
/// the defaults are far above what employees need and far below what hurts.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Connections at once.
    pub connections: u32,
    /// Of them, from one address that is no trusted reverse proxy.
    pub connections_per_address: u32,
    /// Requests being worked on at once.
    pub requests_at_once: u32,
    /// Requests one client address may have open, bodies still on their way included.
    pub requests_at_once_per_address: u32,
    /// Requests of one client address in a second; ten times as many may come in a burst.
    pub requests_per_second: u32,
    /// Time for the first byte of a connection, and from the first byte of a head to its end.
    pub head: Duration,
    /// Time for a whole body.
    pub body: Duration,
    /// Longest a client may leave an answer unread.
    pub write: Duration,
    /// Longest a connection may stay silent between two requests.
    pub idle: Duration,
    /// Bytes of unfinished heads and bodies kept for all clients together.
    pub buffers: usize,
    /// Sign-ins on their way to GoTo and back; the oldest goes first.
    pub pending_sign_ins: u32,
    /// Sign-in codes of one address that GoTo may refuse in a minute before more are refused here.
    pub refused_codes: u32,
}

pub(super) fn inbound(r: &mut Reader) -> Option<Inbound> {
    let connections = r.number("inbound.connections", 16_384, 16..=1_000_000);
    let connections_per_address = r.number("inbound.connections_per_address", 1_024, 1..=1_000_000);
    let requests_at_once = r.number("inbound.requests_at_once", 1_024, 1..=100_000);
    let requests_at_once_per_address =
        r.number("inbound.requests_at_once_per_address", 256, 1..=100_000);
    let requests_per_second = r.number("inbound.requests_per_second", 100, 1..=100_000);
    let mut seconds = |key, default| {
        let seconds = r.number(key, default, 1..=3_600);
        seconds.map(|seconds| Duration::from_secs(seconds.into()))
    };
    let head = seconds("inbound.head_seconds", 10);
    let body = seconds("inbound.body_seconds", 10);
    let write = seconds("inbound.write_seconds", 20);
    let idle = seconds("inbound.idle_seconds", 60);
    let buffers = r.number("inbound.buffers_mb", 64, 1..=4_096);
    let pending_sign_ins = r.number("inbound.pending_sign_ins", 50_000, 10..=1_000_000);
    let refused_codes = r.number("inbound.refused_codes", 1, 1..=1_000);
    Some(Inbound {
        connections: connections?,
        connections_per_address: connections_per_address?,
        requests_at_once: requests_at_once?,
        requests_at_once_per_address: requests_at_once_per_address?,
        requests_per_second: requests_per_second?,
        head: head?,
        body: body?,
        write: write?,
        idle: idle?,
        buffers: usize::try_from(buffers?).ok()? * 1024 * 1024,
        pending_sign_ins: pending_sign_ins?,
        refused_codes: refused_codes?,
    })
}

/// Names under which browsers reach the administrator's listener, lower case, without a port.
pub(super) fn admin_hosts(r: &mut Reader) -> Option<Vec<String>> {
    let key = "admin.hosts";
    let cure = "write the host names alone, for example [\"meetings-admin.example.com\"]";
    let mut hosts = Vec::new();
    let texts = r.texts(key).unwrap_or_default();
    for text in &texts {
        match host_of(text) {
            Some(host) => hosts.push(host),
            None => r.mistake(key, format!("`{text}` is not the name of a host"), cure),
        }
    }
    (hosts.len() == texts.len()).then_some(hosts)
}

/// A host as it stands in a URL and in the `Host` header; a port or scheme may come along, a
/// wildcard may not.
fn host_of(text: &str) -> Option<String> {
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = url::Url::parse(&text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    let host = url.host_str()?.trim_end_matches('.');
    let named = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._[:]".contains(&byte));
    (bare && plain && named).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_with_or_without_a_port() {
        for (text, host) in [
            ("Admin.Example.com", "admin.example.com"),
            ("https://admin.example.com:8443/", "admin.example.com"),
            ("admin.example.com.", "admin.example.com"),
            ("10.1.2.3", "10.1.2.3"),
            ("[FD00::1]:8081", "[fd00::1]"),
        ] {
            assert_eq!(host_of(text).as_deref(), Some(host), "{text}");
        }
        for text in ["*", "*.example.com", "a/b", "u@a.example", "", "a b", "a,b"] {
            assert_eq!(host_of(text), None, "{text}");
        }
    }
}
