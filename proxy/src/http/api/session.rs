//! `GET`, `POST` and `DELETE /app/api/session`: who is signed in, the end of the hand-off, sign-out.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{Carrier, HandoffRequest, HandoffResponse, Integration, Session, User};

use crate::goto::Caller;
use crate::http::guard::{MaybeSignedIn, Origin};
use crate::http::json;
use crate::http::{Employees, Refusal, cookies};
use crate::signin::Account;

fn describe(employees: &Employees, account: Option<Account>) -> Session {
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
    }
}

/// Who is signed in; 200 also when nobody is.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    MaybeSignedIn(who): MaybeSignedIn,
) -> Json<Session> {
    Json(describe(&employees, who.map(|(_, account)| account)))
}

/// Swaps the one-time code of the sign-in window for a session.
pub(in crate::http) async fn start(
    State(employees): State<Employees>,
    Origin(origin): Origin,
    json::Json(asked): json::Json<HandoffRequest>,
) -> Result<Response, Refusal> {
    let taken = employees
        .handoffs
        .take(&asked.code, &asked.verifier, &origin, asked.carrier);
    let (id, key) = taken.await?;
    let account = employees.sessions.describe(&key).await?;
    let session = describe(&employees, account);
    let bearer = (asked.carrier == Carrier::Bearer).then(|| id.expose().to_owned());
    let mut response = Json(HandoffResponse { session, bearer }).into_response();
    if asked.carrier == Carrier::Cookie {
        let life = employees.session.absolute;
        if let Some(cookie) =
            cookies::set_session(&employees.public_url, employees.placement, &id, life)
        {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Signs out; the answer is the same when nobody was signed in.
pub(in crate::http) async fn end(
    State(employees): State<Employees>,
    MaybeSignedIn(who): MaybeSignedIn,
) -> Result<Response, Refusal> {
    if let Some((id, account)) = who {
        if let Some(grant) = employees.sessions.end(&id, &account).await? {
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
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookies::clear_session(&employees.public_url, employees.placement) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
