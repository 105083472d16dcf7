//! The way out: how every client of the proxy connects, and why a connection did not come about.
//!
//! Owns the HTTP clients' common rules (no redirects, no retries, no proxies of the environment),
//! the forward proxy and the trusted authorities. Knows nothing of GoTo.

use std::error::Error as _;
use std::fmt;
use std::io;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, ClientBuilder, NoProxy, Proxy};
use rustls::CertificateError;
use secrecy::ExposeSecret;
use url::Url;

use crate::config;

/// Why no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The system has no certificates of authorities and `goto.ca_file` brings none.
    #[error(
        "this machine has no certificates of authorities (CA store), so no https server can be trusted"
    )]
    NoAuthorities,
    /// Anything else.
    #[error("the HTTP client cannot be set up: {}", reason(.0))]
    Other(#[source] reqwest::Error),
}

impl ClientError {
    /// The key to look at.
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoAuthorities => "goto.ca_file",
            Self::Other(_) => "goto.outgoing_proxy, goto.ca_file",
        }
    }

    /// The cure, as a sentence without a full stop.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::NoAuthorities => {
                "install the package ca-certificates (in a container image too), or name a PEM file with the authorities in goto.ca_file; SSL_CERT_FILE and SSL_CERT_DIR in the environment must lead somewhere if they are set"
            }
            Self::Other(_) => "correct what it names",
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Outbound {
    settings: config::Outgoing,
    /// Which addresses are reached through the forward proxy.
    matcher: Option<std::sync::Arc<Matcher>>,
}

impl Outbound {
    /// As configured.
    pub fn new(settings: &config::Outgoing) -> Self {
        let matcher = settings.proxy.as_ref().map(|proxy| {
            Matcher::builder()
                .https(proxy.url.as_str())
                .no(proxy.except.join(","))
                .build()
                .into()
        });
        Self {
            settings: settings.clone(),
            matcher,
        }
    }

    /// A client with the common rules, shaped further by `shape`.
    ///
    /// # Errors
    /// When the system trusts nobody, or what is configured cannot be used.
    pub fn client(
        &self,
        shape: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Client, ClientError> {
        // A redirect, a retry or a replay would be a request the limit never counted, and could
        // carry a token to another host.
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .user_agent(concat!("goto-microapps/", env!("CARGO_PKG_VERSION")));
        if let Some(outgoing) = &self.settings.proxy {
            // Plain http goes to this machine only, and never through a proxy: it would be sent
            // there as it is, and not through a tunnel.
            let mut proxy = Proxy::https(outgoing.url.clone())
                .map_err(ClientError::Other)?
                .no_proxy(NoProxy::from_string(&outgoing.except.join(",")));
            if let Some(login) = &outgoing.credentials {
                proxy = proxy.basic_auth(&login.user, login.password.expose_secret());
            }
            builder = builder.proxy(proxy);
        }
        if let Some(ca) = &self.settings.ca {
            builder = builder.tls_certs_merge(ca.certificates.iter().cloned());
        }
        shape(builder).build().map_err(|error| {
            if reason(&error).contains("No CA certificates") {
                ClientError::NoAuthorities
            } else {
                ClientError::Other(error)
            }
        })
    }

    /// Why `url` was not reached.
    pub fn fault(&self, url: &Url, error: &reqwest::Error) -> Fault {
        let through = self.settings.proxy.as_ref().filter(|_| {
            let uri = url.as_str().parse::<http::Uri>().ok();
            let matcher = self.matcher.as_ref();
            uri.zip(matcher)
                .is_some_and(|(uri, matcher)| matcher.intercept(&uri).is_some())
        });
        Fault {
            cause: cause(error),
            host: authority(url),
            proxy: through.map(|proxy| authority(&proxy.url)),
        }
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The last words of an error, which are the first in time. reqwest's own name the URL only.
fn reason(error: &reqwest::Error) -> String {
    let mut last = error.source();
    while let Some(next) = last.and_then(below) {
        last = Some(next);
    }
    last.map_or_else(|| "no reason given".to_owned(), ToString::to_string)
}

/// What kept a connection from coming about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name does not resolve.
    Name,
    /// Nobody listens on the port.
    Refused,
    /// No way there.
    NoRoute,
    /// No answer in time.
    Timeout,
    /// The other side ended the connection.
    Closed,
    /// What listens does not speak TLS.
    NotTls,
    /// TLS failed in another way.
    Tls,
    /// The certificate comes from an authority that is not trusted.
    UnknownAuthority,
    /// The certificate is of another name.
    WrongName,
    /// The certificate ended, by this machine's clock.
    Expired,
    /// The certificate has not begun, by this machine's clock.
    NotYetValid,
    /// The forward proxy wants a login, or another one.
    ProxyLogin,
    /// The forward proxy does not connect to this host.
    ProxyRefused,
    /// None of these.
    Other,
}

impl Cause {
    /// A word for the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Refused => "refused",
            Self::NoRoute => "no_route",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::NotTls => "not_tls",
            Self::Tls => "tls",
            Self::UnknownAuthority => "unknown_authority",
            Self::WrongName => "wrong_name",
            Self::Expired => "certificate_expired",
            Self::NotYetValid => "certificate_not_yet_valid",
            Self::ProxyLogin => "proxy_login",
            Self::ProxyRefused => "proxy_refused",
            Self::Other => "other",
        }
    }
}

