//! Who is signed in, as the proxy says.

use goto_microapps_api::{Code, Session, User, WaitingCancels};
use leptos::prelude::*;

use crate::context::Widget;
use crate::failure::Failure;
use crate::words::Word;

/// Who is signed in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Who {
    /// Still asking.
    Unknown,
    /// Could not ask.
    Failed(Failure),
    /// Nobody.
    Nobody,
    /// An employee.
    User(User),
}

/// Who is signed in, and to what.
#[derive(Clone, Copy)]
pub(crate) struct SessionState {
    widget: Widget,
    /// Who is signed in.
    pub(crate) who: RwSignal<Who>,
    /// Name of the integration.
    pub(crate) integration: RwSignal<String>,
    /// Address of its icon; empty while there is none.
    pub(crate) icon: RwSignal<String>,
    /// Why signing out did not work.
    pub(crate) stays: RwSignal<Option<Failure>>,
}

impl SessionState {
    /// Nobody has been asked yet.
    pub(crate) fn new(widget: Widget) -> Self {
        Self {
            widget,
            who: RwSignal::new(Who::Unknown),
            integration: RwSignal::new("GoToMeeting".to_owned()),
            icon: RwSignal::new(String::new()),
            stays: RwSignal::new(None),
        }
    }

    /// Whether an employee is signed in; follows changes.
    pub(crate) fn signed_in(self) -> bool {
        matches!(*self.who.read(), Who::User(_))
    }

    /// As [`Self::signed_in`], as it is now.
    pub(crate) fn is_signed_in(self) -> bool {
        matches!(*self.who.read_untracked(), Who::User(_))
    }

    /// The employee, as it is now.
    pub(crate) fn with_user<T>(self, read: impl FnOnce(&User) -> T) -> Option<T> {
        match &*self.who.read_untracked() {
            Who::User(user) => Some(read(user)),
            _ => None,
        }
    }

    /// Key of the employee, as it is now.
    pub(crate) fn user_key(self) -> Option<String> {
        self.with_user(|user| user.key.clone())
    }

    /// Asks the proxy who is signed in.
    pub(crate) async fn ask(self) -> Result<Session, Failure> {
        self.widget.api().session().await
    }

    /// Takes a session in.
    pub(crate) fn set(self, session: Session) {
        let Session {
            integration, user, ..
        } = session;
        let icon = integration.icon.map(|path| {
            self.widget
                .read()
                .host
                .address(path.trim_start_matches('/'))
        });
        self.integration.set(integration.name);
        self.icon.set(icon.unwrap_or_default());
        self.who.set(user.map_or(Who::Nobody, Who::User));
    }

    /// Could not ask.
    pub(crate) fn fail(self, failure: Failure) {
        self.widget.tell_failure(&failure);
        self.who.set(Who::Failed(failure));
    }

    /// Forgets the employee when the proxy no longer knows them. True if so.
    pub(crate) fn lost(self, failure: &Failure) -> bool {
        let lost = failure.code().is_some_and(Code::asks_for_sign_in);
        if lost {
            self.forget();
        }
        lost
    }

    fn forget(self) {
        self.who.set(Who::Nobody);
        self.widget.bear(None);
    }

    /// Signs out; false when that did not work and the employee is told so. `waiting` is their answer
    /// to what becomes of cancellations that were not sent yet.
    pub(crate) async fn sign_out(self, waiting: Option<WaitingCancels>) -> bool {
        self.stays.set(None);
        let answer = self.widget.api().sign_out(waiting).await;
        // Without a connection the session is still there: say so rather than pretend.
        if let Err(failure) = answer
            && !self.lost(&failure)
        {
            self.stay(failure);
            return false;
        }
        self.forget();
        true
    }

    /// Signing out did not work.
    pub(crate) fn stay(self, failure: Failure) {
        self.widget.say(self.widget.t(Word::SignOutFailed));
        self.widget.tell_failure(&failure);
        self.stays.set(Some(failure));
    }
}
