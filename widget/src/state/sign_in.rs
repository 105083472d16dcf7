//! Signing in from a foreign page: a window, a message, a swap.
//!
//! The window opens inside the click. Its message is believed only when it comes from the proxy's
//! origin and from that very window, and carries a one-time code, never a session.

use goto_microapps_api::{Carrier, HandoffMessage, HandoffOutcome, Session};
use js_sys::{Reflect, encode_uri_component};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{MessageEvent, Window};

use super::session::SessionState;
use crate::browser::{pkce, random, timers, window};
use crate::context::Widget;
use crate::failure::Failure;
use crate::words::{Word, fill};

/// How often the window is looked at, and how long a sign-in may take.
const LOOK_MS: i32 = 500;
const LOOKS: u32 = 10 * 60 * 2;
/// How often the proxy is told that the window was cut off: at once, then after a second, and each
/// time after twice as long as before.
const TOLD: u32 = 10;
/// How often the proxy is asked whether a sign-on is renewed, and for how long.
const RENEWAL_LOOK_MS: i32 = 1500;
const RENEWAL_LOOKS: u32 = 400;

/// How a sign-in goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// Not begun.
    Idle,
    /// The window is open.
    Waiting,
    /// GoTo has no time: the window says so, with `{seconds}` in its words, and goes on by itself
    /// after so many.
    PutOff(String, u32),
    /// The code is being swapped.
    Swapping,
    /// It ended without a session.
    Ended(Word),
    /// It ended without a session, as the window says.
    Told(String),
}

impl SignIn {
    /// Whether the window may still bring something.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::PutOff(..))
    }
}

/// The window of a sign-in and its secret.
struct Attempt {
    /// `None` where the browser says nothing of a window that it may have opened all the same.
    window: Option<Window>,
    verifier: String,
    /// Tells attempts apart.
    challenge: String,
    /// The meeting that the press showed, which is created once somebody is signed in.
    ordered: Option<String>,
}

/// What a window that was opened needs.
pub(crate) enum Attention {
    /// It is watched: its attempt has this challenge.
    Watch(String),
    /// It cannot be seen or heard, if there is one: it is to show its code.
    Severed(String),
}

/// Who has signed in, and what was ordered with it.
pub(crate) struct SignedIn {
    /// The new session.
    pub(crate) session: Session,
    /// The meeting to be created, as the press showed it.
    pub(crate) ordered: Option<String>,
}

/// Signing in, and renewing a sign-on.
#[derive(Clone, Copy)]
pub(crate) struct SignInState {
    widget: Widget,
    session: SessionState,
    /// How it goes.
    pub(crate) signin: RwSignal<SignIn>,
    /// The sign-in window, while there is one.
    attempt: StoredValue<Option<Attempt>, LocalStorage>,
    /// Counts renewals of a sign-on, so that only the last one is watched.
    renewals: StoredValue<u32>,
}

impl SignInState {
    /// Not begun.
    pub(crate) fn new(widget: Widget, session: SessionState) -> Self {
        Self {
            widget,
            session,
            signin: RwSignal::new(SignIn::Idle),
            attempt: StoredValue::new_local(None),
            renewals: StoredValue::new(0),
        }
    }

