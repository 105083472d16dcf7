//! `GET` and `POST /form/meetings/{id}/edit`: the form of a meeting that was made here.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::DateTime;
use goto_microapps_api::form::Draft;
use goto_microapps_api::form::wall::{Clocks, fold_of};
use goto_microapps_api::icons::Icon;
use goto_microapps_api::{Code, EditMeeting, EditState, EditableMeeting, Fold, SeenMeeting};
use url::form_urlencoded;

use super::meeting_fields::{Fields, find_zone};
use super::messages::{Message, messages};
use super::moment::is_unseen;
use super::sent::{Action, Sent};
use super::{Frame, Reader, path_of, show, signed_in};
use crate::clock::date;
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::{Word, for_edit};
use crate::http::{ApiError, Employees};
use crate::meetings::{CreateError, EditError};
use crate::signin::Account;
use crate::when;

/// How often a page looks for what becomes of a change before it says that it does.
const LOOKS: u32 = 6;

#[derive(Template)]
#[template(path = "form_edit.html")]
struct Page<'a> {
    frame: &'a Frame,
    sent: &'a Sent,
    fields: Option<Fields<'a>>,
    /// Address of this page.
    here: String,
    /// Address of *Meeting details*.
    details: String,
    /// Address of the sign-in that comes back here.
    sign_in: String,
    /// The meeting as it was shown first, which this page sends back.
    seen: SeenMeeting,
    /// When it was, in words.
    was: Option<String>,
    alert: Option<(&'static str, &'static str)>,
    notice: Option<(&'static str, &'static str)>,
    state: PageState,
}

/// What the buttons are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageState {
    /// Sign in first, or again beside this page.
    SignedOut,
    /// Save.
    Ready,
    /// What was saved is under way: look again.
    Saving,
    /// Look at the meeting.
    Look,
}

/// What a page says beside the form.
struct Shown {
    status: StatusCode,
    state: PageState,
    alert: Option<(&'static str, &'static str)>,
    notice: Option<(&'static str, &'static str)>,
    errors: Vec<Message>,
}

impl Shown {
    fn new(state: PageState) -> Self {
        Self {
            status: StatusCode::OK,
            state,
            alert: None,
            notice: None,
            errors: Vec::new(),
        }
    }
}

/// Whose page it is, of which meeting.
struct Reading<'a> {
    employees: &'a Employees,
    frame: &'a Frame,
    account: Option<&'a Account>,
    id: &'a str,
}

impl Reading<'_> {
    async fn page(&self, sent: &Sent, seen: SeenMeeting, shown: Shown) -> Response {
        let Self {
            employees, frame, ..
        } = *self;
        let path = path_of(self.id);
        let held = matches!(shown.state, PageState::Saving | PageState::Look);
        let fields = match shown.state {
            PageState::Look => None,
            _ if sent.draft == Draft::default() => None,
            _ => Some(Fields::of(employees, frame, sent, self.account, held, shown.errors).await),
        };
        let language = frame.texts.language();
        let was = when::between(
            seen.start.as_deref(),
            seen.end.as_deref(),
            &frame.zone,
            language,
        );
        let page = Page {
            frame,
            sent,
            fields,
            here: frame.link(&format!("{path}/edit")),
            details: frame.link(&path),
            sign_in: frame.sign_in(&format!("{path}/edit")),
            was: was.map(|when| format!("{} {}", when.times, when.zone)),
            seen,
            alert: shown.alert,
            notice: shown.notice,
            state: shown.state,
        };
        show(shown.status, &page)
    }

    /// A refusal in the reader's words.
    async fn refused(&self, sent: &Sent, seen: SeenMeeting, error: ApiError) -> Response {
        let problem = error.document("");
        let state = match problem.code {
            Code::ReconnectRequired | Code::SignInRequired => PageState::SignedOut,
            Code::MeetingNotFound => PageState::Look,
            _ => PageState::Ready,
        };
        let mut shown = Shown::new(state);
        shown.status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK);
        let title = self.frame.t(Word::EditStopped);
        shown.alert = Some((title, self.frame.texts.code(problem.code)));
        self.page(sent, seen, shown).await
    }

    async fn signed_out(&self, sent: &Sent, seen: SeenMeeting) -> Response {
        let mut shown = Shown::new(PageState::SignedOut);
        shown.status = StatusCode::UNAUTHORIZED;
        let text = self.frame.t(Word::SignInDetails);
        shown.alert = Some((self.frame.t(Word::Edit), text));
        self.page(sent, seen, shown).await
    }
}

/// The form of a meeting, on the reader's clocks.
fn draft(frame: &Frame, editable: &EditableMeeting) -> Option<Draft> {
    let zone = &frame.zone;
    let at = |text: &Option<String>| -> Option<(i64, Option<Fold>)> {
        let at = DateTime::parse_from_rfc3339(text.as_deref()?).ok()?;
        let at = at.timestamp_millis();
        let wall = zone.wall(date(at));
        Some((wall, fold_of(&zone.instants(wall)?, at)))
    };
    let (start, end) = (at(&editable.meeting.start)?, at(&editable.meeting.end)?);
    let name = zone.name().to_owned();
    Some(Draft::of_meeting(name, editable, start, end))
}

