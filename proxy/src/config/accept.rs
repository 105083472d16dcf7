//! What each setting may be, and the cure for each way to get it wrong.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use ipnet::IpNet;
use secrecy::SecretString;
use url::{Host, Url};

use super::reader::Reader;
use super::{Icon, OauthClient, Offer, SealingKey};
use crate::store::RING_MAX;

/// GoTo's endpoints today (GoTo "New Token Retrieval Migration Guide").
const AUTHORIZE_URL: &str = "https://authentication.logmeininc.com/oauth/authorize";
const TOKEN_URL: &str = "https://authentication.logmeininc.com/oauth/token";
const API_BASE: &str = "https://api.getgo.com/";
/// Cure for a file that cannot be read.
const READABLE: &str = "create the file, or give the proxy's user read permission";
/// Largest icon, bytes.
const ICON_MAX: usize = 64 * 1024;

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A URL a secret or a cookie may travel over: https, or http on this machine.
pub(super) fn safe_url(
    r: &mut Reader,
    key: &'static str,
    text: &str,
    example: &str,
) -> Option<Url> {
    let Ok(url) = Url::parse(text) else {
        r.mistake(
            key,
            format!("`{text}` is not a URL"),
            format!("write a full URL, for example {example}"),
        );
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        r.mistake(
            key,
            "contains a user name or password",
            "take them out of the URL",
        );
        return None;
    }
    match url.scheme() {
        "https" => Some(url),
        "http" if is_loopback(&url) => Some(url),
        "http" => {
            r.mistake(
                key,
                format!("`{text}` is plain http, which anybody on the way can read"),
                format!("use https, for example {example}; http is accepted for localhost only"),
            );
            None
        }
        other => {
            r.mistake(
                key,
                format!("`{text}` has the scheme `{other}`"),
                format!("use https, for example {example}"),
            );
            None
        }
    }
}

fn as_folder(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

pub(super) fn public_url(r: &mut Reader) -> Option<Url> {
    let key = "server.public_url";
    let example = "https://meetings.example.com";
    let text = r.text(key, "write the address under which employees' browsers reach this proxy, for example https://meetings.example.com")?;
    let url = safe_url(r, key, &text, example)?;
    if url.query().is_some() || url.fragment().is_some() {
        r.mistake(
            key,
            format!("`{text}` has a query or fragment"),
            format!("stop at the path, for example {example}"),
        );
        return None;
    }
    Some(as_folder(url))
}

/// Networks, or single addresses, of reverse proxies.
pub(super) fn trusted_proxies(r: &mut Reader) -> Option<Vec<IpNet>> {
    networks(r, "server.trusted_proxies")
}

pub(super) fn networks(r: &mut Reader, key: &'static str) -> Option<Vec<IpNet>> {
    let mut networks = Vec::new();
    let texts = r.texts(key).unwrap_or_default();
    for text in &texts {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        match text.parse::<IpNet>().or(address) {
            Ok(network) if network.prefix_len() > 0 => networks.push(network),
            Ok(_) => r.mistake(
                key,
                format!("`{text}` is everybody, so anybody could claim any address"),
                "name the reverse proxy only, for example [\"10.0.0.7\"]",
            ),
            Err(_) => r.mistake(
                key,
                format!("`{text}` is neither an address nor a network"),
                "write it as 10.0.0.7 or 10.0.0.0/24",
            ),
        }
    }
    (networks.len() == texts.len()).then_some(networks)
}

pub(super) fn api_base(r: &mut Reader) -> Option<Url> {
    let key = "goto.api_base";
    let text = r.text_or_empty(key).unwrap_or_else(|| API_BASE.to_owned());
    safe_url(r, key, &text, API_BASE).map(as_folder)
}

pub(super) fn oauth_urls(r: &mut Reader) -> Option<(Url, Url)> {
    let authorize_text = r
        .text_or_empty("goto.authorize_url")
        .unwrap_or_else(|| AUTHORIZE_URL.into());
    let token_text = r
        .text_or_empty("goto.token_url")
        .unwrap_or_else(|| TOKEN_URL.into());
    let authorize = safe_url(r, "goto.authorize_url", &authorize_text, AUTHORIZE_URL);
    let token = safe_url(r, "goto.token_url", &token_text, TOKEN_URL);
    let (authorize, token) = (authorize?, token?);
    let ends =
        |url: &Url, word: &str| url.path().trim_end_matches('/').rsplit('/').next() == Some(word);
    if ends(&authorize, "token") || ends(&authorize, "access_token") || ends(&token, "authorize") {
        r.mistake(
            "goto.authorize_url, goto.token_url",
            "are swapped: the old guide prints them the wrong way round",
            format!("paste these two lines:\n        authorize_url = \"{token}\"\n        token_url = \"{authorize}\""),
        );
        return None;
    }
    for url in [&authorize, &token] {
        if url.host_str() == Some("api.getgo.com") {
            r.warning(format!(
                "{url} was retired by GoTo on 30 September 2025; remove goto.authorize_url and goto.token_url to use today's {AUTHORIZE_URL} and {TOKEN_URL}"
            ));
        }
    }
    Some((authorize, token))
}

/// By default beside the token URL, where GoTo has it; it is not documented.
pub(super) fn revocation_url(r: &mut Reader, token_url: Option<&Url>) -> Option<Url> {
    let key = "goto.revocation_url";
    match r.text_or_empty(key) {
        Some(text) => safe_url(
            r,
            key,
            &text,
            "https://authentication.logmeininc.com/oauth/revoke",
        ),
        None => token_url?.join("revoke").ok(),
    }
}

/// Takes the account id, or the address of the admin portal it is read from:
/// `https://admin.logmeininc.com/portal/#accounts/<id>/users?…`.
pub(super) fn account_id(r: &mut Reader) -> Option<String> {
    let key = "goto.account_id";
    let cure = "sign in at https://admin.logmeininc.com/portal/ and paste the number behind #accounts/ (or the whole address)";
    let text = r.text(key, cure)?;
    let id = match text.split_once("accounts/") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        None => text.as_str(),
    };
    if id.contains("your_accountId") || id.contains("accountID") {
        r.mistake(key, format!("still is the placeholder `{text}`"), cure);
        return None;
    }
    if id.is_empty() || id.len() > 30 || !id.bytes().all(|b| b.is_ascii_digit()) {
        r.mistake(
            key,
            format!("`{text}` is not an account id, which is a number"),
            cure,
        );
        return None;
    }
    Some(id.to_owned())
}

