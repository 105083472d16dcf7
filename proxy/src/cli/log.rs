//! The log: what of it, and in which form.

use std::io::IsTerminal;

use goto_microapps::config::{LOG_VARIABLE, Mistake};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged unless somebody asks for something else. Our own events hold no secret; the
/// libraries below us may at debug, so they are kept to warnings.
const DEFAULT: &str = "warn,goto_microapps=info";

/// What the environment asks for.
///
/// # Errors
/// When it is no filter, or one that would silence everything without saying so.
pub(super) fn filter() -> Result<EnvFilter, Mistake> {
    let asked = std::env::var_os(LOG_VARIABLE).unwrap_or_default();
    let asked = asked.to_string_lossy();
    let mistake = |problem: String| Mistake {
        key: format!("{LOG_VARIABLE} in the environment"),
        problem,
        cure: format!(
            "write a level (error, warn, info, debug, trace, off), or levels by part of the program such as {DEFAULT}"
        ),
        in_environment: true,
    };
    let mut has_level = false;
    for part in asked
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        // A bare word that is no level would be taken for a part of the program, and nothing else
        // would be logged.
        let is_level = part.parse::<LevelFilter>().is_ok();
        if !is_level && !part.contains(['=', '[']) {
            return Err(mistake(format!("has `{part}`, which is no level")));
        }
        has_level |= is_level;
    }
    let text = if has_level {
        asked.into_owned()
    } else {
        format!("{DEFAULT},{asked}")
    };
    EnvFilter::builder()
        .parse(text.trim_end_matches(','))
        .map_err(|error| mistake(format!("is not a filter: {error}")))
}

/// JSON lines for machines, text for a terminal.
pub(super) fn start() {
    let filter = filter().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A terminal that was closed is no reason to end: complaining about it would.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        subscriber.init();
    } else {
        subscriber.json().init();
    }
}
