//! `[server]`: the public listener.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Url;

use super::problems::Problems;
use super::setting::Setting;
use super::urls::{as_folder, networks, safe_url};

/// The public listener.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where employees' browsers reach the proxy; ends with `/`. Callback URLs are made from it,
    /// never from a request's headers.
    pub public_url: Url,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Reverse proxies whose `X-Forwarded-For` is believed; nobody else's is.
    pub trusted_proxies: Vec<IpNet>,
    /// How long requests are still answered after SIGTERM, while readiness already says no.
    pub drain: Duration,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    public_url: Setting,
    pub(super) listen: Setting,
    trusted_proxies: Setting,
    drain_seconds: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> Option<Server> {
        let public_url = self.public_url(p);
        let listen = self
            .listen
            .address(p, SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let trusted_proxies = networks(&self.trusted_proxies, p);
        let drain = self.drain_seconds.number(p, 5, 0..=600);
        Some(Server {
            public_url: public_url?,
            listen,
            trusted_proxies,
            drain: Duration::from_secs(drain.into()),
        })
    }

    fn public_url(&self, p: &mut Problems) -> Option<Url> {
        let setting = &self.public_url;
        let example = "https://meetings.example.com";
        let text = setting.required(p, "write the address under which employees' browsers reach this proxy, for example https://meetings.example.com")?;
        let url = safe_url(setting, p, &text, example)?;
        if url.query().is_some() || url.fragment().is_some() {
            p.mistake(
                setting,
                format!("`{text}` has a query or fragment"),
                format!("stop at the path, for example {example}"),
            );
            return None;
        }
        Some(as_folder(url))
    }
}
