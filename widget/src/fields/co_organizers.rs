//! Co-organizers: an ARIA APG combobox with list autocomplete, chosen people as chips before it.
//!
//! The focus stays in the input; the active option is told by `aria-activedescendant`.

use goto_microapps_api::Organizer;
use js_sys::JsString;
use leptos::prelude::{AnyView, IntoAny};
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::{forgive, input, label, note, typed};
use crate::app::App;
use crate::draft::Spot;
use crate::host;
use crate::state::State;
use crate::view::{El, Icon, el, icon, nothing};
use crate::words::Word;

/// Pause in typing after which a search starts.
const PAUSE_MS: i32 = 180;

/// What the list shows instead of, or under, the people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    Closed,
    Running,
    Found,
    /// Nothing to choose, and why.
    Empty(Word),
    Failed,
}

#[derive(Clone, Copy)]
struct Picker {
    app: App,
    query: State<String>,
    search: State<Search>,
    options: State<Vec<Organizer>>,
    active: State<Option<usize>>,
    /// Counts searches, so that an old answer is dropped.
    turn: State<u32>,
}

/// The field.
pub(crate) fn view(app: App) -> El {
    let picker = Picker {
        app,
        query: State::new(String::new()),
        search: State::new(Search::Closed),
        options: State::new(Vec::new()),
        active: State::new(None),
        turn: State::new(0),
    };
    el("div")
        .class("field")
        .child(
            label(app, Spot::CoOrganizers, Word::CoOrganizers)
                .child(el("span").class("muted").text(app.t(Word::Optional))),
        )
        .child(
            el("div")
                .class("anchor")
                .child(
                    el("div")
                        .class("people")
                        .attr("part", "field")
                        .child(picker.chips())
                        .child(picker.input())
                        .on("click", move |_| app.focus("[data-field=co-organizers]")),
                )
                .child(picker.list()),
        )
        .child(note(app, Spot::CoOrganizers, Some(Word::PeopleHelp)))
}

impl Picker {
    fn is_open(self) -> bool {
        self.search.get() != Search::Closed
    }

    fn chips(self) -> El {
        let app = self.app;
        let people = State::following(move || app.draft.with(|draft| draft.people.clone()));
        el("ul")
            .attr("aria-label", app.t(Word::PeopleChosen))
            .region(move || {
                let unknown: Vec<String> = app.wrong.with(|wrong| {
                    let wrong = wrong
                        .iter()
                        .filter(|wrong| wrong.spot == Spot::CoOrganizers);
                    wrong.flat_map(|wrong| wrong.values.clone()).collect()
                });
                let chips: Vec<AnyView> = people
                    .get()
                    .into_iter()
                    .map(|person| self.chip(person, &unknown).view())
                    .collect();
                chips.into_any()
            })
    }

    fn chip(self, person: Organizer, unknown: &[String]) -> El {
        let wrong = unknown.contains(&person.key);
        let remove = self.app.fill(Word::PersonRemove, "name", &person.name);
        el("li")
            .class(if wrong { "person wrong" } else { "person" })
            .attr("part", "chip")
            .attr("data-chip", person.key.as_str())
            .child(el("span").text(person.name))
            .child(
                el("button")
                    .attr("type", "button")
                    .attr("aria-label", remove)
                    .child(icon(Icon::Cross))
                    .on("click", move |event| {
                        event.stop_propagation();
                        self.remove(&person.key);
                    }),
            )
    }

