//! `GET`, `POST` and `DELETE /app/api/session`: who is signed in, the end of the hand-off, sign-out;
//! `POST /app/api/session/end` signs out as well. `?cancel=` says what becomes of cancellations that
//! still wait.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{
    Cancellation, Carrier, Code, HandoffRequest, HandoffResponse, Integration, Session, User,
    WaitingCancels,
};

use crate::email;
use crate::goto::Caller;
use crate::http::api_error::sign_on_code;
use crate::http::guard::{MaybeIdentity, MaybeSignedIn, Origin, Visitor};
use crate::http::json;
use crate::http::{ApiError, Employees, cookies};
use crate::signin::{Account, NewSession, TokenRefused};

fn describe(
    employees: &Employees,
    account: Option<Account>,
    refused: Option<TokenRefused>,
) -> Session {
    let integration = &employees.integration;
    Session {
        integration: Integration {
            name: integration.name.clone(),
            icon: integration.icon.as_ref().map(|_| "app/icon".to_owned()),
        },
        // With a lost consent there is nothing the employee could do but sign in.
        user: account.filter(|account| !account.lost).map(|account| User {
            key: account.key,
            name: account.name,
            email: account.email,
        }),
        sign_on: refused.map(sign_on_code),
    }
}

/// Who is signed in; 200 also when nobody is.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    caller: MaybeSignedIn,
) -> Json<Session> {
    let account = caller.visitor.map(|visitor| visitor.account);
    Json(describe(&employees, account, caller.refused))
}

/// Swaps the one-time code of the sign-in window for a session.
pub(in crate::http) async fn start(
    State(employees): State<Employees>,
    Origin(origin): Origin,
    caller: MaybeIdentity,
    json::Json(asked): json::Json<HandoffRequest>,
) -> Result<Response, ApiError> {
    let taken = employees
        .handoffs
        .take(&asked.code, &asked.verifier, &origin, asked.carrier);
    let (new, key) = taken.await?;
    let account = employees.sessions.describe(&key).await?;
    if let (Some(identity), Some(account)) = (&caller.identity, &account)
        && email::fold(&account.email) != identity.email
    {
        let visitor = Visitor {
            account: account.clone(),
            session: Some(new.id),
        };
        leave(&employees, Some(visitor)).await?;
        return Err(ApiError::new(
            Code::SomebodyElse,
            "signed in at GoTo as somebody else than single sign-on says; sso.map may pair the two addresses",
        ));
    }
    if let (Some(identity), Some(account)) = (&caller.identity, &account)
        && let Some(subject) = &identity.subject
    {
        employees.sessions.bind(&account.key, subject).await?;
    }
    let session = describe(&employees, account, None);
    let bearer = (asked.carrier == Carrier::Bearer).then(|| new.id.expose().to_owned());
    let mut response = Json(HandoffResponse { session, bearer }).into_response();
    if asked.carrier == Carrier::Cookie
        && let Some(cookie) = enter(&employees, &new)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The cookie of a new session.
pub(in crate::http) fn enter(employees: &Employees, new: &NewSession) -> Option<HeaderValue> {
    cookies::set_session(
        &employees.public_url,
        employees.placement,
        &new.id,
        new.life,
    )
}

/// What becomes of cancellations that still wait.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Leaving {
    cancel: Option<WaitingCancels>,
}

/// Signs out; the answer is the same when nobody was signed in. While a cancellation waits, nobody
/// is signed out until they have said what becomes of it.
pub(in crate::http) async fn end(
    State(employees): State<Employees>,
    caller: MaybeSignedIn,
    leaving: Result<Query<Leaving>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(leaving) =
        leaving.map_err(|_| ApiError::new(Code::MalformedRequest, "cancel is `send` or `drop`"))?;
    if let Some(visitor) = &caller.visitor
        && !settle(&employees, &visitor.account, leaving.cancel)
            .await?
            .is_empty()
    {
        return Err(ApiError::new(
            Code::CancelWaiting,
            "a cancellation waits to be sent: repeat this with ?cancel=send or with ?cancel=drop",
        ));
    }
    let cookie = leave(&employees, caller.visitor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Does with somebody's waiting cancellations as they said who leave; those that they have said
/// nothing about.
pub(in crate::http) async fn settle(
    employees: &Employees,
    account: &Account,
    answer: Option<WaitingCancels>,
) -> Result<Vec<Cancellation>, ApiError> {
    let Some(answer) = answer else {
        return Ok(employees.meetings.waiting_cancels(account).await?);
    };
    employees.meetings.settle_cancels(account, answer).await?;
    Ok(Vec::new())
}

/// Ends a session; the answer clears its cookie. Somebody whom single sign-on would name again at
/// once can only mean the consent itself, as does whoever ends their last session.
pub(in crate::http) async fn leave(
    employees: &Employees,
    who: Option<Visitor>,
) -> Result<Option<HeaderValue>, ApiError> {
    if let Some(Visitor { account, session }) = who {
        let ended = employees.sessions.end(session.as_ref(), &account).await?;
        if let Some(grant) = ended {
            let employees = employees.clone();
            // Nobody waits for it: what is gone here is gone whatever GoTo says.
            tokio::spawn(async move {
                let caller = Caller::read(&grant.organizer_key);
                employees.oauth.revoke(&caller, &grant.refresh_token).await;
            });
        }
        employees
            .activity
            .note("employee.sign_out", Some(&account.email), "ok", "")
            .await;
    }
    Ok(cookies::clear_session(
        &employees.public_url,
        employees.placement,
    ))
}
