//! Changes of meetings: each order is sent once at most, and everybody is told the truth of it.

use std::collections::{BTreeSet, HashSet};

use goto_microapps_api::StopReason;

use super::{Check, Evidence, figures};
use crate::diary::{Became, Change, Told, Wish};

pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let truth = &evidence.truth;
    let faults = usize::from(evidence.options.fault_rate > 0.0);
    let each = |offends: &dyn Fn(&Change) -> bool| -> Vec<String> {
        let offenders = evidence.changes().filter(|change| offends(change));
        offenders.map(told).collect()
    };
    let edited_twice = each(&|change| {
        let subject = change.new_subject();
        subject.is_some_and(|subject| truth.puts_of(&change.meeting, subject) > 1)
    });
    // Nobody orders a second one.
    let deleted_twice =
        each(&|change| change.new_subject().is_none() && truth.deletes_of(&change.meeting) > 1);
    let deleted_though_undone =
        each(&|change| change.became == Became::Withdrawn && truth.deletes_of(&change.meeting) > 0);
    let stopped_by_nothing = each(&|change| match &change.became {
        Became::Stopped(reason) => !is_explained(evidence, change, *reason),
        _ => false,
    });
    let unanswered = each(&|change| change.became == Became::Nothing);
    vec![
        Check::none("PUTs beyond one for each edit", edited_twice),
        Check::none("DELETEs beyond one for each cancellation", deleted_twice),
        Check::none(
            "meetings deleted whose cancellation was taken back",
            deleted_though_undone,
        ),
        Check::none(
            "meetings at GoTo that are not what people were told",
            others(evidence),
        ),
        Check::none("changes stopped by what is not so", stopped_by_nothing),
        Check::none("changes at GoTo that nobody ordered", unordered(evidence)),
        Check::none("changes without a definite answer", unanswered),
        Check::none(
            "the store says something else of changes than people heard",
            differs(evidence),
        ),
        Check::none("changes still open in the store", open(evidence)),
        Check::at_least(
            "changes whose answer was lost or spoilt",
            truth.unclear_changes,
            faults,
        ),
        Check::at_least("edits made", figures::done(evidence, true), faults),
        Check::at_least("meetings cancelled", figures::done(evidence, false), faults),
        Check::at_least(
            "cancellations taken back",
            figures::undone(evidence),
            faults,
        ),
    ]
}

fn told(change: &Change) -> String {
    let what = change.new_subject().unwrap_or("cancelled");
    format!("{} {what}: told {:?}", change.meeting, change.became)
}

/// Meetings that are, as far as people were told, another than GoTo has.
fn others(evidence: &Evidence<'_>) -> Vec<String> {
    let mut others = Vec::new();
    for wish in evidence.wishes() {
        for order in &wish.orders {
            if let Told::Created(id) = &order.told {
                let (possible, now) = (possible(wish, id), evidence.truth.standing(id));
                if !possible.contains(&now) {
                    others.push(format!("{id} is {now:?}, told {possible:?}"));
                }
            }
        }
    }
    others
}

/// What a meeting may be called at GoTo if all that somebody was told is so; `None`: it is gone.
fn possible<'a>(wish: &'a Wish, id: &str) -> BTreeSet<Option<&'a str>> {
    let mut possible = BTreeSet::from([Some(wish.subject.as_str())]);
    for change in wish.changes.iter().filter(|change| change.meeting == id) {
        match change.became {
            Became::Done => possible = BTreeSet::from([change.new_subject()]),
            Became::Unconfirmed | Became::Nothing => {
                possible.insert(change.new_subject());
            }
            Became::Stopped(_) | Became::Withdrawn => {}
        }
    }
    possible
}

/// Nobody but these employees touches their meetings: none is another than was seen, none is running
/// or a series, and gone is only what was deleted.
fn is_explained(evidence: &Evidence<'_>, change: &Change, reason: Option<StopReason>) -> bool {
    match reason {
        Some(StopReason::Gone) => evidence.truth.standing(&change.meeting).is_none(),
        Some(StopReason::SignedOut | StopReason::Unreachable | StopReason::Refused) => true,
        _ => false,
    }
}

/// Requests that may have changed a meeting as nobody wanted it.
fn unordered(evidence: &Evidence<'_>) -> Vec<String> {
    let truth = &evidence.truth;
    let ordered: HashSet<(&str, Option<&str>)> = evidence
        .changes()
        .map(|change| (change.meeting.as_str(), change.new_subject()))
        .collect();
    let puts = truth.puts.keys();
    let puts = puts.map(|(id, subject)| (id.as_str(), Some(subject.as_str())));
    let deletes = truth.deletes.keys().map(|id| (id.as_str(), None));
    let unordered = puts
        .chain(deletes)
        .filter(|change| !ordered.contains(change));
    unordered.map(|change| format!("{change:?}")).collect()
}

/// What the store holds against what people were told. An order whose press nobody answered may never
/// have been taken.
fn differs(evidence: &Evidence<'_>) -> Vec<String> {
    let differs = evidence.changes().filter_map(|change| {
        let subject = change.new_subject();
        let mut rows = evidence.stored_changes.iter();
        let row =
            rows.find(|row| row.meeting == change.meeting && row.new_subject.as_deref() == subject);
        let state = row.map(|row| row.state.as_str());
        let agrees = match change.became {
            Became::Nothing => true,
            Became::Done => state == Some("done"),
            Became::Stopped(_) => state == Some("failed"),
            Became::Withdrawn => state == Some("withdrawn"),
            Became::Unconfirmed => state == Some("needs_user"),
        };
        (!agrees).then(|| format!("{}, stored {state:?}", told(change)))
    });
    differs.collect()
}

/// Changes of which something may still come.
fn open(evidence: &Evidence<'_>) -> Vec<String> {
    let rows = evidence.stored_changes.iter();
    let open = rows.filter(|row| matches!(row.state.as_str(), "ordered" | "sent" | "unknown"));
    open.map(|row| format!("{row:?}")).collect()
}
