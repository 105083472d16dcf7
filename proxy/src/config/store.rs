//! `[store]`: where everything that outlives the process is kept, and the keys it is sealed with.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::problems::{Located, Problems};
use super::secret::{self, SecretSetting};
use super::setting::Setting;
use super::spelling::nearest;

/// Most keys a ring may have.
pub const KEYS_MAX: usize = 8;
/// The database without a setting.
const DEFAULT: &str = "sqlite://goto-microapps.db";
/// What sqlx reads of a PostgreSQL URL; it passes over anything else without a word.
const POSTGRES: [&str; 17] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
];
/// Values of `sslmode` (PostgreSQL documentation, section 34.19.1).
const SSL_MODES: [&str; 6] = [
    "allow",
    "disable",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];
/// Example in cures.
const EXAMPLE: &str = "sqlite:///var/lib/goto-microapps/goto-microapps.db";

/// Where everything that outlives the process is kept.
#[derive(Clone, Debug)]
pub struct Store {
    /// `sqlite://…` or `postgres://…`.
    pub url: SecretString,
    /// Key ring for sealed columns: the first key seals, all open.
    pub keys: Vec<SealingKey>,
    /// How long a start waits for a database that is away.
    pub wait: Duration,
}

/// One key of the ring.
#[derive(Clone, Debug)]
pub struct SealingKey {
    /// Name written in front of each sealed value.
    pub id: String,
    /// 32 bytes, base64.
    pub key: SecretString,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    url: Setting,
    url_file: Setting,
    keys: Setting,
    keys_file: Setting,
    wait_seconds: Setting,
}

impl Raw {
    pub(super) fn validate(mut self, p: &mut Problems) -> Option<Store> {
        let mut pair = SecretSetting::new(self.url, self.url_file);
        let url = url(&mut pair, p);
        let keys = keys(&mut self.keys, &mut self.keys_file, p);
        let wait = self.wait_seconds.number(p, 120, 0..=3600);
        Some(Store {
            url: url?,
            keys: keys?,
            wait: Duration::from_secs(wait.into()),
        })
    }
}

/// The file of a SQLite URL.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy();
    Some(PathBuf::from(path.into_owned()))
}

fn url(pair: &mut SecretSetting, p: &mut Problems) -> Option<SecretString> {
    let before = p.count();
    let text = pair.optional(p);
    if p.count() > before {
        return None;
    }
    let text = text.unwrap_or_else(|| DEFAULT.to_owned());
    let setting = pair.source();
    let known = match text.split(':').next().unwrap_or_default() {
        "sqlite" => sqlite(setting, &text, p),
        "postgres" | "postgresql" => postgres(setting, &text, p),
        scheme => {
            p.mistake(
                setting,
                format!("has the scheme `{scheme}`"),
                "use sqlite:///path/to/goto-microapps.db on one host, or postgres://user@host/database for several replicas",
            );
            None
        }
    };
    known.map(|()| SecretString::from(text))
}

fn sqlite(setting: &Setting, text: &str, p: &mut Problems) -> Option<()> {
    let query = text.split_once('?').map_or("", |(_, query)| query);
    let file = sqlite_file(text).unwrap_or_default();
    let in_memory = file.to_string_lossy().contains(":memory:") || query.contains("mode=memory");
    if in_memory {
        p.mistake(
            setting,
            "is a database in memory: consents, sessions and what was sent to GoTo would be gone after each restart",
            format!("name a file, for example {EXAMPLE}"),
        );
        return None;
    }
    if file.as_os_str().is_empty() || file.is_dir() {
        p.mistake(
            setting,
            format!("`{text}` names no file"),
            format!("name one, for example {EXAMPLE}"),
        );
        return None;
    }
    if query.contains("mode=ro")
        || query.contains("immutable=1")
        || query.contains("immutable=true")
    {
        p.mistake(
            setting,
            "opens the database for reading only",
            "leave mode=ro and immutable out",
        );
        return None;
    }
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        if !["mode", "cache", "immutable", "vfs"].contains(&name.as_ref()) {
            p.mistake(
                setting,
                format!("has the parameter `{name}`, which SQLite does not know"),
                "remove everything from the ? on",
            );
            return None;
        }
    }
    if file.is_relative() {
        let here = std::path::absolute(&file).unwrap_or_else(|_| file.clone());
        p.warning(format!(
            "{}: `{text}` is a relative path, so where the data is depends on the directory the proxy is started in: from here it is {here}; write sqlite://{here}",
            setting.place(),
            here = here.display()
        ));
    }
    Some(())
}

