//! The state of one widget and the frame around its pages. No router: three pages, one signal.

use std::pin::Pin;
use std::rc::Rc;

use goto_microapps_api::{Code, ConfirmingCause, Readings, Session, User};
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use leptos::reactive::spawn_local_scoped_with_cancellation;

use crate::api::Api;
use crate::attributes::prefilled;
use crate::draft::{Draft, Wrong};
use crate::failure::Failure;
use crate::host::{self, Host};
use crate::intent::Intent;
use crate::memory::{Memory, Place};
pub(crate) use crate::navigation::{Page, Shown};
use crate::signin::{Attempt, SignIn};
use crate::words::{Word, Words, fill, plural};
use crate::{calendar, moment, neighbours};

/// What a create is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing.
    Idle,
    /// Waiting for the proxy.
    Busy,
    /// The proxy looks for the meeting.
    Confirming(ConfirmingCause),
    /// Only the employee can tell; `true` when the meeting was looked for and not found.
    Unconfirmed(bool),
    /// Not known, and not to be known before the employee has signed in.
    Unknown(Code),
    /// Device and server count the times differently.
    Differs,
    /// Posting again after so many seconds.
    Waiting(u32, Obstacle),
    /// Definitely not created.
    Failed(Code),
}

/// What keeps a create from getting through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Others before it.
    Crowd,
    /// The proxy cannot be reached.
    Offline,
    /// Something between answers for the proxy.
    Gateway,
    /// The employee's sign-on at a gateway may have ended.
    SignOn,
}

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

/// Handles to the state of one widget; copied into every listener.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// What ends with the widget: its signals and its tasks.
    owner: StoredValue<WeakOwner>,
    /// The words of its language.
    words: StoredValue<Words>,
    /// The element around us.
    pub(crate) host: StoredValue<Host, LocalStorage>,
    /// The way to the proxy.
    pub(crate) api: StoredValue<Api, LocalStorage>,
    /// Where the tab remembers it.
    place: StoredValue<Place>,
    /// The form that gave way to a create that began on another page.
    aside: StoredValue<Option<Draft>>,
    /// Whether the create began on another page.
    pub(crate) carried: RwSignal<bool>,
    /// The last text in the search for which the list said that there is nobody to choose.
    pub(crate) told: StoredValue<String>,
    /// Why signing out did not work.
    pub(crate) stays: RwSignal<Option<Failure>>,
    /// The create under way or last refused.
    pub(crate) intent: StoredValue<Intent>,
    /// The sign-in window, while there is one.
    pub(crate) attempt: StoredValue<Option<Attempt>, LocalStorage>,
    /// Which page.
    pub(crate) page: RwSignal<Page>,
    /// Id of the meeting shown.
    pub(crate) meeting_id: RwSignal<String>,
    /// The meeting shown.
    pub(crate) shown: RwSignal<Shown>,
    /// Who is signed in.
    pub(crate) who: RwSignal<Who>,
    /// Name and icon of the integration.
    pub(crate) integration: RwSignal<(String, Option<String>)>,
    /// How the sign-in goes.
    pub(crate) signin: RwSignal<SignIn>,
    /// The form.
    pub(crate) draft: RwSignal<Draft>,
    /// What is wrong with it.
    pub(crate) wrong: RwSignal<Vec<Wrong>>,
    /// What the create does.
    pub(crate) stage: RwSignal<Stage>,
    /// How device and server count, while the employee is asked whose reading is right.
    pub(crate) readings: RwSignal<Option<Readings>>,
    /// Counts posts, so that a countdown that was left does not go on.
    pub(crate) run: StoredValue<u32>,
    /// Counts renewals of a sign-on, so that only the last one is watched.
    pub(crate) renewals: StoredValue<u32>,
    /// What a screen reader says next.
    pub(crate) said: RwSignal<String>,
}

