//! Signing in from a foreign page: a window, a message, a swap.
//!
//! The window opens inside the click. Its message is believed only when it comes from the proxy's
//! origin and from that very window, and carries a one-time code, never a session.

use goto_microapps_api::{Carrier, HandoffMessage};
use js_sys::{Reflect, encode_uri_component};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{MessageEvent, Window};

use crate::app::{App, Page, Stage, Who};
use crate::browser::pkce;
use crate::failure::Failure;
use crate::host::{self, window};
use crate::neighbours;
use crate::words::{Word, fill};

/// How often the window is looked at, and how long a sign-in may take.
const LOOK_MS: i32 = 500;
const LOOKS: u32 = 10 * 60 * 2;
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
pub(crate) struct Attempt {
    /// `None` where the browser says nothing of a window that it may have opened all the same.
    window: Option<Window>,
    verifier: String,
    /// Tells attempts apart.
    challenge: String,
}

impl App {
    /// Opens the sign-in window; must run inside a click.
    pub(crate) fn sign_in(self) {
        if let Some(open) = self
            .attempt
            .with_value(|attempt| attempt.as_ref()?.window.clone())
            && self.signin.get_untracked().is_open()
            && !open.closed().unwrap_or(true)
        {
            let _ = open.focus();
            return;
        }
        let (verifier, challenge) = pkce::verifier(host::random());
        let origin = window().location().origin().unwrap_or_default();
        let address = self.host.with_value(|host| {
            [
                host.proxy.as_str(),
                "app/sign-in?origin=",
                &String::from(encode_uri_component(&origin)),
                "&challenge=",
                &challenge,
                "&lang=",
                &String::from(encode_uri_component(&host.lang)),
            ]
            .concat()
        });
        let size = "popup,width=520,height=680";
        let opened = window().open_with_url_and_target_and_features(&address, "_blank", size);
        let popup = opened.ok().flatten();
        let is_seen = popup.is_some();
        self.attempt.set_value(Some(Attempt {
            window: popup,
            verifier,
            challenge: challenge.clone(),
        }));
        if !is_seen {
            self.ended(Word::SignInBlocked);
            return;
        }
        self.signin.set(SignIn::Waiting);
        self.say(self.t(Word::SignInWaiting));
        self.spawn(self.watch(challenge));
    }

    /// Watches the window. Where the opener is severed `closed` is true at once, so this never
    /// ends the attempt: a message or a typed code still counts.
    async fn watch(self, challenge: String) {
        for _ in 0..LOOKS {
            host::sleep(LOOK_MS).await;
            if !self.watching(&challenge) {
                return;
            }
            let closed = self.attempt.with_value(|attempt| {
                let window = attempt.as_ref().and_then(|attempt| attempt.window.as_ref());
                matches!(window.map(Window::closed), Some(Ok(true) | Err(_)))
            });
            if closed {
                // The message and the closing race each other.
                host::sleep(LOOK_MS * 2).await;
                if self.watching(&challenge) {
                    self.ended(Word::SignInClosed);
                }
                return;
            }
        }
        self.ended(Word::SignInExpired);
    }

    fn watching(self, challenge: &str) -> bool {
        self.signin.get_untracked().is_open()
            && self.attempt.with_value(|attempt| {
                attempt
                    .as_ref()
                    .is_some_and(|attempt| attempt.challenge == challenge)
            })
    }

