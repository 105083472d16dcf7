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
    /// Group of the account; empty where there is none, or but one for everybody.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "String::is_empty"
    )]
    pub group: String,
    /// Whether somebody else of the directory has the same name: the name alone does not say who.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub namesake: bool,
}

impl Organizer {
    /// Somebody of whom only the key is known, and who is known by it.
    pub fn of_key(key: String) -> Self {
        Self {
            name: key.clone(),
            key,
            email: String::new(),
            group: String::new(),
            namesake: false,
        }
    }

    /// Somebody of whom only the address is known, and who is known by it.
    pub fn of_address(address: String) -> Self {
        Self {
            key: address.clone(),
            name: address.clone(),
            email: address,
            group: String::new(),
            namesake: false,
        }
    }

    /// What says who it is: the name, with the e-mail where others have the name too.
    pub fn known_as(&self) -> String {
        if self.namesake {
            [&self.name, " (", &self.email, ")"].concat()
        } else {
            self.name.clone()
        }
    }
}

/// Answer of `GET /app/api/organizers?q=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organizers {
    /// Best match first: prefix before word before substring.
    #[serde(deserialize_with = "crate::lenient::rows")]
    pub organizers: Vec<Organizer>,
    /// False until the directory was synced once: nobody can be found yet.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub synced: bool,
    /// Whether the one who asks would be among them: the organizer is no co-organizer.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub yourself: bool,
}
