//! `[inbound]`: what a stranger may cost, and `admin.hosts`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problems::Problems;
use super::setting::Setting;

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

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    connections: Setting,
    connections_per_address: Setting,
    requests_at_once: Setting,
    requests_at_once_per_address: Setting,
    requests_per_second: Setting,
    head_seconds: Setting,
    body_seconds: Setting,
    write_seconds: Setting,
    idle_seconds: Setting,
    buffers_mb: Setting,
    pending_sign_ins: Setting,
    refused_codes: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> Inbound {
        let connections = self.connections.number(p, 16_384, 16..=1_000_000);
        let connections_per_address = self.connections_per_address.number(p, 1_024, 1..=1_000_000);
        let requests_at_once = self.requests_at_once.number(p, 1_024, 1..=100_000);
        let requests_at_once_per_address =
            self.requests_at_once_per_address
                .number(p, 256, 1..=100_000);
        let requests_per_second = self.requests_per_second.number(p, 100, 1..=100_000);
        let mut seconds = |setting: &Setting, default| {
            let seconds = setting.number(p, default, 1..=3_600);
            Duration::from_secs(seconds.into())
        };
        let head = seconds(&self.head_seconds, 10);
        let body = seconds(&self.body_seconds, 10);
        let write = seconds(&self.write_seconds, 20);
        let idle = seconds(&self.idle_seconds, 60);
        let buffers = self.buffers_mb.number(p, 64, 1..=4_096);
        let pending_sign_ins = self.pending_sign_ins.number(p, 50_000, 10..=1_000_000);
        let refused_codes = self.refused_codes.number(p, 1, 1..=1_000);
        Inbound {
            connections,
            connections_per_address,
            requests_at_once,
            requests_at_once_per_address,
            requests_per_second,
            head,
            body,
            write,
            idle,
            buffers: usize::try_from(buffers).unwrap_or(64) * 1024 * 1024,
            pending_sign_ins,
            refused_codes,
        }
    }
}

/// Names under which browsers reach the administrator's listener, lower case, without a port.
pub(super) fn admin_hosts(setting: &Setting, p: &mut Problems) -> Vec<String> {
    let cure = "write the host names alone, for example [\"meetings-admin.example.com\"]";
    let mut hosts = Vec::new();
    for text in setting.texts(p) {
        match host_of(&text) {
            Some(host) => hosts.push(host),
            None => p.mistake(setting, format!("`{text}` is not the name of a host"), cure),
        }
    }
    hosts
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