/// Takes the text of `key`, or of the file `key_file` names.
fn secret(r: &mut Reader, key: &'static str, file_key: &'static str, cure: &str) -> Option<String> {
    let before = r.mistakes();
    let text = optional_secret(r, key, file_key, cure);
    if text.is_none() && r.mistakes() == before {
        r.mistake(key, "is missing", cure);
    }
    text
}

/// As [`secret`], but it need not be there.
pub(super) fn optional_secret(
    r: &mut Reader,
    key: &'static str,
    file_key: &'static str,
    cure: &str,
) -> Option<String> {
    let inline = r.text_or_empty(key);
    let Some(path) = r.text_or_empty(file_key) else {
        return inline;
    };
    if inline.is_some() {
        r.mistake(
            file_key,
            format!("is set beside {key}"),
            "keep one of the two",
        );
        return None;
    }
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Ok(_) => {
            r.mistake(file_key, format!("`{path}` is empty"), cure);
            None
        }
        Err(error) => {
            r.mistake(
                file_key,
                format!("`{path}` cannot be read: {error}"),
                "create the file, or give the proxy's user read permission",
            );
            None
        }
    }
}

pub(super) fn client(
    r: &mut Reader,
    section: &'static str,
    public_url: Option<&Url>,
    callback: &str,
) -> Option<OauthClient> {
    let (id_key, secret_key, file_key, scopes_key) = match section {
        "goto.service_account" => (
            "goto.service_account.client_id",
            "goto.service_account.client_secret",
            "goto.service_account.client_secret_file",
            "goto.service_account.scopes",
        ),
        _ => (
            "goto.employees.client_id",
            "goto.employees.client_secret",
            "goto.employees.client_secret_file",
            "goto.employees.scopes",
        ),
    };
    let client_id = r.text(
        id_key,
        "create an OAuth client at https://developer.goto.com and paste its client ID",
    );
    let client_secret = secret(
        r,
        secret_key,
        file_key,
        "paste the secret that https://developer.goto.com showed once when the OAuth client was created; create the client again if it is lost",
    );
    let scopes = r.texts(scopes_key).unwrap_or_default();
    let redirect_url = public_url?.join(callback.trim_start_matches('/')).ok()?;
    Some(OauthClient {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        redirect_url,
        scopes,
    })
}

