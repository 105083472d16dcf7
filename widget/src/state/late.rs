//! What a widget does after the first touch, in the module of what comes later: the form need not wait
//! for it. Where that module does not come, it is as if the proxy did not answer.

use std::pin::Pin;

use goto_microapps_api::{Field, Meeting};
use wasm_split_helpers::wasm_split;

use super::State;
use super::form::Form;
use super::picker::Picker;
use super::sign_in::{SignInState, SignedIn};
use super::stage::Order;
use super::submission::Submission;
use crate::failure::Failure;
use crate::words::Word;

type Task<T> = Pin<Box<dyn Future<Output = T>>>;

struct Work {
    run: fn(Submission, Order) -> Task<Option<Meeting>>,
    swap: fn(SignInState, String) -> Task<Option<SignedIn>>,
    take_typed: fn(Form, Field) -> Task<bool>,
    invite: fn(Form, String) -> Task<()>,
    search: fn(Picker, u32, i32) -> Task<()>,
    forget_recent: fn(Picker) -> Task<()>,
    save_edit: fn(State) -> Task<()>,
}

/// The door: what stands in here is compiled into the module.
#[wasm_split(later, fallible)]
#[allow(clippy::unnecessary_wraps)] // What fails is to get there.
fn work() -> Result<Work, Failure> {
    Ok(Work {
        run: |submission, order| Box::pin(submission.run(order)),
        swap: |sign_in, code| Box::pin(sign_in.swap(code)),
        take_typed: |form, field| Box::pin(form.take_typed(field)),
        invite: |form, wanted| Box::pin(form.invite(wanted)),
        search: |picker, turn, pause| Box::pin(picker.search_for(turn, pause)),
        forget_recent: |picker| Box::pin(picker.forget_now()),
        save_edit: |state| Box::pin(state.save_edit()),
    })
}

/// As [`Submission::run`].
///
/// # Errors
/// When nothing was done.
pub(super) async fn run(submission: &Submission, order: Order) -> Result<Option<Meeting>, Failure> {
    Ok((work().await?.run)(*submission, order).await)
}

/// As [`SignInState::swap`].
pub(super) async fn swap(sign_in: SignInState, code: String) -> Option<SignedIn> {
    match work().await {
        Ok(work) => (work.swap)(sign_in, code).await,
        Err(failure) => {
            sign_in.end(failure.word());
            None
        }
    }
}

/// Takes the people whose addresses are typed, as [`Form::take_typed`] does.
pub(super) fn take_typed(form: Form, field: Field) {
    form.widget.spawn(async move {
        match work().await {
            Ok(work) => drop((work.take_typed)(form, field).await),
            Err(_) => form.hold(field, Word::PeopleFailed, ""),
        }
    });
}

/// As [`Form::invite`]; nobody is invited where nobody can be asked who they are.
pub(super) fn invite(form: Form, wanted: String) {
    form.widget.spawn(async move {
        if let Ok(work) = work().await {
            (work.invite)(form, wanted).await;
        }
    });
}

/// As [`Picker::search_for`].
pub(super) fn search(picker: &Picker, turn: u32, pause: i32) {
    let picker = *picker;
    picker.widget.spawn(async move {
        // The list itself says where the module does not come.
        if let Ok(work) = work().await {
            (work.search)(picker, turn, pause).await;
        }
    });
}

/// As [`Picker::forget_now`].
pub(super) fn forget_recent(picker: &Picker) {
    let picker = *picker;
    picker.widget.spawn(async move {
        // The list that offers it is of the same module.
        if let Ok(work) = work().await {
            (work.forget_recent)(picker).await;
        }
    });
}

/// As [`State::save_edit`].
pub(super) fn save_edit(state: &State) {
    let state = *state;
    state.widget.spawn(async move {
        // The form of a change is of the same module.
        if let Ok(work) = work().await {
            (work.save_edit)(state).await;
        }
    });
}
