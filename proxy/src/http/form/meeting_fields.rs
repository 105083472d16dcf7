//! The fields of a meeting, as *Create meeting* and *Change the meeting* ask for them.

use askama::Template;
use goto_microapps_api::form::Draft;
use goto_microapps_api::icons::Icon;
use goto_microapps_api::words::{fill, listed};
use goto_microapps_api::{Field, Fold, Organizer};

use super::Frame;
use super::messages::Message;
use super::moment::{Moment, zones};
use super::sent::{Action, Sent};
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};
use crate::organizers::find;
use crate::signin::Account;

/// People listed for a search.
const FOUND: usize = 8;

/// See the module.
#[derive(Template)]
#[template(path = "components/meeting_fields.html")]
pub(super) struct Fields<'a> {
    frame: &'a Frame,
    sent: &'a Sent,
    draft: &'a Draft,
    /// Nothing may be changed now.
    held: bool,
    errors: Vec<Message>,
    chosen: Vec<Organizer>,
    found: Vec<Organizer>,
    /// Those were chosen lately: nothing was searched.
    recent: bool,
    /// What the search says instead of people.
    nobody: Option<String>,
    zones: Vec<String>,
    /// The times of the draft as they would be made.
    pub(super) moment: Option<Moment>,
}

impl<'a> Fields<'a> {
    /// The fields as they were `sent`, for whoever has an `account`; `held` while what was sent is under
    /// way.
    pub(super) async fn of(
        employees: &Employees,
        frame: &'a Frame,
        sent: &'a Sent,
        account: Option<&Account>,
        held: bool,
        errors: Vec<Message>,
    ) -> Self {
        let draft = &sent.draft;
        let directory = employees.organizers.directory();
        let named = |person: &Organizer| {
            let known = directory.get(&person.key).map(Organizer::from);
            known.unwrap_or_else(|| person.clone())
        };
        let chosen: Vec<Organizer> = draft.people.iter().map(named).collect();
        let asked = account.filter(|_| !draft.typed.trim().is_empty());
        let (mut found, mut nobody) = (Vec::new(), None);
        let recent = account.filter(|_| asked.is_none() && !held);
        if let Some(account) = recent {
            let recent = employees.meetings.recent_colleagues(account).await;
            // The form is worth more than who could be in it.
            let recent = recent.inspect_err(|error| {
                tracing::warn!(%error, "whom somebody has chosen lately could not be read");
            });
            found = recent.unwrap_or_default();
            found.retain(|person| !is_chosen(draft, person));
            found.truncate(FOUND);
        }
        if let Some(account) = asked {
            let is_synced = directory.is_synced();
            let limit = FOUND + chosen.len() + 1;
            let matches = find(directory, draft.typed.clone(), limit).await;
            nobody = Some(nobody_new(frame, draft, account, &matches, is_synced));
            found = matches;
            found.retain(|person| person.key != account.key && !is_chosen(draft, person));
            found.truncate(FOUND);
        }
        if sent.action == Action::Forget {
            nobody = Some(frame.t(Word::PeopleForgotten).to_owned());
        }
        Self {
            frame,
            sent,
            draft,
            held,
            errors,
            chosen,
            recent: recent.is_some() && !found.is_empty(),
            nobody: nobody.filter(|_| found.is_empty()),
            found,
            zones: zones(&employees.zones),
            moment: Moment::of(&employees.zones, frame, sent),
        }
    }

    fn errors_of(&self, field: Field) -> Vec<&Message> {
        let errors = self.errors.iter();
        errors.filter(|wrong| wrong.field == field).collect()
    }

    fn is_wrong(&self, field: Field) -> bool {
        self.errors.iter().any(|wrong| wrong.field == field)
    }

    fn has_wrong_times(&self) -> bool {
        let times = [Field::Date, Field::Start, Field::End];
        times.into_iter().any(|field| self.is_wrong(field))
    }

    fn held(&self) -> bool {
        self.held
    }

    fn fold(&self, field: Field) -> Option<&'static str> {
        let fold = match field {
            Field::Start => self.draft.start_fold,
            _ => self.draft.end_fold,
        };
        fold.map(Fold::as_str)
    }

    /// What to say of an end that has moved along with its start.
    fn moved(&self) -> Option<String> {
        let text = self.frame.t(Word::EndMoved);
        self.sent.moved.then(|| fill(text, "time", &self.draft.end))
    }
}

/// What people call a zone becomes its name, where that is sure.
pub(super) async fn find_zone(employees: &Employees, sent: &mut Sent) -> Result<(), ApiError> {
    let typed = sent.draft.zone.clone();
    if typed.is_empty() || employees.zones.find(&typed).is_some() {
        return Ok(());
    }
    let (zones, lang) = (employees.zone_search.clone(), sent.lang.clone());
    let now = employees.clock.now();
    // Off the async workers: the first search puts the names together.
    let found = tokio::task::spawn_blocking(move || zones.the_one(&typed, &lang, now));
    if let Some(zone) = found.await? {
        zone.name().clone_into(&mut sent.draft.zone);
    }
    Ok(())
}

fn is_chosen(draft: &Draft, person: &Organizer) -> bool {
    draft.people.iter().any(|chosen| chosen.key == person.key)
}

/// Why a search has nobody to offer: they are chosen already, it is the reader, or there is nobody.
fn nobody_new(
    frame: &Frame,
    draft: &Draft,
    account: &Account,
    matches: &[Organizer],
    is_synced: bool,
) -> String {
    let chosen = matches.iter().filter(|person| is_chosen(draft, person));
    let names: Vec<String> = chosen.map(Organizer::known_as).collect();
    if !names.is_empty() {
        let names = listed(frame.t(Word::NameAndNext), &names);
        return fill(frame.t(Word::PeopleAlready), "names", &names);
    }
    let text = if matches.iter().any(|person| person.key == account.key) {
        Word::PeopleSelf
    } else if is_synced {
        Word::PeopleNone
    } else {
        Word::PeopleUnsynced
    };
    frame.t(text).to_owned()
}
