//! `[embedding]`: which pages may embed the widget.

use serde::{Deserialize, Serialize};

use super::problems::Problems;
use super::setting::Setting;
use super::urls::origin_of;

/// Which pages may embed the widget.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// Exact origins (scheme, host, port), lower case, without a default port.
    pub origins: Vec<String>,
    /// Who may frame the pages that frame the widget, beside those origins: origins, or all hosts
    /// below a name (`https://*.example.com`), as Content Security Policy writes them (CSP3,
    /// section 6.7.2.8). They may frame and nothing else.
    pub frame_ancestors: Vec<String>,
    /// Every page and the proxy are of one site: the session cookie is `SameSite=Strict`.
    pub same_site: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    origins: Setting,
    frame_ancestors: Setting,
    same_site: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> Option<Embedding> {
        let origins = origins(&self.origins, p);
        let frame_ancestors = frame_ancestors(&self.frame_ancestors, p);
        let same_site = self.same_site.flag(p, false);
        Some(Embedding {
            origins: origins?,
            frame_ancestors: frame_ancestors?,
            same_site,
        })
    }
}

fn origins(setting: &Setting, p: &mut Problems) -> Option<Vec<String>> {
    let cure = "list each intranet site exactly, for example [\"https://intranet.example.com\"]";
    let before = p.count();
    let texts = setting.texts(p);
    if texts.is_empty() {
        if p.count() == before {
            p.mistake(setting, "is missing: no page could embed the widget", cure);
        }
        return None;
    }
    let mut origins = Vec::new();
    for text in &texts {
        if text.contains('*') {
            p.mistake(
                setting,
                format!("`{text}` has a wildcard, so a foreign page could act for your employees"),
                cure,
            );
        } else if let Some(origin) = origin_of(text) {
            origins.push(origin);
        } else {
            p.mistake(
                setting,
                format!("`{text}` is not an origin (scheme, host and port, no path)"),
                cure,
            );
        }
    }
    (origins.len() == texts.len()).then_some(origins)
}

fn frame_ancestors(setting: &Setting, p: &mut Problems) -> Option<Vec<String>> {
    let cure = "name your own sites, for example [\"https://portal.example.com\", \"https://*.corp.example.com\"]";
    let mut ancestors = Vec::new();
    let texts = setting.texts(p);
    for text in &texts {
        match ancestor(text) {
            Ok(ancestor) => ancestors.push(ancestor),
            Err(why) => p.mistake(setting, format!("`{text}` {why}"), cure),
        }
    }
    (ancestors.len() == texts.len()).then_some(ancestors)
}

/// A source of `frame-ancestors`: an origin, or a wildcard for the hosts below a name.
fn ancestor(text: &str) -> Result<String, &'static str> {
    if !text.contains('*') {
        return origin_of(text).ok_or("is not an origin (scheme, host and port, no path)");
    }
    let strange = "has a wildcard elsewhere than in the place of the first names of a host";
    let (scheme, host) = text.split_once("://*.").ok_or(strange)?;
    if host.contains('*') {
        return Err(strange);
    }
    let origin = origin_of(&format!("{scheme}://{host}")).ok_or(strange)?;
    let (scheme, host) = origin.split_once("://").ok_or(strange)?;
    let name = host.split(':').next().unwrap_or_default();
    let is_address = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
    if is_address || !name.trim_matches('.').contains('.') {
        return Err("is open to hosts of others: name at least two parts after the wildcard");
    }
    Ok(format!("{scheme}://*.{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_are_origins_or_hosts_below_a_name() {
        for (text, written) in [
            ("https://Portal.example.com/", "https://portal.example.com"),
            ("https://*.corp.example.com", "https://*.corp.example.com"),
            ("https://*.Example.com:8443", "https://*.example.com:8443"),
        ] {
            assert_eq!(ancestor(text).as_deref(), Ok(written));
        }
        for text in [
            "*",
            "https:",
            "https://*",
            "https://*.com",
            "https://*.com.",
            "https://*.10.0.0.1",
            "*.example.com",
            "https://a.*.example.com",
            "https://*.*.example.com",
            "https://*.example.com/path",
            "https://*.example.com; script-src *",
            "'self'",
            "https://*example.com",
            "data://*.example.com",
        ] {
            assert!(ancestor(text).is_err(), "{text}");
        }
    }
}
