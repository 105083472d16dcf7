//! The search of a field of people: what the proxy says, and what the list shows of it.

use goto_microapps_api::Organizer;
use leptos::prelude::*;

use super::message::selector;
use super::picker::{ON_PRESS, Picker, Search};
use crate::browser::timers;
use crate::failure::Failure;
use crate::words::Word;

/// Most people offered before anything is typed.
const RECENT: usize = 8;

impl Picker {
    /// Forgets whom the employee has chosen lately.
    pub(super) async fn forget_now(self) {
        if let Err(failure) = self.widget.api().forget_recent().await {
            self.session.lost(&failure);
            self.widget.say(self.widget.t(failure.word()));
            return;
        }
        self.widget.say(self.widget.t(Word::PeopleForgotten));
        self.close();
        self.widget.focus(selector(self.field));
    }

    /// Searches what is typed once typing has paused, unless something else is searched by then.
    pub(super) async fn search_for(self, turn: u32, pause: i32) {
        let current = move || self.is_turn(turn);
        timers::sleep(pause.max(0)).await;
        if !current() {
            return;
        }
        let query = self.query();
        if query.is_empty() && !self.is_guests() {
            let mut people = self.widget.api().recent().await;
            if !current() {
                return;
            }
            let chosen = self.form.draft.read_untracked().chosen(self.field).clone();
            people.retain(|person| !chosen.iter().any(|one| is_same(one, person)));
            people.truncate(RECENT);
            if !people.is_empty() {
                self.asked.set(query);
                self.show(people, Search::Recent);
                return;
            }
        }
        // A press asks for those chosen lately only.
        if pause == ON_PRESS {
            return;
        }
        // People found before stay until the new ones are here: no flicker.
        if self.options.read_untracked().is_empty() {
            self.search.set(Search::Running);
        }
        let answer = self.widget.api().organizers(&query).await;
        if !current() {
            return;
        }
        self.asked.set(query.clone());
        match answer {
            Err(failure) => {
                self.session.lost(&failure);
                if self.is_guests() {
                    self.close();
                    return;
                }
                self.form.told.set_value(query);
                self.show(Vec::new(), Search::Failed(failure == Failure::SignOn));
            }
            Ok(found) => {
                let chosen = self.form.draft.read_untracked().chosen(self.field).clone();
                let is_chosen = |person: &Organizer| chosen.iter().any(|one| is_same(one, person));
                let (already, people): (Vec<_>, Vec<_>) =
                    found.organizers.into_iter().partition(is_chosen);
                let already = (!already.is_empty()).then(|| {
                    let names: Vec<String> = already.iter().map(Organizer::known_as).collect();
                    let names = self.widget.listed(&names);
                    self.widget.fill(Word::PeopleAlready, "names", &names)
                });
                if people.is_empty() && self.is_guests() {
                    self.close();
                    return;
                }
                let search = if people.is_empty() {
                    Search::Empty(already.unwrap_or_else(|| {
                        self.widget.t(match found.synced {
                            _ if found.yourself => Word::PeopleSelf,
                            true => Word::PeopleNone,
                            false => Word::PeopleUnsynced,
                        })
                    }))
                } else {
                    Search::Found(already)
                };
                if matches!(search, Search::Empty(_)) {
                    self.form.told.set_value(query);
                }
                let first = people.first().cloned();
                self.show(people, search);
                if let Some(first) = first.filter(|_| self.entered.get_value()) {
                    self.pick(first);
                }
            }
        }
    }
}

/// Whether both are the same person.
fn is_same(one: &Organizer, other: &Organizer) -> bool {
    one.key == other.key || (!one.email.is_empty() && one.email == other.email)
}
