//! Creates: each key makes one meeting at most, and everybody is told the truth of it.

use std::collections::HashSet;

use goto_microapps_api::Code;

use super::{Check, Evidence, figures};
use crate::diary::{Order, Told, Wish};

pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let truth = &evidence.truth;
    let twice = evidence.each(|wish| {
        let ids = truth.made_as(&wish.subject);
        (ids.len() > wish.orders.len())
            .then(|| format!("{}: {} ordered, {ids:?}", wish.subject, wish.orders.len()))
    });
    let repeated = evidence.each(|wish| {
        let (ordered, posts) = (wish.orders.len(), truth.posts_of(&wish.subject));
        (posts > ordered).then(|| format!("{}: {ordered} ordered, {posts} posted", wish.subject))
    });
    // Each order that was dropped leaves one POST less to the others of its wish.
    let dropped_but_sent = evidence.each(|wish| {
        let kept = wish.orders.iter().filter(|order| !order.is_dropped());
        let (kept, posts) = (kept.count(), truth.posts_of(&wish.subject));
        let offends = kept < wish.orders.len() && posts > kept;
        offends.then(|| format!("{}: {posts} posted, {:?}", wish.subject, wish.orders))
    });
    let denied = evidence.each(|wish| {
        let possible = wish.orders.iter().filter(|order| {
            matches!(
                order.told,
                Told::Created(_) | Told::Unconfirmed | Told::Nothing
            )
        });
        let ids = truth.made_as(&wish.subject);
        (ids.len() > possible.count()).then(|| format!("{}: {ids:?}", wish.subject))
    });
    let unanswered = evidence.each(|wish| {
        let open = wish.orders.iter().find(|order| order.told == Told::Nothing);
        let state = evidence.stored.get(&open?.key);
        Some(format!("{}: {state:?}", wish.subject))
    });
    // A storm in which nothing happens proves nothing.
    let faults = usize::from(evidence.options.fault_rate > 0.0);
    vec![
        Check::none("meetings made twice for one order", twice),
        Check::none("POSTs beyond one for each order", repeated),
        Check::none("told created, but not so at GoTo", phantoms(evidence)),
        Check::none("told certainly not, but at GoTo", denied),
        Check::none(
            "creates taken back or dropped that were sent",
            dropped_but_sent,
        ),
        Check::none("meetings at GoTo that nobody wanted", unwanted(evidence)),
        Check::none("orders without a definite answer", unanswered),
        // Of two meetings that look alike only a person can say which is whose.
        Check::none(
            "lost answers that are not found in fine weather",
            unfound(evidence, 1),
        ),
        Check::none(
            "the store says something else than people were told",
            differs(evidence),
        ),
        Check::none("creates still open in the store", open(evidence)),
        Check::none(
            "meetings in the store that GoTo does not have",
            unknown(evidence),
        ),
        Check::at_least(
            "creates whose answer was lost or spoilt",
            truth.unclear_creates,
            faults,
        ),
        Check::at_least(
            "creates that waited at the proxy",
            figures::waited(evidence),
            faults,
        ),
        Check::at_least(
            "creates that were taken back",
            figures::withdrawn(evidence),
            faults,
        ),
    ]
}

fn phantoms(evidence: &Evidence<'_>) -> Vec<String> {
    let mut told_ids = HashSet::new();
    let mut phantoms = Vec::new();
    for wish in evidence.wishes() {
        for order in &wish.orders {
            if let Told::Created(id) = &order.told
                && (!evidence.truth.made_as(&wish.subject).contains(id)
                    || !told_ids.insert(id.clone()))
            {
                phantoms.push(format!("{}: {id}", wish.subject));
            }
        }
    }
    phantoms
}

fn unwanted(evidence: &Evidence<'_>) -> Vec<String> {
    let subjects: HashSet<&str> = evidence
        .wishes()
        .map(|wish| wish.subject.as_str())
        .collect();
    let made = evidence.truth.made.keys();
    made.filter(|subject| !subjects.contains(subject.as_str()))
        .cloned()
        .collect()
}

/// Meetings that exist while the orders of their wish are not confirmed: wishes with at least one such
/// order, and more meetings than orders that were told of one.
pub(super) fn unfound(evidence: &Evidence<'_>, most_orders: usize) -> Vec<String> {
    evidence.each(|wish| {
        let with = |is: fn(&Told) -> bool| {
            let orders = wish.orders.iter();
            orders.filter(|order| is(&order.told)).count()
        };
        let told = with(|told| matches!(told, Told::Created(_)));
        let open = with(|told| *told == Told::Unconfirmed);
        let made = evidence.truth.made_as(&wish.subject).len();
        (made > told && (1..=most_orders).contains(&open))
            .then(|| format!("{}: {made} made, {told} told, {open} open", wish.subject))
    })
}

/// What the store holds against what people were told.
fn differs(evidence: &Evidence<'_>) -> Vec<String> {
    let differs = |wish: &Wish, order: &Order| {
        let row = evidence.stored.get(&order.key);
        let state = row.map(|row| row.state.as_str());
        let waits = row.is_some_and(|row| row.waits);
        let agrees = match (&order.told, state) {
            (Told::Created(id), Some("done")) => row?.meeting.as_ref() == Some(id),
            // Looked for once more after somebody went home.
            (Told::Unconfirmed, Some("needs_user" | "done"))
            | (Told::Nothing, _)
            | (Told::CertainlyNot(_) | Told::Withdrawn, None) => true,
            // What waits may still be sent, whatever somebody was told.
            (Told::CertainlyNot(_) | Told::Withdrawn, Some("new")) => !waits,
            (Told::CertainlyNot(Code::QueueExpired), Some("failed")) => {
                row?.dropped.as_deref() == Some("expired")
            }
            (Told::Withdrawn, Some("failed")) => row?.dropped.as_deref() == Some("withdrawn"),
            (Told::CertainlyNot(_), state) => state == Some("failed"),
            _ => false,
        };
        (!agrees).then(|| format!("{}: told {:?}, stored {row:?}", wish.subject, order.told))
    };
    let orders = evidence
        .wishes()
        .flat_map(|wish| wish.orders.iter().map(move |order| (wish, order)));
    orders
        .filter_map(|(wish, order)| differs(wish, order))
        .collect()
}

/// Creates of which something may still come.
fn open(evidence: &Evidence<'_>) -> Vec<String> {
    let open = evidence
        .stored
        .iter()
        .filter(|(_, row)| row.waits || matches!(row.state.as_str(), "sent" | "unknown"));
    open.map(|(key, row)| format!("{key}: {row:?}")).collect()
}

fn unknown(evidence: &Evidence<'_>) -> Vec<String> {
    let stored = evidence.stored_meetings.iter();
    let meetings = &evidence.truth.meetings;
    stored
        .filter(|id| !meetings.contains_key(*id))
        .cloned()
        .collect()
}
