//! The browsers the suites run in, and all that differs between them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};
use thirtyfour::Capabilities;

/// A browser with a WebDriver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Chrome with chromedriver.
    Chromium,
    /// Firefox with geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser with WebKitWebDriver. Has no headless mode: needs a display.
    Webkit,
}

/// How the visitor's machine is set up.
#[derive(Clone, Debug)]
pub struct Machine {
    /// IANA time zone.
    pub time_zone: String,
    /// Languages as the browser sends them, best first.
    pub languages: String,
    /// Whether the visitor prefers dark pages.
    pub dark: bool,
    /// Width and height of the page.
    pub size: (u32, u32),
    /// Pixels of the screen for one of the page.
    pub scale: u32,
    /// Whether the browser takes third-party cookies that are not partitioned. Many do not.
    pub third_party_cookies: bool,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            time_zone: "Europe/Paris".to_owned(),
            languages: "en-GB,en".to_owned(),
            dark: false,
            size: (1100, 900),
            scale: 1,
            third_party_cookies: false,
        }
    }
}

impl Browser {
    /// The one `GOTO_BROWSER` names: `chromium`, which is also the default, `firefox` or `webkit`.
    ///
    /// # Errors
    /// When it names another.
    pub fn chosen() -> anyhow::Result<Self> {
        match std::env::var("GOTO_BROWSER").as_deref() {
            Err(_) | Ok("" | "chromium") => Ok(Self::Chromium),
            Ok("firefox") => Ok(Self::Firefox),
            Ok("webkit") => Ok(Self::Webkit),
            Ok(other) => {
                anyhow::bail!("GOTO_BROWSER is {other:?}: choose chromium, firefox or webkit")
            }
        }
    }

    /// The driver's program.
    pub(crate) fn driver(self) -> anyhow::Result<PathBuf> {
        match self {
            Self::Chromium => program(&["chromedriver"]),
            Self::Firefox => program(&["geckodriver"]),
            Self::Webkit => program(&["WebKitWebDriver"]),
        }
    }

    /// Whether the driver takes any free port and prints which.
    pub(crate) fn prints_its_port(self) -> bool {
        self != Self::Webkit
    }

    /// Environment of the driver, which the browser inherits.
    pub(crate) fn environment(self, machine: &Machine) -> Vec<(&'static str, String)> {
        let mut environment = vec![("TZ", machine.time_zone.clone())];
        if self == Self::Webkit {
            let languages = machine.languages.replace('-', "_").replace(',', ":");
            environment.push(("LANGUAGE", languages));
        }
        environment
    }

    /// What a new session asks for.
    pub(crate) fn capabilities(
        self,
        profile: &Path,
        machine: &Machine,
    ) -> anyhow::Result<Capabilities> {
        let own = match self {
            Self::Chromium => chromium(profile, machine)?,
            Self::Firefox => firefox(machine),
            Self::Webkit => webkit()?,
        };
        let mut wanted = json!({
            "pageLoadStrategy": "normal",
            "timeouts": { "implicit": 0, "pageLoad": 60_000, "script": 30_000 },
            "unhandledPromptBehavior": "ignore",
        });
        for (name, value) in own {
            wanted[name] = value;
        }
        match wanted {
            Value::Object(map) => Ok(map.into()),
            _ => Ok(Capabilities::new()),
        }
    }

    /// What is typed into an empty date field from its first part on. The order of the parts is
    /// that of the browser's own language, which is English (United States) in the test machines.
    pub fn date_keys(self, date: NaiveDate) -> String {
        match self {
            Self::Chromium | Self::Firefox | Self::Webkit => date.format("%m%d%Y").to_string(),
        }
    }

    /// The same for a time field.
    pub fn time_keys(self, time: NaiveTime) -> String {
        match self {
            Self::Chromium | Self::Firefox | Self::Webkit => time.format("%I%M%p").to_string(),
        }
    }
}

fn chromium(profile: &Path, machine: &Machine) -> anyhow::Result<Vec<(&'static str, Value)>> {
    let (width, height) = machine.size;
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en-US",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={width},{height}"));
    if machine.dark {
        arguments.push("--force-dark-mode".to_owned());
    }
    let options = json!({
        "binary": program(&["chromium", "chromium-browser", "google-chrome"])?,
        "args": arguments,
        "prefs": {
            "intl.accept_languages": machine.languages,
            // 0 takes all cookies, 1 blocks third-party ones.
            "profile.cookie_controls_mode": i32::from(!machine.third_party_cookies),
        },
    });
    Ok(vec![
        ("browserName", json!("chrome")),
        ("goog:chromeOptions", options),
        ("goog:loggingPrefs", json!({ "browser": "ALL" })),
    ])
}

/// Firefox makes a profile of its own for every session.
fn firefox(machine: &Machine) -> Vec<(&'static str, Value)> {
    let (width, height) = machine.size;
    let options = json!({
        "args": ["-headless", format!("--width={width}"), format!("--height={height}")],
        "prefs": {
            "intl.accept_languages": machine.languages,
            "layout.css.prefers-color-scheme.content-override": i32::from(!machine.dark),
            "dom.disable_open_during_load": false,
            // 0 takes all cookies, 5 keeps third-party ones apart for each site.
            "network.cookie.cookieBehavior": if machine.third_party_cookies { 0 } else { 5 },
        },
    });
    vec![
        ("browserName", json!("firefox")),
        ("moz:firefoxOptions", options),
    ]
}

/// Sessions under automation are ephemeral: no profile is kept.
fn webkit() -> anyhow::Result<Vec<(&'static str, Value)>> {
    let options = json!({
        "binary": program(&[
            "MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.0/MiniBrowser",
        ])?,
        "args": ["--automation"],
    });
    Ok(vec![
        ("browserName", json!("MiniBrowser")),
        ("webkitgtk:browserOptions", options),
    ])
}

/// The first of these programs that is installed.
fn program(names: &[&str]) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |place| place.join(name)))
        .find(|file| file.is_file())
        .with_context(|| format!("not installed: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_browser_gets_what_the_machine_is() {
        let machine = Machine {
            dark: true,
            ..Machine::default()
        };
        let [(_, name), (_, options)] = &firefox(&machine)[..] else {
            panic!("name and options");
        };
        assert_eq!(name, "firefox");
        assert_eq!(options["prefs"]["intl.accept_languages"], "en-GB,en");
        let environment = Browser::Webkit.environment(&machine);
        assert!(environment.contains(&("TZ", "Europe/Paris".to_owned())));
        assert!(environment.contains(&("LANGUAGE", "en_GB:en".to_owned())));
    }

    #[test]
    fn dates_and_times_are_typed_as_the_fields_show_them() {
        let date = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
        assert_eq!(Browser::Chromium.date_keys(date), "03282027");
        let time = NaiveTime::from_hms_opt(14, 5, 0).unwrap();
        assert_eq!(Browser::Chromium.time_keys(time), "0205PM");
    }
}
