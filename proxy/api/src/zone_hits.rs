//! Time zones as people look for them.

use serde::{Deserialize, Serialize};

/// Answer of `GET /app/api/time-zones`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneHits {
    /// The best first.
    #[serde(default, deserialize_with = "crate::lenient::rows_if_any")]
    pub zones: Vec<ZoneHit>,
}

/// A zone that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneHit {
    /// IANA name.
    pub name: String,
    /// The place it was found by, in the reader's language: `Londres`, `Mumbai`.
    pub place: String,
    /// Whose time that is, in the reader's language: `India Standard Time`. Empty where that is not known.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub time: String,
    /// Minutes that its clocks are ahead of UTC at the instant that was asked about.
    pub offset: i64,
}
