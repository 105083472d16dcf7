//! Start and end as somebody types or chooses them: any usual spelling, any quarter of an hour.

use goto_microapps_api::form::wall::{self, DAY};
use goto_microapps_api::form::{Draft, typed_length, typed_time};
use goto_microapps_api::{Field, must_be_chosen};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::form::Form;
use super::listbox::Listbox;
use super::usual::Usual;
use crate::browser::timers;
use crate::context::Widget;
use crate::moment;

/// Minutes from one time on offer to the next.
const STEP: i64 = 15;
/// Longest meeting whose end is on offer, minutes.
const OFFERED_MAX: i64 = 12 * 60;

/// The field of one of the two times.
#[derive(Clone, Copy)]
pub(crate) struct TimeField {
    widget: Widget,
    form: Form,
    /// Which of them.
    pub(crate) field: Field,
    /// What somebody types just now; at other times the field shows its time as the reader writes it.
    typed: RwSignal<Option<String>>,
    /// Whether the list is open.
    pub(crate) is_open: RwSignal<bool>,
    /// The times on offer.
    pub(crate) list: Listbox,
}

impl TimeField {
    /// The field that nobody has touched.
    pub(crate) fn new(widget: Widget, form: Form, field: Field, name: &'static str) -> Self {
        Self {
            widget,
            form,
            field,
            typed: RwSignal::new(None),
            is_open: RwSignal::new(false),
            list: Listbox::new(widget, name),
        }
    }

    fn stored(self, draft: &Draft) -> &String {
        match self.field {
            Field::Start => &draft.start,
            _ => &draft.end,
        }
    }

    /// The time in the field, in minutes since midnight.
    pub(crate) fn time(self, draft: &Draft) -> Option<i64> {
        wall::clock(self.stored(draft))
    }

    /// A time as the reader writes it.
    pub(crate) fn written(self, time: i64) -> String {
        moment::wall_time(&self.widget.locale(), time)
    }

    /// What the field shows; follows changes.
    pub(crate) fn text(self) -> String {
        let draft = self.form.draft.read();
        if let Some(typed) = self.typed.get()
            && self.is_typed(&draft, &typed)
        {
            return typed;
        }
        match self.time(&draft) {
            Some(time) => self.written(time),
            None => self.stored(&draft).clone(),
        }
    }

    /// Whether the form still holds what `typed` means: something else may have changed it.
    fn is_typed(self, draft: &Draft, typed: &str) -> bool {
        match self.meant(draft, typed) {
            Some((time, _)) => self.time(draft) == Some(time),
            None => self.stored(draft) == typed,
        }
    }

    /// The time that `typed` means, and the length where an end is typed as one.
    fn meant(self, draft: &Draft, typed: &str) -> Option<(i64, Option<i64>)> {
        let time = typed_time(typed);
        let start = wall::clock(&draft.start).filter(|_| self.field == Field::End);
        if let Some(start) = start
            && let Some(length) = typed_length(typed)
            // `1h` is an hour past midnight only for who meets then.
            && time.is_none_or(|end| must_be_chosen(start, end))
        {
            return Some(((start + length).rem_euclid(DAY), Some(length)));
        }
        time.map(|time| (time, None))
    }

    /// Takes what is in the field now. Somebody who types sees the times that it may become.
    pub(crate) fn type_text(self, text: String, is_somebody: bool) {
        self.form.forgive_times();
        self.form.edit(|draft| match self.meant(draft, &text) {
            Some((_, Some(length))) => draft.choose_length(length),
            Some((time, None)) => self.store(draft, wall::clock_text(time)),
            None => self.store(draft, text.clone()),
        });
        self.typed.set(Some(text));
        self.list.active.set(None);
        let draft = self.form.draft.read_untracked();
        let offered = self.offered(&draft);
        let is_whole = offered.len() == 1 && offered.first().copied() == self.time(&draft);
        drop(draft);
        self.is_open
            .set(is_somebody && !is_whole && !offered.is_empty());
    }

    fn store(self, draft: &mut Draft, text: String) {
        match self.field {
            Field::Start => draft.type_start(text),
            _ => draft.type_end(text),
        }
    }

