//! `GET /app/sign-in`: the window the widget opened leaves for GoTo.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Language, Notice, Word};
use crate::config::origin_of;
use crate::http::form::return_path;
use crate::http::guard::MaybeIdentity;
use crate::http::{ApiError, Employees, cookies};
use crate::random;
use crate::signin::Initiator;

/// What the widget says about itself.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    /// Origin of the page.
    #[serde(default)]
    origin: String,
    /// S256 of the widget's verifier.
    #[serde(default)]
    challenge: String,
    /// Page of the proxy's own to come back to, instead of a widget.
    return_to: Option<String>,
    /// Language of the widget.
    #[serde(default)]
    lang: String,
}

/// Starts a sign-in for a page on the list; a page that is not gets nothing, not even a code.
pub(in crate::http) async fn authorize(
    State(employees): State<Employees>,
    headers: HeaderMap,
    caller: MaybeIdentity,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, ApiError> {
    let ask = ask.map(|Query(ask)| ask).unwrap_or_default();
    let language = Language::of(&ask.lang);
    let expected = caller.identity;
    let page = ask.return_to.as_deref();
    if let Some(return_to) = page.and_then(|page| return_path(&employees.public_url, page)) {
        let who = Initiator::Page {
            return_to,
            expected,
        };
        return authorize_as(&employees, &headers, who, language).await;
    }
    let known = employees.origins.contains(&ask.origin) && origin_of(&ask.origin).is_some();
    if !known || !random::looks_like_token(&ask.challenge) {
        let [title, text] = if known {
            [Word::Unknown, Word::UnknownText]
        } else {
            [Word::PageRefused, Word::PageRefusedText]
        }
        .map(|word| language.say(word));
        let notice = Notice::new(&employees.public_url, language, "failed", title, text);
        return Ok(notice.into_response(StatusCode::FORBIDDEN));
    }
    let who = Initiator::Employee {
        origin: ask.origin.clone(),
        challenge: ask.challenge,
        expected,
    };
    authorize_as(&employees, &headers, who, language)
        .await
        .map_err(|error| error.telling(Some(ask.origin)))
}

async fn authorize_as(
    employees: &Employees,
    headers: &HeaderMap,
    who: Initiator,
    language: Language,
) -> Result<Response, ApiError> {
    let browser = cookies::sign_in(headers, &employees.public_url);
    let authorization = employees
        .pending_sign_ins
        .authorize(&employees.oauth, who, language.tag(), browser)
        .await?;
    redirect_to_goto(&employees.public_url, &authorization)
}

/// The redirect to GoTo, with the cookie that ties the answer to this browser.
pub(super) fn redirect_to_goto(
    public_url: &url::Url,
    authorization: &crate::signin::Authorization,
) -> Result<Response, ApiError> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let broken = || {
        ApiError::new(
            goto_microapps_api::Code::Internal,
            "the redirect cannot be written",
        )
    };
    let location = HeaderValue::from_str(authorization.url.as_str()).map_err(|_| broken())?;
    let cookie = cookies::set_sign_in(public_url, &authorization.browser).ok_or_else(broken)?;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::SET_COOKIE, cookie);
    Ok(response)
}
