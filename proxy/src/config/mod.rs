//! Typed settings from one TOML file and the environment.
//!
//! Owns what a setting may be. Every value is checked at start; all problems are listed at once,
//! each with its key, the value as found (never a secret) and the cure. Nothing here opens a
//! socket or a database.

mod accept;
mod inbound;
mod reader;
mod sign_on;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;
use http::HeaderName;
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

pub use accept::origin_of;
pub use inbound::Inbound;
pub use reader::Mistake;
use reader::Reader;

/// Prefix of environment variables: `GOTO_MICROAPPS__GOTO__ACCOUNT_ID` sets `goto.account_id`.
pub const ENVIRONMENT_PREFIX: &str = "GOTO_MICROAPPS";

/// Path of the service account's OAuth callback below the public URL.
pub const SERVICE_CALLBACK: &str = "/admin/api/gwsc/auth/serverContext";
/// Path of the employees' OAuth callback below the public URL.
pub const EMPLOYEE_CALLBACK: &str = "/app/api/auth/serviceAction/callback";

/// Everything an administrator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[server]`
    pub server: Server,
    /// `[admin]`
    pub admin: Admin,
    /// `[inbound]`
    pub inbound: Inbound,
    /// `[store]`
    pub store: Store,
    /// `[goto]`
    pub goto: Goto,
    /// `[embedding]`
    pub embedding: Embedding,
    /// `[integration]`
    pub integration: Integration,
    /// `[organizers]`
    pub organizers: Organizers,
    /// `[activity_log]`
    pub activity_log: ActivityLog,
    /// `[session]`
    pub session: Session,
    /// `[sso]`
    pub sso: Sso,
    /// Accepted, but worth a line in the log.
    pub warnings: Vec<String>,
}

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
}

/// The administrator's listener: `/admin`, health, metrics.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Argon2 hash of the password, PHC string.
    pub password_hash: SecretString,
    /// Names under which browsers reach it, beside those of this machine.
    pub hosts: Vec<String>,
}

/// Where everything that outlives the process is kept.
#[derive(Clone, Debug)]
pub struct Store {
    /// `sqlite://…` or `postgres://…`.
    pub url: SecretString,
    /// Key ring for sealed columns: the first key seals, all open.
    pub keys: Vec<SealingKey>,
}

/// One key of the ring.
#[derive(Clone, Debug)]
pub struct SealingKey {
    /// Name written in front of each sealed value.
    pub id: String,
    /// 32 bytes, base64.
    pub key: SecretString,
}

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

/// Which pages may embed the widget.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// Exact origins (scheme, host, port), lower case, without a default port.
    pub origins: Vec<String>,
    /// Every page and the proxy are of one site: the session cookie is `SameSite=Strict`.
    pub same_site: bool,
}

/// What the widget's header shows.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Name.
    pub name: String,
    /// Where the plain pages tell the time unless the reader says otherwise.
    pub time_zone: Tz,
    /// SVG or PNG file; `None` shows the built-in icon.
    pub icon: Option<Icon>,
}

/// An icon, read at start.
#[derive(Clone, Debug)]
pub struct Icon {
    /// MIME type.
    pub content_type: &'static str,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// The "All organizers" sync.
#[derive(Clone, Debug)]
pub struct Organizers {
    /// Time between full syncs; `None` leaves it to the administrator's button.
    pub sync_every: Option<Duration>,
    /// GoTo user filter sent with the sync, for example `email eq "a@b.example"`.
    pub filter: Option<String>,
    /// Who of the account can be found and chosen.
    pub offer: Offer,
    /// Largest part of the directory that may vanish in one sync without being forced, percent.
    pub max_shrink_percent: u8,
}

/// Who of the account can be found and chosen as a co-organizer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offer {
    /// Who is active at GoTo and has a licence for meetings, or of whom GoTo says neither.
    #[default]
    Licensed,
    /// Everybody.
    All,
}

/// The 24-hour support log.
#[derive(Clone, Debug)]
pub struct ActivityLog {
    /// Whether anything is kept.
    pub enabled: bool,
    /// How long a row is kept.
    pub retention: Duration,
}

/// Lifetime of an employee's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Ends this long after the last request.
    pub idle: Duration,
    /// Ends this long after the sign-in, whatever happens.
    pub absolute: Duration,
}

/// Who else may say who an employee is.
#[derive(Clone, Debug, Default)]
pub struct Sso {
    /// A gateway in front.
    pub gateway: Option<Gateway>,
    /// The portal around the widget.
    pub oidc: Option<Oidc>,
    /// Addresses of single sign-on, lower case, and the ones the same people have at GoTo.
    pub map: HashMap<String, String>,
}

/// A gateway that names the employee in a header.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Header with the e-mail address.
    pub header: HeaderName,
    /// Header with the secret.
    pub secret_header: HeaderName,
    /// What only the gateway knows.
    pub secret: SecretString,
    /// Where the gateway connects from.
    pub peers: Vec<IpNet>,
}