fn postgres(setting: &Setting, text: &str, p: &mut Problems) -> Option<()> {
    let parsed = Url::parse(text).ok();
    // What a sign in the password does to a URL: it ends the login early, or the URL is none.
    let torn = parsed.as_ref().is_none_or(|url| {
        url.fragment().is_some() || (url.username().is_empty() && text.contains('@'))
    });
    if torn {
        let (sign, code) = sign_in_the_way(text).unwrap_or(('#', "%23"));
        let before_at = text.rsplit_once('@').is_some_and(|(rest, _)| {
            rest.split_once("//")
                .is_some_and(|(_, login)| login.contains(sign))
        });
        let (problem, cure) = if before_at {
            (
                format!("has a `{sign}` in user or password, which means something else in a URL"),
                format!(
                    "write it as {code} there (and likewise @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25)"
                ),
            )
        } else {
            (
                "is not a URL".to_owned(),
                "write postgres://user:password@host:5432/database".to_owned(),
            )
        };
        p.mistake(setting, problem, cure);
        return None;
    }
    let url = parsed?;
    let known: BTreeSet<String> = POSTGRES.iter().map(|name| (*name).to_owned()).collect();
    let mut good = Some(());
    for (name, value) in url.query_pairs() {
        if !known.contains(name.as_ref()) && !name.starts_with("options[") {
            let cure = match nearest(&name, &known) {
                Some(near) => format!("did you mean {near}? Remove it otherwise"),
                None => "remove it".to_owned(),
            };
            p.mistake(
                setting,
                format!("has the parameter `{name}`, which would be passed over without a word"),
                cure,
            );
            good = None;
        } else if matches!(name.as_ref(), "sslmode" | "ssl-mode")
            && !SSL_MODES.contains(&value.as_ref())
        {
            p.mistake(
                setting,
                format!("has `{name}={value}`"),
                format!(
                    "write one of {}; only verify-full proves which server answers",
                    SSL_MODES.join(", ")
                ),
            );
            good = None;
        } else if matches!(
            name.as_ref(),
            "sslrootcert"
                | "ssl-root-cert"
                | "ssl-ca"
                | "sslcert"
                | "ssl-cert"
                | "sslkey"
                | "ssl-key"
        ) && let Err(error) = std::fs::metadata(Path::new(value.as_ref()))
        {
            p.mistake(
                setting,
                format!("has `{name}={value}`, which cannot be read: {error}"),
                "correct the path, or give the proxy's user read permission",
            );
            good = None;
        }
    }
    good
}

/// The first sign before the last `@` that must not stand in user or password as it is.
fn sign_in_the_way(text: &str) -> Option<(char, &'static str)> {
    let (login, _) = text.split_once("//")?.1.rsplit_once('@')?;
    login.chars().find_map(|sign| match sign {
        '#' => Some((sign, "%23")),
        '/' => Some((sign, "%2F")),
        '?' => Some((sign, "%3F")),
        '@' => Some((sign, "%40")),
        _ => None,
    })
}

fn is_same(key: &SealingKey, id: &str, bytes: &str) -> bool {
    key.id == id && key.key.expose_secret() == bytes
}

/// Keys as `id:base64`, one or several; the first seals.
fn keys(value: &mut Setting, file: &mut Setting, p: &mut Problems) -> Option<Vec<SealingKey>> {
    let cure = "run `goto-microapps keygen` and paste the line it prints; keep older keys behind the new one";
    let texts = secret::list(value, file, p)?;
    let setting = if value.is_set() || !file.is_set() {
        value
    } else {
        file
    };
    if texts.is_empty() {
        p.mistake(setting, "is missing", cure);
        return None;
    }
    if texts.len() > KEYS_MAX {
        p.mistake(
            setting,
            format!("has {} keys", texts.len()),
            format!("run `goto-microapps rekey`, then keep the first {KEYS_MAX} at most"),
        );
        return None;
    }
    let mut keys: Vec<SealingKey> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let parts = text.split_once(':').filter(|(id, _)| {
            (1..=16).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
        let decoded = parts
            .and_then(|(_, key)| STANDARD.decode(key).ok())
            .is_some_and(|key| key.len() == 32);
        match parts {
            Some((id, bytes)) if decoded && keys.iter().any(|key| is_same(key, id, bytes)) => {
                p.mistake(
                    setting,
                    format!("has the key `{id}` twice"),
                    "remove one of the two lines",
                );
            }
            Some((id, bytes)) if decoded => {
                if keys.iter().any(|key| key.id == id) {
                    // Two keys made on one day by the first release; both open what bears their name.
                    p.warning(format!(
                        "{}: two keys have the name `{id}`; put the line of `goto-microapps keygen` in front of both, restart, run `goto-microapps rekey`, and remove both then",
                        setting.place()
                    ));
                }
                keys.push(SealingKey {
                    id: id.to_owned(),
                    key: SecretString::from(bytes.to_owned()),
                });
            }
            _ => p.mistake(
                setting,
                format!("entry {} is not `id:` and 32 bytes in base64", index + 1),
                cure,
            ),
        }
    }
    (keys.len() == texts.len()).then_some(keys)
}
