//! `GET` and `POST /form`: the form.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::form::wall::next_half_hour;
use goto_microapps_api::form::{Draft, USUAL};
use goto_microapps_api::icons::Icon;
use goto_microapps_api::words::fill;
use goto_microapps_api::{Code, Confirming, ConfirmingCause, Proof};

use super::meeting_fields::{Fields, find_zone};
use super::messages::{Message, messages};
use super::moment::is_unseen;
use super::sent::{Action, Sent};
use super::{Frame, Reader, show, signed_in};
use crate::http::cookies;
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};
use crate::meetings::{CreateError, CreateOutcome, Order, WhenBusy};
use crate::signin::Account;

/// How often a plain page looks for a meeting before it says that it does: for as long as a person
/// looks at a loading page without doubt.
const LOOKS: u32 = 6;

#[derive(Template)]
#[template(path = "form_create.html")]
struct Page<'a> {
    frame: &'a Frame,
    sent: &'a Sent,
    /// The form.
    fields: Fields<'a>,
    /// Title and text over the buttons.
    alert: Option<(&'static str, String)>,
    /// The same where nothing is wrong.
    notice: Option<(&'static str, &'static str)>,
    state: PageState,
}

/// What the buttons are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageState {
    /// Nobody is signed in: sign in first.
    SignedOut,
    /// The session ended in the middle: sign in beside this page.
    Lost,
    /// Create.
    Ready,
    /// It waits at the proxy for its turn.
    Queued,
    /// The answer is being looked for, or nobody can tell now.
    Confirming,
    /// Only the employee can tell.
    Unconfirmed,
}

impl Page<'_> {
    /// Whether something is wrong, or only goes on.
    fn is_bad(&self) -> bool {
        !matches!(self.state, PageState::Queued | PageState::Confirming)
    }
}

