//! The way out, below `[goto]`: a forward proxy and a company's own certificate authority.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::problems::{Located, Problems};
use super::secret::SecretSetting;
use super::setting::Setting;
use super::variables;

/// Says that there is no forward proxy, whatever the environment tells other programs.
const NONE: &str = "none";

/// How every client of the proxy reaches the world.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The forward proxy; `None` connects directly.
    pub proxy: Option<OutgoingProxy>,
    /// Certificates of authorities trusted beside the system's, PEM.
    pub ca: Option<Ca>,
}

/// A forward proxy, used by CONNECT.
#[derive(Clone, Debug)]
pub struct OutgoingProxy {
    /// `http://host:port` or `https://host:port`, without a login.
    pub url: Url,
    /// User name and password for it.
    pub credentials: Option<Credentials>,
    /// Hosts, domains and networks that are reached without it.
    pub except: Vec<String>,
}

/// A login at the forward proxy.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

/// A file with certificates, read at start.
#[derive(Clone, Debug)]
pub struct Ca {
    /// Its path, for complaints.
    pub path: String,
    /// Each certificate.
    pub certificates: Vec<reqwest::Certificate>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    outgoing_proxy: Setting,
    outgoing_proxy_credentials: Setting,
    outgoing_proxy_credentials_file: Setting,
    outgoing_proxy_except: Setting,
    ca_file: Setting,
}

impl Raw {
    pub(super) fn validate(
        self,
        p: &mut Problems,
        environment: &[(String, String)],
    ) -> Option<Outgoing> {
        let before = p.count();
        let url = self.url(p);
        let except = self.except(p);
        let mut pair = SecretSetting::new(
            self.outgoing_proxy_credentials,
            self.outgoing_proxy_credentials_file,
        );
        let credentials = credentials(&mut pair, p);
        let ca = ca(&self.ca_file, p);
        if pair.is_set() && url.is_none() && p.count() == before {
            p.mistake(
                &self.outgoing_proxy,
                "is missing, but there is a login for it",
                "write its address, for example http://proxy.example.com:3128",
            );
        }
        if !self.outgoing_proxy.is_set()
            && let Some((name, address)) = variables::outgoing_proxy(environment)
        {
            p.warning(format!(
                "the environment variable {name} names a proxy for what goes out, but it is not used here: write goto.outgoing_proxy = \"{address}\" to use it, or \"{NONE}\" to say that GoTo is reached without"
            ));
        }
        if p.count() > before {
            return None;
        }
        let proxy = url.map(|url| OutgoingProxy {
            url,
            credentials,
            except,
        });
        Some(Outgoing { proxy, ca })
    }

    fn url(&self, p: &mut Problems) -> Option<Url> {
        let setting = &self.outgoing_proxy;
        let text = setting.text(p).filter(|text| text != NONE)?;
        let example = "http://proxy.example.com:3128";
        let url = Url::parse(&text).ok().filter(Url::has_host);
        let login = text.contains('@');
        let (problem, cure) = match url {
            // The value holds a password, so it is not shown.
            _ if login => (
                "has a user name or password in it".to_owned(),
                "take them out, and put user:password into the file that goto.outgoing_proxy_credentials_file names".to_owned(),
            ),
            Some(url) if !matches!(url.scheme(), "http" | "https") => (
                format!("`{text}` has the scheme `{}`", url.scheme()),
                format!("write http:// or https://, for example {example}; SOCKS and automatic configuration (PAC) are not spoken"),
            ),
            Some(url) if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => (
                format!("`{text}` has something behind host and port"),
                format!("stop there, for example {example}"),
            ),
            Some(url) => return Some(url),
            None => (
                format!("`{text}` is not a URL"),
                format!("write scheme, host and port, for example {example}"),
            ),
        };
        p.mistake(setting, problem, cure);
        None
    }

    fn except(&self, p: &mut Problems) -> Vec<String> {
        let setting = &self.outgoing_proxy_except;
        let hosts = setting.texts(p);
        for host in &hosts {
            let is_all = host == "*";
            let strange = host.contains("://") || host.contains('*') || host.contains('@');
            if is_all || strange {
                p.mistake(
                    setting,
                    format!("`{host}` is not a host, a domain or a network"),
                    "write hosts as idp.example.com, domains with all below them as .example.com, networks as 10.0.0.0/8",
                );
            }
        }
        hosts
    }
}

fn credentials(pair: &mut SecretSetting, p: &mut Problems) -> Option<Credentials> {
    let text = pair.optional(p)?;
    match text.split_once(':') {
        Some((user, password)) if !user.is_empty() => Some(Credentials {
            user: user.to_owned(),
            password: SecretString::from(password.to_owned()),
        }),
        _ => {
            p.mistake(
                pair.source(),
                "is not a user name, a colon and a password",
                "write user:password, as it is, without percent signs for special characters",
            );
            None
        }
    }
}

fn ca(setting: &Setting, p: &mut Problems) -> Option<Ca> {
    let path = setting.text(p)?;
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            p.mistake(
                setting,
                format!("`{path}` cannot be read: {error}"),
                "name the PEM file with the certificate of your own authority, and let the proxy's user read it",
            );
            return None;
        }
    };
    let cure = "name a PEM file: text with -----BEGIN CERTIFICATE-----; openssl x509 -inform der -in ca.cer -out ca.pem makes one from DER";
    if String::from_utf8_lossy(&bytes).contains("PRIVATE KEY-----") {
        p.warning(format!(
            "{}: `{path}` holds a private key, which nobody but the authority itself should have; keep only the certificates in it",
            setting.place()
        ));
    }
    match reqwest::Certificate::from_pem_bundle(&bytes) {
        Ok(certificates) if !certificates.is_empty() => Some(Ca { path, certificates }),
        Ok(_) => {
            p.mistake(setting, format!("`{path}` holds no certificate"), cure);
            None
        }
        Err(_) => {
            p.mistake(setting, format!("`{path}` is not readable as PEM"), cure);
            None
        }
    }
}