    /// Opens the sign-in window; must run inside a click. Who presses again while it is open does not
    /// see it go on: it comes to the front, and may show its code. What the last press `ordered` counts.
    pub(crate) fn open(self, ordered: Option<String>) -> Option<Attention> {
        if let Some(open) = self.window()
            && self.signin.get_untracked().is_open()
            && !open.closed().unwrap_or(true)
        {
            let _ = open.focus();
            if let Some(attempt) = &mut *self.attempt.write_value() {
                attempt.ordered = ordered;
            }
            return self.challenge().map(Attention::Severed);
        }
        let (verifier, challenge) = pkce::verifier(random::random());
        let origin = window().location().origin().unwrap_or_default();
        let parts = self.widget.read();
        let host = &parts.host;
        let address = [
            host.proxy.as_str(),
            "app/sign-in?origin=",
            &String::from(encode_uri_component(&origin)),
            "&challenge=",
            &challenge,
            "&lang=",
            &String::from(encode_uri_component(&host.lang)),
        ]
        .concat();
        drop(parts);
        let size = "popup,width=520,height=680";
        let opened = window().open_with_url_and_target_and_features(&address, "_blank", size);
        let popup = opened.ok().flatten();
        let is_seen = popup.is_some();
        self.attempt.set_value(Some(Attempt {
            window: popup,
            verifier,
            challenge: challenge.clone(),
            ordered,
        }));
        if !is_seen {
            self.end(Word::SignInBlocked);
            return Some(Attention::Severed(challenge));
        }
        self.signin.set(SignIn::Waiting);
        self.widget.say(self.widget.t(Word::SignInWaiting));
        Some(Attention::Watch(challenge))
    }

    /// Gives a window what it needs.
    pub(crate) async fn attend(self, attention: Attention) {
        match attention {
            Attention::Watch(challenge) => self.watch(challenge).await,
            Attention::Severed(challenge) => self.tell_severed(challenge).await,
        }
    }

    /// Whether a window was opened that may have something to say.
    pub(crate) fn is_under_way(self) -> bool {
        let attempt = self.attempt.try_read_value();
        attempt.is_some_and(|attempt| attempt.is_some())
    }

    /// Watches the window. Where the opener is severed `closed` is true at once, so this never
    /// ends the attempt: a message or a typed code still counts.
    async fn watch(self, challenge: String) {
        for _ in 0..LOOKS {
            timers::sleep(LOOK_MS).await;
            if !self.watching(&challenge) {
                return;
            }
            let closed = self.window().map(|window| window.closed());
            let closed = matches!(closed, Some(Ok(true) | Err(_)));
            if closed {
                // The message and the closing race each other.
                timers::sleep(LOOK_MS * 2).await;
                if self.watching(&challenge) {
                    self.end(Word::SignInClosed);
                    self.tell_severed(challenge).await;
                }
                return;
            }
        }
        self.end(Word::SignInExpired);
    }

    /// Tells the proxy that the window, if there still is one, cannot tell us anything: then it shows a
    /// code to type. It is told again where the proxy does not know the window yet, or is finishing
    /// its sign-in just now. Who has no window that waits for it misses nothing if it is never heard.
    async fn tell_severed(self, challenge: String) {
        for time in 0..TOLD {
            let is_current = self.challenge().as_ref() == Some(&challenge);
            if !is_current || self.widget.api().severed(&challenge).await.is_ok() {
                return;
            }
            timers::seconds(1 << time).await;
        }
    }

    fn watching(self, challenge: &str) -> bool {
        self.signin.get_untracked().is_open() && self.challenge().as_deref() == Some(challenge)
    }

    fn challenge(self) -> Option<String> {
        Some(self.attempt.read_value().as_ref()?.challenge.clone())
    }

    fn window(self) -> Option<Window> {
        self.attempt.read_value().as_ref()?.window.clone()
    }

    /// Counts down with the window.
    fn put_off(self, text: String, seconds: u32) {
        self.widget
            .say(fill(&text, "seconds", &seconds.to_string()));
        self.signin.set(SignIn::PutOff(text.clone(), seconds));
        self.widget.spawn(async move {
            for left in (0..seconds).rev() {
                timers::seconds(1).await;
                let now = SignIn::PutOff(text.clone(), left + 1);
                if self.signin.get_untracked() != now {
                    return;
                }
                self.signin.set(match left {
                    0 => SignIn::Waiting,
                    left => SignIn::PutOff(text.clone(), left),
                });
            }
        });
    }

    pub(super) fn end(self, word: Word) {
        self.signin.set(SignIn::Ended(word));
        self.widget.say(self.widget.t(word));
    }

    /// No sign-in under way.
    pub(crate) fn reset(self) {
        self.signin.set(SignIn::Idle);
    }

