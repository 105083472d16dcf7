//! The proxy's own pages on the public listener: leaving for GoTo and coming back.

pub(super) mod employee_callback;
pub(super) mod employee_start;
pub(super) mod frame;
pub(super) mod service_callback;
pub(super) mod service_start;
pub(super) mod signed_on;
pub(super) mod start_meeting;
pub(super) mod typed_code;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use goto_microapps_api::{HandoffMessage, HandoffOutcome};
use url::Url;

use super::{ApiError, Employees};
use crate::random;
use crate::signin::CallbackQuery;
pub(super) use crate::words::{
    Language, Word, for_cancel, for_cause, for_code, for_edit, for_field,
};

/// A short page: one heading, one sentence, perhaps one message to the page that opened it.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub(super) struct Notice {
    /// BCP 47 tag of the texts.
    pub(super) language: &'static str,
    /// Absolute URL of the style sheet.
    pub(super) stylesheet: String,
    /// `ok`, `stopped` or `failed`: the mark above the heading.
    pub(super) mood: &'static str,
    /// Heading.
    pub(super) title: String,
    /// What to do now.
    pub(super) text: String,
    /// Words on the way on.
    pub(super) back: &'static str,
    /// Where to go on.
    pub(super) next: Option<String>,
    /// Whether it goes on by itself.
    pub(super) moves: bool,
    /// In how many seconds it comes back by itself, and the words around that number.
    pub(super) wait: Option<Wait>,
    /// What to say to the opener.
    pub(super) message: Option<Message>,
    /// Allows the page's one script (CSP3).
    pub(super) nonce: String,
}

/// A page that asks again by itself: with scripts or without.
#[derive(Debug)]
pub(super) struct Wait {
    seconds: u32,
    before: String,
    after: String,
}

impl Wait {
    /// `text` has `{seconds}` where the number stands.
    pub(super) fn new(seconds: u32, text: &str) -> Self {
        let (before, after) = text.split_once("{seconds}").unwrap_or((text, ""));
        Self {
            seconds,
            before: before.to_owned(),
            after: after.to_owned(),
        }
    }
}

/// What a finished sign-in tells the page that opened the window.
#[derive(Debug)]
pub(in crate::http) struct Message {
    /// `HandoffMessage` as JSON.
    pub(super) json: String,
    /// The only origin that may read it.
    pub(super) origin: String,
    /// Whether the window has nothing more to say.
    pub(super) close: bool,
    /// Where the window goes when there is no opener to tell.
    pub(super) severed: Option<String>,
}

impl Message {
    /// The sign-in failed here, which the widget says in its own words.
    pub(in crate::http) fn failed(origin: &str) -> Self {
        let message = HandoffMessage {
            kind: HandoffMessage::TYPE.to_owned(),
            outcome: HandoffOutcome::Failed,
            code: None,
            retry_after: None,
            text: None,
        };
        Self {
            json: serde_json::to_string(&message).unwrap_or_default(),
            origin: origin.to_owned(),
            close: false,
            severed: None,
        }
    }
}

impl Notice {
    pub(super) fn new(
        public_url: &Url,
        language: Language,
        mood: &'static str,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        let stylesheet = public_url.join("app/pages.css").map(String::from);
        Self {
            stylesheet: stylesheet.unwrap_or_default(),
            title: title.into(),
            text: text.into(),
            ..Self::bare(language, mood)
        }
    }

    /// Without words and style sheet yet.
    pub(super) fn bare(language: Language, mood: &'static str) -> Self {
        Self {
            language: language.tag(),
            stylesheet: String::new(),
            mood,
            title: String::new(),
            text: String::new(),
            back: language.say(Word::Back),
            next: None,
            moves: false,
            wait: None,
            message: None,
            nonce: random::name(),
        }
    }

    pub(super) fn into_response(self, status: StatusCode) -> Response {
        let policy = if self.message.is_some() {
            format!("script-src 'nonce-{}'; ", self.nonce)
        } else {
            String::new()
        };
        let mut response = page(status, &self, &policy);
        if let Some(wait) = &self.wait {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(wait.seconds));
        }
        response
    }
}

/// The root leads to the one page that everybody can use.
pub(super) async fn home(State(employees): State<Employees>) -> Redirect {
    let form = employees.public_url.join("form").map(String::from);
    Redirect::to(&form.unwrap_or_default())
}

/// A rendered template with the headers of a page that shows nothing of anybody else's and that
/// nobody may frame.
pub(super) fn page(status: StatusCode, template: &impl Template, more_policy: &str) -> Response {
    let mut response = framed(status, template, more_policy, &[]);
    response.headers_mut().insert(
        HeaderName::from_static("x-frame-options"),
        HeaderValue::from_static("DENY"),
    );
    response
}

/// As [`page`], but the pages of `ancestors` may frame it, also those that isolate themselves
/// (HTML, cross-origin embedder policy).
pub(super) fn framed(
    status: StatusCode,
    template: &impl Template,
    more_policy: &str,
    ancestors: &[String],
) -> Response {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "template");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(html)).into_response();
    if !ancestors.is_empty() {
        for (name, value) in [
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            let name = HeaderName::from_static(name);
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
    }
    let ancestors = match ancestors {
        [] => "'none'".to_owned(),
        some => some.join(" "),
    };
    let policy = format!(
        "default-src 'none'; {more_policy}style-src 'self'; base-uri 'none'; \
         frame-ancestors {ancestors}"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What GoTo's redirect brought; a query that cannot be read has no state.
pub(super) fn callback_query(query: Result<Query<CallbackQuery>, QueryRejection>) -> CallbackQuery {
    query.map(|Query(query)| query).unwrap_or_default()
}

impl From<askama::Error> for ApiError {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "template");
        Self::new(
            goto_microapps_api::Code::Internal,
            "the page cannot be shown",
        )
    }
}