/// The empty form.
pub(in crate::http) async fn show_form(
    State(employees): State<Employees>,
    reader: Reader,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Response {
    let account = who.as_ref().map(|visitor| &visitor.account);
    let frame = Frame::new(&employees, &reader, account);
    let start = next_half_hour(frame.zone.wall(employees.clock.now()));
    let draft = Draft::new(frame.zone.name().to_owned(), start, USUAL);
    let sent = Sent::new(draft, frame.texts.tag());
    let state = match account {
        Some(account) if !account.lost => PageState::Ready,
        _ => PageState::SignedOut,
    };
    Shown::new(state)
        .page(&employees, &frame, &sent, account)
        .await
}

/// Searches, creates, checks.
pub(in crate::http) async fn take(
    State(employees): State<Employees>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let mut sent = Sent::read(&body);
    find_zone(&employees, &mut sent).await?;
    let reader = Reader {
        lang: sent.lang.clone(),
        tz: sent.draft.zone.clone(),
    };
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let Some(account) = account else {
        let mut shown = Shown::new(PageState::Lost);
        shown.status = StatusCode::UNAUTHORIZED;
        let text = frame.texts.code(Code::SignInRequired);
        shown.alert = Some((text, frame.texts.get(Word::SignInNewTab).to_owned()));
        return Ok(shown.page(&employees, &frame, &sent, None).await);
    };
    if matches!(sent.action, Action::Search | Action::Forget) {
        if sent.action == Action::Forget {
            employees.meetings.forget_colleagues(&account).await?;
        }
        let shown = Shown::new(PageState::Ready);
        return Ok(shown.page(&employees, &frame, &sent, Some(&account)).await);
    }
    if sent.action == Action::Anyway {
        // The employee has looked and takes the risk of a second meeting.
        sent.start_anew();
    }
    if sent.action == Action::Create && sent.draft.is_slip() {
        let mut shown = Shown::new(PageState::Ready);
        shown.status = StatusCode::UNPROCESSABLE_ENTITY;
        shown.errors = messages(&frame, &sent.draft, Vec::new());
        return Ok(shown.page(&employees, &frame, &sent, Some(&account)).await);
    }
    if sent.action == Action::Create && is_unseen(&employees, &frame, &sent) {
        let mut shown = Shown::new(PageState::Ready);
        shown.notice = Some((frame.t(Word::CheckTime), frame.t(Word::CheckTimeText)));
        return Ok(shown.page(&employees, &frame, &sent, Some(&account)).await);
    }
    let is_told = cookies::is_told_form(&headers, &employees.public_url, &sent.key());
    let shown = match outcome(&employees, &account, &mut sent, is_told).await {
        Ok(None) => {
            sent.start_anew();
            let mut shown = Shown::new(PageState::Ready);
            shown.notice = Some((frame.t(Word::Withdrawn), frame.t(Word::WithdrawnText)));
            shown
        }
        Ok(Some(CreateOutcome::Created { meeting, .. })) => {
            let path = format!("form/meetings/{}?new=1", meeting.id);
            let location = frame.link(&path);
            let location = HeaderValue::from_str(&location).map_err(|_| ApiError::not_found())?;
            let mut response =
                (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
            if let Some(told) = cookies::set_told_form(&employees.public_url, &sent.key()) {
                response.headers_mut().insert(header::SET_COOKIE, told);
            }
            return Ok(response);
        }
        Ok(Some(CreateOutcome::Confirming(confirming))) => under_way(&frame, &confirming),
        Err(CreateError::Invalid(errors)) => {
            let mut shown = Shown::new(PageState::Ready);
            shown.status = StatusCode::UNPROCESSABLE_ENTITY;
            shown.errors = messages(&frame, &sent.draft, errors);
            shown
        }
        Err(error) => refused(&frame, &mut sent, &error.into()),
    };
    Ok(shown.page(&employees, &frame, &sent, Some(&account)).await)
}

/// What became of the form; `None` when it was taken back. One that was sent before and was changed since is not sent again until
/// it is certain that its earlier version has made nothing, or that the browser `was_told` of the
/// meeting: the page that said what became of it may have been lost on the way.
async fn outcome(
    employees: &Employees,
    account: &Account,
    sent: &mut Sent,
    was_told: bool,
) -> Result<Option<CreateOutcome>, CreateError> {
    let (meetings, key) = (&employees.meetings, sent.key());
    let order = match sent.action {
        Action::Withdraw => return meetings.withdraw_create(account, &key).await,
        Action::Check => Order::Check,
        _ => Order::Create(Box::new(sent.meeting()), WhenBusy::Queue),
    };
    match meetings.follow(account, &key, order, LOOKS).await {
        Err(CreateError::Mismatch) => {}
        outcome => return outcome.map(Some),
    }
    if !was_told {
        match meetings.follow(account, &key, Order::Wait, LOOKS).await {
            // Nothing was sent, or GoTo refused it for good.
            Err(CreateError::UnknownKey | CreateError::Goto(_)) => {}
            earlier => return earlier.map(Some),
        }
    }
    sent.start_anew();
    let order = Order::Create(Box::new(sent.meeting()), WhenBusy::Queue);
    let key = sent.key();
    let outcome = meetings.follow(account, &key, order, LOOKS).await;
    outcome.map(Some)
}

/// A refusal in the reader's words. Only what proves that nothing was made opens the form, and what
/// is sent from then on is another meeting.
fn refused(frame: &Frame, sent: &mut Sent, refusal: &ApiError) -> Shown {
    let problem = refusal.document("");
    let texts = frame.texts;
    let is_over = match problem.code.proof() {
        Proof::NothingMade => true,
        // Of a look, it says nothing about the create.
        Proof::NothingSent => !matches!(sent.action, Action::Check | Action::Withdraw),
        Proof::Nothing => false,
    };
    let (state, title, text) = match problem.code {
        Code::MeetingUnconfirmed => (
            PageState::Unconfirmed,
            texts.get(Word::Unconfirmed),
            texts.get(Word::UnconfirmedText),
        ),
        Code::ReconnectRequired | Code::SignInRequired => (
            PageState::Lost,
            texts.code(problem.code),
            texts.get(Word::SignInNewTab),
        ),
        code if !is_over => (
            PageState::Confirming,
            texts.get(Word::Unconfirmed),
            texts.code(code),
        ),
        Code::Busy => (
            PageState::Ready,
            texts.get(Word::Failed),
            texts.get(Word::CreateBusy),
        ),
        code => (PageState::Ready, texts.get(Word::Failed), texts.code(code)),
    };
    if is_over && state == PageState::Ready {
        sent.start_anew();
    }
    let mut shown = Shown::new(state);
    shown.alert = Some((title, text.to_owned()));
    shown.status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK);
    shown.retry_after = problem.retry_after;
    shown
}

/// What is said of a create that goes on by itself.
fn under_way(frame: &Frame, confirming: &Confirming) -> Shown {
    let text = frame.texts.cause(confirming.cause);
    let (state, title) = match confirming.cause {
        ConfirmingCause::Queued => (PageState::Queued, Word::Busy),
        _ => (PageState::Confirming, Word::Confirming),
    };
    let mut shown = Shown::new(state);
    let text = fill(text, "seconds", &confirming.retry_after.to_string());
    shown.alert = Some((frame.texts.get(title), text));
    shown
}

/// What a page says beside the form.
struct Shown {
    status: StatusCode,
    state: PageState,
    alert: Option<(&'static str, String)>,
    /// As `alert`, where nothing is wrong.
    notice: Option<(&'static str, &'static str)>,
    errors: Vec<Message>,
    retry_after: Option<u32>,
}

impl Shown {
    fn new(state: PageState) -> Self {
        Self {
            status: StatusCode::OK,
            state,
            alert: None,
            notice: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    async fn page(
        self,
        employees: &Employees,
        frame: &Frame,
        sent: &Sent,
        account: Option<&Account>,
    ) -> Response {
        let held = matches!(
            self.state,
            PageState::Queued | PageState::Confirming | PageState::Unconfirmed
        );
        // Nobody is offered to whom nobody could be invited now.
        let reader = account.filter(|_| self.state != PageState::SignedOut);
        let page = Page {
            frame,
            sent,
            fields: Fields::of(employees, frame, sent, reader, held, self.errors).await,
            alert: self.alert,
            notice: self.notice,
            state: self.state,
        };
        let mut response = show(self.status, &page);
        if let Some(seconds) = self.retry_after {
            let value = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}
