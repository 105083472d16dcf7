//! The form: what is typed, and what is wrong with it.

use goto_microapps_api::form::Draft;
use goto_microapps_api::{Field, NewMeeting};
use leptos::prelude::*;

use super::memory::Memory;
use super::message::{Message, selector};
use super::prefilled::prefilled;
use super::session::SessionState;
use crate::browser::codec;
use crate::context::Widget;
use crate::moment;
use crate::words::Word;

/// The form as it stands.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(super) widget: Widget,
    pub(super) session: SessionState,
    memory: Memory,
    /// What is typed.
    pub(crate) draft: RwSignal<Draft>,
    /// What is wrong with it.
    pub(crate) wrong: RwSignal<Vec<Message>>,
    /// The meeting that is being changed, where the form is not of a new one.
    pub(crate) editing: RwSignal<Option<String>>,
    /// What must be known of it, as the code that changes it writes and reads it.
    pub(super) edited: StoredValue<String>,
    /// Why it was not changed.
    pub(crate) not_saved: RwSignal<Option<String>>,
    /// Whether what is typed began on another page.
    pub(crate) carried: RwSignal<bool>,
    /// The last text in the search for which the list said that there is nobody to choose.
    pub(crate) told: StoredValue<String>,
}

impl Form {
    /// The form that the tab remembers, or a new one; `carried` from another page.
    pub(crate) fn new(
        widget: Widget,
        session: SessionState,
        memory: Memory,
        carried: bool,
    ) -> Self {
        let draft = memory.read().draft.clone();
        Self {
            widget,
            session,
            memory,
            draft: RwSignal::new(draft.unwrap_or_else(|| prefilled(&widget.read().host))),
            wrong: RwSignal::new(Vec::new()),
            editing: RwSignal::new(None),
            edited: StoredValue::new(String::new()),
            not_saved: RwSignal::new(None),
            carried: RwSignal::new(carried),
            told: StoredValue::new(String::new()),
        }
    }

    /// Changes the draft and remembers it.
    pub(crate) fn edit(self, change: impl FnOnce(&mut Draft)) {
        change(&mut self.draft.write());
        self.remember();
    }

    #[inline(never)]
    fn remember(self) {
        // The form of a new meeting is there again afterwards.
        if self.editing.read_untracked().is_some() {
            return;
        }
        let draft = self.draft.get_untracked();
        self.memory.keep(|memory| memory.draft = Some(draft));
    }

    /// The form that waited aside, or a new one.
    pub(crate) fn start_over(self) {
        self.editing.set(None);
        self.edited.set_value(String::new());
        let mut aside = None;
        self.memory.keep(|memory| aside = memory.aside.take());
        let draft = aside.unwrap_or_else(|| prefilled(&self.widget.read().host));
        self.edit(|old| *old = draft);
        self.carried.set(false);
        self.wrong.set(Vec::new());
    }

    /// Back to the form of a new meeting as it was left.
    pub(crate) fn end_editing(self) {
        self.editing.set(None);
        let draft = self.memory.read().draft.clone();
        let draft = draft.unwrap_or_else(|| prefilled(&self.widget.read().host));
        self.draft.set(draft);
        self.wrong.set(Vec::new());
    }

    /// Moves a start that nobody touched on, once its time has come.
    pub(crate) fn move_on(self) {
        let draft = self.draft.read_untracked();
        let now = if draft.soon {
            moment::soon_wall(&draft.zone)
        } else {
            moment::now_wall(&draft.zone)
        };
        let is_due = draft.is_due(now);
        drop(draft);
        if is_due {
            self.edit(|draft| draft.move_on(draft.next_start(now)));
        }
    }

    /// *Meet now*.
    pub(crate) fn meet_now(self) {
        self.forgive_times();
        let now = moment::soon_wall(&self.draft.read_untracked().zone);
        self.edit(|draft| draft.meet_now(now));
    }

    /// Whether `field` is wrong; follows changes.
    pub(crate) fn is_wrong(self, field: Field) -> bool {
        self.wrong.read().iter().any(|wrong| wrong.field == field)
    }

    /// Takes the message of `field` back: it is being corrected.
    pub(crate) fn forgive(self, field: Field) {
        if untrack(|| self.is_wrong(field)) {
            self.wrong.write().retain(|wrong| wrong.field != field);
        }
    }

    /// The same of date, start and end: what is wrong with one of them may be so because of another.
    pub(crate) fn forgive_times(self) {
        self.forgive(Field::Date);
        self.forgive(Field::Start);
        self.forgive(Field::End);
    }

    /// Shows what is wrong and puts the focus there.
    pub(crate) fn refuse(self, wrong: Vec<Message>) {
        let Some(first) = wrong.first() else { return };
        self.widget.say(self.widget.t(first.word));
        self.widget.focus(selector(first.field));
        self.wrong.set(wrong);
    }

    /// What can be told without the proxy. Which times exist, and which are still to come, is the
    /// proxy's to say: clock and zones of the browser may be wrong.
    pub(super) fn check(self) -> Vec<Message> {
        let draft = self.draft.read_untracked();
        let mut wrong: Vec<Message> = draft.mistakes().into_iter().map(Message::from).collect();
        if !moment::may_be_zone(&draft.zone) {
            wrong.push(Message::new(Field::TimeZone, Word::FieldTimeZone));
        }
        wrong
    }

    /// The request body.
    pub(super) fn body(self) -> String {
        codec::to_text(&self.meeting())
    }

    /// What is asked for, with the instants that its reader sees.
    pub(super) fn meeting(self) -> NewMeeting {
        let draft = self.draft.read_untracked();
        let mut meeting = draft.meeting();
        let shown =
            |wall: Option<i64>, fold| moment::instant(&draft.zone, wall?, fold).map(moment::iso);
        meeting.start_instant = shown(draft.start_wall(), draft.start_fold);
        meeting.end_instant = shown(draft.end_wall(), draft.end_fold);
        meeting
    }

    /// A browser's own zone that the proxy does not know becomes one that it does, marked as a
    /// guess.
    pub(super) fn replace_own_zone(self) {
        let own = moment::own_zone().0;
        if self.draft.read_untracked().zone == own {
            let zone = moment::guess();
            let now = Some(moment::now_wall(&zone));
            self.edit(|draft| {
                draft.take_zone(zone, now);
                draft.guessed = true;
            });
        }
    }

    /// Takes one changed attribute of the element in.
    pub(crate) fn take_attribute(self, name: &str) {
        if self.editing.read_untracked().is_some() {
            return;
        }
        let fresh = prefilled(&self.widget.read().host);
        self.edit(|draft| match name {
            "subject" => draft.subject = fresh.subject,
            "time-zone" => {
                let now = Some(moment::now_wall(&fresh.zone));
                draft.take_zone(fresh.zone, now);
                draft.guessed = fresh.guessed;
            }
            _ => {
                draft.date = fresh.date;
                draft.start = fresh.start;
                draft.end = fresh.end;
                draft.fresh = fresh.fresh;
                draft.long = fresh.long;
                draft.forget_folds();
            }
        });
    }
}