    fn input(self) -> El {
        input(self.app, Spot::CoOrganizers, "text")
            .class("")
            .attr("part", "")
            .attr("role", "combobox")
            .attr("aria-autocomplete", "list")
            .attr("aria-controls", "people-list")
            .attr("autocomplete", "off")
            .attr("autocapitalize", "off")
            .attr("spellcheck", "false")
            .attr("placeholder", self.app.t(Word::PeoplePlaceholder))
            .flag("aria-expanded", move || self.is_open())
            .live("aria-activedescendant", move || {
                let active = self.active.get()?;
                self.is_open().then(|| option_id(active))
            })
            .value(move || self.query.get())
            .on("input", move |event| {
                let query = typed(&event);
                self.query.set(query.clone());
                if query.trim().is_empty() {
                    self.close();
                } else {
                    self.look(PAUSE_MS);
                }
            })
            .on("keydown", move |event| {
                if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                    self.key(event);
                }
            })
            .on("blur", move |_| self.close())
    }

    fn list(self) -> El {
        el("div")
            .class("list")
            .attr("part", "list")
            .hidden(move || !self.is_open())
            // Keeps the focus in the input while the list is used with a pointer.
            .on("mousedown", |event| event.prevent_default())
            .child(
                el("ul")
                    .attr("id", "people-list")
                    .attr("role", "listbox")
                    .attr("aria-label", self.app.t(Word::CoOrganizers))
                    .region(move || {
                        let query = self.query.get_untracked();
                        let options: Vec<AnyView> = self
                            .options
                            .get()
                            .into_iter()
                            .enumerate()
                            .map(|(at, person)| self.option(at, person, &query).view())
                            .collect();
                        options.into_any()
                    }),
            )
            .region(move || self.state())
    }

    fn option(self, at: usize, person: Organizer, query: &str) -> El {
        let (before, hit, after) = highlight(&person.name, query, plain);
        el("li")
            .class("option")
            .attr("role", "option")
            .attr("id", option_id(at))
            .attr("data-key", person.key.as_str())
            .flag("aria-selected", move || self.active.get() == Some(at))
            .child(el("span").text(before).child(el("b").text(hit)).text(after))
            .child(el("span").class("muted").text(person.email.as_str()))
            .on("click", move |_| self.pick(person.clone()))
    }

    /// What is going on, for eyes; ears get it from the live region.
    fn state(self) -> AnyView {
        let app = self.app;
        match self.search.get() {
            Search::Closed | Search::Found => nothing(),
            Search::Running => el("div")
                .class("note")
                .child(el("span").class("spinner"))
                .text(app.t(Word::PeopleSearching))
                .view(),
            Search::Empty(word) => el("div").class("note").text(app.t(word)).view(),
            Search::Failed => el("div")
                .class("note")
                .text(app.t(Word::PeopleFailed))
                .child(
                    el("button")
                        .class("link inline")
                        .attr("type", "button")
                        .attr("tabindex", "-1")
                        .attr("data-action", "retry")
                        .text(app.t(Word::Retry))
                        .on("click", move |_| self.look(0)),
                )
                .view(),
        }
    }

    /// Searches once typing has paused.
    fn look(self, pause: i32) {
        let app = self.app;
        self.turn.update_untracked(|turn| *turn += 1);
        let turn = self.turn.get_untracked();
        if !app.signed_in() {
            self.show(Vec::new(), Search::Empty(Word::PeopleSignIn));
            return;
        }
        let current = move || self.turn.try_with_untracked(|turn| *turn) == Some(turn);
        host::spawn(async move {
            host::sleep(pause).await;
            if !current() {
                return;
            }
            // People found before stay until the new ones are here: no flicker.
            if self.options.with_untracked(Vec::is_empty) {
                self.search.set(Search::Running);
            }
            let query = self.query.get_untracked();
            let answer = app.api.get_untracked().organizers(query.trim()).await;
            if !current() || !app.alive() {
                return;
            }
            match answer {
                Err(failure) => {
                    app.lost_session(&failure);
                    self.show(Vec::new(), Search::Failed);
                }
                Ok(found) => {
                    let mut people = found.organizers;
                    let chosen = app.draft.with_untracked(|draft| draft.people.clone());
                    people.retain(|person| chosen.iter().all(|other| other.key != person.key));
                    let search = match (people.is_empty(), found.synced) {
                        (false, _) => Search::Found,
                        (true, true) => Search::Empty(Word::PeopleNone),
                        (true, false) => Search::Empty(Word::PeopleUnsynced),
                    };
                    self.show(people, search);
                }
            }
        });
    }

    fn show(self, people: Vec<Organizer>, search: Search) {
        let app = self.app;
        app.say(match search {
            Search::Empty(word) => app.t(word),
            Search::Failed => app.t(Word::PeopleFailed),
            _ => app.count(Word::PeopleFound, people.len()),
        });
        self.active.set(None);
        self.options.set(people);
        self.search.set(search);
    }

    fn close(self) {
        self.turn.update_untracked(|turn| *turn += 1);
        self.search.set(Search::Closed);
        self.options.set(Vec::new());
        self.active.set(None);
    }

    fn key(self, event: &KeyboardEvent) {
        if event.is_composing() {
            return;
        }
        let open = self.search.get_untracked() != Search::Closed;
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if open && !event.alt_key() {
                    self.step(event.key() == "ArrowDown");
                } else if !open {
                    self.look(0);
                }
            }
            "Enter" => {
                event.prevent_default();
                let at = self.active.get_untracked().unwrap_or(0);
                let person = self
                    .options
                    .with_untracked(|people| people.get(at).cloned());
                if let Some(person) = person.filter(|_| open) {
                    self.pick(person);
                }
            }
            "Escape" if open => {
                event.stop_propagation();
                self.close();
            }
            "Escape" => self.query.set(String::new()),
            "Home" | "End" | "ArrowLeft" | "ArrowRight" => self.active.set(None),
            "Backspace" if self.query.with_untracked(String::is_empty) => {
                let last = self
                    .app
                    .draft
                    .with_untracked(|draft| draft.people.last().map(|person| person.key.clone()));
                if let Some(key) = last {
                    self.remove(&key);
                }
            }
            _ => {}
        }
    }

    fn step(self, down: bool) {
        let count = self.options.with_untracked(Vec::len);
        let next = step(self.active.get_untracked(), count, down);
        self.active.set(next);
        let Some(at) = next else { return };
        self.app.host.with_untracked(|host| {
            if let Some(option) = host.root.get_element_by_id(&option_id(at)) {
                let how = ScrollIntoViewOptions::new();
                how.set_block(ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&how);
            }
        });
    }

    fn pick(self, person: Organizer) {
        self.app
            .say(self.app.fill(Word::PersonAdded, "name", &person.name));
        self.app.edit(|draft| draft.people.push(person));
        self.query.set(String::new());
        self.close();
        self.app.focus("[data-field=co-organizers]");
    }

    fn remove(self, key: &str) {
        let app = self.app;
        let name = app.draft.with_untracked(|draft| {
            let person = draft.people.iter().find(|person| person.key == key);
            person.map(|person| person.name.clone())
        });
        app.edit(|draft| draft.people.retain(|person| person.key != key));
        app.say(app.fill(Word::PersonRemoved, "name", &name.unwrap_or_default()));
        forgive(app, Spot::CoOrganizers);
        app.focus("[data-field=co-organizers]");
    }
}

