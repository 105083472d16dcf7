//! `[goto]`: how to reach GoTo, within which limit, as which OAuth clients.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::outgoing::{self, Outgoing};
use super::problems::{Located, Mistake, Problems};
use super::secret::SecretSetting;
use super::server::Server;
use super::setting::Setting;
use super::urls::{as_folder, safe_url};

/// Path of the service account's OAuth callback below the public URL.
pub const SERVICE_CALLBACK: &str = "/admin/api/gwsc/auth/serverContext";
/// Path of the employees' OAuth callback below the public URL.
pub const EMPLOYEE_CALLBACK: &str = "/app/api/auth/serviceAction/callback";
/// GoTo's endpoints today (GoTo "New Token Retrieval Migration Guide").
const AUTHORIZE_URL: &str = "https://authentication.logmeininc.com/oauth/authorize";
const TOKEN_URL: &str = "https://authentication.logmeininc.com/oauth/token";
const REVOCATION_URL: &str = "https://authentication.logmeininc.com/oauth/revoke";
const API_BASE: &str = "https://api.getgo.com/";

/// How to reach GoTo.
#[derive(Clone, Debug)]
pub struct Goto {
    /// REST base, ends with `/`.
    pub api_base: Url,
    /// OAuth authorization endpoint.
    pub authorize_url: Url,
    /// OAuth token endpoint.
    pub token_url: Url,
    /// Where a consent is given back (RFC 7009); GoTo documents none, so its answer is not heeded.
    pub revocation_url: Url,
    /// Account whose users are the organizers.
    pub account_id: String,
    /// Never more requests than this in any interval.
    pub requests: u32,
    /// The interval `requests` is counted in.
    pub interval: Duration,
    /// Never more requests than this in any second.
    pub requests_per_second: u32,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// Send PKCE S256 (RFC 7636). GoTo does not document it, RFC 6749 section 3.1 makes servers
    /// ignore what they do not know.
    pub pkce: bool,
    /// OAuth client of the service account, reads the organizers.
    pub service_account: OauthClient,
    /// OAuth client with which each employee signs in, creates meetings.
    pub employees: OauthClient,
    /// The way out, for every client of the proxy.
    pub outgoing: Outgoing,
}

/// A registered OAuth client.
#[derive(Clone, Debug)]
pub struct OauthClient {
    /// Client ID from GoTo's developer portal.
    pub client_id: String,
    /// Client secret, shown there once.
    pub client_secret: SecretString,
    /// Exact redirect URL to register there.
    pub redirect_url: Url,
    /// Scopes asked for; empty asks for all that the client was given.
    pub scopes: Vec<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    api_base: Setting,
    authorize_url: Setting,
    token_url: Setting,
    revocation_url: Setting,
    account_id: Setting,
    requests: Setting,
    interval_seconds: Setting,
    requests_per_second: Setting,
    timeout_seconds: Setting,
    pkce: Setting,
    service_account: RawClient,
    employees: RawClient,
    #[serde(flatten)]
    outgoing: outgoing::Raw,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct RawClient {
    client_id: Setting,
    client_secret: Setting,
    client_secret_file: Setting,
    scopes: Setting,
}

impl Raw {
    pub(super) fn validate(
        self,
        p: &mut Problems,
        server: Option<&Server>,
        environment: &[(String, String)],
    ) -> Option<Goto> {
        let text = self.api_base.text_or(p, API_BASE);
        let api_base = safe_url(&self.api_base, p, &text, API_BASE).map(as_folder);
        let oauth = self.oauth_urls(p);
        let revocation_url = self.revocation_url(p, oauth.as_ref().map(|(_, token)| token));
        let account_id = self.account_id(p);
        let requests = self.requests.number(p, 100, 1..=10_000);
        let interval = self.interval_seconds.number(p, 60, 1..=3600);
        let requests_per_second = self.requests_per_second.number(p, 10, 1..=1_000);
        let timeout = self.timeout_seconds.number(p, 15, 1..=120);
        let pkce = self.pkce.flag(p, true);
        let service_account = self.service_account.validate(p, server, SERVICE_CALLBACK);
        let employees = self.employees.validate(p, server, EMPLOYEE_CALLBACK);
        let outgoing = self.outgoing.validate(p, environment);
        let (authorize_url, token_url) = oauth?;
        Some(Goto {
            api_base: api_base?,
            authorize_url,
            token_url,
            revocation_url: revocation_url?,
            account_id: account_id?,
            requests,
            interval: Duration::from_secs(interval.into()),
            requests_per_second,
            timeout: Duration::from_secs(timeout.into()),
            pkce,
            service_account: service_account?,
            employees: employees?,
            outgoing: outgoing?,
        })
    }

