//! The browsers the suites run in, and all that differs between them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};
use thirtyfour::{Capabilities, Key};

/// A browser with a WebDriver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Chrome with chromedriver.
    Chromium,
    /// Firefox with geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser with WebKitWebDriver.
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
    /// Which third-party cookies the browser takes.
    pub third_party_cookies: Cookies,
    /// Whether pages may run scripts.
    pub scripts: bool,
    /// Whether it is touched, as a phone is.
    pub touch: bool,
    /// How large texts are that nobody has given a size, pixels: what people set.
    pub text_size: u32,
}

/// Which third-party cookies a browser takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// All, as browsers once did.
    All,
    /// Those kept apart for each page that embeds (CHIPS), as most do now.
    Partitioned,
    /// None.
    No,
}

/// What administrators on other machines call the console. Browsers trust no such name by plain http.
pub const CONSOLE_NAME: &str = "console.corp.example";

/// What not every browser does on a test machine. A test that needs one is skipped where it lacks,
/// and says so: see [`Browser::lacks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// Touches in the place of a pointer.
    Touch,
    /// Takes a name of the company's network for this machine: [`CONSOLE_NAME`].
    Names,
    /// Lets a text size be set.
    TextSize,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            time_zone: "Europe/Paris".to_owned(),
            languages: "en-GB,en".to_owned(),
            dark: false,
            size: (1100, 900),
            scale: 1,
            third_party_cookies: Cookies::Partitioned,
            scripts: true,
            touch: false,
            text_size: 16,
        }
    }
}

impl Machine {
    /// The best of the languages, as a locale of the C library.
    fn locale(&self) -> String {
        let best = self.languages.split(',').next().unwrap_or_default();
        best.replace('-', "_")
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

    /// Why it cannot; `None` when it can.
    pub fn lacks(self, ability: Ability) -> Option<&'static str> {
        match (self, ability) {
            (Self::Webkit, Ability::Touch) => {
                Some("WebKitGTK makes a mouse's clicks of a driver's touches")
            }
            (Self::Webkit, Ability::TextSize) => {
                Some("WebKitGTK takes no text size from its driver")
            }
            (Self::Webkit, Ability::Names) => Some("WebKitGTK asks the system for every name"),
            _ => None,
        }
    }

