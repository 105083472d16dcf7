//! `GET /form/meetings/{id}`: *New meeting* after a create, *Meeting details* otherwise.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use goto_microapps_api::icons::Icon;
use goto_microapps_api::words::fill;
use goto_microapps_api::{Invitation, Meeting, format};

use super::{Frame, Reader, show, signed_in};
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};
use crate::when::{self, When};

/// Which of the two pages.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    new: Option<String>,
}

#[derive(Template)]
#[template(path = "form_meeting.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// Address of *Meeting details*.
    details: String,
    /// Address of the calendar file.
    calendar: String,
    /// Address of the sign-in that comes back here.
    sign_in: String,
    /// The meeting, or why there is none.
    shown: Result<Shown, &'static str>,
    new: bool,
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
) -> Response {
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let new = ask.is_ok_and(|Query(ask)| ask.new.is_some());
    let (status, shown) = match &account {
        None => (
            StatusCode::UNAUTHORIZED,
            Err(frame.texts.get(Word::SignInDetails)),
        ),
        Some(account) => match employees.meetings.details(account, &id).await {
            Ok(meeting) => {
                let shown = Shown {
                    when: when::of(&meeting, &frame.zone, frame.texts.language()),
                    id: format::grouped(&meeting.id),
                    nobody_yet: nobody_yet(&frame, &meeting),
                    invitation: employees
                        .meetings
                        .share(&meeting, frame.invites(&employees)),
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
    let path = path_of(&id);
    let page = Page {
        frame: &frame,
        details: frame.link(&path),
        calendar: frame.link(&format!("{path}/calendar")),
        sign_in: frame.sign_in(&path),
        shown,
        new,
        signed_in: account.is_some(),
    };
    show(status, &page)
}

/// The path of a meeting's page. Only what can be an id goes into a link.
pub(super) fn path_of(id: &str) -> String {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("form/meetings/{id}")
    } else {
        "form".to_owned()
    }
}

/// Nobody has the invitation yet: to whom it may be sent.
fn nobody_yet(frame: &Frame, meeting: &Meeting) -> String {
    let people = meeting.co_organizers.iter();
    let names: Vec<&str> = people.map(|person| person.name.as_str()).collect();
    if names.is_empty() {
        return frame.t(Word::NobodyYet).to_owned();
    }
    fill(frame.t(Word::NobodyYetSend), "names", &names.join(", "))
}
