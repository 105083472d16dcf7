//! One user of the account, and how a sandbox makes up the n-th.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::names::{ABOVE_I64, ABOVE_U64, Culture, FIXED, LATIN, OTHERS};

/// Domain of every seeded address.
pub(crate) const DOMAIN: &str = "corp.example";

/// A user of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// User key, which is also the organizer key.
    pub key: String,
    /// Address, lower-case ASCII, unique.
    pub email: String,
    /// First and last name as one text; empty for somebody known by address only.
    pub name: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// Language, such as `fr_FR`.
    pub locale: &'static str,
    /// IANA time zone.
    pub time_zone: &'static str,
    /// Whether they have a GoToMeeting licence and so can host.
    pub licensed: bool,
    /// Whether they have the role `SUPER_USER`.
    pub admin: bool,
    /// When they were invited to the account.
    pub invited: DateTime<Utc>,
    /// Which of the generated organizers this is.
    #[serde(skip)]
    pub(crate) index: Option<usize>,
}

/// What tells one person from another.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) key: String,
    pub(crate) email: String,
    pub(crate) first: String,
    pub(crate) last: String,
}

impl Person {
    /// A licensed person without rights.
    pub(crate) fn new(named: Named, number: usize) -> Self {
        let day = i64::try_from(number % 2000).unwrap_or_default();
        let invited = DateTime::from_timestamp(1_577_836_800 + day * 86_400, 0).unwrap_or_default();
        let mut person = Self {
            key: named.key,
            email: named.email,
            name: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            locale: LATIN.locale,
            time_zone: LATIN.time_zone,
            licensed: true,
            admin: false,
            invited,
            index: None,
        };
        person.rename(named.first, named.last);
        person
    }

    pub(crate) fn rename(&mut self, first: String, last: String) {
        format!("{first} {last}").trim().clone_into(&mut self.name);
        self.first_name = first;
        self.last_name = last;
    }

    /// The organizer number `index` of the account with this seed; depends on nothing else.
    pub(crate) fn generated(index: usize, seed: u64) -> Self {
        let mut person = match FIXED.get(index) {
            Some((first, last, local)) => Self::new(
                Named {
                    key: fixed_key(index, seed),
                    email: address(local),
                    first: (*first).to_owned(),
                    last: (*last).to_owned(),
                },
                index,
            ),
            None => Self::from_tables(index, seed),
        };
        person.index = Some(index);
        person
    }

    fn from_tables(index: usize, seed: u64) -> Self {
        let (culture, number) = place(index - FIXED.len());
        let pairs = culture.first.len() * culture.last.len();
        let shift = usize::try_from(seed % 997).unwrap_or_default();
        // Walks over all pairs once before it repeats one: the factor shares no divisor with any
        // table product, being prime and larger than each table. The first pair, which in most
        // tables is one of the fixed people, comes last.
        let pair = ((number + 1) * 7919 + shift) % pairs;
        let (first, first_ascii) = culture.first[pair % culture.first.len()];
        let (last, last_ascii) = culture.last[pair / culture.first.len()];
        let mut local = format!("{first_ascii}.{last_ascii}");
        let round = number / pairs;
        if round > 0 {
            let _ = write!(local, "{}", round + 1);
        }
        if FIXED.iter().any(|(_, _, fixed)| *fixed == local) {
            local.push_str(".x");
        }
        let (first, last) = match index % 67 {
            0 => ("", ""),
            31 => (first, ""),
            _ => (first, last),
        };
        let named = Named {
            key: key(index, seed),
            email: address(&local),
            first: first.to_owned(),
            last: last.to_owned(),
        };
        Self {
            locale: culture.locale,
            time_zone: culture.time_zone,
            ..Self::new(named, index)
        }
    }
}

/// The culture of the n-th generated person, and which of that culture it is.
fn place(n: usize) -> (&'static Culture, usize) {
    let (ten, of_ten) = (n / 10, n % 10);
    if of_ten < 7 {
        return (&LATIN, ten * 7 + of_ten);
    }
    let other = ten * 3 + of_ten - 7;
    (&OTHERS[other % OTHERS.len()], other / OTHERS.len())
}

pub(crate) fn address(local: &str) -> String {
    format!("{local}@{DOMAIN}")
}

/// A 19-digit key below `i64::MAX`, another for every number.
pub(crate) fn key(number: usize, seed: u64) -> String {
    const FIRST: u128 = 1_000_000_000_000_000_000;
    const SPAN: u128 = 8_000_000_000_000_000_000;
    // Shares no divisor with the span, so that no two numbers meet.
    const STEP: u128 = 7_368_787_093_741;
    let offset = u128::from(seed) * 1_000_003 + 4_271_906_553_180_442_917;
    (FIRST + (number as u128 * STEP + offset) % SPAN).to_string()
}

fn fixed_key(index: usize, seed: u64) -> String {
    match index {
        ABOVE_I64 => "9999999999999999877".to_owned(),
        ABOVE_U64 => "20000000000021252169634567".to_owned(),
        _ => key(index, seed),
    }
}
