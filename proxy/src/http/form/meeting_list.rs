//! `GET /form/meetings?fresh=`: *My meetings*.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use goto_microapps_api::icons::Icon;
use goto_microapps_api::{Ability, ListedMeeting};

use super::start_press::ticket;
use super::{Frame, Reader, path_of, show, show_startable, with_session};
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};
use crate::when::{self, When};

/// How they are wanted.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    #[serde(default)]
    fresh: bool,
}

#[derive(Template)]
#[template(path = "form_meetings.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// The meetings, or why there are none to show.
    shown: Result<Vec<Row>, &'static str>,
    /// For one start.
    ticket: String,
    signed_in: bool,
}

struct Row {
    meeting: ListedMeeting,
    when: Option<When>,
    /// Address of its *Meeting details*.
    details: String,
    /// Where its start is asked for.
    start: Option<String>,
    /// Its form.
    edit: Option<String>,
    /// Where it is asked whether it is to be cancelled.
    cancel: Option<String>,
    subject: String,
}

/// Lists the employee's next meetings.
pub(in crate::http) async fn show_meetings(
    State(employees): State<Employees>,
    reader: Reader,
    ask: Result<Query<Ask>, QueryRejection>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Result<Response, ApiError> {
    let visitor = with_session(who);
    let account = visitor.as_ref().map(|visitor| &visitor.account);
    let frame = Frame::new(&employees, &reader, account);
    let fresh = ask.is_ok_and(|Query(ask)| ask.fresh);
    let (status, shown) = match account {
        None => (
            StatusCode::UNAUTHORIZED,
            Err(frame.t(Word::MyMeetingsSignIn)),
        ),
        Some(account) => match employees.meetings.mine(account, fresh).await {
            Ok(mine) => {
                let rows = mine.meetings.into_iter().map(|meeting| Row {
                    when: when::between(
                        meeting.start.as_deref(),
                        meeting.end.as_deref(),
                        &frame.zone,
                        frame.texts.language(),
                    ),
                    details: frame.link(&path_of(&meeting.id)),
                    start: meeting
                        .can
                        .contains(&Ability::Start)
                        .then(|| frame.link(&format!("{}/start", path_of(&meeting.id)))),
                    edit: meeting
                        .can
                        .contains(&Ability::Edit)
                        .then(|| frame.link(&format!("{}/edit", path_of(&meeting.id)))),
                    cancel: meeting
                        .can
                        .contains(&Ability::Cancel)
                        .then(|| frame.link(&format!("{}/cancel", path_of(&meeting.id)))),
                    subject: frame.named(meeting.subject.clone()),
                    meeting,
                });
                (StatusCode::OK, Ok(rows.collect()))
            }
            Err(error) => {
                let problem = ApiError::from(error).document("");
                let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK);
                (status, Err(frame.texts.code(problem.code)))
            }
        },
    };
    let ticket = match &visitor {
        Some(visitor) => ticket(&employees, visitor, None).await?,
        None => String::new(),
    };
    let page = Page {
        frame: &frame,
        shown,
        ticket,
        signed_in: account.is_some(),
    };
    Ok(if page.signed_in {
        show_startable(status, &page)
    } else {
        show(status, &page)
    })
}
