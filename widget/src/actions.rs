//! What people and pages order that concerns more than one part of the state: who has signed in sees
//! their meeting, a create that ended in a meeting turns the page.

use goto_microapps_api::{Meeting, Reading, Session};
use leptos::prelude::*;
use web_sys::MessageEvent;

use crate::browser::window;
use crate::context::Widget;
use crate::state::form::Form;
use crate::state::memory::Memory;
use crate::state::navigation::Navigation;
use crate::state::neighbours;
use crate::state::page::Page;
use crate::state::session::{SessionState, Who};
use crate::state::sign_in::{SignIn, SignInState};
use crate::state::submission::{Stage, Submission};

/// Handles to the state of one widget.
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    widget: Widget,
    memory: Memory,
    session: SessionState,
    sign_in: SignInState,
    navigation: Navigation,
    form: Form,
    submission: Submission,
}

impl Actions {
    /// The state of a widget that was just put on the page, what the tab remembers included; provided
    /// to the views.
    pub(crate) fn provide(widget: Widget) -> Self {
        let memory = widget.host.with_value(Memory::of);
        let session = SessionState::new(widget);
        let navigation = Navigation::new(widget, session, memory);
        let carried = widget.host.with_value(|host| {
            // Who asks for a certain meeting, or is in the middle of another create, is left alone.
            navigation.page.get_untracked() == Page::CreateMeeting
                && host.attribute("meeting-id").is_none()
                && !memory.with(|memory| memory.intent.pending)
                && memory.take_over(&host.element)
        });
        let form = Form::new(widget, session, memory, carried);
        let actions = Self {
            widget,
            memory,
            session,
            sign_in: SignInState::new(widget, session),
            navigation,
            form,
            submission: Submission::new(widget, session, form, memory),
        };
        provide_context(widget);
        provide_context(session);
        provide_context(actions.sign_in);
        provide_context(navigation);
        provide_context(form);
        provide_context(actions.submission);
        provide_context(actions);
        neighbours::join(widget, move || actions.ask_again());
        actions
    }

    /// Asks who is signed in, then takes up what was under way.
    pub(crate) fn load(self) {
        self.widget.spawn(self.loaded());
    }

    async fn loaded(self) {
        self.session.who.set(Who::Unknown);
        match self.session.ask().await {
            Ok(session) => self.enter(session),
            Err(failure) => self.session.fail(failure),
        }
    }

    /// As [`Self::load`], once; tells the page that the widget is there.
    pub(crate) fn start(self) {
        self.widget.spawn(async move {
            self.loaded().await;
            self.widget.tell("ready", None);
        });
    }

    /// Takes a session in, and takes up what was under way.
    fn enter(self, session: Session) {
        self.session.set(session);
        if !self.session.is_signed_in() {
            return;
        }
        if self.submission.is_pending() {
            self.follow(self.submission.resume());
        } else if self.navigation.page.get_untracked() == Page::CreateMeeting {
            self.invite();
        } else {
            self.navigation.show();
        }
    }

    /// Asks quietly who is signed in, and changes nothing while that stays the same or something
    /// is under way.
    pub(crate) fn ask_again(self) {
        self.widget.spawn(async move {
            if self.is_busy() {
                return;
            }
            let answer = self.session.ask().await;
            if self.is_busy() {
                return;
            }
            let Ok(session) = answer else { return };
            let key = session.user.as_ref().map(|user| user.key.clone());
            if self.session.user_key() != key {
                self.enter(session);
            }
        });
    }

    fn is_busy(self) -> bool {
        let creating = !matches!(
            self.submission.stage.get_untracked(),
            Stage::Idle | Stage::Failed(_) | Stage::Unknown(_)
        );
        creating || self.sign_in.signin.get_untracked() == SignIn::Swapping
    }

    /// Takes a message of the page's window in, or leaves it.
    pub(crate) fn message(self, event: &MessageEvent) {
        if let Some(code) = self.sign_in.message(event) {
            self.use_code(code);
        }
    }

