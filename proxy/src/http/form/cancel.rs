//! `GET` and `POST /form/meetings/{id}/cancel`: asks whether a meeting is to be cancelled, cancels it,
//! and says what became of that.
//!
//! Without scripts nobody could press Undo in time: the question before takes its place, and what was
//! confirmed is sent at once.

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use goto_microapps_api::icons::Icon;
use goto_microapps_api::{CancelState, Cancellation, Invitation, SeenMeeting};

use super::{Frame, Reader, path_of, show, signed_in};
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::{Word, for_cancel};
use crate::http::{ApiError, Employees};
use crate::meetings::DetailsError;
use crate::signin::Account;
use crate::when::{self, When};

/// How often a page looks for what becomes of it before it says that it does.
const LOOKS: u32 = 6;

/// Whether what became of an order is asked for, or a new one.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    ordered: Option<String>,
}

/// What was pressed, and what the page showed.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::http) struct Sent {
    action: String,
    subject: String,
    start: Option<String>,
    end: Option<String>,
}

#[derive(Template)]
#[template(path = "form_cancel.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// Address of this page.
    here: String,
    /// Address of *Meeting details*.
    details: String,
    /// Address of the file that takes the entry out of a calendar.
    file: String,
    /// Address of the sign-in that comes back here.
    sign_in: String,
    meeting: Option<Seen>,
    note: Option<Note>,
    /// What participants are told.
    notice: Option<Invitation>,
    step: Step,
}

/// The meeting it is about.
struct Seen {
    subject: String,
    when: Option<When>,
    /// As the page sends it back.
    carried: SeenMeeting,
}

impl Seen {
    fn new(frame: &Frame, seen: SeenMeeting) -> Self {
        Self {
            subject: frame.named(seen.subject.clone()),
            when: when::between(
                seen.start.as_deref(),
                seen.end.as_deref(),
                &frame.zone,
                frame.texts.language(),
            ),
            carried: seen,
        }
    }

    /// On one line.
    fn line(&self, frame: &Frame) -> String {
        match &self.when {
            Some(when) => format!("{}: {} {}", self.subject, when.times, when.zone),
            None => format!("{}: {}", self.subject, frame.t(Word::TimeUnknown)),
        }
    }
}

/// What the page says beside the meeting.
struct Note {
    mood: Mood,
    title: &'static str,
    text: &'static str,
    /// The meeting as it is instead.
    found: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Good,
    Plain,
    Bad,
}

/// What can be done next.
enum Step {
    SignIn,
    Confirm,
    /// It can be taken back.
    Waiting,
    /// Look again.
    Wait,
    Over,
    /// Look at the meeting.
    Look,
}

/// Asks, or says where the order stands.
pub(in crate::http) async fn show_cancel(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    ask: Result<Query<Ask>, QueryRejection>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Response {
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let Some(account) = account else {
        return asked_to_sign_in(&frame, &id);
    };
    let ordered = ask.is_ok_and(|Query(ask)| ask.ordered.is_some());
    match employees.meetings.cancellation(&account, &id).await {
        Ok(order) if ordered || is_open(&order) => {
            told(&employees, &frame, &account, &id, order).await
        }
        Ok(_) | Err(DetailsError::NotFound) => question(&employees, &frame, &account, &id).await,
        Err(error) => refused(&frame, &id, error),
    }
}

/// Cancels, or takes it back.
pub(in crate::http) async fn take_cancel(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let Some(account) = account else {
        return asked_to_sign_in(&frame, &id);
    };
    let Form(sent) = sent.unwrap_or_default();
    let outcome = async {
        if sent.action == "undo" {
            employees.meetings.withdraw_cancel(&account, &id).await?;
            return Ok(());
        }
        let seen = SeenMeeting {
            subject: sent.subject,
            start: sent.start,
            end: sent.end,
        };
        let meetings = &employees.meetings;
        let now = std::time::Duration::ZERO;
        meetings.order_cancel(&account, &id, &seen, now).await?;
        meetings.send_cancel_now(&account, &id, LOOKS).await?;
        Ok(())
    };
    match outcome.await {
        Ok(()) => {
            let there = format!("{}/cancel?ordered=1", path_of(&id));
            Redirect::to(&frame.link(&there)).into_response()
        }
        Err(error) => refused(&frame, &id, error),
    }
}

fn is_open(order: &Cancellation) -> bool {
    matches!(
        order.state,
        CancelState::Waiting
            | CancelState::Sending
            | CancelState::Confirming
            | CancelState::Cancelled
    )
}

/// The page with nothing on it yet.
fn empty<'a>(frame: &'a Frame, id: &str, step: Step) -> Page<'a> {
    let path = path_of(id);
    Page {
        frame,
        here: frame.link(&format!("{path}/cancel")),
        details: frame.link(&path),
        file: frame.link(&format!("{path}/cancellation")),
        sign_in: frame.sign_in(&format!("{path}/cancel")),
        meeting: None,
        note: None,
        notice: None,
        step,
    }
}

