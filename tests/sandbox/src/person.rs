//! One user, and how a sandbox makes up the n-th.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ACCOUNT_KEY;
use crate::names::{ABOVE_I64, ABOVE_U64, Culture, FIXED, LATIN, OTHERS};

/// Domain of every seeded address.
pub(crate) const DOMAIN: &str = "corp.example";

/// The group of an account that made no others.
const EVERYBODY: &str = "Everybody";

/// Status of somebody who took up the invitation.
const ACTIVE: &str = "ACTIVE";
/// The product GoToMeeting.
const MEETING: &str = "G2M";

/// A user of the account, or of another.
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
    /// Key of the account they belong to.
    pub account: String,
    /// Whether they have a GoToMeeting licence and so can host.
    pub licensed: bool,
    /// `ACTIVE`, `INVITED`, `SUSPENDED`, as the admin API says it; `None` leaves the field out.
    pub status: Option<String>,
    /// Products, as the admin API says them; `None` leaves the field out.
    pub products: Option<Vec<String>>,
    /// Name of the group of the account they are in.
    pub group: String,
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
            account: ACCOUNT_KEY.to_owned(),
            licensed: true,
            status: Some(ACTIVE.to_owned()),
            products: Some(vec![MEETING.to_owned()]),
            group: EVERYBODY.to_owned(),
            admin: false,
            invited,
            index: None,
        };
        person.rename(named.first, named.last);
        person
    }

    /// Gives or takes the licence of GoToMeeting, and only that.
    pub(crate) fn license(&mut self, licensed: bool) {
        self.licensed = licensed;
        self.products = Some(licensed.then(|| MEETING.to_owned()).into_iter().collect());
    }

    /// Gives exactly these products; `None` hides which they have.
    pub(crate) fn set_products(&mut self, products: Option<&[&str]>) {
        if let Some(products) = products {
            self.licensed = products.contains(&MEETING);
        }
        self.products = products.map(|list| list.iter().map(|name| (*name).to_owned()).collect());
    }

    /// Key of their group.
    pub(crate) fn group_key(&self) -> u64 {
        let name = self.group.bytes();
        name.fold(8_124_099_637_150_284, |key, byte| key + u64::from(byte))
    }

    /// Whether GoToMeeting lets them host.
    pub(crate) fn can_host(&self) -> bool {
        self.licensed && self.is_active()
    }

    /// Neither invited only nor suspended.
    pub(crate) fn is_active(&self) -> bool {
        let status = self.status.as_deref();
        status.is_none_or(|status| status == ACTIVE)
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