    /// Signs in with the one-time code that the sign-in window posted or showed.
    pub(crate) fn use_code(self, code: String) {
        self.widget.spawn(async move {
            let Some(session) = self.sign_in.swap(code).await else {
                return;
            };
            self.enter(session);
            neighbours::tell(self.widget);
            self.submission.signed_in();
            let _ = window().focus();
            self.widget
                .focus(match self.navigation.page.get_untracked() {
                    Page::CreateMeeting => "[data-action=create]",
                    _ => ".heading",
                });
        });
    }

    /// Waits for a sign-on that is being renewed in a window, then goes on where it broke off.
    pub(crate) fn renew(self) {
        self.widget.spawn(async move {
            // Whoever was under way when the sign-on ended is told by the next answer.
            if let Some(session) = self.sign_in.renewed().await
                && self.submission.stage.get_untracked() != Stage::Busy
            {
                self.enter(session);
            }
        });
    }

    /// *Sign out*.
    pub(crate) fn sign_out(self) {
        self.widget.spawn(async move {
            if !self.session.sign_out().await {
                return;
            }
            neighbours::tell(self.widget);
            self.sign_in.reset();
            self.start_over();
            self.memory.clear();
            self.widget.tell("signed-out", None);
        });
    }

    /// Starts a new form.
    pub(crate) fn start_over(self) {
        self.form.start_over();
        self.submission.forget();
        self.navigation.turn_to_form();
    }

    /// Moves a start that nobody touched on with the clock.
    pub(crate) fn move_on(self) {
        if self.submission.stage.get_untracked() == Stage::Idle {
            self.form.move_on();
        }
    }

    /// Fetches the meeting to be shown.
    pub(crate) fn show(self) {
        self.navigation.show();
    }

    /// The next step of the form, whichever it is.
    pub(crate) fn proceed(self) {
        if self.session.is_signed_in() {
            self.create();
        } else if self.session.who.get_untracked() == Who::Nobody {
            self.sign_in.open();
        }
    }

    /// *Create meeting*.
    pub(crate) fn create(self) {
        self.follow(self.submission.create());
    }

    /// Goes on with the reading of the times that the employee chose.
    pub(crate) fn choose(self, reading: Reading) {
        self.follow(self.submission.choose(reading));
    }

    /// *Check again*.
    pub(crate) fn check_again(self) {
        self.follow(self.submission.check_again());
    }

    /// *Create anyway*.
    pub(crate) fn create_anyway(self) {
        self.follow(self.submission.create_anyway());
    }

    /// Waits for what becomes of a create; a meeting turns the page.
    fn follow(self, outcome: impl Future<Output = Option<Meeting>> + 'static) {
        self.widget.spawn(async move {
            if let Some(meeting) = outcome.await {
                self.navigation.turn_to_new(meeting);
            }
        });
    }

    /// Adds the co-organizers the page author named, by key or e-mail.
    fn invite(self) {
        let wanted = self
            .widget
            .host
            .with_value(|host| host.attribute("co-organizers"))
            .unwrap_or_default();
        self.form.invite(wanted);
    }

    /// Takes a changed attribute of the host in.
    pub(crate) fn attribute_changed(self, name: &str) {
        let value = self.widget.host.with_value(|host| host.attribute(name));
        let Self { navigation, .. } = self;
        match (name, value) {
            ("page", Some(page)) => {
                if let Some(page) = Page::named(&page)
                    && page != navigation.page.get_untracked()
                {
                    navigation.turn(page);
                    navigation.show();
                }
            }
            ("meeting-id", Some(id)) if id != navigation.meeting_id.get_untracked() => {
                navigation.meeting_id.set(id);
                if navigation.page.get_untracked() != Page::CreateMeeting {
                    navigation.show();
                }
            }
            ("subject" | "start" | "duration" | "time-zone", _)
                if self.submission.stage.get_untracked() == Stage::Idle =>
            {
                self.form.take_attribute(name);
            }
            ("co-organizers", Some(_)) => self.invite(),
            _ => {}
        }
    }
}
