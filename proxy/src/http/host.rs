//! Which names the administrator's listener answers to.
//!
//! A page anywhere may point its own name at an address of the internal network and then read what
//! that address answers (DNS rebinding). It cannot choose the `Host` header: that is its name.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use goto_microapps_api::Code;

use super::ApiError;
use super::log_once::LogOnce;

/// Address a connection came to, where it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostAddress(pub(super) Option<IpAddr>);

/// `admin.hosts`, and who was refused.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    names: Arc<[String]>,
    told: LogOnce,
}

impl Hosts {
    pub(super) fn new(names: &[String]) -> Self {
        Self {
            names: names.into(),
            told: LogOnce::default(),
        }
    }

    /// Names of this machine, the address the connection came to, and what the setting lists.
    fn includes(&self, host: &str, own: Option<IpAddr>) -> bool {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        if let Ok(address) = bare.unwrap_or(host).parse::<IpAddr>() {
            let address = address.to_canonical();
            if address.is_loopback() || own.map(|own| own.to_canonical()) == Some(address) {
                return true;
            }
        }
        host == "localhost"
            || host.ends_with(".localhost")
            || self.names.iter().any(|name| name == host)
    }
}

/// What the request calls us: every way to say it, because a reader may believe any. `None` for
/// what is no name at all.
fn names(request: &Request) -> Option<Vec<String>> {
    let mut hosts = Vec::new();
    // An absolute target comes before the header (RFC 9112 section 3.2.2).
    hosts.extend(request.uri().host().map(str::to_owned));
    let mut headers = request.headers().get_all(header::HOST).iter();
    if let Some(value) = headers.next() {
        let text = value.to_str().ok().filter(|text| !text.contains('@'))?;
        hosts.push(text.parse::<Authority>().ok()?.host().to_owned());
    }
    // A browser sends one, as everybody must since HTTP/1.1; probes may speak an older one.
    let enough = !hosts.is_empty() || request.version() < Version::HTTP_11;
    (headers.next().is_none() && enough).then_some(hosts)
}

/// Before every path of the administrator's listener.
pub(super) async fn named(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let own = request.extensions().get::<HostAddress>();
    let own = own.and_then(|HostAddress(own)| *own);
    let names = names(&request);
    let foreign = match &names {
        Some(names) => names.iter().find(|name| !hosts.includes(name, own)),
        None => None,
    };
    if names.is_some() && foreign.is_none() {
        return next.run(request).await;
    }
    let host: String = foreign
        .map_or("?", String::as_str)
        .chars()
        .take(100)
        .collect();
    if hosts.told.is_new(&host) {
        tracing::warn!(
            ?host,
            "admin.hosts: a request under this name was refused; if it is a name of the administrator's listener, add it there"
        );
    }
    let detail = format!(
        "the administrator's listener does not answer to the name `{host}`; to use it, add it to admin.hosts in the configuration and restart the proxy"
    );
    ApiError::new(Code::OriginRefused, detail)
        .with_status(StatusCode::MISDIRECTED_REQUEST)
        .into_response()
}