    /// The ends of meetings that take as long as usually: the first on offer while nothing is typed.
    pub(crate) fn usual(self, draft: &Draft) -> Vec<i64> {
        let start = wall::clock(&draft.start).filter(|_| self.field == Field::End);
        let lengths = || Usual::of(self.widget).lengths.into_iter();
        start.map_or_else(Vec::new, |start| {
            ends(start, lengths().filter(|length| (1..DAY).contains(length)))
        })
    }

    /// The times on offer, in minutes since midnight: those that begin as what is typed.
    pub(crate) fn offered(self, draft: &Draft) -> Vec<i64> {
        let typed = self.typed.get_untracked();
        let typed = typed.filter(|typed| self.is_typed(draft, typed));
        let all: Vec<i64> = match wall::clock(&draft.start).filter(|_| self.field == Field::End) {
            Some(start) => ends(start, (1..=OFFERED_MAX / STEP).map(|step| step * STEP)),
            None => (0..DAY / STEP).map(|step| step * STEP).collect(),
        };
        let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) else {
            let mut offered = self.usual(draft);
            let rest = all.into_iter().filter(|time| !offered.contains(time));
            let rest: Vec<i64> = rest.collect();
            offered.extend(rest);
            return offered;
        };
        let meant = self.meant(draft, &typed).map(|(time, _)| time);
        let digits = digits(&typed);
        // Who says which half of the day has said the hour.
        let is_hour_only = typed.bytes().filter(u8::is_ascii_digit).count() <= 2;
        let is_begun = !digits.is_empty() && typed.bytes().all(|sign| !sign.is_ascii_alphabetic());
        let fits = |time: &i64| {
            let is_hour = |meant: i64| {
                meant == *time || (is_hour_only && meant % 60 == 0 && time / 60 == meant / 60)
            };
            meant.is_some_and(is_hour)
                || (is_begun && self::digits(&self.written(*time)).starts_with(&digits))
        };
        all.into_iter().filter(fits).collect()
    }

    /// Opens the list at the time that is in the field.
    pub(crate) fn open(self) {
        if self.is_open.get_untracked() {
            return;
        }
        let draft = self.form.draft.read_untracked();
        let (offered, now) = (self.offered(&draft), self.time(&draft));
        drop(draft);
        let at = now.and_then(|now| {
            let exact = offered.iter().position(|time| *time == now);
            exact.or_else(|| offered.iter().position(|time| *time >= now))
        });
        self.list.active.set(at);
        self.is_open.set(true);
        if let Some(at) = at {
            self.widget.spawn(async move {
                timers::rendered().await;
                self.list.reveal(at);
            });
        }
    }

    /// The time stands; it is written as the reader writes it.
    pub(crate) fn leave(self) {
        self.is_open.set(false);
        self.list.active.set(None);
        self.typed.set(None);
    }

    /// A key in the field.
    pub(crate) fn key(self, key: &str, event: &KeyboardEvent) {
        let is_open = self.is_open.get_untracked();
        match key {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if is_open {
                    let count = self.offered(&self.form.draft.read_untracked()).len();
                    self.list.step(count, key == "ArrowDown");
                } else {
                    self.open();
                }
            }
            // The first Enter takes the time, the next one is the form's.
            "Enter" if is_open || self.typed.read_untracked().is_some() => {
                event.prevent_default();
                let offered = self.offered(&self.form.draft.read_untracked());
                let active = self.list.active.get_untracked();
                match active.and_then(|at| offered.get(at)).filter(|_| is_open) {
                    Some(time) => self.choose(*time),
                    None => self.leave(),
                }
            }
            "Escape" if is_open => {
                event.stop_propagation();
                self.is_open.set(false);
            }
            _ => {}
        }
    }

    /// Takes a time of the list.
    pub(crate) fn choose(self, time: i64) {
        self.form.forgive_times();
        self.form
            .edit(|draft| self.store(draft, wall::clock_text(time)));
        self.leave();
    }
}

/// The digits of a text, without zeros before them.
fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.trim_start_matches('0') {
        "" if !digits.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    }
}

/// When a meeting of these lengths ends, without those whose length would have to be asked about.
fn ends(start: i64, lengths: impl Iterator<Item = i64>) -> Vec<i64> {
    lengths
        .map(|length| (start + length).rem_euclid(DAY))
        .filter(|end| !must_be_chosen(start, *end))
        .collect()
}