fn option_id(at: usize) -> String {
    ["people-", &at.to_string()].concat()
}

/// The option after (or before) `active` among `count`, going round through none.
fn step(active: Option<usize>, count: usize, down: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (active, down) {
        (None, true) => Some(0),
        (None, false) => Some(last),
        (Some(at), true) => Some(if at >= last { 0 } else { at + 1 }),
        (Some(at), false) => Some(if at == 0 { last } else { at - 1 }),
    }
}

/// Splits `name` around the first word that begins as `query`, accents and case aside.
fn highlight<'a>(
    name: &'a str,
    query: &str,
    plain: impl Fn(char) -> char + Copy,
) -> (&'a str, &'a str, &'a str) {
    let query: Vec<char> = query.trim().chars().map(plain).collect();
    if query.is_empty() {
        return (name, "", "");
    }
    let signs: Vec<(usize, char)> = name
        .char_indices()
        .map(|(at, sign)| (at, plain(sign)))
        .collect();
    let found = signs.windows(query.len()).enumerate().find(|(at, window)| {
        let word_start = *at == 0 || is_between_words(signs[at - 1].1);
        word_start && window.iter().map(|sign| sign.1).eq(query.iter().copied())
    });
    let Some((at, _)) = found else {
        return (name, "", "");
    };
    let from = signs[at].0;
    let to = signs
        .get(at + query.len())
        .map_or(name.len(), |sign| sign.0);
    (&name[..from], &name[from..to], &name[to..])
}

/// Whether a word may begin after `sign`.
fn is_between_words(sign: char) -> bool {
    sign.is_whitespace() || (sign.is_ascii() && !sign.is_ascii_alphanumeric())
}

/// A letter without case and accents, as the browser knows them: Rust's own tables would weigh
/// 8 KB. Only for highlighting: what matches is the proxy's business.
fn plain(sign: char) -> char {
    if sign.is_ascii() {
        return sign.to_ascii_lowercase();
    }
    let bare = JsString::from(sign).normalize("NFD").to_lower_case();
    match String::from(bare).chars().next() {
        Some('’') => '\'',
        Some(bare) => bare,
        None => sign,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Stands for the browser's letters.
    fn bare(sign: char) -> char {
        match sign.to_lowercase().next().unwrap_or(sign) {
            'é' | 'è' | 'ë' => 'e',
            'ü' => 'u',
            '’' => '\'',
            other => other,
        }
    }

    #[test]
    fn highlights_the_beginning_of_a_word() {
        assert_eq!(
            highlight("Élodie Dupont", "elo", bare),
            ("", "Élo", "die Dupont")
        );
        assert_eq!(
            highlight("Jürgen Groß", "gro", bare),
            ("Jürgen ", "Gro", "ß")
        );
        assert_eq!(
            highlight("Zoë O’Neill", "NEILL", bare),
            ("Zoë O’", "Neill", "")
        );
        assert_eq!(highlight("Anne", "nn", bare), ("Anne", "", ""));
        assert_eq!(highlight("Anne", " ", bare), ("Anne", "", ""));
    }

    #[test]
    fn arrows_go_round() {
        assert_eq!(step(None, 3, true), Some(0));
        assert_eq!(step(None, 3, false), Some(2));
        assert_eq!(step(Some(2), 3, true), Some(0));
        assert_eq!(step(Some(0), 3, false), Some(2));
        assert_eq!(step(None, 0, true), None);
    }

    proptest! {
        #[test]
        fn highlighting_loses_nothing(name in ".*", query in ".*") {
            let (before, hit, after) = highlight(&name, &query, bare);
            prop_assert_eq!([before, hit, after].concat(), name);
        }
    }
}