    /// Whether it keeps the session's cookie, which is `Secure`, from https only. Others take plain
    /// http on loopback for as good.
    pub(crate) fn insists_on_https(self) -> bool {
        self == Self::Webkit
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

    /// Whether it has no headless mode.
    pub(crate) fn needs_display(self) -> bool {
        self == Self::Webkit
    }

    /// Environment of the driver, which the browser inherits.
    pub(crate) fn environment(self, machine: &Machine) -> Vec<(&'static str, String)> {
        let mut environment = vec![("TZ", machine.time_zone.clone())];
        if self == Self::Webkit {
            environment.push(("LOCPATH", LOCALES.to_owned()));
            environment.push(("LC_ALL", format!("{}.UTF-8", machine.locale())));
        }
        environment
    }

    /// What must be on the machine or in the profile before the browser starts. WebKitGTK has no
    /// settings for these.
    pub(crate) fn prepare(
        self,
        profile: &Path,
        machine: &Machine,
    ) -> anyhow::Result<Vec<(&'static str, String)>> {
        if self != Self::Webkit {
            return Ok(Vec::new());
        }
        make_locale(&machine.locale())?;
        // The buttons above the page would keep it from being as narrow as a phone.
        let gtk = profile.join("gtk-3.0");
        std::fs::create_dir_all(&gtk)?;
        let narrow = "* { padding: 0; margin: 0; min-width: 0; min-height: 0; border-width: 0; \
            font-size: 1px; -gtk-icon-transform: scale(0.5); }\n";
        std::fs::write(gtk.join("gtk.css"), narrow)?;
        Ok(vec![("XDG_CONFIG_HOME", profile.display().to_string())])
    }

    /// More arguments of the driver.
    pub(crate) fn driver_arguments(self) -> &'static [&'static str] {
        match self {
            // The size of the page is set from the browser's own window.
            Self::Firefox => &["--allow-system-access"],
            Self::Chromium | Self::Webkit => &[],
        }
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
            Self::Webkit => webkit(machine)?,
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

    /// What is typed into a date field from its first part on. The order of the parts is that of
    /// the browser's own language, English (United States); WebKitGTK has the visitor's, so tests
    /// that type dates have a visitor who reads it.
    pub fn date_keys(self, date: NaiveDate) -> String {
        self.parts(&["%m", "%d", "%Y"].map(|part| date.format(part).to_string()))
    }

    /// The same for a time field.
    pub fn time_keys(self, time: NaiveTime) -> String {
        self.parts(&["%I", "%M", "%p"].map(|part| time.format(part).to_string()))
    }

    /// A part that is full leads on to the next, but not in WebKitGTK.
    fn parts(self, parts: &[String; 3]) -> String {
        match self {
            Self::Chromium | Self::Firefox => parts.concat(),
            Self::Webkit => parts.join(&Key::Right.value().to_string()),
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
    arguments.push(format!(
        "--host-resolver-rules=MAP {CONSOLE_NAME} 127.0.0.1"
    ));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={width},{height}"));
    if machine.dark {
        arguments.push("--force-dark-mode".to_owned());
    }
    // Partitioned cookies are taken in spite of that mode. 2 blocks.
    let no_cookies = match machine.third_party_cookies {
        Cookies::No => json!({ "[*.]proxy.localhost,[*.]intranet.localhost": { "setting": 2 } }),
        Cookies::All | Cookies::Partitioned => json!({}),
    };
    let options = json!({
        "binary": program(&["chromium", "chromium-browser", "google-chrome"])?,
        "args": arguments,
        "prefs": {
            "intl.accept_languages": machine.languages,
            // 0 takes all cookies, 1 blocks third-party ones.
            "profile.cookie_controls_mode": i32::from(machine.third_party_cookies != Cookies::All),
            "profile.content_settings.exceptions.cookies": no_cookies,
            "webkit.webprefs.default_font_size": machine.text_size,
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
    // The window has room for any page; the page itself is made smaller.
    let options = json!({
        "args": ["-headless", "--width=1600", "--height=1200"],
        "prefs": {
            "intl.accept_languages": machine.languages,
            "network.dns.localDomains": CONSOLE_NAME,
            "layout.css.prefers-color-scheme.content-override": i32::from(!machine.dark),
            "dom.disable_open_during_load": false,
            // 0 takes all cookies, 1 no third-party ones, 5 keeps those apart for each site.
            "network.cookie.cookieBehavior": match machine.third_party_cookies {
                Cookies::All => 0,
                Cookies::No => 1,
                Cookies::Partitioned => 5,
            },
            "javascript.enabled": machine.scripts,
            "font.size.variable.x-western": machine.text_size,
        },
    });
    vec![
        ("browserName", json!("firefox")),
        ("moz:firefoxOptions", options),
    ]
}

/// Sessions under automation are ephemeral: no profile is kept.
fn webkit(machine: &Machine) -> anyhow::Result<Vec<(&'static str, Value)>> {
    // WebKitGTK knows no partitioned cookies.
    let cookies = match machine.third_party_cookies {
        Cookies::All | Cookies::Partitioned => "always",
        Cookies::No => "no-third-party",
    };
    let mut arguments = vec![
        "--automation".to_owned(),
        format!("--cookies-policy={cookies}"),
    ];
    if machine.dark {
        arguments.push("--dark-mode".to_owned());
    }
    if !machine.scripts {
        arguments.push("--enable-javascript=false".to_owned());
    }
    let options = json!({
        "binary": program(&[
            "MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
            "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.0/MiniBrowser",
        ])?,
        "args": arguments,
    });
    Ok(vec![
        ("browserName", json!("MiniBrowser")),
        // The harness signs for itself.
        ("acceptInsecureCerts", json!(true)),
        ("webkitgtk:browserOptions", options),
    ])
}

/// Locales made for the suites. Debian machines have none but C.
const LOCALES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/locales");

/// Makes a locale unless somebody has.
fn make_locale(name: &str) -> anyhow::Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let ready = Path::new(LOCALES).join(format!("{name}.UTF-8"));
    if ready.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(LOCALES)?;
    let partial = tempfile::tempdir_in(LOCALES)?;
    let made = partial.path().join("locale");
    let status = Command::new("localedef")
        .args(["--no-archive", "-i", name, "-f", "UTF-8"])
        .arg(&made)
        .status()
        .context("localedef")?;
    anyhow::ensure!(status.success(), "localedef made no {name}");
    std::fs::rename(&made, &ready)?;
    Ok(())
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
        assert!(environment.contains(&("LC_ALL", "en_GB.UTF-8".to_owned())));
    }

    #[test]
    fn dates_and_times_are_typed_as_the_fields_show_them() {
        let date = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
        assert_eq!(Browser::Chromium.date_keys(date), "03282027");
        let time = NaiveTime::from_hms_opt(14, 5, 0).unwrap();
        assert_eq!(Browser::Chromium.time_keys(time), "0205PM");
        assert_eq!(Browser::Webkit.time_keys(time), "02\u{e014}05\u{e014}PM");
    }
}