fn asked_to_sign_in(frame: &Frame, id: &str) -> Response {
    let mut page = empty(frame, id, Step::SignIn);
    page.note = Some(Note {
        mood: Mood::Plain,
        title: frame.t(Word::CancelMeeting),
        text: frame.t(Word::SignInDetails),
        found: None,
    });
    show(StatusCode::UNAUTHORIZED, &page)
}

fn refused(frame: &Frame, id: &str, error: DetailsError) -> Response {
    let problem = ApiError::from(error).document("");
    let mut page = empty(frame, id, Step::Over);
    page.note = Some(Note {
        mood: Mood::Bad,
        title: frame.t(Word::CancelStopped),
        text: frame.texts.code(problem.code),
        found: None,
    });
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK);
    show(status, &page)
}

/// Is this the meeting, and is it to be cancelled?
async fn question(employees: &Employees, frame: &Frame, account: &Account, id: &str) -> Response {
    let meeting = match employees.meetings.details(account, id).await {
        Ok(known) => known.meeting,
        Err(error) => return refused(frame, id, error),
    };
    let mut page = empty(frame, id, Step::Confirm);
    page.note = Some(Note {
        mood: Mood::Plain,
        title: frame.t(Word::CancelAsk),
        text: frame.t(Word::CancelAskText),
        found: None,
    });
    let seen = SeenMeeting {
        subject: meeting.subject,
        start: meeting.start,
        end: meeting.end,
    };
    page.meeting = Some(Seen::new(frame, seen));
    show(StatusCode::OK, &page)
}

/// Where an order stands.
async fn told(
    employees: &Employees,
    frame: &Frame,
    account: &Account,
    id: &str,
    order: Cancellation,
) -> Response {
    let found = order.found.map(|seen| Seen::new(frame, seen).line(frame));
    let (mood, title, text, step) = match order.state {
        CancelState::Waiting => (
            Mood::Plain,
            Word::CancelWaiting,
            Word::CancelWaitingText,
            Step::Waiting,
        ),
        CancelState::Cancelled => (Mood::Good, Word::Cancelled, Word::CancelledText, Step::Over),
        CancelState::Withdrawn => (
            Mood::Good,
            Word::CancelWithdrawn,
            Word::CancelWithdrawnText,
            Step::Look,
        ),
        CancelState::Unconfirmed => (
            Mood::Bad,
            Word::CancelUnconfirmed,
            Word::CancelUnconfirmedText,
            Step::Confirm,
        ),
        CancelState::Stopped => (
            Mood::Bad,
            Word::CancelStopped,
            for_cancel(order.reason),
            Step::Look,
        ),
        CancelState::Sending | CancelState::Confirming | CancelState::Other => (
            Mood::Plain,
            Word::Confirming,
            Word::CancelConfirming,
            Step::Wait,
        ),
    };
    let mut page = empty(frame, id, step);
    page.note = Some(Note {
        mood,
        title: frame.t(title),
        text: frame.t(text),
        found,
    });
    page.meeting = Some(Seen::new(frame, order.meeting));
    if order.state == CancelState::Cancelled {
        let reader = frame.invites(employees);
        let notice = employees.meetings.cancellation_notice(account, id, reader);
        page.notice = notice.await.ok();
    }
    show(StatusCode::OK, &page)
}
