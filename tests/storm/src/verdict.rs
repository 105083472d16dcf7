//! The three truths, reconciled: what employees were told, what the proxy stored, what GoTo
//! received.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use goto_sandbox::{Outcome, Received, Route, Sandbox, max_in_window};

use crate::employee::{Diary, Told, Wish};
use crate::options::Options;
use crate::say;
use crate::store::Stored;
use crate::weather::Damage;

/// What is known after a storm.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// As asked for.
    pub options: &'a Options,
    /// How hard it stormed.
    pub damage: Damage,
    /// What employees were told.
    pub diaries: &'a [Diary],
    /// What the proxy stored, by idempotency key.
    pub stored: HashMap<String, Stored>,
    /// Ids of the meetings the proxy stored.
    pub stored_meetings: Vec<String>,
    /// Whose consents the proxy holds for lost.
    pub lost_consents: Vec<String>,
    /// What GoTo received.
    pub sandbox: &'a Sandbox,
    /// Requests GoTo received while it stormed.
    pub during: usize,
}

/// One promise.
#[derive(Debug)]
struct Check {
    promise: &'static str,
    found: usize,
    allowed: String,
    holds: bool,
    /// A few of the offenders.
    examples: Vec<String>,
}

impl Check {
    fn none(promise: &'static str, offenders: Vec<String>) -> Self {
        Self {
            promise,
            found: offenders.len(),
            allowed: "0".to_owned(),
            holds: offenders.is_empty(),
            examples: offenders.into_iter().take(3).collect(),
        }
    }

    fn at_most(promise: &'static str, found: usize, most: usize) -> Self {
        Self {
            promise,
            found,
            allowed: format!("<= {most}"),
            holds: found <= most,
            examples: Vec::new(),
        }
    }

    fn at_least(promise: &'static str, found: usize, least: usize) -> Self {
        Self {
            promise,
            found,
            allowed: format!(">= {least}"),
            holds: found >= least,
            examples: Vec::new(),
        }
    }
}

/// Prints the table; true if every promise held.
pub fn pronounce(evidence: &Evidence<'_>) -> bool {
    figures(evidence);
    let checks = checks(evidence);
    say("");
    say(&format!(
        "{:<62} {:>7} {:>8}  {}",
        "promise", "found", "allowed", ""
    ));
    for check in &checks {
        let word = if check.holds { "ok" } else { "FAILED" };
        say(&format!(
            "{:<62} {:>7} {:>8}  {word}",
            check.promise, check.found, check.allowed
        ));
        if !check.holds {
            for example in &check.examples {
                say(&format!("    {example}"));
            }
        }
    }
    let failed = checks.iter().filter(|check| !check.holds).count();
    say("");
    say(&format!(
        "{} passed, {failed} failed",
        checks.len() - failed
    ));
    failed == 0
}

fn wishes<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = &'a Wish> {
    evidence.diaries.iter().flat_map(|diary| &diary.wishes)
}

fn figures(evidence: &Evidence<'_>) {
    let options = evidence.options;
    let told = |is: fn(&Told) -> bool| {
        let orders = wishes(evidence).flat_map(|wish| &wish.orders);
        orders.filter(|order| is(&order.told)).count()
    };
    let log = evidence.sandbox.log_of(Route::Any);
    let unclear = unclear(evidence.sandbox);
    let windows = options.duration().as_secs_f64() / options.interval().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let used = evidence.during as f64 / (windows * options.requests as f64) * 100.0;
    let again: u64 = evidence.diaries.iter().map(|diary| diary.again).sum();
    let rows = [
        ("employees", options.employees.to_string()),
        ("meetings wanted", wishes(evidence).count().to_string()),
        (
            "told: created",
            told(|told| matches!(told, Told::Created(_))).to_string(),
        ),
        (
            "told: not confirmed, a person decides",
            told(|told| *told == Told::Unconfirmed).to_string(),
        ),
        (
            "told: certainly not",
            told(|told| matches!(told, Told::CertainlyNot(_))).to_string(),
        ),
        ("asked again with the same key", again.to_string()),
        ("requests GoTo received", log.len().to_string()),
        (
            "creates whose answer was lost or spoilt",
            unclear.to_string(),
        ),
        (
            "creates marked as sent that never arrived",
            vanished(evidence).to_string(),
        ),
        (
            "meetings at GoTo",
            evidence.sandbox.meetings().len().to_string(),
        ),
        (
            "meetings at GoTo whose order is not confirmed",
            unfound(evidence, usize::MAX).len().to_string(),
        ),
        ("SIGKILLs", evidence.damage.kills.to_string()),
        ("database restarts", evidence.damage.restarts.to_string()),
        (
            "times all access tokens ended",
            evidence.damage.expiries.to_string(),
        ),
        (
            "limit used while it stormed (kills, restarts and faults cost slots)",
            format!("{used:.1} %"),
        ),
    ];
    for (name, value) in rows {
        say(&format!("{name:<70} {value:>8}"));
    }
}

