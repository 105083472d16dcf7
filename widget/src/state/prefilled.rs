//! What the page author asks the form for by attributes.

use goto_microapps_api::form::{Draft, USUAL, wall};

use crate::context::Host;
use crate::moment;

/// An empty form with what the page author gave.
pub(super) fn prefilled(host: &Host) -> Draft {
    let (zone, guessed) = host
        .attribute("time-zone")
        .and_then(|zone| moment::find_zone(&zone))
        .map_or_else(moment::own_zone, |zone| (zone, false));
    let given = host
        .attribute("start")
        .and_then(|start| start.get(..16)?.parse().ok());
    let fresh = given.is_none();
    let start = given.map_or_else(
        || wall::next_half_hour(moment::now_wall(&zone)),
        wall::to_wall,
    );
    let minutes = host
        .attribute("duration")
        .and_then(|minutes| minutes.parse::<u16>().ok())
        .filter(|minutes| (1..1440).contains(minutes))
        .map_or(USUAL, i64::from);
    let mut draft = Draft::new(zone, start, minutes);
    (draft.guessed, draft.fresh) = (guessed, fresh);
    draft.subject = host.attribute("subject").unwrap_or_default();
    draft
}