    fn oauth_urls(&self, p: &mut Problems) -> Option<(Url, Url)> {
        let authorize_text = self.authorize_url.text_or(p, AUTHORIZE_URL);
        let token_text = self.token_url.text_or(p, TOKEN_URL);
        let authorize = safe_url(&self.authorize_url, p, &authorize_text, AUTHORIZE_URL);
        let token = safe_url(&self.token_url, p, &token_text, TOKEN_URL);
        let (authorize, token) = (authorize?, token?);
        let ends = |url: &Url, word: &str| {
            url.path().trim_end_matches('/').rsplit('/').next() == Some(word)
        };
        if ends(&authorize, "token")
            || ends(&authorize, "access_token")
            || ends(&token, "authorize")
        {
            p.push(Mistake {
                key: "goto.authorize_url, goto.token_url".to_owned(),
                problem: "are swapped: the old guide prints them the wrong way round".to_owned(),
                cure: format!("paste these two lines:\n        authorize_url = \"{token}\"\n        token_url = \"{authorize}\""),
                in_environment: self.token_url.is_from_environment(),
            });
            return None;
        }
        for url in [&authorize, &token] {
            if url.host_str() == Some("api.getgo.com") {
                p.warning(format!(
                    "{url} was retired by GoTo on 30 September 2025; remove goto.authorize_url and goto.token_url to use today's {AUTHORIZE_URL} and {TOKEN_URL}"
                ));
            }
        }
        Some((authorize, token))
    }

    /// By default beside the token URL, where GoTo has it; it is not documented.
    fn revocation_url(&self, p: &mut Problems, token_url: Option<&Url>) -> Option<Url> {
        match self.revocation_url.text(p) {
            Some(text) => safe_url(&self.revocation_url, p, &text, REVOCATION_URL),
            None => token_url?.join("revoke").ok(),
        }
    }

    /// Takes the account id, or the address of the admin portal it is read from:
    /// `https://admin.logmeininc.com/portal/#accounts/<id>/users?…`.
    fn account_id(&self, p: &mut Problems) -> Option<String> {
        let setting = &self.account_id;
        let cure = "sign in at https://admin.logmeininc.com/portal/ and paste the number behind #accounts/ (or the whole address)";
        let text = setting.required(p, cure)?;
        let id = match text.split_once("accounts/") {
            Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
            None => text.as_str(),
        };
        if id.contains("your_accountId") || id.contains("accountID") {
            p.mistake(setting, format!("still is the placeholder `{text}`"), cure);
            return None;
        }
        if id.is_empty() || id.len() > 30 || !id.bytes().all(|b| b.is_ascii_digit()) {
            p.mistake(
                setting,
                format!("`{text}` is not an account id, which is a number"),
                cure,
            );
            return None;
        }
        Some(id.to_owned())
    }
}

impl RawClient {
    fn validate(
        self,
        p: &mut Problems,
        server: Option<&Server>,
        callback: &str,
    ) -> Option<OauthClient> {
        let client_id = self.client_id.required(
            p,
            "create an OAuth client at https://developer.goto.com and paste its client ID",
        );
        let client_secret = SecretSetting::new(self.client_secret, self.client_secret_file).required(
            p,
            "paste the secret that https://developer.goto.com showed once when the OAuth client was created; create the client again if it is lost",
        );
        let scopes = self.scopes.texts(p);
        let public_url = &server?.public_url;
        let redirect_url = public_url.join(callback.trim_start_matches('/')).ok()?;
        Some(OauthClient {
            client_id: client_id?,
            client_secret: SecretString::from(client_secret?),
            redirect_url,
            scopes,
        })
    }
}
