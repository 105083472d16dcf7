//! `GET /form/meetings/{id}`: *New meeting* after a create, *Meeting details* otherwise.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use goto_microapps_api::icons::Icon;
use goto_microapps_api::{Meeting, format};

use super::when::{self, When};
use super::{Frame, Reader, show};
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};

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
}

/// Shows one of the employee's own meetings.
pub(in crate::http) async fn show_meeting(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    ask: Result<Query<Ask>, QueryRejection>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Response {
    let account = who
        .map(|visitor| visitor.account)
        .filter(|account| !account.lost);
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
    // Only what can be an id goes into a link.
    let known = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let path = if known {
        format!("form/meetings/{id}")
    } else {
        "form".to_owned()
    };
    let page = Page {
        frame: &frame,
        details: frame.link(&path),
        sign_in: frame.sign_in(&path),
        shown,
        new,
        signed_in: account.is_some(),
    };
    show(status, &page)
}