/// Shows the form of one of the employee's own meetings.
pub(in crate::http) async fn show_edit(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Response {
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let reading = Reading {
        employees: &employees,
        frame: &frame,
        account: account.as_ref(),
        id: &id,
    };
    let (nothing, unseen) = (Sent::default(), SeenMeeting::default());
    let Some(account) = &account else {
        return reading.signed_out(&nothing, unseen).await;
    };
    let editable = match employees.meetings.editable(account, &id).await {
        Ok(editable) => editable,
        Err(error) => return reading.refused(&nothing, unseen, error.into()).await,
    };
    let Some(draft) = draft(&frame, &editable) else {
        return reading
            .refused(&nothing, unseen, ApiError::not_found())
            .await;
    };
    let sent = Sent::new(draft, frame.texts.tag());
    let seen = SeenMeeting {
        subject: editable.meeting.subject,
        start: editable.meeting.start,
        end: editable.meeting.end,
    };
    reading
        .page(&sent, seen, Shown::new(PageState::Ready))
        .await
}

/// Searches, saves, looks what became of it.
pub(in crate::http) async fn take_edit(
    State(employees): State<Employees>,
    Path(id): Path<String>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
    body: Bytes,
) -> Result<Response, ApiError> {
    let mut sent = Sent::read(&body);
    let seen = seen(&body);
    find_zone(&employees, &mut sent).await?;
    let reader = Reader {
        lang: sent.lang.clone(),
        tz: sent.draft.zone.clone(),
    };
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let reading = Reading {
        employees: &employees,
        frame: &frame,
        account: account.as_ref(),
        id: &id,
    };
    let Some(account) = &account else {
        return Ok(reading.signed_out(&sent, seen).await);
    };
    if matches!(sent.action, Action::Search | Action::Forget) {
        if sent.action == Action::Forget {
            employees.meetings.forget_colleagues(account).await?;
        }
        let shown = Shown::new(PageState::Ready);
        return Ok(reading.page(&sent, seen, shown).await);
    }
    let mut shown = Shown::new(PageState::Ready);
    if sent.draft.is_slip() {
        shown.status = StatusCode::UNPROCESSABLE_ENTITY;
        shown.errors = messages(&frame, &sent.draft, Vec::new());
        return Ok(reading.page(&sent, seen, shown).await);
    }
    if is_unseen(&employees, &frame, &sent) {
        shown.notice = Some((frame.t(Word::CheckTime), frame.t(Word::CheckTimeEdit)));
        return Ok(reading.page(&sent, seen, shown).await);
    }
    let form = EditMeeting {
        seen: seen.clone(),
        meeting: sent.meeting(),
    };
    let (key, meetings) = (sent.key(), &employees.meetings);
    let edit = match meetings.edit(account, &id, &key, &form, LOOKS).await {
        Ok(edit) => edit,
        Err(EditError::Form(CreateError::Invalid(errors))) => {
            shown.status = StatusCode::UNPROCESSABLE_ENTITY;
            shown.errors = messages(&frame, &sent.draft, errors);
            return Ok(reading.page(&sent, seen, shown).await);
        }
        // It was changed after it was sent, and that was the end of the first: another order.
        Err(EditError::Form(CreateError::Mismatch)) => {
            sent.start_anew();
            shown.notice = Some((frame.t(Word::CheckTime), frame.t(Word::CheckTimeEdit)));
            return Ok(reading.page(&sent, seen, shown).await);
        }
        Err(error) => {
            sent.start_anew();
            return Ok(reading.refused(&sent, seen, error.into()).await);
        }
    };
    let text = frame.t(for_edit(edit.state, edit.reason));
    match edit.state {
        EditState::Saved => {
            let there = format!("{}?changed=1", path_of(&id));
            return Ok(Redirect::to(&frame.link(&there)).into_response());
        }
        EditState::Saving | EditState::Confirming => {
            shown.state = PageState::Saving;
            let text = frame.t(Word::EditConfirming);
            shown.notice = Some((frame.t(Word::Confirming), text));
        }
        EditState::Unconfirmed | EditState::Other => {
            shown.state = PageState::Look;
            shown.alert = Some((frame.t(Word::EditStopped), text));
        }
        EditState::Stopped => {
            sent.start_anew();
            shown.alert = Some((frame.t(Word::EditStopped), text));
        }
    }
    Ok(reading.page(&sent, seen, shown).await)
}

/// The meeting as the page showed it first.
fn seen(body: &[u8]) -> SeenMeeting {
    let mut seen = SeenMeeting::default();
    for (name, value) in form_urlencoded::parse(body) {
        match &*name {
            "was_subject" => seen.subject = value.into_owned(),
            "was_start" => seen.start = Some(value.into_owned()),
            "was_end" => seen.end = Some(value.into_owned()),
            _ => {}
        }
    }
    seen
}