    /// Counts down with the window.
    fn put_off(self, text: String, seconds: u32) {
        self.say(fill(&text, "seconds", &seconds.to_string()));
        self.signin.set(SignIn::PutOff(text.clone(), seconds));
        self.spawn(async move {
            for left in (0..seconds).rev() {
                host::sleep(1000).await;
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

    fn ended(self, word: Word) {
        self.signin.set(SignIn::Ended(word));
        self.say(self.t(word));
    }

    /// Takes a message of the page's window in, or leaves it.
    pub(crate) fn message(self, event: &MessageEvent) {
        let trusted = self.host.try_with_value(|host| {
            host.proxy
                .strip_prefix(event.origin().as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        });
        let source: JsValue = event.source().map_or(JsValue::NULL, Into::into);
        let ours = self.attempt.try_with_value(|attempt| {
            // Of a window that was never seen its origin must do: a code is of use only to who has the
            // verifier.
            attempt
                .as_ref()
                .is_some_and(|attempt| match &attempt.window {
                    Some(window) => *AsRef::<JsValue>::as_ref(window) == source,
                    None => true,
                })
        });
        if trusted != Some(true) || ours != Some(true) {
            return;
        }
        let data = event.data();
        let member = |name: &str| {
            Reflect::get(&data, &name.into())
                .ok()
                .and_then(|value| value.as_string())
        };
        if member("type").as_deref() != Some(HandoffMessage::TYPE) {
            return;
        }
        match (member("outcome").as_deref(), member("code")) {
            (Some("signed_in"), Some(code)) => self.swap(code),
            (Some("denied"), _) => self.ended(Word::SignInDenied),
            (outcome, _) => match member("text") {
                None => self.ended(Word::SignInFailed),
                Some(text) if outcome == Some("busy") => {
                    let seconds = Reflect::get(&data, &"retry_after".into());
                    let seconds = seconds.ok().and_then(|value| value.as_f64());
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    self.put_off(text, seconds.map_or(1, |seconds| seconds as u32));
                }
                Some(text) => {
                    self.signin.set(SignIn::Told(text.clone()));
                    self.say(text);
                }
            },
        }
    }

    /// Swaps a one-time code, posted or typed, for a session.
    pub(crate) fn swap(self, code: String) {
        let verifier = self
            .attempt
            .with_value(|attempt| attempt.as_ref().map(|attempt| attempt.verifier.clone()));
        let Some(verifier) = verifier else { return };
        if code.is_empty() || self.signin.get_untracked() == SignIn::Swapping {
            return;
        }
        self.signin.set(SignIn::Swapping);
        self.say(self.t(Word::SigningIn));
        self.spawn(async move {
            let answer = self.swapped(&code, &verifier).await;
            if let Err(failure) = answer {
                self.tell_failure(&failure);
                self.ended(failure.word());
            } else if !self.signed_in_now() {
                self.ended(Word::SignInFailed);
            } else {
                self.attempt.set_value(None);
                self.signin.set(SignIn::Idle);
                neighbours::tell(self);
                if matches!(self.stage.get_untracked(), Stage::Failed(code) if code.asks_for_sign_in())
                {
                    self.stage.set(Stage::Idle);
                }
                let _ = window().focus();
                self.focus(match self.page.get_untracked() {
                    Page::CreateMeeting => "[data-action=create]",
                    _ => ".heading",
                });
            }
        });
    }

    /// First by cookie; as bearer where the browser did not send the cookie back.
    async fn swapped(self, code: &str, verifier: &str) -> Result<(), Failure> {
        let api = self.api.get_value();
        api.clone()
            .hand_off(code, verifier, Carrier::Cookie)
            .await?;
        let session = api.clone().session().await?;
        if session.user.is_some() {
            self.enter(session);
            return Ok(());
        }
        let (session, bearer) = api.hand_off(code, verifier, Carrier::Bearer).await?;
        self.api.update_value(|api| api.bearer = bearer);
        self.enter(session);
        Ok(())
    }

    /// Watches for the end of a sign-on that is being renewed in a window, then goes on where it
    /// broke off. Where the window leads is not ours to see: the proxy is asked.
    pub(crate) fn renew(self) {
        self.renewals.update_value(|renewals| *renewals += 1);
        let renewal = self.renewals.get_value();
        self.spawn(async move {
            for _ in 0..RENEWAL_LOOKS {
                host::sleep(RENEWAL_LOOK_MS).await;
                if self.renewals.get_value() != renewal {
                    return;
                }
                let answer = self.api.get_value().session().await;
                let Ok(session) = answer else { continue };
                // Whoever was under way when the sign-on ended is told by the next answer.
                if self.stage.get_untracked() != Stage::Busy {
                    self.enter(session);
                }
                return;
            }
        });
    }

    fn signed_in_now(self) -> bool {
        self.who.with_untracked(|who| matches!(who, Who::User(_)))
    }
}
