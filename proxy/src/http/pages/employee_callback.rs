//! `GET /app/api/auth/serviceAction/callback`: GoTo sends the employee back; the code of the
//! hand-off goes to the page that opened the window and to nobody else.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use goto_microapps_api::words::fill;
use goto_microapps_api::{HandoffMessage, HandoffOutcome};

use super::typed_code;
use super::{Language, Message, Notice, Wait, Word, callback_query};
use crate::goto::oauth::{TokenError, TokenSet};
use crate::goto::{Caller, Error as GotoError};
use crate::http::api::session::enter;
use crate::http::inbound::Client;
use crate::http::{ApiError, Employees, cookies};
use crate::signin::{
    AcceptedCallback, AuthorizeError, CallbackError, CallbackQuery, NewSession, RememberError,
};
use crate::store::{self, ClientKind, PendingSignIn};

/// How it ended, for the page.
enum Ending {
    SignedIn {
        posted: String,
        email: String,
    },
    /// On a page of the proxy's own.
    Entered {
        session: NewSession,
        email: String,
    },
    Denied,
    Failed(Failure),
    /// GoTo has no time: the page comes back after so many seconds.
    PutOff(u32),
}

#[derive(Clone, Debug)]
enum Failure {
    GotoDown,
    GotoRefused,
    NotReady,
    SomebodyElse,
    /// With the address they have there.
    AnotherAccount(String),
    NoEmail,
}

impl Failure {
    /// For the support log; the same for everybody whom it happens to.
    fn name(&self) -> &'static str {
        match self {
            Self::GotoDown => "GotoDown",
            Self::GotoRefused => "GotoRefused",
            Self::NotReady => "NotReady",
            Self::SomebodyElse => "SomebodyElse",
            Self::AnotherAccount(_) => "AnotherAccount",
            Self::NoEmail => "NoEmail",
        }
    }
}

/// Seconds until an address whose codes were refused too often may send another one.
const CROWDED: u32 = 20;

