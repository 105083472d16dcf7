//! Changing a meeting that was made here: its form, the order to the proxy, and what becomes of it.

use goto_microapps_api::form::{Draft, wall};
use goto_microapps_api::{
    Code, Edit, EditMeeting, EditState, EditableMeeting, Mistake, SeenMeeting,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::State;
use super::message::Message;
use super::page::Page;
use super::stage::Stage;
use crate::browser::{codec, random, timers};
use crate::failure::Failure;
use crate::moment;
use crate::words::{Word, for_edit};

/// How often the proxy is asked what became of a change, two seconds apart, before the person is told
/// to look.
const LOOKS: u32 = 60;

/// What must be known of the meeting that is being changed.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Edited {
    /// As it was seen.
    seen: Option<SeenMeeting>,
    /// As the form showed it.
    before: Option<Draft>,
    /// The order that may be on its way.
    key: String,
    /// What it says.
    body: String,
    /// The page it was opened from.
    from: Option<Page>,
}

impl State {
    /// Opens the form of the meeting `id`.
    ///
    /// # Errors
    /// When it cannot be changed, or the proxy does not say what it is.
    pub(crate) async fn edit(self, id: String) -> Result<(), Failure> {
        // A create that is under way comes first.
        if untrack(|| self.submission.held()) {
            self.navigation.turn(Page::CreateMeeting);
            return Ok(());
        }
        let editable = self.widget.api().editable(&id).await?;
        let zone = moment::own_zone().0;
        let Some(draft) = draft(zone, &editable) else {
            return Err(Failure::of(200, None));
        };
        let meeting = editable.meeting;
        self.keep_edited(&Edited {
            from: Some(self.navigation.page.get_untracked()),
            seen: Some(SeenMeeting {
                subject: meeting.subject,
                start: meeting.start,
                end: meeting.end,
            }),
            before: Some(draft.clone()),
            ..Edited::default()
        });
        self.form.not_saved.set(None);
        self.form.wrong.set(Vec::new());
        self.form.editing.set(Some(id));
        self.form.draft.set(draft);
        self.navigation.turn(Page::CreateMeeting);
        Ok(())
    }

    fn edited(self) -> Edited {
        let text = self.form.edited.get_value();
        let edited = codec::parse(&text).and_then(codec::read);
        edited.unwrap_or_default()
    }

    fn keep_edited(self, edited: &Edited) {
        self.form.edited.set_value(codec::to_text(edited));
    }

    /// The form before it was changed.
    pub(crate) fn before_edit(self) -> Option<Draft> {
        self.edited().before
    }

    /// *Discard*.
    pub(crate) fn discard_edit(self) {
        let from = self.edited().from;
        self.form.end_editing();
        self.navigation.turn(from.unwrap_or(Page::MyMeetings));
    }

    /// *Save changes*.
    pub(crate) async fn save_edit(self) {
        if !self.submission.is_ready().await {
            return;
        }
        let Some(id) = self.form.editing.get_untracked() else {
            return;
        };
        let mut edited = self.edited();
        let body = codec::to_text(&EditMeeting {
            seen: edited.seen.clone().unwrap_or_default(),
            meeting: self.form.meeting(),
        });
        // The same order may be told twice; another one is another.
        if edited.body != body || edited.key.is_empty() {
            edited.key = random::uuid();
            edited.body = body;
            self.keep_edited(&edited);
        }
        self.form.not_saved.set(None);
        self.submission.turn(Stage::Busy);
        self.widget.say(self.widget.t(Word::Saving));
        let answer = self.follow_edit(&id, &edited).await;
        self.submission.turn(Stage::Idle);
        let is_known = !matches!(answer, Err(Failure::Offline | Failure::Gateway));
        if is_known {
            edited.key.clear();
            self.keep_edited(&edited);
        }
        match answer {
            Ok(Edit {
                state: EditState::Saved,
                meeting: Some(meeting),
                ..
            }) => {
                self.form.end_editing();
                self.navigation.turn_to_changed(meeting);
                self.share();
                self.widget.say(self.widget.t(Word::EditSaved));
            }
            Ok(edit) => self.not_saved(for_edit(edit.state, edit.reason)),
            Err(failure) => {
                self.session.lost(&failure);
                self.widget.tell_failure(&failure);
                let readings = match &failure {
                    Failure::Problem(problem) => problem.readings.as_ref(),
                    _ => None,
                };
                if let Some(both) = readings.and_then(|both| self.submission.difference(both)) {
                    self.submission.turn(Stage::Differs(both));
                    self.widget.say(self.widget.t(Word::Differs));
                    self.widget.focus(".alert");
                    return;
                }
                match failure {
                    Failure::Problem(problem)
                        if problem.code == Code::InvalidMeeting && !problem.errors.is_empty() =>
                    {
                        let errors = problem.errors.into_iter().map(Mistake::from);
                        self.form.refuse(errors.map(Message::from).collect());
                    }
                    failure => self.not_saved(failure.word()),
                }
            }
        }
    }

    async fn follow_edit(self, id: &str, edited: &Edited) -> Result<Edit, Failure> {
        let mut looks = 0;
        loop {
            let edit = self.widget.api().edit(id, &edited.key, &edited.body);
            let edit = edit.await?;
            looks += 1;
            let is_open = matches!(edit.state, EditState::Saving | EditState::Confirming);
            if !is_open || looks == LOOKS {
                return Ok(edit);
            }
            timers::seconds(2).await;
        }
    }

    fn not_saved(self, why: Word) {
        let why = self.widget.t(why);
        self.widget.say(why.clone());
        self.form.not_saved.set(Some(why));
        self.widget.focus("[data-action=save]");
    }
}

/// The form of a meeting, on the clocks of `zone`.
fn draft(zone: String, editable: &EditableMeeting) -> Option<Draft> {
    let meeting = &editable.meeting;
    let at = |text: &Option<String>| moment::parse(text.as_deref()?);
    let (start, end) = (at(&meeting.start)?, at(&meeting.end)?);
    let wall = |at: i64| at / 60_000 + moment::offset(&zone, at);
    let fold = |at: i64| wall::fold_of(&moment::instants(&zone, wall(at)), at);
    let (start, end) = [start, end].map(|at| (wall(at), fold(at))).into();
    Some(Draft::of_meeting(zone, editable, start, end))
}
