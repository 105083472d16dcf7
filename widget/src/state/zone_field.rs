//! The time zone as somebody types or chooses it: a city, a country, an abbreviation, an offset. What
//! those mean the proxy knows; an IANA name, or the city in it, the browser knows as well.

use goto_microapps_api::{Field, ZoneHit};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::form::Form;
use super::listbox::Listbox;
use super::message::Message;
use super::usual::Usual;
use crate::browser::timers;
use crate::context::Widget;
use crate::moment;
use crate::words::Word;

/// Pause in typing after which a search starts.
const PAUSE_MS: i32 = 150;

/// How long after the field was left it says that nobody knows the zone.
const MESSAGE_MS: i32 = 400;

/// The field.
#[derive(Clone, Copy)]
pub(crate) struct ZoneField {
    widget: Widget,
    form: Form,
    /// What somebody types just now; at other times the field shows the place.
    typed: RwSignal<Option<String>>,
    /// Whether the list is open.
    pub(crate) is_open: RwSignal<bool>,
    /// The zones on offer.
    pub(crate) hits: RwSignal<Vec<ZoneHit>>,
    /// What they are the answer to.
    pub(crate) asked: RwSignal<String>,
    /// Which of them is active.
    pub(crate) list: Listbox,
    /// Counts searches, so that an old answer is dropped.
    turn: StoredValue<u32>,
}

impl ZoneField {
    /// A field that nobody has touched.
    pub(crate) fn new(widget: Widget, form: Form) -> Self {
        Self {
            widget,
            form,
            typed: RwSignal::new(None),
            is_open: RwSignal::new(false),
            hits: RwSignal::new(Vec::new()),
            asked: RwSignal::new(String::new()),
            list: Listbox::new(widget, "zones"),
            turn: StoredValue::new(0),
        }
    }

    /// What is typed; nothing where the field shows its zone. Follows changes.
    pub(crate) fn typed(self) -> Option<String> {
        self.typed.get()
    }

    /// Looks for what is typed once typing has paused.
    pub(crate) fn type_text(self, text: String, is_somebody: bool) {
        self.form.forgive(Field::TimeZone);
        self.typed.set(Some(text));
        if is_somebody {
            self.look(PAUSE_MS);
        }
    }

    /// Opens the list at what is there to choose without a word: the meeting's zone, one's own, and
    /// those of the last meetings.
    pub(crate) fn open(self) {
        if !self.is_open.get_untracked() {
            self.look(0);
        }
    }

    fn look(self, pause: i32) {
        *self.turn.write_value() += 1;
        let turn = self.turn.get_value();
        let is_current = move || self.turn.try_get_value() == Some(turn);
        self.widget.spawn(async move {
            timers::sleep(pause).await;
            if !is_current() {
                return;
            }
            let query = self.query();
            let found = self.ask(&query).await;
            if is_current() {
                let first = (!query.is_empty() && !found.is_empty()).then_some(0);
                self.list.active.set(first);
                self.widget
                    .say(self.widget.count(Word::ZonesFound, found.len()));
                self.is_open.set(!found.is_empty());
                self.asked.set(query);
                self.hits.set(found);
            }
        });
    }

    fn query(self) -> String {
        self.typed
            .get_untracked()
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// The zones of a text; none where the proxy does not answer.
    async fn ask(self, query: &str) -> Vec<ZoneHit> {
        let own = moment::own_zone().0;
        let chosen = self.form.draft.read_untracked().zone.clone();
        let mut names = Vec::new();
        if query.is_empty() {
            names = vec![chosen, own];
            names.append(&mut Usual::of(self.widget).zones);
        }
        let names = names.join(",");
        let (lang, at) = (self.widget.lang(), moment::iso(self.start()));
        let found = self.widget.api().time_zones(query, &names, (&lang, &at));
        let mut zones = found.await.map(|found| found.zones).unwrap_or_default();
        // A zone that this browser does not know could not be shown.
        zones.retain(|zone| moment::is_zone(&zone.name));
        zones
    }

    /// When the meeting begins, or now where that is not known.
    pub(crate) fn start(self) -> i64 {
        let draft = self.form.draft.read_untracked();
        draft
            .start_wall()
            .and_then(|wall| moment::instant(&draft.zone, wall, draft.start_fold))
            .unwrap_or_else(moment::now)
    }

    /// Takes what is typed, if anything is.
    pub(crate) fn settle(self) {
        let typed = self.query();
        if typed.is_empty() {
            return;
        }
        if let Some(zone) = moment::find_zone(&typed) {
            self.choose(zone);
            return;
        }
        self.take(typed.clone());
        self.widget.spawn(async move {
            let found = self.ask(&typed).await;
            let is_it = |zone: &&ZoneHit| zone.place.eq_ignore_ascii_case(&typed);
            let sure = match &found[..] {
                [only] => Some(only),
                _ => found.iter().find(is_it),
            };
            // Unless something else was typed or chosen meanwhile.
            let is_current = || self.form.draft.read_untracked().zone == typed;
            match sure {
                Some(zone) if is_current() => {
                    self.form.forgive(Field::TimeZone);
                    self.take(zone.name.clone());
                }
                Some(_) => {}
                None => {
                    // A press that left the field must not miss what a message moves away.
                    timers::sleep(MESSAGE_MS).await;
                    if is_current() && !moment::may_be_zone(&typed) {
                        self.hold();
                    }
                }
            }
        });
    }

    fn hold(self) {
        self.form.forgive(Field::TimeZone);
        self.form
            .wrong
            .write()
            .push(Message::new(Field::TimeZone, Word::FieldTimeZone));
    }

    /// Takes a zone of the list.
    pub(crate) fn choose(self, zone: String) {
        self.form.forgive(Field::TimeZone);
        self.take(zone);
        self.leave();
    }

    fn take(self, zone: String) {
        self.form.forgive(Field::Start);
        self.form.forgive(Field::End);
        let now = moment::is_zone(&zone).then(|| moment::now_wall(&zone));
        self.form.edit(|draft| draft.take_zone(zone, now));
    }

    /// The list is closed, and the field shows its zone.
    pub(crate) fn leave(self) {
        *self.turn.write_value() += 1;
        self.typed.set(None);
        self.is_open.set(false);
        self.list.active.set(None);
    }

    /// A key in the field.
    pub(crate) fn key(self, key: &str, event: &KeyboardEvent) {
        let is_open = self.is_open.get_untracked();
        match key {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if is_open {
                    let count = self.hits.read_untracked().len();
                    self.list.step(count, key == "ArrowDown");
                } else {
                    self.look(0);
                }
            }
            // The first Enter takes the zone, the next one is the form's.
            "Enter" if is_open || self.typed.read_untracked().is_some() => {
                event.prevent_default();
                let is_current = *self.asked.read_untracked() == self.query();
                let active = self.list.active.get_untracked();
                let hit = active
                    .filter(|_| is_open && is_current)
                    .and_then(|at| self.hits.read_untracked().get(at).cloned());
                match hit {
                    Some(hit) => self.choose(hit.name),
                    None => {
                        self.settle();
                        self.leave();
                    }
                }
            }
            "Escape" if is_open => {
                event.stop_propagation();
                self.is_open.set(false);
            }
            _ => {}
        }
    }
}