/// Finishes a sign-in.
pub(in crate::http) async fn callback(
    State(employees): State<Employees>,
    client: Client,
    headers: HeaderMap,
    query: Result<Query<CallbackQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let browser = cookies::sign_in(&headers, &employees.public_url);
    let callback = employees
        .pending_sign_ins
        .callback(callback_query(query), ClientKind::Employee, &browser)
        .await;
    let (sign_in, ending) = match callback {
        Ok(callback) => {
            let sign_in = callback.sign_in.clone();
            // A code works once: the exchange goes on even if the window is closed meanwhile.
            let task = {
                let employees = employees.clone();
                tokio::spawn(async move { exchange(&employees, client, &callback).await })
            };
            let ending = match task.await {
                Ok(ending) => ending.map_err(ApiError::from),
                Err(error) => Err(error.into()),
            };
            let ending = ending.map_err(|error| error.telling(sign_in.origin.clone()))?;
            (sign_in, ending)
        }
        Err(CallbackError::Denied(sign_in)) => (*sign_in, Ending::Denied),
        Err(CallbackError::Failed(sign_in, error)) => {
            let failure = turned_away(&employees, &error).await;
            (*sign_in, Ending::Failed(failure))
        }
        Err(CallbackError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(stray(&employees, &headers, &error)),
    };
    note(&employees, &ending).await;
    Ok(show(&employees, &sign_in, &ending))
}

/// A callback nobody here waits for: there is no page to tell.
fn stray(employees: &Employees, headers: &HeaderMap, error: &CallbackError) -> Response {
    tracing::info!(%error, "a sign-in callback was refused");
    let language = Language::of_browser(headers);
    let [title, text] = match error {
        CallbackError::Expired => [Word::Expired, Word::ExpiredText],
        CallbackError::Browser => [Word::OtherBrowser, Word::OtherBrowserText],
        _ => [Word::Unknown, Word::UnknownText],
    }
    .map(|word| language.say(word));
    Notice::new(&employees.public_url, language, "failed", title, text)
        .into_response(StatusCode::BAD_REQUEST)
}

/// What an error of GoTo's authorization page means for the employee; what only the administrator
/// can cure is brought to their attention.
async fn turned_away(employees: &Employees, error: &AuthorizeError) -> Failure {
    tracing::warn!(%error, "GoTo's authorization page turned an employee away");
    match error {
        AuthorizeError::Setup(_) => {
            let cure = error.cure().unwrap_or_default();
            let text = format!(
                "employees cannot sign in: GoTo answers {error} for the client goto.employees; cure: {cure}"
            );
            employees.attention.note("goto.employees", &text).await;
            Failure::NotReady
        }
        AuthorizeError::Later(_) => Failure::GotoDown,
        AuthorizeError::Again(_) => Failure::GotoRefused,
    }
}

async fn exchange(
    employees: &Employees,
    client: Client,
    callback: &AcceptedCallback,
) -> Result<Ending, store::Error> {
    let sign_in = &callback.sign_in;
    let tokens = match callback.tokens() {
        Some(tokens) => tokens,
        None => {
            let Some(attempt) = employees.strangers.enter(client).await else {
                employees.pending_sign_ins.put_off(callback, None).await?;
                return Ok(Ending::PutOff(CROWDED));
            };
            let verifier = sign_in.verifier.as_ref();
            let caller = Caller::stranger();
            let exchanged = employees.oauth.exchange(&caller, &callback.code, verifier);
            match exchanged.await {
                Ok(tokens) => {
                    drop(attempt);
                    tokens
                }
                Err(error) => {
                    // What is not the code's fault costs nobody anything.
                    if error.is_about_the_code() {
                        attempt.refused();
                    }
                    if let TokenError::Later(error) = &error {
                        return not_now(employees, callback, None, error).await;
                    }
                    tracing::warn!(%error, "a sign-in could not be finished");
                    return Ok(Ending::Failed(match error {
                        TokenError::GrantLost => Failure::GotoRefused,
                        _ => Failure::NotReady,
                    }));
                }
            }
        }
    };
    let expected = sign_in.expected.as_ref();
    let remembered = employees
        .sessions
        .remember(&employees.goto, &Caller::newcomer(), &tokens, expected)
        .await;
    let account = match remembered {
        Ok(account) => account,
        Err(RememberError::Goto(error)) => {
            return not_now(employees, callback, Some(&tokens), &error).await;
        }
        Err(RememberError::Store(error)) => return Err(error),
        Err(error) => {
            tracing::warn!(%error, "a sign-in could not be finished");
            give_back(employees, tokens);
            return Ok(Ending::Failed(match error {
                RememberError::AnotherAccount { email } => Failure::AnotherAccount(email),
                RememberError::NoEmail => Failure::NoEmail,
                RememberError::SomebodyElse => Failure::SomebodyElse,
                _ => Failure::GotoRefused,
            }));
        }
    };
    if sign_in.return_to.is_some() {
        return Ok(Ending::Entered {
            session: employees.sessions.start(&account.key, None).await?,
            email: account.email,
        });
    }
    let posted = employees.handoffs.offer(sign_in, account.key).await?;
    Ok(Ending::SignedIn {
        posted,
        email: account.email,
    })
}

/// GoTo did not do its part. Where it only has no time, the page comes back.
async fn not_now(
    employees: &Employees,
    callback: &AcceptedCallback,
    tokens: Option<&TokenSet>,
    error: &GotoError,
) -> Result<Ending, store::Error> {
    tracing::warn!(%error, "a sign-in could not be finished");
    if let Some(seconds) = error.wait() {
        employees.pending_sign_ins.put_off(callback, tokens).await?;
        return Ok(Ending::PutOff(seconds));
    }
    Ok(Ending::Failed(failure(error)))
}

/// Gives back what GoTo gave for somebody who gets no session. Nobody waits for it.
fn give_back(employees: &Employees, tokens: TokenSet) {
    let employees = employees.clone();
    tokio::spawn(async move {
        if let Some(token) = tokens.refresh_token {
            employees.oauth.revoke(&Caller::newcomer(), &token).await;
        }
    });
}

fn failure(error: &GotoError) -> Failure {
    match error {
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
        Ending::PutOff(_) => activity.count(kind, "busy", ""),
        Ending::Failed(failure) => activity.count(kind, "failed", failure.name()),
    }
}

fn show(employees: &Employees, sign_in: &PendingSignIn, ending: &Ending) -> Response {
    let language = Language::of(&sign_in.language);
    let mut wait = None;
    let (outcome, code, mood, words, status) = match ending {
        Ending::SignedIn { posted, .. } => (
            HandoffOutcome::SignedIn,
            Some(posted.clone()),
            "ok",
            [Word::SignedIn, Word::SignedInText],
            StatusCode::OK,
        ),
        Ending::Entered { .. } => (
            HandoffOutcome::SignedIn,
            None,
            "ok",
            [Word::SignedIn, Word::SignedInText],
            StatusCode::OK,
        ),
        Ending::Denied => (
            HandoffOutcome::Denied,
            None,
            "stopped",
            [Word::Denied, Word::DeniedText],
            StatusCode::OK,
        ),
        Ending::PutOff(seconds) => {
            wait = Some(*seconds);
            (
                HandoffOutcome::Busy,
                None,
                "stopped",
                [Word::PutOff, Word::PutOffText],
                StatusCode::SERVICE_UNAVAILABLE,
            )
        }
        Ending::Failed(failure) => {
            let (words, status) = match failure {
                Failure::GotoDown => (
                    [Word::GotoDown, Word::GotoDownText],
                    StatusCode::BAD_GATEWAY,
                ),
                Failure::GotoRefused => (
                    [Word::GotoRefused, Word::GotoRefusedText],
                    StatusCode::BAD_GATEWAY,
                ),
                Failure::NotReady => (
                    [Word::NotReady, Word::NotReadyText],
                    StatusCode::SERVICE_UNAVAILABLE,
                ),
                Failure::SomebodyElse => (
                    [Word::SomebodyElse, Word::SomebodyElseText],
                    StatusCode::FORBIDDEN,
                ),
                Failure::NoEmail => ([Word::NoEmail, Word::NoEmailText], StatusCode::FORBIDDEN),
                Failure::AnotherAccount(_) => (
                    [Word::AnotherAccount, Word::AnotherAccountText],
                    StatusCode::FORBIDDEN,
                ),
            };
            (HandoffOutcome::Failed, None, "failed", words, status)
        }
    };
    let [title, mut text] = words.map(|word| language.say(word).to_owned());
    if let Ending::Failed(Failure::AnotherAccount(email)) = ending {
        text = fill(&text, "email", email);
    }
    let message = HandoffMessage {
        kind: HandoffMessage::TYPE.to_owned(),
        outcome,
        code,
        retry_after: wait,
        text: matches!(outcome, HandoffOutcome::Failed | HandoffOutcome::Busy)
            .then(|| format!("{title}. {text}")),
    };
    let mut notice = Notice::new(&employees.public_url, language, mood, title, text);
    notice.wait = wait.map(|seconds| Wait::new(seconds, &notice.text));
    if let Some(path) = &sign_in.return_to {
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
        origin: sign_in.origin.clone().unwrap_or_default(),
        close: !matches!(outcome, HandoffOutcome::Failed | HandoffOutcome::Busy),
        severed: match ending {
            Ending::SignedIn { .. } => Some(typed_code::address(employees, sign_in)),
            _ => None,
        },
    });
    notice.into_response(status)
}