impl App {
    /// The state of a widget that was just put on the page; what the tab remembers comes back.
    pub(crate) fn new(host: Host, words: &str) -> Self {
        let place = Place::of(&host.element, &host.proxy);
        let mut memory = place.read();
        let wanted = host.attribute("page").and_then(|name| Page::named(&name));
        let wanted_id = host.attribute("meeting-id");
        let page = wanted
            .filter(|_| wanted_id.is_some())
            .or(memory.page)
            .or(wanted)
            .unwrap_or(Page::CreateMeeting);
        let follows = page == Page::CreateMeeting && wanted_id.is_none() && !memory.intent.pending;
        let carried = follows.then(|| place.take_over(&host.element)).flatten();
        let is_carried = carried.is_some();
        if let Some(theirs) = carried {
            memory.aside = memory.draft.take();
            memory.draft = theirs.draft;
            memory.intent = theirs.intent;
        }
        let id = wanted_id.unwrap_or(memory.meeting);
        let api = Api {
            base: host.proxy.clone(),
            bearer: None,
            element: host.element.clone(),
            refused: Rc::default(),
            early: Rc::default(),
        };
        let name = "GoToMeeting".to_owned();
        Self {
            owner: StoredValue::new(Owner::current().unwrap_or_default().downgrade()),
            words: StoredValue::new(Words::parse(words)),
            api: StoredValue::new_local(api),
            place: StoredValue::new(place),
            aside: StoredValue::new(memory.aside),
            carried: RwSignal::new(is_carried),
            told: StoredValue::new(String::new()),
            stays: RwSignal::new(None),
            intent: StoredValue::new(memory.intent),
            attempt: StoredValue::new_local(None),
            page: RwSignal::new(page),
            meeting_id: RwSignal::new(id),
            shown: RwSignal::new(Shown::Nothing),
            who: RwSignal::new(Who::Unknown),
            integration: RwSignal::new((name, None)),
            signin: RwSignal::new(SignIn::Idle),
            draft: RwSignal::new(memory.draft.unwrap_or_else(|| prefilled(&host))),
            wrong: RwSignal::new(Vec::new()),
            stage: RwSignal::new(Stage::Idle),
            readings: RwSignal::new(None),
            run: StoredValue::new(0),
            renewals: StoredValue::new(0),
            said: RwSignal::new(String::new()),
            host: StoredValue::new_local(host),
        }
    }

    /// The text of a word.
    pub(crate) fn t(self, word: Word) -> String {
        self.words.with_value(|words| words.get(word).to_owned())
    }

    /// The text of a word with one place filled.
    pub(crate) fn fill(self, word: Word, name: &str, value: &str) -> String {
        self.words
            .with_value(|words| fill(words.get(word), name, value))
    }

    /// The text of a word with its `{count}`, in the form that goes with it.
    pub(crate) fn count(self, word: Word, count: usize) -> String {
        let lang = self.lang();
        self.words.with_value(|words| {
            let text = plural(words.get(word), &lang, count);
            fill(text, "count", &count.to_string())
        })
    }

    /// Words for a failure.
    pub(crate) fn excuse(self, failure: &Failure) -> String {
        self.t(failure.word())
    }

    /// Language of the words.
    pub(crate) fn lang(self) -> String {
        self.host.with_value(|host| host.lang.clone())
    }

    /// How dates and times are written.
    pub(crate) fn locale(self) -> String {
        self.host.with_value(|host| host.locale.clone())
    }

    /// Whether both are handles to one widget.
    pub(crate) fn is(self, other: Self) -> bool {
        self.page == other.page
    }

    /// Runs `work` until it ends or the widget leaves the page. Under the widget's own owner: the one
    /// of the listener that orders it ends with the region that the listener is in.
    pub(crate) fn spawn(self, work: impl Future<Output = ()> + 'static) {
        self.spawn_boxed(Box::pin(work));
    }

    // One kind of task is compiled and not one for each caller.
    #[inline(never)]
    fn spawn_boxed(self, work: Pin<Box<dyn Future<Output = ()>>>) {
        let owner = self.owner.try_get_value();
        if let Some(owner) = owner.and_then(|owner| owner.upgrade()) {
            owner.with(|| spawn_local_scoped_with_cancellation(work));
        }
    }

    /// Whether an employee is signed in.
    pub(crate) fn signed_in(self) -> bool {
        self.who.with(|who| matches!(who, Who::User(_)))
    }

    /// Whether a create is under way and the form must not change.
    pub(crate) fn held(self) -> bool {
        !matches!(self.stage.get(), Stage::Idle | Stage::Failed(_))
    }

    /// Sends an event to the page.
    pub(crate) fn tell(self, name: &str, detail: Option<(&str, &str)>) {
        self.host.with_value(|host| host.tell(name, detail));
    }

    /// Reports a failure to the page: its code, nothing else.
    pub(crate) fn tell_failure(self, failure: &Failure) {
        self.tell("error", Some(("code", &failure.name())));
    }

    /// Says something to screen readers.
    pub(crate) fn say(self, text: String) {
        self.said.set(text);
    }

    /// Moves the focus once everything is rendered.
    pub(crate) fn focus(self, selector: &'static str) {
        self.spawn(async move {
            host::rendered().await;
            self.host.with_value(|host| host.focus(selector));
        });
    }

    /// Turns to another page; its heading gets the focus, so a screen reader starts there.
    pub(crate) fn turn(self, page: Page) {
        self.page.set(page);
        self.remember();
        self.focus(".heading");
    }

