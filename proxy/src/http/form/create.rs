//! `GET` and `POST /form`: the form.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::words::fill;
use goto_microapps_api::{Code, Fold, Organizer, Proof};

use super::draft::{Action, Draft};
use super::mistakes::{Wrong, slip, wrong};
use super::moment::{Moment, is_unseen, zones};
use super::{Frame, Reader, show, when};
use crate::http::cookies;
use crate::http::guard::{MaybeSignedIn, Visitor};
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};
use crate::meetings::{CreateError, CreateOutcome};
use crate::organizers::find;
use crate::signin::Account;

/// Longest that a plain page waits for GoTo before it says so, in looks and seconds.
const LOOKS: u32 = 6;
const LONGEST_WAIT: u32 = 20;
/// People listed for a search.
const FOUND: usize = 8;

#[derive(Template)]
#[template(path = "form_create.html")]
struct Page<'a> {
    frame: &'a Frame,
    draft: &'a Draft,
    /// Title and text over the buttons.
    alert: Option<(&'static str, &'static str)>,
    /// The same where nothing is wrong.
    notice: Option<(&'static str, &'static str)>,
    state: PageState,
    errors: Vec<Wrong>,
    chosen: Vec<Organizer>,
    found: Vec<Organizer>,
    /// What the search says instead of people.
    nobody: Option<String>,
    zones: Vec<String>,
    /// The times of the draft as they would be made.
    moment: Option<Moment>,
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
    /// The answer is being looked for, or nobody can tell now.
    Confirming,
    /// Only the employee can tell.
    Unconfirmed,
}

impl Page<'_> {
    fn errors_of(&self, field: &str) -> Vec<&Wrong> {
        let errors = self.errors.iter();
        errors.filter(|wrong| wrong.field == field).collect()
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|wrong| wrong.field == field)
    }

    fn held(&self) -> bool {
        matches!(self.state, PageState::Confirming | PageState::Unconfirmed)
    }

    fn fold(&self, field: &str) -> Option<&'static str> {
        let fold = match field {
            "start" => self.draft.start_fold,
            _ => self.draft.end_fold,
        };
        fold.map(|fold| match fold {
            Fold::Earlier => "earlier",
            Fold::Later => "later",
        })
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
    let (start, end) = when::next_half_hour(employees.clock.now(), &frame.zone);
    let draft = Draft {
        date: start.format("%Y-%m-%d").to_string(),
        start: start.format("%H:%M").to_string(),
        end: end.format("%H:%M").to_string(),
        time_zone: frame.zone.name().to_owned(),
        lang: frame.texts.tag().to_owned(),
        ..Draft::read(b"")
    };
    let state = match account {
        Some(account) if !account.lost => PageState::Ready,
        _ => PageState::SignedOut,
    };
    Shown::new(state)
        .page(&employees, &frame, &draft, account)
        .await
}

/// Searches, creates, checks.
pub(in crate::http) async fn take(
    State(employees): State<Employees>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let mut draft = Draft::read(&body);
    let reader = Reader {
        lang: draft.lang.clone(),
        tz: draft.time_zone.clone(),
    };
    let account = who
        .map(|Visitor { account, .. }| account)
        .filter(|account| !account.lost);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let Some(account) = account else {
        let mut shown = Shown::new(PageState::Lost);
        shown.status = StatusCode::UNAUTHORIZED;
        let text = frame.texts.code(Code::SignInRequired);
        shown.alert = Some((text, frame.texts.get(Word::SignInNewTab)));
        return Ok(shown.page(&employees, &frame, &draft, None).await);
    };
    if draft.action == Action::Search {
        let shown = Shown::new(PageState::Ready);
        return Ok(shown.page(&employees, &frame, &draft, Some(&account)).await);
    }
    if draft.action == Action::Anyway {
        // The employee has looked and takes the risk of a second meeting.
        draft.start_anew();
    }
    if draft.action == Action::Create && draft.is_slip() {
        let mut shown = Shown::new(PageState::Ready);
        shown.status = StatusCode::UNPROCESSABLE_ENTITY;
        shown.errors = vec![slip(&frame, &draft)];
        return Ok(shown.page(&employees, &frame, &draft, Some(&account)).await);
    }
    if draft.action == Action::Create && is_unseen(&employees, &frame, &draft) {
        let mut shown = Shown::new(PageState::Ready);
        shown.notice = Some((frame.t(Word::CheckTime), frame.t(Word::CheckTimeText)));
        return Ok(shown.page(&employees, &frame, &draft, Some(&account)).await);
    }
    let is_told = cookies::is_told_form(&headers, &employees.public_url, &draft.key());
    let shown = match outcome(&employees, &account, &mut draft, is_told).await {
        Ok(CreateOutcome::Created { meeting, .. }) => {
            let path = format!("form/meetings/{}?new=1", meeting.id);
            let location = frame.link(&path);
            let location = HeaderValue::from_str(&location).map_err(|_| ApiError::not_found())?;
            let mut response =
                (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
            if let Some(told) = cookies::set_told_form(&employees.public_url, &draft.key()) {
                response.headers_mut().insert(header::SET_COOKIE, told);
            }
            return Ok(response);
        }
        Ok(CreateOutcome::Confirming(confirming)) => {
            let mut shown = Shown::new(PageState::Confirming);
            let text = frame.texts.cause(confirming.cause);
            shown.alert = Some((frame.texts.get(Word::Confirming), text));
            shown
        }
        Err(CreateError::Invalid(errors)) => {
            let mut shown = Shown::new(PageState::Ready);
            shown.status = StatusCode::UNPROCESSABLE_ENTITY;
            shown.errors = errors
                .iter()
                .map(|error| wrong(&frame, &draft, error))
                .collect();
            shown
        }
        Err(error) => refused(&frame, &mut draft, &error.into()),
    };
    Ok(shown.page(&employees, &frame, &draft, Some(&account)).await)
}

/// What to ask the meetings for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Create, once.
    Create,
    /// Look now, then wait.
    Check,
    /// Wait.
    Wait,
}