    /// Takes a message of the page's window in, or leaves it. Answers a one-time code, if it brought
    /// one.
    pub(crate) fn message(self, event: &MessageEvent) -> Option<String> {
        let trusted = self.widget.try_read().is_some_and(|parts| {
            let rest = parts.host.proxy.strip_prefix(event.origin().as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        });
        let source: JsValue = event.source().map_or(JsValue::NULL, Into::into);
        // Of a window that was never seen its origin must do: a code is of use only to who has the
        // verifier.
        let is_ours = |attempt: &Attempt| match &attempt.window {
            Some(window) => *AsRef::<JsValue>::as_ref(window) == source,
            None => true,
        };
        let attempt = self.attempt.try_read_value();
        let ours = attempt.is_some_and(|attempt| attempt.as_ref().is_some_and(is_ours));
        if !trusted || !ours {
            return None;
        }
        let data = event.data();
        let member = |name: &str| {
            Reflect::get(&data, &name.into())
                .ok()
                .and_then(|value| value.as_string())
        };
        if member("type").as_deref() != Some(HandoffMessage::TYPE) {
            return None;
        }
        let outcome = member("outcome").and_then(|outcome| outcome.parse().ok());
        match (outcome, member("code")) {
            (Some(HandoffOutcome::SignedIn), Some(code)) => return Some(code),
            (Some(HandoffOutcome::Denied), _) => self.end(Word::SignInDenied),
            (outcome, _) => match member("text") {
                None => self.end(Word::SignInFailed),
                Some(text) if outcome == Some(HandoffOutcome::Busy) => {
                    let seconds = Reflect::get(&data, &"retry_after".into());
                    let seconds = seconds.ok().and_then(|value| value.as_f64());
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    self.put_off(text, seconds.map_or(1, |seconds| seconds as u32));
                }
                Some(text) => {
                    self.signin.set(SignIn::Told(text.clone()));
                    self.widget.say(text);
                }
            },
        }
        None
    }

    /// Swaps a one-time code, posted or typed, for a session. Nothing while one is being swapped, or
    /// when no window was opened.
    pub(crate) async fn swap(self, code: String) -> Option<SignedIn> {
        let verifier = self.attempt.read_value().as_ref()?.verifier.clone();
        if code.is_empty() || self.signin.get_untracked() == SignIn::Swapping {
            return None;
        }
        self.signin.set(SignIn::Swapping);
        self.widget.say(self.widget.t(Word::SigningIn));
        match self.swapped(&code, &verifier).await {
            Err(failure) => {
                self.widget.tell_failure(&failure);
                self.end(failure.word());
            }
            Ok(session) if session.user.is_none() => {
                self.session.set(session);
                self.end(Word::SignInFailed);
            }
            Ok(session) => {
                let attempt = self.attempt.write_value().take();
                self.reset();
                let ordered = attempt.and_then(|attempt| attempt.ordered);
                return Some(SignedIn { session, ordered });
            }
        }
        None
    }

    /// First by cookie; as bearer where the browser did not send the cookie back.
    async fn swapped(self, code: &str, verifier: &str) -> Result<Session, Failure> {
        let api = self.widget.api();
        api.clone()
            .hand_off(code, verifier, Carrier::Cookie)
            .await?;
        let session = api.clone().session().await?;
        if session.user.is_some() {
            return Ok(session);
        }
        let (session, bearer) = api.hand_off(code, verifier, Carrier::Bearer).await?;
        self.widget.bear(bearer);
        Ok(session)
    }

    /// Watches for the end of a sign-on that is being renewed in a window. Where the window leads is
    /// not ours to see: the proxy is asked.
    pub(crate) async fn renewed(self) -> Option<Session> {
        *self.renewals.write_value() += 1;
        let renewal = self.renewals.get_value();
        for _ in 0..RENEWAL_LOOKS {
            timers::sleep(RENEWAL_LOOK_MS).await;
            if self.renewals.get_value() != renewal {
                return None;
            }
            if let Ok(session) = self.session.ask().await {
                return Some(session);
            }
        }
        None
    }
}
