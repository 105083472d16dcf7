//! The registered OAuth clients.

use std::collections::HashMap;

use anyhow::Context;
use url::Url;

use crate::{EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET};

/// A client as registered in GoTo's developer portal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
    /// Name on the consent page.
    pub(crate) name: &'static str,
    /// How the path of its redirect URL ends while none is registered; see [`Redirects`].
    callback: &'static str,
    /// All scopes it was given, in the order in which GoTo names them.
    pub(crate) scopes: &'static [&'static str],
}

/// Right to the GoToMeeting API.
pub(crate) const COLLAB: &str = "collab:";
/// Right to the Admin Center.
pub(crate) const IDENTITY: &str = "identity:";
const OWN_IDENTITY: &str = "identity:scim.me";

static CLIENTS: [Client; 2] = [
    Client {
        id: SERVICE_CLIENT_ID,
        secret: SERVICE_CLIENT_SECRET,
        name: "Microapps server",
        callback: "/admin/api/gwsc/auth/serverContext",
        scopes: &[COLLAB, IDENTITY, OWN_IDENTITY],
    },
    Client {
        id: EMPLOYEE_CLIENT_ID,
        secret: EMPLOYEE_CLIENT_SECRET,
        name: "Microapps",
        callback: "/app/api/auth/serviceAction/callback",
        scopes: &[COLLAB, OWN_IDENTITY],
    },
];

impl Client {
    pub(crate) fn with_id(id: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.id == id)
    }

    /// The scopes granted for what was asked: all without a question; `None` if one was not given
    /// to the client.
    pub(crate) fn granted(&self, asked: Option<&str>) -> Option<Vec<&'static str>> {
        let Some(asked) = asked else {
            return Some(self.scopes.to_vec());
        };
        let asked: Vec<&str> = asked.split_whitespace().collect();
        let known = asked.iter().all(|scope| self.scopes.contains(scope));
        known.then(|| {
            let mut scopes = self.scopes.to_vec();
            scopes.retain(|scope| asked.contains(scope));
            scopes
        })
    }
}

/// The redirect URLs that each client registered, whole.
///
/// The port of an application may be known only when it runs, and the sandbox starts first; so while
/// a client has none registered, any host and port will do for it, but not any path.
#[derive(Debug, Default)]
pub(crate) struct Redirects(HashMap<&'static str, Vec<String>>);

impl Redirects {
    /// Replaces what is registered for a client.
    pub(crate) fn register(&mut self, client_id: &str, urls: Vec<String>) -> anyhow::Result<()> {
        let client = Client::with_id(client_id);
        let client = client.with_context(|| format!("no client has the id {client_id}"))?;
        for url in &urls {
            Url::parse(url).with_context(|| format!("{url} is no URL"))?;
        }
        self.0.insert(client.id, urls);
        Ok(())
    }

    /// Where to send people back: what was asked for, if it is registered, byte for byte; the one
    /// that is registered, if nothing was.
    pub(crate) fn destination(&self, client: &Client, asked: Option<&str>) -> Option<Url> {
        let registered = self.0.get(client.id).map_or(&[][..], Vec::as_slice);
        match (registered, asked) {
            ([], Some(asked)) => {
                let url = Url::parse(asked).ok()?;
                let fits = matches!(url.scheme(), "http" | "https")
                    && url.path().ends_with(client.callback)
                    && url.fragment().is_none();
                fits.then_some(url)
            }
            (registered, Some(asked)) => {
                let known = registered.iter().any(|url| url == asked);
                known.then(|| Url::parse(asked).ok()).flatten()
            }
            ([only], None) => Url::parse(only).ok(),
            _ => None,
        }
    }
}
