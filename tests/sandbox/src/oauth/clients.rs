//! The registered OAuth clients.

use url::Url;

use crate::{EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET};

/// A client as registered in GoTo's developer portal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
    /// Name on the consent page.
    pub(crate) name: &'static str,
    /// How the path of its redirect URL ends.
    ///
    /// GoTo registers whole URLs. Here the port of the application is known only when it runs, and
    /// the sandbox starts first; so any host and port will do, but not any path.
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

    /// Whether a redirect URL counts as registered.
    pub(crate) fn redirects_to(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https")
            && url.path().ends_with(self.callback)
            && url.fragment().is_none()
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