pub(super) fn password_hash(r: &mut Reader) -> Option<SecretString> {
    let key = "admin.password_hash";
    let cure = "run `goto-microapps hash-password` and paste the line it prints";
    let text = r.text(key, cure)?;
    if argon2::password_hash::phc::PasswordHash::new(&text).is_err() || !text.starts_with("$argon2")
    {
        r.mistake(
            key,
            "is not an Argon2 hash (the password itself must not stand here)",
            cure,
        );
        return None;
    }
    Some(SecretString::from(text))
}

pub(super) fn store_url(r: &mut Reader) -> Option<SecretString> {
    let key = "store.url";
    let text = r
        .text_or_empty(key)
        .unwrap_or_else(|| "sqlite://goto-microapps.db".to_owned());
    let known = ["sqlite:", "postgres:", "postgresql:"];
    if !known.iter().any(|scheme| text.starts_with(scheme)) {
        let scheme = text.split(':').next().unwrap_or_default();
        r.mistake(
            key,
            format!("has the scheme `{scheme}`"),
            "use sqlite:///path/to/goto-microapps.db on one host, or postgres://user@host/database for several replicas",
        );
        return None;
    }
    Some(SecretString::from(text))
}

/// Keys as `id:base64`, one or several; the first seals.
pub(super) fn sealing_keys(r: &mut Reader) -> Option<Vec<SealingKey>> {
    let key = "store.keys";
    let cure = "run `goto-microapps keygen` and paste the line it prints; keep older keys behind the new one";
    let mut texts = r.texts(key).unwrap_or_default();
    if let Some(path) = r.text_or_empty("store.keys_file") {
        match std::fs::read_to_string(&path) {
            Ok(text) => texts.extend(text.split_whitespace().map(str::to_owned)),
            Err(error) => {
                r.mistake(
                    "store.keys_file",
                    format!("`{path}` cannot be read: {error}"),
                    READABLE,
                );
                return None;
            }
        }
    }
    if texts.is_empty() {
        r.mistake(key, "is missing", cure);
        return None;
    }
    if texts.len() > RING_MAX {
        r.mistake(
            key,
            format!("has {} keys", texts.len()),
            format!("run `goto-microapps rekey`, then keep the first {RING_MAX} at most"),
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
            Some((id, _)) if decoded && keys.iter().any(|key| key.id == id) => {
                r.mistake(
                    key,
                    format!("has the key id `{id}` twice"),
                    "give every key its own id",
                );
            }
            Some((id, bytes)) if decoded => {
                keys.push(SealingKey {
                    id: id.to_owned(),
                    key: SecretString::from(bytes.to_owned()),
                });
            }
            _ => r.mistake(
                key,
                format!("entry {} is not `id:` and 32 bytes in base64", index + 1),
                cure,
            ),
        }
    }
    (keys.len() == texts.len()).then_some(keys)
}

/// `text` as a browser writes it in the `Origin` header, or `None` if it is not an origin.
pub fn origin_of(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    // A host may have signs in it that would end the directive of a policy, or begin a pattern.
    let named = url
        .host_str()?
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._[:]".contains(&byte));
    let origin = url.origin();
    (named && bare && plain && origin.is_tuple() && matches!(url.scheme(), "http" | "https"))
        .then(|| origin.ascii_serialization())
}

pub(super) fn origins(r: &mut Reader) -> Option<Vec<String>> {
    let key = "embedding.origins";
    let cure = "list each intranet site exactly, for example [\"https://intranet.example.com\"]";
    let texts = r.texts(key).unwrap_or_default();
    if texts.is_empty() {
        r.mistake(key, "is missing: no page could embed the widget", cure);
        return None;
    }
    let mut origins = Vec::new();
    for text in &texts {
        if text.contains('*') {
            r.mistake(
                key,
                format!("`{text}` has a wildcard, so a foreign page could act for your employees"),
                cure,
            );
        } else if let Some(origin) = origin_of(text) {
            origins.push(origin);
        } else {
            r.mistake(
                key,
                format!("`{text}` is not an origin (scheme, host and port, no path)"),
                cure,
            );
        }
    }
    (origins.len() == texts.len()).then_some(origins)
}