/// An OpenID Connect issuer whose tokens name the employee.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// Exactly as in the tokens.
    pub issuer: String,
    /// What the tokens must be meant for.
    pub audience: String,
    /// Claim with the e-mail address.
    pub claim: String,
    /// Where the keys are; without, discovery says.
    pub jwks_url: Option<Url>,
}

impl Settings {
    /// Reads `file` (if any), then the environment over it.
    ///
    /// # Errors
    /// Every mistake found, in the order of the file.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader::open(file, environment)?;
        let settings = Self::read(&mut reader);
        reader.finish(settings)
    }

    fn read(r: &mut Reader) -> Option<Self> {
        let public_url = accept::public_url(r);
        let listen = r.address("server.listen", "127.0.0.1:8080");
        let admin_listen = r.address("admin.listen", "127.0.0.1:8081");
        if listen.is_some() && listen == admin_listen && listen.is_some_and(|a| a.port() != 0) {
            r.mistake(
                "admin.listen",
                "is the same address as server.listen",
                "give the administrator's listener a port of its own, best one that only the internal network reaches",
            );
        }
        let trusted_proxies = accept::trusted_proxies(r);
        let password_hash = accept::password_hash(r);
        let hosts = inbound::admin_hosts(r);
        let inbound = inbound::inbound(r);
        let store_url = accept::store_url(r);
        let keys = accept::sealing_keys(r);
        let api_base = accept::api_base(r);
        let oauth = accept::oauth_urls(r);
        let account_id = accept::account_id(r);
        let requests = r.number("goto.requests", 100, 1..=10_000);
        let interval = r.number("goto.interval_seconds", 60, 1..=3600);
        let requests_per_second = r.number("goto.requests_per_second", 10, 1..=1_000);
        let timeout = r.number("goto.timeout_seconds", 15, 1..=120);
        let pkce = r.flag("goto.pkce", true);
        let service_account = accept::client(
            r,
            "goto.service_account",
            public_url.as_ref(),
            SERVICE_CALLBACK,
        );
        let employees = accept::client(r, "goto.employees", public_url.as_ref(), EMPLOYEE_CALLBACK);
        let origins = accept::origins(r);
        let same_site = r.flag("embedding.same_site", false);
        let name = accept::integration_name(r);
        let icon = accept::icon(r);
        let sync_every = accept::sync_every(r);
        let filter = r
            .text_or_empty("organizers.filter")
            .filter(|filter| !filter.is_empty());
        let offer = accept::offer(r);
        let max_shrink = r.number("organizers.max_shrink_percent", 20, 0..=100);
        let log_enabled = r.flag("activity_log.enabled", true);
        let retention = r.number("activity_log.retention_hours", 24, 1..=24);
        let idle = r.number("session.idle_hours", 12, 1..=720);
        let absolute = r.number("session.absolute_hours", 24 * 14, 1..=24 * 90);
        let time_zone = accept::time_zone(r);
        let sso = sign_on::sso(r);
        let revocation_url = accept::revocation_url(r, oauth.as_ref().map(|(_, token)| token));
        let (authorize_url, token_url) = oauth?;
        Some(Self {
            server: Server {
                public_url: public_url?,
                listen: listen?,
                trusted_proxies: trusted_proxies?,
            },
            admin: Admin {
                listen: admin_listen?,
                password_hash: password_hash?,
                hosts: hosts?,
            },
            inbound: inbound?,
            store: Store {
                url: store_url?,
                keys: keys?,
            },
            goto: Goto {
                api_base: api_base?,
                authorize_url,
                token_url,
                revocation_url: revocation_url?,
                account_id: account_id?,
                requests: requests?,
                interval: Duration::from_secs(interval?.into()),
                requests_per_second: requests_per_second?,
                timeout: Duration::from_secs(timeout?.into()),
                pkce: pkce?,
                service_account: service_account?,
                employees: employees?,
            },
            embedding: Embedding {
                origins: origins?,
                same_site: same_site?,
            },
            sso: sso?,
            integration: Integration {
                name: name?,
                time_zone: time_zone?,
                icon: icon?,
            },
            organizers: Organizers {
                sync_every: sync_every?,
                filter,
                offer: offer?,
                max_shrink_percent: u8::try_from(max_shrink?).unwrap_or(100),
            },
            activity_log: ActivityLog {
                enabled: log_enabled?,
                retention: Duration::from_secs(u64::from(retention?) * 3600),
            },
            session: Session {
                idle: Duration::from_secs(u64::from(idle?) * 3600),
                absolute: Duration::from_secs(u64::from(absolute?) * 3600),
            },
            warnings: r.take_warnings(),
        })
    }
}

/// Every key that can be set.
pub fn keys() -> Vec<&'static str> {
    // Nothing is configured, so every key is asked for and missing.
    let Ok(mut reader) = Reader::open(None, Vec::new()) else {
        return Vec::new();
    };
    let _ = Settings::read(&mut reader);
    reader.known().to_vec()
}

/// Where the configuration is looked for when no `--config` is given.
pub fn default_files() -> [PathBuf; 2] {
    [
        "goto-microapps.toml".into(),
        "/etc/goto-microapps/goto-microapps.toml".into(),
    ]
}
