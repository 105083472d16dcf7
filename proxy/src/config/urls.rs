//! Addresses that several sections take: URLs a secret may travel over, networks, origins.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::problems::Problems;
use super::setting::Setting;

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
    setting: &Setting,
    p: &mut Problems,
    text: &str,
    example: &str,
) -> Option<Url> {
    let Ok(url) = Url::parse(text) else {
        p.mistake(
            setting,
            format!("`{text}` is not a URL"),
            format!("write a full URL, for example {example}"),
        );
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        p.mistake(
            setting,
            "contains a user name or password",
            "take them out of the URL",
        );
        return None;
    }
    match url.scheme() {
        "https" => Some(url),
        "http" if is_loopback(&url) => Some(url),
        "http" => {
            p.mistake(
                setting,
                format!("`{text}` is plain http, which anybody on the way can read"),
                format!("use https, for example {example}; http is accepted for localhost only"),
            );
            None
        }
        other => {
            p.mistake(
                setting,
                format!("`{text}` has the scheme `{other}`"),
                format!("use https, for example {example}"),
            );
            None
        }
    }
}

/// `url` with a slash at its end, so that paths can be joined to it.
pub(super) fn as_folder(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

/// Networks, or single addresses.
pub(super) fn networks(setting: &Setting, p: &mut Problems) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in setting.texts(p) {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        match text.parse::<IpNet>().or(address) {
            Ok(network) if network.prefix_len() > 0 => networks.push(network),
            Ok(_) => p.mistake(
                setting,
                format!("`{text}` is everybody, so anybody could claim any address"),
                "name the reverse proxy only, for example [\"10.0.0.7\"]",
            ),
            Err(_) => p.mistake(
                setting,
                format!("`{text}` is neither an address nor a network"),
                "write it as 10.0.0.7 or 10.0.0.0/24",
            ),
        }
    }
    networks
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