pub(super) fn integration_name(r: &mut Reader) -> Option<String> {
    let key = "integration.name";
    let name = r
        .text_or_empty(key)
        .unwrap_or_else(|| "GoToMeeting".to_owned());
    if name.chars().count() > 60 {
        r.mistake(
            key,
            "is longer than 60 characters",
            "shorten it: it stands in the widget's header",
        );
        return None;
    }
    Some(name)
}

/// Where the plain pages tell the time.
pub(super) fn time_zone(r: &mut Reader) -> Option<Tz> {
    let key = "integration.time_zone";
    let text = r.text_or_empty(key).unwrap_or_else(|| "UTC".to_owned());
    let zone = text.parse().ok();
    if zone.is_none() {
        r.mistake(
            key,
            format!("`{text}` is not a time zone"),
            "write an IANA name such as Europe/Paris",
        );
    }
    zone
}

/// The outer `None` is a mistake, the inner one the built-in icon.
#[expect(
    clippy::option_option,
    reason = "a mistake and an absent setting are different things"
)]
pub(super) fn icon(r: &mut Reader) -> Option<Option<Icon>> {
    let key = "integration.icon";
    let Some(path) = r.text_or_empty(key) else {
        return Some(None);
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            r.mistake(
                key,
                format!("`{path}` cannot be read: {error}"),
                "give the path of an SVG or PNG file",
            );
            return None;
        }
    };
    let content_type = if bytes.starts_with(b"\x89PNG\r\n") {
        "image/png"
    } else if std::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg")) {
        "image/svg+xml"
    } else {
        r.mistake(
            key,
            format!("`{path}` is neither SVG nor PNG"),
            "convert it to one of the two",
        );
        return None;
    };
    if bytes.len() > ICON_MAX {
        r.mistake(
            key,
            format!("`{path}` has {} bytes", bytes.len()),
            "shrink it below 64 KB: every page view loads it",
        );
        return None;
    }
    Some(Some(Icon {
        content_type,
        bytes,
    }))
}

/// The outer `None` is a mistake, the inner one "only on demand".
#[expect(
    clippy::option_option,
    reason = "a mistake and a sync on demand are different things"
)]
pub(super) fn offer(r: &mut Reader) -> Option<Offer> {
    let key = "organizers.offer";
    match r.text_or_empty(key).as_deref() {
        None | Some("licensed") => Some(Offer::Licensed),
        Some("all") => Some(Offer::All),
        Some(other) => {
            r.mistake(
                key,
                format!("is `{other}`"),
                "write \"licensed\" for people who are active and have a licence for meetings, or \"all\" for everybody of the account",
            );
            None
        }
    }
}

pub(super) fn sync_every(r: &mut Reader) -> Option<Option<Duration>> {
    let key = "organizers.sync";
    let text = r.text_or_empty(key).unwrap_or_else(|| "hourly".to_owned());
    let hours = match text.as_str() {
        "hourly" => 1,
        "daily" => 24,
        "manual" => return Some(None),
        other => match other.strip_suffix('h').and_then(|n| n.parse::<u64>().ok()) {
            Some(hours @ 1..=168) => hours,
            _ => {
                r.mistake(
                    key,
                    format!("is `{other}`"),
                    "write \"hourly\", \"daily\", \"manual\", or hours such as \"6h\"",
                );
                return None;
            }
        },
    };
    Some(Some(Duration::from_secs(hours * 3600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        assert_eq!(
            origin_of("https://Intranet.Example.com:443/").as_deref(),
            Some("https://intranet.example.com")
        );
        assert_eq!(
            origin_of("http://localhost:8080").as_deref(),
            Some("http://localhost:8080")
        );
        for text in [
            "null",
            "https://a.example/path",
            "ftp://a.example",
            "https://u@a.example",
            "a.example",
            "https://a;b.example",
            "https://*.example.com",
        ] {
            assert_eq!(origin_of(text), None, "{text}");
        }
    }
}
