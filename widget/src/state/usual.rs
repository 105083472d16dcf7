//! What the reader of this browser chooses usually: how long meetings take, and in which time zones they
//! are. Those stand first in their lists. Nothing of a meeting is kept, and nothing beyond a sign-out.

use goto_microapps_api::form::Draft;
use goto_microapps_api::lenient::field;
use serde::{Deserialize, Serialize};

use crate::browser::{codec, storage};
use crate::context::Widget;

/// Most lengths and most zones.
const LENGTHS: usize = 3;
const ZONES: usize = 4;

/// What was chosen last stands first.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Usual {
    /// Minutes.
    #[serde(deserialize_with = "field")]
    pub(super) lengths: Vec<i64>,
    /// IANA names.
    #[serde(deserialize_with = "field")]
    pub(super) zones: Vec<String>,
}

impl Usual {
    /// What is known.
    pub(super) fn of(widget: Widget) -> Self {
        let text = storage::kept(&key(widget));
        let usual = text.and_then(|text| codec::from_text(&text));
        usual.unwrap_or_default()
    }
}

/// Remembers the length and the zone of a meeting that was made.
pub(super) fn remember(widget: Widget, draft: &Draft) {
    let mut usual = Usual::of(widget);
    if let Some(length) = draft.minutes() {
        first(&mut usual.lengths, length, LENGTHS);
    }
    first(&mut usual.zones, draft.zone.clone(), ZONES);
    storage::keep(&key(widget), Some(&codec::to_text(&usual)));
}

/// Forgets everything.
pub(super) fn forget(widget: Widget) {
    storage::keep(&key(widget), None);
}

fn first<T: PartialEq>(list: &mut Vec<T>, value: T, most: usize) {
    list.retain(|other| *other != value);
    list.insert(0, value);
    list.truncate(most);
}

fn key(widget: Widget) -> String {
    ["goto-meeting:usual:", &widget.read().host.proxy].concat()
}