    /// Writes draft, page and intent into the tab's memory.
    pub(crate) fn remember(self) {
        let memory = Memory {
            page: Some(self.page.get_untracked()),
            meeting: self.meeting_id.get_untracked(),
            draft: Some(self.draft.get_untracked()),
            aside: self.aside.get_value(),
            intent: self.intent.get_value(),
        };
        self.place.with_value(|place| place.write(&memory));
    }

    /// Changes the draft and remembers it.
    pub(crate) fn edit(self, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        self.remember();
    }

    /// Moves a start that nobody touched on, once its time has come.
    pub(crate) fn move_on(self) {
        if self.stage.get_untracked() != Stage::Idle {
            return;
        }
        let due = self.draft.with_untracked(|draft| {
            let now = moment::now_wall(&draft.zone);
            let due = draft.fresh && draft.start_wall().is_some_and(|start| start <= now);
            due.then(|| calendar::next_half_hour(now))
        });
        if let Some(start) = due {
            self.edit(|draft| draft.move_on(start));
        }
    }

    /// Starts a new form.
    pub(crate) fn start_over(self) {
        let aside = self.aside.try_update_value(Option::take).flatten();
        let draft = aside.unwrap_or_else(|| self.host.with_value(prefilled));
        self.draft.set(draft);
        self.carried.set(false);
        self.wrong.set(Vec::new());
        self.stage.set(Stage::Idle);
        self.intent.set_value(Intent::default());
        self.meeting_id.set(String::new());
        self.shown.set(Shown::Nothing);
        self.turn(Page::CreateMeeting);
    }

    /// Asks who is signed in, then takes up what was under way.
    pub(crate) async fn load(self) {
        self.who.set(Who::Unknown);
        let answer = self.api.get_value().session().await;
        match answer {
            Ok(session) => self.enter(session),
            Err(failure) => {
                self.tell_failure(&failure);
                self.who.set(Who::Failed(failure));
            }
        }
    }

    /// Takes a session in.
    pub(crate) fn enter(self, session: Session) {
        let Session {
            integration, user, ..
        } = session;
        let icon = integration.icon.map(|path| {
            self.host
                .with_value(|host| [host.proxy.as_str(), path.trim_start_matches('/')].concat())
        });
        self.integration.set((integration.name, icon));
        match user {
            None => self.who.set(Who::Nobody),
            Some(user) => {
                let key = user.key.clone();
                self.who.set(Who::User(user));
                if self.intent.with_value(|intent| intent.pending) {
                    self.resume(&key);
                } else if self.page.get_untracked() == Page::CreateMeeting {
                    self.invite();
                } else {
                    self.show();
                }
            }
        }
    }

    /// Fetches the meeting to be shown.
    pub(crate) fn show(self) {
        let id = self.meeting_id.get_untracked();
        if id.is_empty() || !self.who.with_untracked(|who| matches!(who, Who::User(_))) {
            return;
        }
        self.shown.set(Shown::Loading);
        self.spawn(async move {
            let answer = self.api.get_value().meeting(&id).await;
            if self.meeting_id.get_untracked() != id {
                return;
            }
            match answer {
                Ok(meeting) => {
                    self.shown.set(Shown::Meeting(Box::new(meeting)));
                    self.tell("viewed", Some(("id", &id)));
                }
                Err(failure) => {
                    self.tell_failure(&failure);
                    self.lost_session(&failure);
                    self.shown.set(Shown::Failed(failure));
                }
            }
        });
    }

    /// Forgets the employee when the proxy no longer knows them. True if so.
    pub(crate) fn lost_session(self, failure: &Failure) -> bool {
        let lost = failure.code().is_some_and(Code::asks_for_sign_in);
        if lost {
            self.who.set(Who::Nobody);
            self.api.update_value(|api| api.bearer = None);
        }
        lost
    }

    /// *Sign out*.
    pub(crate) fn sign_out(self) {
        self.stays.set(None);
        self.spawn(async move {
            let answer = self.api.get_value().sign_out().await;
            // Without a connection the session is still there: say so rather than pretend.
            if let Err(failure) = answer
                && !self.lost_session(&failure)
            {
                self.say(self.t(Word::SignOutFailed));
                self.tell_failure(&failure);
                self.stays.set(Some(failure));
                return;
            }
            self.api.update_value(|api| api.bearer = None);
            neighbours::tell(self);
            self.who.set(Who::Nobody);
            self.signin.set(SignIn::Idle);
            self.start_over();
            self.place.with_value(Place::clear);
            self.tell("signed-out", None);
        });
    }
}
