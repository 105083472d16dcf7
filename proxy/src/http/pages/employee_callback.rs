//! `GET /app/api/auth/serviceAction/callback`: GoTo sends the employee back; the code of the
//! hand-off goes to the page that opened the window and to nobody else.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use goto_microapps_api::{HandoffMessage, HandoffOutcome};

use super::{Language, Message, Notice, arrival};
use crate::goto::oauth::TokenError;
use crate::goto::{Caller, Error as GotoError};
use crate::http::api::session::enter;
use crate::http::inbound::Client;
use crate::http::{Employees, Refusal, cookies};
use crate::signin::{Arrival, CallbackError, Offer, RememberError, SessionId};
use crate::store::{self, ClientKind, Transaction};

/// How it ended, for the page.
enum Ending {
    SignedIn {
        offer: Offer,
        email: String,
    },
    /// On a page of the proxy's own.
    Entered {
        session: SessionId,
        email: String,
    },
    Denied,
    Failed(Failure),
}

#[derive(Clone, Copy, Debug)]
enum Failure {
    GotoDown,
    GotoRefused,
    Busy,
    NotReady,
    SomebodyElse,
}

/// Finishes a sign-in.
pub(in crate::http) async fn arrive(
    State(employees): State<Employees>,
    client: Client,
    headers: HeaderMap,
    query: Result<Query<Arrival>, QueryRejection>,
) -> Result<Response, Refusal> {
    let browser = cookies::sign_in(&headers, &employees.public_url);
    let arrived = employees
        .transactions
        .arrive(arrival(query), ClientKind::Employee, &browser)
        .await;
    let (transaction, ending) = match arrived {
        Ok((transaction, code)) => {
            // A code works once: the exchange goes on even if the window is closed meanwhile.
            let task = {
                let (employees, transaction) = (employees.clone(), transaction.clone());
                tokio::spawn(async move { exchange(&employees, client, &transaction, &code).await })
            };
            (transaction, task.await??)
        }
        Err(CallbackError::Denied(transaction)) => (*transaction, Ending::Denied),
        Err(CallbackError::Failed(transaction)) => {
            (*transaction, Ending::Failed(Failure::GotoRefused))
        }
        Err(CallbackError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(stray(&employees, &headers, &error)),
    };
    note(&employees, &ending).await;
    Ok(show(&employees, &transaction, &ending))
}

/// A callback nobody here waits for: there is no page to tell.
fn stray(employees: &Employees, headers: &HeaderMap, error: &CallbackError) -> Response {
    tracing::info!(%error, "a sign-in callback was refused");
    let language = Language::of_browser(headers);
    let words = language.words();
    let [title, text] = match error {
        CallbackError::Expired => words.expired,
        CallbackError::Browser => words.other_browser,
        _ => words.unknown,
    };
    Notice::new(&employees.public_url, language, "failed", title, text)
        .into_response(StatusCode::BAD_REQUEST)
}

async fn exchange(
    employees: &Employees,
    client: Client,
    transaction: &Transaction,
    code: &str,
) -> Result<Ending, store::Error> {
    let Some(attempt) = employees.strangers.enter(client).await else {
        return Ok(Ending::Failed(Failure::Busy));
    };
    let verifier = transaction.verifier.as_ref();
    let caller = Caller::stranger();
    let exchanged = employees.oauth.exchange(&caller, code, verifier);
    let tokens = match exchanged.await {
        Ok(tokens) => {
            drop(attempt);
            tokens
        }
        Err(error) => {
            // What is not the code's fault costs nobody anything.
            if error.is_about_the_code() {
                attempt.refused();
            }
            tracing::warn!(%error, "a sign-in could not be finished");
            return Ok(Ending::Failed(match error {
                TokenError::Later(error) => failure(&error),
                TokenError::GrantLost => Failure::GotoRefused,
                _ => Failure::NotReady,
            }));
        }
    };
    let account = match employees
        .sessions
        .remember(
            &employees.goto,
            &Caller::newcomer(),
            tokens,
            transaction.expected_email.as_deref(),
        )
        .await
    {
        Ok(Some(account)) => account,
        Ok(None) => return Ok(Ending::Failed(Failure::GotoRefused)),
        Err(RememberError::Goto(error)) => {
            tracing::warn!(%error, "a sign-in could not be finished");
            return Ok(Ending::Failed(failure(&error)));
        }
        Err(RememberError::SomebodyElse) => {
            tracing::warn!("somebody signed in at GoTo as somebody else than single sign-on says");
            return Ok(Ending::Failed(Failure::SomebodyElse));
        }
        Err(RememberError::Store(error)) => return Err(error),
    };
    if transaction.return_to.is_some() {
        return Ok(Ending::Entered {
            session: employees.sessions.start(&account.key).await?,
            email: account.email,
        });
    }
    let origin = transaction.origin.clone().unwrap_or_default();
    let challenge = transaction.challenge.clone().unwrap_or_default();
    let offer = employees
        .handoffs
        .offer(origin, challenge, account.key)
        .await?;
    Ok(Ending::SignedIn {
        offer,
        email: account.email,
    })
}

fn failure(error: &GotoError) -> Failure {
    match error {
        GotoError::Busy { .. } | GotoError::RateLimited { .. } => Failure::Busy,
        GotoError::InvalidToken | GotoError::Forbidden { .. } | GotoError::Refused { .. } => {
            Failure::GotoRefused
        }
        _ => Failure::GotoDown,
    }
}

async fn note(employees: &Employees, ending: &Ending) {
    let kind = "employee.sign_in";
    let activity = &employees.activity;
    match ending {
        Ending::SignedIn { email, .. } | Ending::Entered { email, .. } => {
            activity.note(kind, Some(email), "ok", "").await;
        }
        // Anybody can make these happen.
        Ending::Denied => activity.count(kind, "denied", ""),
        Ending::Failed(failure) => activity.count(kind, "failed", &format!("{failure:?}")),
    }
}

fn show(employees: &Employees, transaction: &Transaction, ending: &Ending) -> Response {
    let language = Language::of(&transaction.language);
    let words = language.words();
    let (outcome, code, mood, [title, text], status) = match ending {
        Ending::SignedIn { offer, .. } => (
            HandoffOutcome::SignedIn,
            Some(offer.posted.clone()),
            "ok",
            words.signed_in,
            StatusCode::OK,
        ),
        Ending::Entered { .. } => (
            HandoffOutcome::SignedIn,
            None,
            "ok",
            words.signed_in,
            StatusCode::OK,
        ),
        Ending::Denied => (
            HandoffOutcome::Denied,
            None,
            "stopped",
            words.denied,
            StatusCode::OK,
        ),
        Ending::Failed(failure) => {
            let (text, status) = match failure {
                Failure::GotoDown => (words.goto_down, StatusCode::BAD_GATEWAY),
                Failure::GotoRefused => (words.goto_refused, StatusCode::BAD_GATEWAY),
                Failure::Busy => (words.busy, StatusCode::SERVICE_UNAVAILABLE),
                Failure::NotReady => (words.not_ready, StatusCode::SERVICE_UNAVAILABLE),
                Failure::SomebodyElse => (words.somebody_else, StatusCode::FORBIDDEN),
            };
            (HandoffOutcome::Failed, None, "failed", text, status)
        }
    };
    let message = HandoffMessage {
        kind: HandoffMessage::TYPE.to_owned(),
        outcome,
        code,
    };
    let mut notice = Notice::new(&employees.public_url, language, mood, title, text);
    if let Some(path) = &transaction.return_to {
        // A page that moves on by itself, not a redirect: a strict cookie is not sent along with a
        // journey that began on GoTo's site.
        notice.next = employees.public_url.join(path).ok().map(String::from);
        notice.moves = matches!(ending, Ending::Entered { .. });
        let mut response = notice.into_response(status);
        if let Ending::Entered { session, .. } = ending
            && let Some(cookie) = enter(employees, session)
        {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        return response;
    }
    notice.message = Some(Message {
        json: serde_json::to_string(&message).unwrap_or_default(),
        origin: transaction.origin.clone().unwrap_or_default(),
        close: outcome != HandoffOutcome::Failed,
        typed: match ending {
            Ending::SignedIn { offer, .. } => Some(offer.typed.clone()),
            _ => None,
        },
        severed: words.severed,
    });
    notice.into_response(status)
}
