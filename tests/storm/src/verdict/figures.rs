//! What happened, in figures.

use goto_sandbox::Route;

use super::{Evidence, creates};
use crate::diary::{Became, Change, Order, Told};

/// A name and a value each.
pub(super) fn rows(evidence: &Evidence<'_>) -> Vec<(&'static str, String)> {
    let options = evidence.options;
    let truth = &evidence.truth;
    let windows = options.duration().as_secs_f64() / options.interval().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let used = evidence.during as f64 / (windows * options.requests as f64) * 100.0;
    let again: u64 = evidence.diaries.iter().map(|diary| diary.again).sum();
    let orders = |is: fn(&Order) -> bool| evidence.orders().filter(|order| is(order)).count();
    let changes = |is: fn(&Change) -> bool| evidence.changes().filter(|change| is(change)).count();
    let is_edit = |change: &Change| change.new_subject().is_some();
    let mut rows = vec![
        ("employees", options.employees),
        ("meetings wanted", evidence.wishes().count()),
        (
            "told: created",
            orders(|order| matches!(order.told, Told::Created(_))),
        ),
        (
            "told: not confirmed, a person decides",
            orders(|order| order.told == Told::Unconfirmed),
        ),
        (
            "told: certainly not",
            orders(|order| matches!(order.told, Told::CertainlyNot(_))),
        ),
        (
            "creates that waited at the proxy for their turn",
            waited(evidence),
        ),
        ("  of them taken back in time", withdrawn(evidence)),
    ];
    for (name, is) in [
        ("changes ordered", (|_| true) as fn(&Change) -> bool),
        ("  told: made", |change| change.became == Became::Done),
        ("  told: certainly not", |change| {
            matches!(change.became, Became::Stopped(_))
        }),
        ("  told: not confirmed, a person decides", |change| {
            change.became == Became::Unconfirmed
        }),
    ] {
        rows.push((name, changes(is)));
    }
    let cancels = evidence.changes().filter(|change| !is_edit(change)).count();
    rows.extend([
        ("  of them cancellations", cancels),
        ("  of those taken back", undone(evidence)),
        (
            "requests GoTo received",
            evidence.sandbox.log_of(Route::Any).len(),
        ),
        (
            "creates whose answer was lost or spoilt",
            truth.unclear_creates,
        ),
        (
            "changes whose answer was lost or spoilt",
            truth.unclear_changes,
        ),
        (
            "creates marked as sent that never arrived",
            vanished(evidence),
        ),
        ("meetings at GoTo", truth.meetings.len()),
        (
            "meetings at GoTo whose order is not confirmed",
            creates::unfound(evidence, usize::MAX).len(),
        ),
    ]);
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|(name, value)| (name, value.to_string()))
        .collect();
    let damage = evidence.damage;
    rows.extend([
        ("asked again", again.to_string()),
        ("SIGKILLs", damage.kills.to_string()),
        ("database restarts", damage.restarts.to_string()),
        ("times all access tokens ended", damage.expiries.to_string()),
        (
            "limit used while it stormed (kills, restarts and faults cost slots)",
            format!("{used:.1} %"),
        ),
    ]);
    rows
}

/// Creates that somebody heard of that they wait.
pub(super) fn waited(evidence: &Evidence<'_>) -> usize {
    evidence.orders().filter(|order| order.waited).count()
}

/// Creates that somebody took back while they waited.
pub(super) fn withdrawn(evidence: &Evidence<'_>) -> usize {
    let waited = evidence.orders().filter(|order| order.waited);
    waited.filter(|order| order.told == Told::Withdrawn).count()
}

/// Edits, or cancellations, that were made.
pub(super) fn done(evidence: &Evidence<'_>, edits: bool) -> usize {
    let of_kind = |change: &&Change| change.new_subject().is_some() == edits;
    let changes = evidence.changes().filter(of_kind);
    changes
        .filter(|change| change.became == Became::Done)
        .count()
}

/// Cancellations that somebody took back.
pub(super) fn undone(evidence: &Evidence<'_>) -> usize {
    let changes = evidence.changes();
    changes
        .filter(|change| change.became == Became::Withdrawn)
        .count()
}

/// Orders nobody can confirm because the proxy died between mark and wire.
fn vanished(evidence: &Evidence<'_>) -> usize {
    let missing = evidence.wishes().map(|wish| {
        let open = wish.orders.iter();
        let open = open.filter(|order| order.told == Told::Unconfirmed).count();
        open.saturating_sub(evidence.truth.posts_of(&wish.subject))
    });
    missing.sum()
}
