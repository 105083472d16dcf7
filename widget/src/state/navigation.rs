//! Which page is shown, and which meeting on it.

use std::sync::Arc;

use goto_microapps_api::{Invitation, Meeting};
use leptos::prelude::*;

use super::memory::Memory;
use super::page::Page;
use super::session::SessionState;
use crate::context::Widget;
use crate::failure::Failure;

/// The meeting of *New meeting* and *Meeting details*, or what it is handed on with: one type of
/// signal for both, because another is a kilobyte of the download.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// None chosen.
    Nothing,
    /// Being fetched.
    Loading,
    /// Could not be fetched.
    Failed(Failure),
    /// Here it is.
    Meeting(Box<Meeting>),
    /// Here is what it is handed on with.
    Invitation(Arc<Invitation>),
}

/// Which page is shown, and which meeting on it.
#[derive(Clone, Copy)]
pub(crate) struct Navigation {
    widget: Widget,
    session: SessionState,
    memory: Memory,
    /// Which page.
    pub(crate) page: RwSignal<Page>,
    /// Id of the meeting shown.
    pub(crate) meeting_id: RwSignal<String>,
    /// The meeting shown.
    pub(crate) shown: RwSignal<Shown>,
    /// What it is handed on with.
    pub(crate) sharing: RwSignal<Shown>,
    /// Whether it was changed just now.
    pub(crate) changed: RwSignal<bool>,
    /// Id of the meeting that was made last; empty while there is none.
    made: StoredValue<String>,
}

impl Navigation {
    /// The page and the meeting that the author asks for, or else those that the tab remembers.
    pub(crate) fn new(widget: Widget, session: SessionState, memory: Memory) -> Self {
        let attribute = |name| widget.read().host.attribute(name);
        let wanted = attribute("page").and_then(|name| Page::named(&name));
        let wanted_id = attribute("meeting-id");
        let page = wanted
            .filter(|_| wanted_id.is_some())
            .or(memory.read().page)
            .or(wanted)
            .unwrap_or(Page::CreateMeeting);
        let made = memory.read().meeting.clone();
        let id = wanted_id.unwrap_or_else(|| made.clone());
        Self {
            widget,
            session,
            memory,
            page: RwSignal::new(page),
            meeting_id: RwSignal::new(id),
            shown: RwSignal::new(Shown::Nothing),
            sharing: RwSignal::new(Shown::Nothing),
            changed: RwSignal::new(false),
            made: StoredValue::new(made),
        }
    }

    /// Turns to another page; its heading gets the focus, so a screen reader starts there.
    pub(crate) fn turn(self, page: Page) {
        self.changed.set(false);
        self.page.set(page);
        let meeting = self.meeting_id.get_untracked();
        self.memory.keep(|memory| {
            memory.page = Some(page);
            memory.meeting = meeting;
        });
        self.widget.focus(".heading");
    }

    /// Takes in which meeting the author asks for, without one the one that was made last. True if
    /// that is another one.
    pub(crate) fn choose(self, id: Option<String>) -> bool {
        let id = id.unwrap_or_else(|| self.made.get_value());
        let is_another = id != *self.meeting_id.read_untracked();
        if is_another {
            self.meeting_id.set(id);
            self.shown.set(Shown::Nothing);
            self.sharing.set(Shown::Nothing);
        }
        is_another
    }

    /// Turns to the page of a meeting that was just made.
    pub(crate) fn turn_to_new(self, meeting: Meeting) {
        let id = meeting.id.clone();
        self.made.set_value(id.clone());
        self.meeting_id.set(id.clone());
        self.shown.set(Shown::Meeting(Box::new(meeting)));
        self.turn(Page::NewMeeting);
        self.widget.tell("created", Some(("id", &id)));
    }

    /// Turns to the details of a meeting that was just changed.
    pub(crate) fn turn_to_changed(self, meeting: Meeting) {
        let id = meeting.id.clone();
        self.meeting_id.set(id.clone());
        self.shown.set(Shown::Meeting(Box::new(meeting)));
        self.turn(Page::MeetingDetails);
        self.changed.set(true);
        self.widget.tell("changed", Some(("id", &id)));
    }

    /// Turns from a new meeting to its details.
    pub(crate) fn turn_to_details(self) {
        self.turn(Page::MeetingDetails);
        let id = self.meeting_id.get_untracked();
        self.widget.tell("viewed", Some(("id", &id)));
    }

    /// Turns to an empty form.
    pub(crate) fn turn_to_form(self) {
        self.meeting_id.set(String::new());
        self.shown.set(Shown::Nothing);
        self.sharing.set(Shown::Nothing);
        self.turn(Page::CreateMeeting);
    }

    /// Whether there is a meeting to be fetched and shown; its page waits for it then.
    pub(crate) fn load(self, is_signed_in: bool) -> bool {
        let loads = is_signed_in && !self.meeting_id.read_untracked().is_empty();
        if loads {
            self.shown.set(Shown::Loading);
        }
        loads
    }

    /// Fetches the meeting to be shown. True where it is still the one that is wanted.
    pub(crate) async fn fetch_meeting(self) -> bool {
        let id = self.meeting_id.get_untracked();
        let answer = self.widget.api().meeting(&id).await;
        if self.meeting_id.get_untracked() != id {
            return false;
        }
        match answer {
            Ok(meeting) => {
                self.shown.set(Shown::Meeting(Box::new(meeting)));
                self.widget.tell("viewed", Some(("id", &id)));
                true
            }
            Err(failure) => {
                self.shown.set(self.failed(failure));
                false
            }
        }
    }

    /// Fetches what the meeting is handed on with, for a reader in `zone`: before it is wanted, so that
    /// copying happens inside the click.
    pub(crate) async fn fetch_invitation(self, zone: &str) {
        let id = self.meeting_id.get_untracked();
        self.sharing.set(Shown::Loading);
        let lang = self.widget.lang();
        let answer = self
            .widget
            .api()
            .invitation(&id, false, (&lang, zone))
            .await;
        if self.meeting_id.get_untracked() != id {
            return;
        }
        self.sharing.set(match answer {
            Ok(invitation) => Shown::Invitation(Arc::new(invitation)),
            Err(failure) => self.failed(failure),
        });
    }

    fn failed(self, failure: Failure) -> Shown {
        self.widget.tell_failure(&failure);
        self.session.lost(&failure);
        Shown::Failed(failure)
    }
}
