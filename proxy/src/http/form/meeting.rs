//! `GET /form/meetings/{id}`: *New meeting* after a create, *Meeting details* otherwise.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use goto_microapps_api::icons::Icon;
use goto_microapps_api::words::{fill, listed};
use goto_microapps_api::{Invitation, Meeting, format};

use super::start_press::ticket;
use super::{Frame, Reader, path_of, show, show_startable, with_session};
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};
use crate::when::{self, When};

/// Which of the two pages.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    new: Option<String>,
    changed: Option<String>,
}

#[derive(Template)]
#[template(path = "form_meeting.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// Address of *Meeting details*.
    details: String,
    /// Address of the calendar file.
    calendar: String,
    /// Where its start is asked for, and the ticket for it.
    start: String,
    ticket: Option<String>,
    /// Where it can be changed.
    edit: String,
    /// Where it is asked whether it is to be cancelled.
    cancel: String,
    /// Address of the sign-in that comes back here.
    sign_in: String,
    /// The meeting, or why there is none.
    shown: Result<Shown, &'static str>,
    new: bool,
    /// It was changed just now.
    changed: bool,
    signed_in: bool,
}

struct Shown {
    meeting: Meeting,
    when: Option<When>,
    id: String,
    invitation: Invitation,
    nobody_yet: String,
}

/// Shows one of the employee's own meetings.
pub(in crate::http) async fn show_meeting(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    ask: Result<Query<Ask>, QueryRejection>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Result<Response, ApiError> {
    let visitor = with_session(who);
    let account = visitor.as_ref().map(|visitor| &visitor.account);
    let frame = Frame::new(&employees, &reader, account);
    let Query(ask) = ask.unwrap_or_default();
    let (new, changed) = (ask.new.is_some(), ask.changed.is_some());
    let (status, shown) = match account {
        None => (
            StatusCode::UNAUTHORIZED,
            Err(frame.texts.get(Word::SignInDetails)),
        ),
        Some(account) => match employees.meetings.details(account, &id).await {
            Ok(known) => {
                let invitation = employees.meetings.share(&known, frame.invites(&employees));
                let meeting = known.meeting;
                let shown = Shown {
                    when: when::of(&meeting, &frame.zone, frame.texts.language()),
                    id: format::grouped(&meeting.id),
                    nobody_yet: nobody_yet(&frame, &meeting),
                    invitation,
                    meeting,
                };
                (StatusCode::OK, Ok(shown))
            }
            Err(error) => {
                let problem = ApiError::from(error).document("");
                let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK);
                (status, Err(frame.texts.code(problem.code)))
            }
        },
    };
    let id = shown.as_ref().map_or(&id, |shown| &shown.meeting.id);
    let path = path_of(id);
    let ticket = match &visitor {
        Some(visitor) if shown.is_ok() && !new => {
            Some(ticket(&employees, visitor, Some(id)).await?)
        }
        _ => None,
    };
    let page = Page {
        frame: &frame,
        start: frame.link(&format!("{path}/start")),
        edit: frame.link(&format!("{path}/edit")),
        cancel: frame.link(&format!("{path}/cancel")),
        ticket,
        details: frame.link(&path),
        calendar: frame.link(&format!("{path}/calendar")),
        sign_in: frame.sign_in(&path),
        shown,
        new,
        changed,
        signed_in: account.is_some(),
    };
    Ok(if page.ticket.is_some() {
        show_startable(status, &page)
    } else {
        show(status, &page)
    })
}

/// How many of those are named who are to be sent the invitation.
const NAMED: usize = 5;

/// Nobody has the invitation yet: to whom it may be sent.
fn nobody_yet(frame: &Frame, meeting: &Meeting) -> String {
    let people = meeting.co_organizers.iter();
    let names = people.map(|person| person.name.as_str());
    let all = names.chain(meeting.invitation.participants.iter().map(String::as_str));
    let mut names: Vec<&str> = all.take(NAMED + 1).collect();
    if names.is_empty() {
        return frame.t(Word::NobodyYet).to_owned();
    }
    if names.len() > NAMED {
        names[NAMED] = "\u{2026}";
    }
    let names = listed(frame.t(Word::NameAndNext), &names);
    fill(frame.t(Word::NobodyYetSend), "names", &names)
}
