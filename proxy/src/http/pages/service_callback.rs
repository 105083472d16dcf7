//! `GET /admin/api/gwsc/auth/serverContext`: GoTo sends the administrator back.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{Language, Notice, Wait, callback_query};
use crate::goto::oauth::TokenError;
use crate::http::{ApiError, Console, cookies};
use crate::service_account;
use crate::signin::{AcceptedCallback, CallbackError, CallbackQuery};
use crate::store::{ClientKind, Grant, PendingSignIn};

/// Finishes the consent of the service account.
pub(in crate::http) async fn callback(
    State(console): State<Console>,
    headers: HeaderMap,
    query: Result<Query<CallbackQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let public_url = &console.settings.server.public_url;
    let notice = |mood, title: &str, text: &str| {
        Notice::new(public_url, Language::ENGLISH, mood, title, text)
    };
    let browser = cookies::sign_in(&headers, public_url);
    let callback = console
        .pending_sign_ins
        .callback(callback_query(query), ClientKind::ServiceAccount, &browser)
        .await;
    let callback = match callback {
        Ok(callback) => callback,
        Err(CallbackError::Store(error)) => return Err(error.into()),
        Err(CallbackError::Denied(_)) => {
            note(&console, "denied", "").await;
            let text =
                "Nothing was changed. Press Authorise on the admin console and choose Allow.";
            return Ok(
                notice("stopped", "Access was not given", text).into_response(StatusCode::OK)
            );
        }
        Err(CallbackError::Failed(_, error)) if error.cure().is_some() => {
            let cure = error.cure().unwrap_or_default();
            let text = format!(
                "the service account cannot be connected: GoTo answers {error} for the client goto.service_account; cure: {cure}"
            );
            console.attention.note("goto.service_account", &text).await;
            note(&console, "failed", &error.to_string()).await;
            let text = format!("Nothing was changed. GoTo answers {error}: {cure}.");
            let notice = notice("failed", "GoTo does not accept the OAuth client", &text);
            return Ok(notice.into_response(StatusCode::BAD_REQUEST));
        }
        Err(error) => {
            tracing::info!(%error, "a consent callback was refused");
            let title = match error {
                CallbackError::Expired => "That took too long",
                CallbackError::Browser => "Started in another browser",
                CallbackError::Failed(..) => "GoTo reported a problem",
                _ => "This consent is not open any more",
            };
            let text = "Nothing was changed. Press Authorise on the admin console again.";
            return Ok(notice("failed", title, text).into_response(StatusCode::BAD_REQUEST));
        }
    };
    if !is_still_admin(&console, &callback.sign_in).await? {
        let text = "Nothing was changed. Sign in to the admin console and press Authorise again.";
        let notice = notice("failed", "The console session ended", text);
        return Ok(notice.into_response(StatusCode::FORBIDDEN));
    }
    // A code works once: the exchange goes on even if the window is closed meanwhile.
    let task = {
        let (console, callback) = (console.clone(), callback.clone());
        tokio::spawn(async move { connect(&console, &callback).await })
    };
    match task.await? {
        Ok(grant) => {
            note(&console, "ok", &grant.email).await;
            console.organizers.ask();
            let text = format!(
                "The service account is {}. The organizers are being read; go back to the admin console to watch.",
                grant.email
            );
            Ok(notice("ok", "Connected to GoTo", &text).into_response(StatusCode::OK))
        }
        Err(service_account::ConnectError::Store(error)) => Err(error.into()),
        Err(refusal) if refusal.wait().is_some() => {
            let text = "GoTo has no time for this now. It goes on by itself in {seconds} s.";
            let mut notice = notice("stopped", "GoTo asks to wait", text);
            notice.wait = refusal.wait().map(|seconds| Wait::new(seconds, text));
            Ok(notice.into_response(StatusCode::SERVICE_UNAVAILABLE))
        }
        Err(refusal) => {
            tracing::warn!(%refusal, "the service account was not connected");
            note(&console, "failed", &refusal.to_string()).await;
            let (title, status) = match &refusal {
                service_account::ConnectError::Token(TokenError::Later(_))
                | service_account::ConnectError::Goto(_) => {
                    ("GoTo does not answer as it should", StatusCode::BAD_GATEWAY)
                }
                service_account::ConnectError::Token(_) => (
                    "GoTo does not accept the OAuth client",
                    StatusCode::BAD_GATEWAY,
                ),
                _ => ("Not the right account", StatusCode::FORBIDDEN),
            };
            let text = format!("Nothing was changed: {refusal}.");
            Ok(notice("failed", title, &text).into_response(status))
        }
    }
}

/// Exchanges the code and takes what it gives. Where GoTo only has no time, the same callback may
/// come again, with what there is so far.
async fn connect(
    console: &Console,
    callback: &AcceptedCallback,
) -> Result<Grant, service_account::ConnectError> {
    let account = &console.service_account;
    let verifier = callback.sign_in.verifier.as_ref();
    let (tokens, connected) = match callback.tokens() {
        Some(tokens) => (Some(tokens.clone()), account.connect(tokens).await),
        None => match account.exchange(&callback.code, verifier).await {
            Ok(tokens) => (Some(tokens.clone()), account.connect(tokens).await),
            Err(error) => (None, Err(error)),
        },
    };
    if let Err(refusal) = &connected
        && refusal.wait().is_some()
    {
        console
            .pending_sign_ins
            .put_off(callback, tokens.as_ref())
            .await?;
    }
    connected
}

async fn is_still_admin(console: &Console, sign_in: &PendingSignIn) -> Result<bool, ApiError> {
    match &sign_in.admin_hash {
        Some(hash) => Ok(console.admin_sessions.is_valid_hash(hash).await?),
        None => Ok(false),
    }
}

async fn note(console: &Console, outcome: &str, detail: &str) {
    console
        .activity
        .note("service_account.authorise", None, outcome, detail)
        .await;
}
