//! What the tab remembers of a widget, and of which one.
//!
//! A widget is known by the address of its page, what the author asked it for, and its place among
//! equals there: what was typed on one page is no business of another. Only a create whose outcome is
//! not known follows the person, because somebody has to bring it to its end.

use std::ops::Deref;

use goto_microapps_api::Reading;
use goto_microapps_api::form::Draft;
use goto_microapps_api::lenient::field;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::intent::Intent;
use super::page::Page;
use crate::browser::{codec, pkce, storage, window};
use crate::context::Host;
use crate::moment;

/// What makes one element of a page another than the next.
const WISHES: [&str; 7] = [
    "page",
    "meeting-id",
    "subject",
    "start",
    "duration",
    "co-organizers",
    "time-zone",
];

/// What is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    #[serde(deserialize_with = "field")]
    pub(crate) page: Option<Page>,
    /// Id of the meeting shown.
    #[serde(deserialize_with = "field")]
    pub(crate) meeting: String,
    /// The form.
    #[serde(deserialize_with = "field")]
    pub(crate) draft: Option<Draft>,
    /// The form that gave way to a create that began on another page.
    #[serde(deserialize_with = "field")]
    pub(crate) aside: Option<Draft>,
    /// The create under way or last refused.
    #[serde(deserialize_with = "field")]
    pub(crate) intent: Intent,
}

/// The memory of one widget: what is kept in it outlives a reload.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    place: StoredValue<Place>,
    remembered: StoredValue<Remembered>,
}

impl Memory {
    /// What the tab remembers of the widget of `host`.
    pub(crate) fn of(host: &Host) -> Self {
        let place = Place::of(&host.element, &host.proxy);
        Self {
            remembered: StoredValue::new(place.read()),
            place: StoredValue::new(place),
        }
    }

    /// What is remembered.
    pub(crate) fn read(self) -> impl Deref<Target = Remembered> {
        self.remembered.read_value()
    }

    /// Remembers a change.
    pub(crate) fn keep(self, change: impl FnOnce(&mut Remembered)) {
        change(&mut self.remembered.write_value());
        self.write();
    }

    fn write(self) {
        self.place.read_value().write(&self.read());
    }

    /// Forgets everything, for whoever looks at this page next.
    pub(crate) fn clear(self) {
        self.place.read_value().clear();
    }

    /// Takes over a create that began on another page of the tab and is not finished; the form that
    /// was here waits aside. True if there was one.
    pub(crate) fn take_over(self, element: &HtmlElement) -> bool {
        let theirs = self.place.read_value().take_over(element);
        let Some(theirs) = theirs else { return false };
        self.remembered.update_value(|memory| {
            memory.aside = memory.draft.take();
            memory.draft = theirs.draft;
            memory.intent = theirs.intent;
        });
        true
    }
}

/// Where the memory of one widget is.
#[derive(Clone, Debug)]
struct Place {
    key: String,
    /// Names the memory whose create is not finished.
    pointer: String,
}

impl Place {
    /// The place of `element`, which belongs to the proxy at `base`.
    fn of(element: &HtmlElement, base: &str) -> Self {
        let pointer = ["goto-meeting:", base].concat();
        let equals = elements(element).into_iter();
        let wishes = wishes(element);
        let mut equals = equals.filter(|other| self::wishes(other) == wishes);
        // In another shadow root it is among none.
        let place = equals.position(|other| other == *element).unwrap_or(0);
        Self {
            key: key(&pointer, &wishes, place),
            pointer,
        }
    }

    /// What is remembered; nothing where it is unreadable.
    fn read(&self) -> Remembered {
        let mut memory = read(&self.key);
        memory.draft = memory.draft.map(whole);
        memory
    }

    /// Remembers.
    fn write(&self, memory: &Remembered) {
        storage::store(&self.key, Some(&codec::to_text(memory)));
        if memory.intent.pending {
            storage::store(&self.pointer, Some(&self.key));
        } else if storage::stored(&self.pointer).as_ref() == Some(&self.key) {
            storage::store(&self.pointer, None);
        }
    }

    /// Forgets.
    fn clear(&self) {
        storage::store(&self.key, None);
        storage::store(&self.pointer, None);
    }

    /// Takes over a create that is not finished and whose page was left: nobody here has begun it.
    fn take_over(&self, element: &HtmlElement) -> Option<Remembered> {
        let theirs = storage::stored(&self.pointer).filter(|theirs| *theirs != self.key)?;
        let mut places: Vec<(String, usize)> = Vec::new();
        for other in elements(element) {
            let wishes = wishes(&other);
            let place = places.iter().filter(|place| place.0 == wishes).count();
            if key(&self.pointer, &wishes, place) == theirs {
                return None;
            }
            places.push((wishes, place));
        }
        let memory = read(&theirs);
        if !memory.intent.pending {
            return None;
        }
        storage::store(&theirs, None);
        Some(memory)
    }
}

fn read(key: &str) -> Remembered {
    storage::stored(key)
        .and_then(|text| codec::from_text(&text))
        .unwrap_or_default()
}

/// All elements of the page, in its order.
fn elements(element: &HtmlElement) -> Vec<HtmlElement> {
    let page = element.owner_document();
    let all = page.and_then(|page| page.query_selector_all(&element.local_name()).ok());
    let all = all
        .into_iter()
        .flat_map(|all| (0..all.length()).filter_map(move |at| all.item(at)?.dyn_into().ok()));
    all.collect()
}

fn wishes(element: &HtmlElement) -> String {
    let mut wishes = String::new();
    for name in WISHES {
        wishes.push_str(&element.get_attribute(name).unwrap_or_default());
        wishes.push('\n');
    }
    wishes
}

fn key(pointer: &str, wishes: &str, place: usize) -> String {
    let at = window().location();
    let [path, query, hash] =
        [at.pathname(), at.search(), at.hash()].map(Result::unwrap_or_default);
    // Where pages are told apart after the hash sign, and not parts of one page.
    let is_route = hash.starts_with("#/") || hash.starts_with("#!");
    let route = if is_route { &*hash } else { "" };
    let text = [&*path, &*query, route, "\n", wishes].concat();
    [pointer, "#", &pkce::digest(&text), "#", &place.to_string()].concat()
}

/// A draft out of storage, where anything may be missing.
fn whole(mut draft: Draft) -> Draft {
    if draft.zone.is_empty() {
        (draft.zone, draft.guessed) = moment::own_zone();
    }
    // A choice without what was chosen is asked for again.
    if draft.counted.is_none() && draft.reading == Some(Reading::Server) {
        draft.reading = None;
    }
    draft
}
