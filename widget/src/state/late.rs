//! What a widget does after the first touch, in the module of what comes later: the form need not wait
//! for it. Where that module does not come, it is as if the proxy did not answer.

use std::pin::Pin;

use goto_microapps_api::{Field, WaitingCancels};
use leptos::prelude::Set;
use wasm_split_helpers::wasm_split;
use web_sys::MessageEvent;

use super::State;
use super::form::Form;
use super::navigation::Shown;
use super::picker::Picker;
use super::sign_in::Attention;
use super::stage::Order;
use crate::context::Widget;
use crate::failure::Failure;
use crate::words::Word;

/// What is to be done.
pub(super) enum Job {
    /// [`State::follow`].
    Follow(State, Order),
    /// [`State::save_edit`].
    SaveEdit(State),
    /// [`State::look_again`].
    LookAgain(State),
    /// [`State::hear`].
    Hear(State, MessageEvent),
    /// [`State::swap`].
    Swap(State, String),
    /// [`super::sign_in::SignInState::attend`].
    Attend(State, Attention),
    /// [`State::follow_renewal`].
    FollowRenewal(State),
    /// [`State::end_session`].
    EndSession(State, Option<WaitingCancels>),
    /// [`State::fetch_meeting`].
    FetchMeeting(State),
    /// [`State::fetch_invitation`].
    FetchInvitation(State),
    /// [`Form::take_typed`].
    TakeTyped(Form, Field),
    /// [`Form::invite`].
    Invite(Form, String),
    /// [`Picker::search_for`].
    Search(Picker, u32, i32),
    /// [`Picker::forget_now`].
    ForgetRecent(Picker),
}

type Run = fn(Job) -> Pin<Box<dyn Future<Output = ()>>>;

/// The door: what stands in here is compiled into the module.
#[wasm_split(later, fallible)]
#[allow(clippy::unnecessary_wraps)] // What fails is to get there.
fn run() -> Result<Run, Failure> {
    Ok(|job| Box::pin(job.run()))
}

/// Does `job` once the module is there.
pub(super) fn spawn(widget: Widget, job: Job) {
    widget.spawn(async move {
        match run().await {
            Ok(run) => run(job).await,
            Err(failure) => job.cannot(failure),
        }
    });
}

impl Job {
    async fn run(self) {
        match self {
            Self::Follow(state, order) => state.follow(order).await,
            Self::SaveEdit(state) => state.save_edit().await,
            Self::LookAgain(state) => state.look_again().await,
            Self::Hear(state, event) => state.hear(&event).await,
            Self::Swap(state, code) => state.swap(code).await,
            Self::Attend(state, attention) => state.sign_in.attend(attention).await,
            Self::FollowRenewal(state) => state.follow_renewal().await,
            Self::EndSession(state, waiting) => state.end_session(waiting).await,
            Self::FetchMeeting(state) => state.fetch_meeting().await,
            Self::FetchInvitation(state) => state.fetch_invitation().await,
            Self::TakeTyped(form, field) => drop(form.take_typed(field).await),
            Self::Invite(form, wanted) => form.invite(wanted).await,
            Self::Search(picker, turn, pause) => picker.search_for(turn, pause).await,
            Self::ForgetRecent(picker) => picker.forget_now().await,
        }
    }

    /// Nothing was done.
    fn cannot(self, failure: Failure) {
        match self {
            Self::Follow(state, order) => state.get_stuck(order, failure),
            Self::Swap(state, _) | Self::Attend(state, _) => state.sign_in.end(failure.word()),
            Self::EndSession(state, _) => state.session.stay(failure),
            Self::FetchMeeting(state) => state.navigation.shown.set(Shown::Failed(failure)),
            Self::FetchInvitation(state) => state.navigation.sharing.set(Shown::Failed(failure)),
            Self::TakeTyped(form, field) => form.hold(field, Word::PeopleFailed, ""),
            // What is not asked for by a person may be missed; the views of the rest are in the same
            // module, and say where it does not come.
            Self::SaveEdit(_)
            | Self::LookAgain(_)
            | Self::Hear(..)
            | Self::FollowRenewal(_)
            | Self::Invite(..)
            | Self::Search(..)
            | Self::ForgetRecent(_) => {}
        }
    }
}
