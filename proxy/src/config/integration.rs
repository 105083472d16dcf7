//! `[integration]`: what the widget's header and the plain pages show.

use serde::{Deserialize, Serialize};

use super::problems::Problems;
use super::setting::Setting;
use crate::zones::{Zone, Zones};

/// Largest icon, bytes.
const ICON_MAX: usize = 64 * 1024;
/// Longest name, characters.
const NAME_MAX: usize = 60;

/// What the widget's header shows.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Name.
    pub name: String,
    /// Where the plain pages tell the time unless the reader says otherwise.
    pub time_zone: Zone,
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

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    name: Setting,
    icon: Setting,
    time_zone: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems, zones: &Zones) -> Option<Integration> {
        let name = self.name(p);
        let icon = icon(&self.icon, p);
        let time_zone = self.time_zone(p, zones);
        Some(Integration {
            name: name?,
            time_zone: time_zone?,
            icon,
        })
    }

    fn name(&self, p: &mut Problems) -> Option<String> {
        let name = self.name.text_or(p, "GoToMeeting");
        if name.chars().count() > NAME_MAX {
            p.mistake(
                &self.name,
                format!("is longer than {NAME_MAX} characters"),
                "shorten it: it stands in the widget's header",
            );
            return None;
        }
        Some(name)
    }

    fn time_zone(&self, p: &mut Problems, zones: &Zones) -> Option<Zone> {
        let text = self.time_zone.text_or(p, "UTC");
        let zone = zones.find(&text);
        if zone.is_none() {
            p.mistake(
                &self.time_zone,
                format!("`{text}` is not a time zone"),
                "write an IANA name such as Europe/Paris",
            );
        }
        zone
    }
}

fn icon(setting: &Setting, p: &mut Problems) -> Option<Icon> {
    let path = setting.text(p)?;
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            p.mistake(
                setting,
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
        p.mistake(
            setting,
            format!("`{path}` is neither SVG nor PNG"),
            "convert it to one of the two",
        );
        return None;
    };
    if bytes.len() > ICON_MAX {
        p.mistake(
            setting,
            format!("`{path}` has {} bytes", bytes.len()),
            "shrink it below 64 KB: every page view loads it",
        );
        return None;
    }
    Some(Icon {
        content_type,
        bytes,
    })
}
