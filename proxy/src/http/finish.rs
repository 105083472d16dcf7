//! The outermost layer: names each request, logs it, writes refusals and the headers that every
//! answer has.
//!
//! URLs are logged by their route, never with path values or query: those carry codes and states.
//! An error is a problem document to a program, and a page to somebody who went there.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use goto_microapps_api::{Code, REQUEST_HEADER};
use tracing::Instrument;
use url::Url;

use super::ApiError;
use super::pages::{Language, Message, Notice, Word, framed};
use crate::{panics, random};

/// Response header that names the request in the log.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// Whose refusals these are.
#[derive(Clone, Debug)]
pub(super) enum Listener {
    /// Of the public listener: its address, and who may frame its pages.
    Public(Url, Arc<[String]>),
    /// Of the administrator's.
    Admin,
}

/// What is to be known of a request when its answer is there.
struct Requester {
    /// Somebody went there, and will look at the answer.
    navigates: bool,
    in_a_frame: bool,
    language: Language,
}

impl Requester {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // Browsers leave the first out where the way to us is not safe.
        let navigates = match text("sec-fetch-mode") {
            Some(mode) => mode == "navigate",
            None => text("accept").is_some_and(|accept| accept.contains("text/html")),
        };
        Self {
            navigates: navigates && !headers.contains_key(REQUEST_HEADER),
            in_a_frame: matches!(text("sec-fetch-dest"), Some("iframe" | "frame")),
            language: Language::of_browser(headers),
        }
    }
}

pub(super) async fn finish(
    State(listener): State<Listener>,
    request: Request,
    next: Next,
) -> Response {
    let id = random::name();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let requester = Requester::of(request.headers());
    let span = tracing::info_span!("request", id, %method, %route);
    let started = tokio::time::Instant::now();
    let work = next.run(request).instrument(span.clone());
    let response = panics::within(id.clone(), work).await;
    let elapsed = started.elapsed();
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    metrics::histogram!("http_request_duration_seconds", "route" => route)
        .record(elapsed.as_secs_f64());
    let response = complete(response, &listener, &requester, &id);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    response
}

/// Refusals axum itself made, in our words.
fn error_of(response: &Response, listener: &Listener) -> Option<ApiError> {
    if let Some(error) = response.extensions().get::<ApiError>() {
        return Some(error.clone());
    }
    let unreadable = "the request cannot be read as it is";
    let (code, detail) = match (response.status(), listener) {
        (StatusCode::PAYLOAD_TOO_LARGE, _) => (Code::BodyTooLarge, unreadable),
        (StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY, _) => {
            (Code::MalformedRequest, unreadable)
        }
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, _) => (Code::UnsupportedMediaType, unreadable),
        // tower-http's, of a form.
        (StatusCode::FORBIDDEN, Listener::Admin) => (
            Code::OriginRefused,
            "the browser does not say that this form comes from the console itself: open the console again under one address and repeat it; a reverse proxy in front must pass the Host header on as it is and must not set a Referrer-Policy",
        ),
        (StatusCode::FORBIDDEN, Listener::Public(..)) => (Code::OriginRefused, unreadable),
        _ => return None,
    };
    let is_page = response.headers().contains_key(header::CONTENT_TYPE)
        && !response.headers()[header::CONTENT_TYPE]
            .as_bytes()
            .starts_with(b"text/plain");
    (!is_page).then(|| ApiError::new(code, detail))
}

/// An error as a page.
fn page(error: &ApiError, listener: &Listener, requester: &Requester, id: &str) -> Response {
    let document = error.document(id);
    let status = StatusCode::from_u16(document.status).unwrap_or_default();
    match listener {
        Listener::Admin => {
            let mut notice = Notice::bare(Language::ENGLISH, "failed");
            notice.stylesheet = "/app/pages.css".to_owned();
            notice.title = document.title;
            let mut detail = document.detail.chars();
            let first = detail.next().map(|first| first.to_uppercase().to_string());
            notice.text = format!("{}{}.", first.unwrap_or_default(), detail.as_str());
            notice.back = "Back to the console";
            notice.next = Some("/admin".to_owned());
            notice.into_response(status)
        }
        Listener::Public(base, ancestors) => {
            let [title, words] = Word::refusal(document.code);
            let title = requester.language.say(title);
            let mut text = requester.language.say(words).to_owned();
            if words == Word::BrokenText {
                text = format!("{text} {id}");
            }
            let mut notice = Notice::new(base, requester.language, "failed", title, text);
            notice.next = base.join("form").ok().map(String::from);
            if requester.in_a_frame {
                return framed(status, &notice, "", ancestors);
            }
            notice.message = error.opener().map(Message::failed);
            notice.into_response(status)
        }
    }
}

fn complete(
    mut response: Response,
    listener: &Listener,
    requester: &Requester,
    id: &str,
) -> Response {
    if let Some(error) = error_of(&response, listener) {
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if requester.navigates {
            let (parts, body) = page(&error, listener, requester, id).into_parts();
            *response.status_mut() = parts.status;
            *response.body_mut() = body;
            response.headers_mut().extend(parts.headers);
        } else {
            let document = error.document(id);
            if let Ok(status) = StatusCode::from_u16(document.status) {
                *response.status_mut() = status;
            }
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/problem+json"),
            );
            *response.body_mut() = Body::from(serde_json::to_vec(&document).unwrap_or_default());
        }
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let referrer = match listener {
        // With `no-referrer` browsers send `Origin: null` with a form, and by plain http nothing
        // else says that it is the console's own.
        Listener::Admin => "same-origin",
        Listener::Public(..) => "no-referrer",
    };
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static(referrer));
    // What nobody declared cacheable may hold somebody's data.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    use axum::Router;
    use axum::body::to_bytes;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;
    use crate::http::api_error::panicked;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            log.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn security_60_a_panic_tells_where_and_in_which_request_and_not_what() {
        // Other tests of this process keep their own way to fail.
        let (usual, here) = (std::panic::take_hook(), std::thread::current().id());
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == here {
                panics::report(panic);
            } else {
                usual(panic);
            }
        }));
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            // Without the request's span: the line has to name it itself.
            .with_max_level(tracing::Level::ERROR)
            .with_writer(move || writer.clone())
            .finish();
        let _logging = tracing::subscriber::set_default(subscriber);
        let app = Router::new()
            .route("/defect", get(async || -> () { panic!("a canary flew") }))
            .route("/fine", get(async || "fine"))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(Listener::Admin, finish));
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            app.clone().oneshot(request).await.unwrap()
        };
        let response = ask("/defect").await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for text in [&body, &told] {
            assert!(!text.contains("canary"), "{text}");
            assert!(text.contains(&id), "{text}");
        }
        assert!(told.contains("finish.rs:"), "{told}");
        assert_eq!(ask("/fine").await.status(), StatusCode::OK);
        let _ = std::panic::take_hook();
    }
}
