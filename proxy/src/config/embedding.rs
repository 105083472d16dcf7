//! `[embedding]`: which pages may embed the widget.

use serde::{Deserialize, Serialize};

use super::address::origin_of;
use super::found::Setting;
use super::problems::Problems;

/// Which pages may embed the widget.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// Exact origins (scheme, host, port), lower case, without a default port.
    pub origins: Vec<String>,
    /// Every page and the proxy are of one site: the session cookie is `SameSite=Strict`.
    pub same_site: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    origins: Setting,
    same_site: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> Option<Embedding> {
        let origins = origins(&self.origins, p);
        let same_site = self.same_site.flag(p, false);
        Some(Embedding {
            origins: origins?,
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