/// Creates that the proxy cannot have known the end of at once.
fn unclear(sandbox: &Sandbox) -> usize {
    let posts = sandbox.log_of(Route::CreateMeeting);
    let unclear = posts
        .iter()
        .filter(|post| spends(post) && post.outcome != Outcome::Answered(201));
    unclear.count()
}

/// Orders nobody can confirm because the proxy died between mark and wire.
fn vanished(evidence: &Evidence<'_>) -> usize {
    let posts = posts(evidence.sandbox);
    let missing = wishes(evidence).map(|wish| {
        let open = wish.orders.iter();
        let open = open.filter(|order| order.told == Told::Unconfirmed).count();
        open.saturating_sub(posts.get(&wish.subject).copied().unwrap_or_default())
    });
    missing.sum()
}

/// Meetings that exist while the orders of their wish are not confirmed: wishes with at least one such
/// order, and more meetings than orders that were told of one.
fn unfound(evidence: &Evidence<'_>, most_orders: usize) -> Vec<String> {
    let mut made: HashMap<String, usize> = HashMap::new();
    for meeting in evidence.sandbox.meetings() {
        *made.entry(meeting.subject).or_default() += 1;
    }
    let unfound = wishes(evidence).filter_map(|wish| {
        let with = |is: fn(&Told) -> bool| {
            let orders = wish.orders.iter();
            orders.filter(|order| is(&order.told)).count()
        };
        let told = with(|told| matches!(told, Told::Created(_)));
        let open = with(|told| *told == Told::Unconfirmed);
        let made = made.get(&wish.subject).copied().unwrap_or_default();
        (made > told && (1..=most_orders).contains(&open))
            .then(|| format!("{}: {made} made, {told} told, {open} open", wish.subject))
    });
    unfound.collect()
}

/// POSTs by subject, which is unlike for each wish; without those that certainly made nothing.
fn posts(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let mut posts: BTreeMap<String, usize> = BTreeMap::new();
    for post in sandbox.log_of(Route::CreateMeeting) {
        let json = post.json();
        if let Some(subject) = json.get("subject").and_then(|subject| subject.as_str())
            && spends(&post)
        {
            *posts.entry(subject.to_owned()).or_default() += 1;
        }
    }
    posts
}

/// Whether a POST used up its intent: everything but a status that says nothing was made, with or
/// without the rest of its text.
fn spends(post: &Received) -> bool {
    !matches!(
        post.outcome,
        Outcome::Answered(400..=499) | Outcome::Truncated(400..=499)
    )
}

fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let options = evidence.options;
    let sandbox = evidence.sandbox;
    // Every create at GoTo by subject, which is unlike for each wish.
    let mut made: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for meeting in sandbox.meetings() {
        let ids = made.entry(meeting.subject.clone()).or_default();
        ids.push(meeting.id.to_string());
    }
    let posts = posts(sandbox);
    let nothing = Vec::new();
    let made_for = |wish: &Wish| made.get(&wish.subject).unwrap_or(&nothing);
    let each = |offends: &dyn Fn(&Wish) -> Option<String>| -> Vec<String> {
        wishes(evidence).filter_map(offends).collect()
    };
    let twice = each(&|wish| {
        let ids = made_for(wish);
        (ids.len() > wish.orders.len())
            .then(|| format!("{}: {} ordered, {ids:?}", wish.subject, wish.orders.len()))
    });
    let repeated = each(&|wish| {
        let posts = posts.get(&wish.subject).copied().unwrap_or_default();
        (posts > wish.orders.len()).then(|| {
            format!(
                "{}: {} ordered, {posts} posted",
                wish.subject,
                wish.orders.len()
            )
        })
    });
    let mut told_ids = HashSet::new();
    let mut phantoms = Vec::new();
    for wish in wishes(evidence) {
        for order in &wish.orders {
            if let Told::Created(id) = &order.told
                && (!made_for(wish).contains(id) || !told_ids.insert(id.clone()))
            {
                phantoms.push(format!("{}: {id}", wish.subject));
            }
        }
    }
    let denied = each(&|wish| {
        let possible = wish.orders.iter().filter(|order| {
            matches!(
                order.told,
                Told::Created(_) | Told::Unconfirmed | Told::Nothing
            )
        });
        let ids = made_for(wish);
        (ids.len() > possible.count()).then(|| format!("{}: {ids:?}", wish.subject))
    });
    let unanswered = each(&|wish| {
        let open = wish.orders.iter().find(|order| order.told == Told::Nothing);
        let order = open?;
        let state = evidence.stored.get(&order.key);
        Some(format!("{}: {state:?}", wish.subject))
    });
    let subjects: HashSet<&str> = wishes(evidence).map(|wish| wish.subject.as_str()).collect();
    let unwanted: Vec<String> = made
        .keys()
        .filter(|subject| !subjects.contains(subject.as_str()))
        .cloned()
        .collect();
    let surprises: Vec<String> = evidence
        .diaries
        .iter()
        .flat_map(|diary| diary.surprises.clone())
        .collect();
    let locked_out: Vec<String> = evidence
        .diaries
        .iter()
        .enumerate()
        .filter(|(_, diary)| diary.locked_out)
        .map(|(number, _)| format!("tab {number}"))
        .collect();
    let arrivals: Vec<Duration> = sandbox
        .log_of(Route::Any)
        .iter()
        .map(|received| received.arrived)
        .collect();
    let kills = usize::try_from(options.seconds / 10).unwrap_or(0);
    vec![
        Check::none("meetings made twice for one order", twice),
        Check::none("POSTs beyond one for each order", repeated),
        Check::none("told created, but not so at GoTo", phantoms),
        Check::none("told certainly not, but at GoTo", denied),
        Check::none("meetings at GoTo that nobody wanted", unwanted),
        Check::none("orders without a definite answer", unanswered),
        // Of two meetings that look alike only a person can say which is whose.
        Check::none(
            "lost answers that are not found in fine weather",
            unfound(evidence, 1),
        ),
        Check::none(
            "the store says something else than people were told",
            stored(evidence),
        ),
        Check::none(
            "meetings in the store that GoTo does not have",
            unknown(evidence, &made),
        ),
        Check::at_most(
            "most requests in any window of the interval",
            max_in_window(&arrivals, options.interval()),
            options.requests,
        ),
        Check::at_most(
            "most requests in any second",
            max_in_window(&arrivals, Duration::from_secs(1)),
            options.per_second(),
        ),
        Check::none(
            "renewals of one consent at the same time",
            overlaps(sandbox),
        ),
        Check::none("consents lost", evidence.lost_consents.clone()),
        Check::none("sessions lost", locked_out),
        Check::none("answers nobody can explain", surprises),
        // A storm in which nothing happens proves nothing.
        Check::at_least(
            "creates whose answer was lost or spoilt",
            unclear(sandbox),
            usize::from(options.fault_rate > 0.0),
        ),
        Check::at_least(
            "SIGKILLs",
            usize::try_from(evidence.damage.kills).unwrap_or(0),
            kills,
        ),
    ]
}

/// What the store holds against what people were told.
fn stored(evidence: &Evidence<'_>) -> Vec<String> {
    let orders = wishes(evidence).flat_map(|wish| {
        let subject = &wish.subject;
        wish.orders.iter().map(move |order| (subject, order))
    });
    let differs = orders.filter_map(|(subject, order)| {
        let row = evidence.stored.get(&order.key);
        let state = row.map(|row| row.state.as_str());
        let agrees = match (&order.told, state) {
            (Told::Created(id), Some("done")) => row?.meeting.as_ref() == Some(id),
            // Looked for once more after somebody went home.
            (Told::Unconfirmed, Some("needs_user" | "done"))
            | (Told::CertainlyNot(_), None | Some("new" | "failed"))
            | (Told::Nothing, _) => true,
            _ => false,
        };
        (!agrees).then(|| format!("{subject}: told {:?}, stored {row:?}", order.told))
    });
    differs.collect()
}

fn unknown(evidence: &Evidence<'_>, made: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let known: HashSet<&String> = made.values().flatten().collect();
    let stored = evidence.stored_meetings.iter();
    stored.filter(|id| !known.contains(id)).cloned().collect()
}

/// Renewals that arrived while another with the same refresh token was under way.
fn overlaps(sandbox: &Sandbox) -> Vec<String> {
    let mut last: HashMap<String, Duration> = HashMap::new();
    let mut renewals = sandbox.log_of(Route::Token);
    renewals.retain(|token| token.form("grant_type").as_deref() == Some("refresh_token"));
    renewals.sort_by_key(|renewal| renewal.arrived);
    let mut overlaps = Vec::new();
    for renewal in renewals {
        let token = renewal.form("refresh_token").unwrap_or_default();
        let ended = renewal.ended.unwrap_or(Duration::MAX);
        if let Some(before) = last.get(&token)
            && renewal.arrived < *before
        {
            overlaps.push(format!("at {:?}", renewal.arrived));
        }
        let until = last.entry(token).or_default();
        *until = (*until).max(ended);
    }
    overlaps
}