/// Why a host was not reached: cause, host and cure. Holds no part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub cause: Cause,
    /// Host and port that were to be reached.
    pub host: String,
    /// Host and port of the forward proxy in between.
    pub proxy: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        // The first connection is to the forward proxy where there is one.
        let (first, way) = match &self.proxy {
            Some(proxy) => (
                format!("the forward proxy {proxy}"),
                format!(" through the forward proxy {proxy}"),
            ),
            None => (host.clone(), String::new()),
        };
        let name = first
            .rsplit_once(':')
            .map_or(first.as_str(), |(name, _)| name);
        match self.cause {
            Cause::Name => write!(f, "the name of {name} cannot be resolved"),
            Cause::Refused => write!(f, "{first} refuses the connection: nobody listens there"),
            Cause::NoRoute => write!(f, "there is no route to {first}"),
            Cause::Timeout => write!(f, "{host} does not answer in time{way}"),
            Cause::Closed => write!(f, "{host} ends the connection before it is set up{way}"),
            Cause::NotTls => write!(f, "{host} does not speak TLS{way}"),
            Cause::Tls => write!(f, "no TLS connection to {host} comes about{way}"),
            Cause::UnknownAuthority => write!(
                f,
                "the certificate of {host} comes from an authority that this machine does not trust"
            ),
            Cause::WrongName => write!(f, "the certificate of {host} is of another name"),
            Cause::Expired => write!(
                f,
                "the certificate of {host} has ended, as this machine's clock has it"
            ),
            Cause::NotYetValid => write!(
                f,
                "the certificate of {host} is not valid yet, as this machine's clock has it"
            ),
            Cause::ProxyLogin => write!(f, "{first} wants a login, or another one"),
            Cause::ProxyRefused => write!(f, "{first} does not connect to {host}"),
            Cause::Other => write!(f, "{host} cannot be reached{way}"),
        }
    }
}

impl Fault {
    /// The cure, as a sentence without a full stop.
    pub fn cure(&self) -> &'static str {
        let proxied = self.proxy.is_some();
        match self.cause {
            Cause::Name if proxied => {
                "correct goto.outgoing_proxy, or the name server of this machine"
            }
            Cause::Name => {
                "correct the name in the configuration, or the name server of this machine (/etc/resolv.conf); where only a forward proxy leads out, set goto.outgoing_proxy"
            }
            Cause::Refused if proxied => {
                "correct host and port in goto.outgoing_proxy, or start the forward proxy"
            }
            Cause::Refused | Cause::NoRoute | Cause::Timeout | Cause::Closed if !proxied => {
                "let this machine's firewall and the company's let connections to it out, or set goto.outgoing_proxy"
            }
            Cause::Refused | Cause::NoRoute | Cause::Timeout | Cause::Closed => {
                "let the forward proxy connect to it, and this machine to the forward proxy"
            }
            Cause::NotTls => {
                "correct scheme and port: https:// stands before a port where plain http is spoken"
            }
            Cause::Tls => "look for a device in between that inspects TLS, or an outdated server",
            Cause::UnknownAuthority => {
                "if a device of your company inspects TLS, name its authority's certificate in goto.ca_file; else somebody is in between"
            }
            Cause::WrongName => {
                "correct the host in the configuration; if a device of your company stands in between, let it pass this host through"
            }
            Cause::Expired | Cause::NotYetValid => {
                "set this machine's clock (timedatectl, chrony); if it is right, the certificate has to be renewed over there"
            }
            Cause::ProxyLogin => {
                "put user:password into the file that goto.outgoing_proxy_credentials_file names; only basic authentication is spoken"
            }
            Cause::ProxyRefused => "let the forward proxy allow CONNECT to this host and port",
            Cause::Other => "try `goto-microapps check --online`",
        }
    }
}

/// Reads the chain of errors below reqwest's own.
fn cause(error: &reqwest::Error) -> Cause {
    let mut found = None;
    let mut next = error.source();
    while let Some(error) = next {
        found = of_one(error).or(found);
        next = below(error);
    }
    match found {
        Some(cause) => cause,
        None if error.is_timeout() => Cause::Timeout,
        None => Cause::Other,
    }
}

/// The error below another. What an [`io::Error`] wraps is not its source, but the source of that is.
fn below<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e (dyn std::error::Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn of_one(error: &(dyn std::error::Error + 'static)) -> Option<Cause> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(of_tls(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return of_io(error.kind());
    }
    // These two are only told by their words.
    match error.to_string().as_str() {
        "dns error" => Some(Cause::Name),
        text if text.contains("proxy authorization required") => Some(Cause::ProxyLogin),
        text if text.contains("tunnel error: unsuccessful") => Some(Cause::ProxyRefused),
        text if text.contains("tunnel error: unexpected end") => Some(Cause::Closed),
        _ => None,
    }
}

fn of_io(kind: io::ErrorKind) -> Option<Cause> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some(Cause::Refused),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(Cause::NoRoute),
        io::ErrorKind::TimedOut => Some(Cause::Timeout),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Cause::Closed),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> Cause {
    let rustls::Error::InvalidCertificate(error) = error else {
        return match error {
            rustls::Error::InvalidMessage(_) => Cause::NotTls,
            _ => Cause::Tls,
        };
    };
    match error {
        CertificateError::UnknownIssuer => Cause::UnknownAuthority,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Cause::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Cause::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Cause::WrongName
        }
        _ => Cause::Tls,
    }
}