/// What became of the form. One that was sent before and was changed since is not sent again until
/// it is certain that its earlier version has made nothing, or that the browser `was_told` of the
/// meeting: the page that said what became of it may have been lost on the way.
async fn outcome(
    employees: &Employees,
    account: &Account,
    draft: &mut Draft,
    was_told: bool,
) -> Result<CreateOutcome, CreateError> {
    let order = match draft.action {
        Action::Check => Order::Check,
        _ => Order::Create,
    };
    match follow(employees, account, draft, order).await {
        Err(CreateError::Mismatch) => {}
        outcome => return outcome,
    }
    if !was_told {
        match follow(employees, account, draft, Order::Wait).await {
            // Nothing was sent, or GoTo refused it for good.
            Err(CreateError::UnknownKey | CreateError::Goto(_)) => {}
            earlier => return earlier,
        }
    }
    draft.start_anew();
    follow(employees, account, draft, Order::Create).await
}

/// Follows a create for as long as a person looks at a loading page without doubt.
async fn follow(
    employees: &Employees,
    account: &Account,
    draft: &Draft,
    mut order: Order,
) -> Result<CreateOutcome, CreateError> {
    let form = draft.meeting();
    let key = draft.key();
    let mut looks = 0;
    loop {
        looks += 1;
        let meetings = employees.meetings.clone();
        let (account, key, form) = (account.clone(), key.clone(), form.clone());
        // On a task of its own: a browser that goes away must not cut a create in the middle.
        let task = tokio::spawn(async move {
            match order {
                Order::Create => meetings.create(&account, &key, &form).await,
                Order::Check => meetings.check_again(&account, &key).await,
                Order::Wait => meetings.standing(&account, &key).await,
            }
        });
        let answer = task.await.map_err(|_| CreateError::Broken)?;
        if order == Order::Check {
            order = Order::Wait;
        }
        let wait = match &answer {
            Ok(CreateOutcome::Confirming(confirming)) => confirming.retry_after,
            _ => return answer,
        };
        if looks >= LOOKS || wait > LONGEST_WAIT {
            return answer;
        }
        employees
            .clock
            .sleep(Duration::from_secs(wait.into()))
            .await;
    }
}

/// A refusal in the reader's words. Only what proves that nothing was made opens the form, and what
/// is sent from then on is another meeting.
fn refused(frame: &Frame, draft: &mut Draft, refusal: &ApiError) -> Shown {
    let problem = refusal.document("");
    let texts = frame.texts;
    let is_over = match problem.code.proof() {
        Proof::NothingMade => true,
        // Of a look, it says nothing about the create.
        Proof::NothingSent => draft.action != Action::Check,
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
        draft.start_anew();
    }
    let mut shown = Shown::new(state);
    shown.alert = Some((title, text));
    shown.status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK);
    shown.retry_after = problem.retry_after;
    shown
}

/// What a page says beside the form.
struct Shown {
    status: StatusCode,
    state: PageState,
    alert: Option<(&'static str, &'static str)>,
    /// As `alert`, where nothing is wrong.
    notice: Option<(&'static str, &'static str)>,
    errors: Vec<Wrong>,
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
        draft: &Draft,
        account: Option<&Account>,
    ) -> Response {
        let directory = employees.organizers.directory();
        let chosen: Vec<Organizer> = draft
            .co_organizers
            .iter()
            .map(|key| {
                directory.get(key).map_or_else(
                    || Organizer {
                        key: key.clone(),
                        name: key.clone(),
                        email: String::new(),
                        namesake: false,
                    },
                    Organizer::from,
                )
            })
            .collect();
        let asked = account.filter(|_| !draft.query.trim().is_empty());
        let (mut found, mut nobody) = (Vec::new(), None);
        if let Some(account) = asked {
            let is_synced = directory.is_synced();
            let limit = FOUND + chosen.len() + 1;
            let matches = find(directory, draft.query.clone(), limit).await;
            nobody = Some(nobody_new(frame, draft, account, &matches, is_synced));
            found = matches;
            found.retain(|person| {
                person.key != account.key && !draft.co_organizers.contains(&person.key)
            });
            found.truncate(FOUND);
        }
        let nobody = nobody.filter(|_| found.is_empty());
        let page = Page {
            frame,
            draft,
            alert: self.alert,
            notice: self.notice,
            state: self.state,
            errors: self.errors,
            chosen,
            found,
            nobody,
            zones: zones(&employees.zones),
            moment: Moment::of(&employees.zones, frame, draft),
        };
        let mut response = show(self.status, &page);
        if let Some(seconds) = self.retry_after {
            let value = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

/// Why a search has nobody to offer: they are chosen already, it is the reader, or there is nobody.
fn nobody_new(
    frame: &Frame,
    draft: &Draft,
    account: &Account,
    matches: &[Organizer],
    is_synced: bool,
) -> String {
    let chosen = matches
        .iter()
        .filter(|person| draft.co_organizers.contains(&person.key));
    let names: Vec<String> = chosen.map(Organizer::known_as).collect();
    if !names.is_empty() {
        return fill(frame.t(Word::PeopleAlready), "names", &names.join(", "));
    }
    let text = if matches.iter().any(|person| person.key == account.key) {
        Word::PeopleSelf
    } else if is_synced {
        Word::PeopleNone
    } else {
        Word::PeopleUnsynced
    };
    frame.t(text).to_owned()
}
