//! People who can be added as co-organizers.

use serde::{Deserialize, Serialize};

/// One person of the "All organizers" directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organizer {
    /// Organizer key at GoTo.
    pub key: String,
    /// First and last name; the e-mail where GoTo has no name.
    pub name: String,
    /// E-mail at GoTo.
    pub email: String,
}

/// Answer of `GET /app/api/organizers?q=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organizers {
    /// Best match first: prefix before word before substring.
    pub organizers: Vec<Organizer>,
    /// False until the directory was synced once: nobody can be found yet.
    pub synced: bool,
}
