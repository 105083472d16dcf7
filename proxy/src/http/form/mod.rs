//! The plain pages below `/form`: create, success and details without WebAssembly or JavaScript.
//!
//! The last rung of the ladder. Same meetings, same sessions and same words as the widget API; each
//! page is a whole HTML document that any browser and any assistive technology can use.

pub(super) mod calendar_download;
pub(super) mod cancel;
pub(super) mod create;
pub(super) mod edit;
#[cfg(feature = "fuzzing")]
#[path = "../../../../tests/fuzz/promises/plain_form.rs"]
pub(crate) mod fuzzing;
pub(super) mod meeting;
mod meeting_fields;
pub(super) mod meeting_list;
mod messages;
mod moment;
mod sent;
pub(super) mod sign_out;
pub(super) mod start_press;
mod texts;

use axum::extract::{FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use goto_microapps_api::Code;
use url::Url;

use super::guard::Visitor;
use super::pages::{Language, Word, page};
use super::{ApiError, Employees};
use crate::goto::own_pages;
use crate::signin::Account;
use crate::zones::Zone;
use texts::Texts;

/// What every page needs around its content.
#[derive(Debug)]
pub(super) struct Frame {
    /// Texts of the reader's language.
    texts: Texts,
    /// The proxy's address, ends in `/`.
    base: Url,
    /// Name of the integration.
    integration: String,
    /// Address of its icon.
    icon: Option<String>,
    /// Name of who is signed in.
    user: Option<String>,
    /// Where the times are told.
    zone: Zone,
}

/// Language and zone that travel from page to page.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Reader {
    lang: String,
    tz: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let query = Query::<Self>::from_request_parts(parts, state).await;
        let mut reader = query.map(|Query(reader)| reader).unwrap_or_default();
        if Language::known(&reader.lang).is_none() {
            Language::of_browser(&parts.headers)
                .tag()
                .clone_into(&mut reader.lang);
        }
        Ok(reader)
    }
}

/// The employee who is there; not one whose consent GoTo no longer knows.
fn signed_in(who: Option<Visitor>) -> Option<Account> {
    with_session(who).map(|visitor| visitor.account)
}

/// The same with their session.
fn with_session(who: Option<Visitor>) -> Option<Visitor> {
    who.filter(|visitor| !visitor.account.lost)
}

impl Frame {
    fn new(employees: &Employees, reader: &Reader, account: Option<&Account>) -> Self {
        let base = employees.public_url.clone();
        Self {
            texts: Texts::of(Language::of(&reader.lang)),
            icon: employees
                .integration
                .icon
                .as_ref()
                .and_then(|_| base.join("app/icon").ok().map(String::from)),
            integration: employees.integration.name.clone(),
            user: account.map(|account| account.name.clone()),
            zone: employees
                .zones
                .find(&reader.tz)
                .unwrap_or_else(|| employees.integration.time_zone.clone()),
            base,
        }
    }

    /// The text of a word.
    fn t(&self, word: Word) -> &'static str {
        self.texts.get(word)
    }

    /// What a meeting is about; in words where it is about nothing.
    fn named(&self, subject: String) -> String {
        if subject.is_empty() {
            self.t(Word::NoSubject).to_owned()
        } else {
            subject
        }
    }

    /// For whom an invitation is written.
    fn invites<'a>(&'a self, employees: &'a Employees) -> crate::meetings::Reader<'a> {
        crate::meetings::Reader {
            language: self.texts.language(),
            zone: &self.zone,
            proxy: &employees.public_url,
        }
    }

    /// A path of these pages in the reader's language and zone.
    fn link(&self, path: &str) -> String {
        let mut url = self.base.clone();
        if let Ok(joined) = self.base.join(path) {
            url = joined;
        }
        url.query_pairs_mut()
            .append_pair("lang", self.texts.tag())
            .append_pair("tz", self.zone.name());
        url.into()
    }

    /// The sign-in in this window that comes back to `path`.
    fn sign_in(&self, path: &str) -> String {
        let mut url = self.base.clone();
        if let Ok(joined) = self.base.join("app/sign-in") {
            url = joined;
        }
        let back = self.link(path);
        let back = back.strip_prefix(self.base.as_str()).unwrap_or("form");
        url.query_pairs_mut()
            .append_pair("return_to", back)
            .append_pair("lang", self.texts.tag());
        url.into()
    }
}

/// The path of a meeting's page. Only what can be an id goes into a link.
fn path_of(id: &str) -> String {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("form/meetings/{id}")
    } else {
        "form".to_owned()
    }
}

/// A page of this module: images of the integration and nothing of anybody else's; may only send
/// its forms to the proxy.
fn show(status: StatusCode, template: &impl askama::Template) -> Response {
    show_with(status, template, "")
}

/// The same with a form whose answer leads to where GoTo hosts meetings: browsers hold the way on
/// against `form-action` as well.
fn show_startable(status: StatusCode, template: &impl askama::Template) -> Response {
    show_with(status, template, &format!(" {}", own_pages()))
}

fn show_with(status: StatusCode, template: &impl askama::Template, actions: &str) -> Response {
    let policy = format!("img-src 'self'; form-action 'self'{actions}; ");
    let mut response = page(status, template, &policy);
    // With `no-referrer` browsers would send `Origin: null` with the form.
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// Where a sign-in may come back to: a page of this module, as a path below the proxy's address.
/// Compared as a browser would read it, so that nothing that looks local can lead elsewhere.
pub(super) fn return_path(base: &Url, text: &str) -> Option<String> {
    let plain = text.len() <= 500
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !plain {
        return None;
    }
    let url = base.join(text).ok()?;
    let path = url.as_str().strip_prefix(base.as_str())?;
    let page = path.split(['/', '?', '#']).next();
    // Ours are written as a browser would: whatever it would have to rewrite is not ours.
    (page == Some("form") && path == text).then(|| path.to_owned())
}

/// Lets a form through that was sent from a page of the proxy's own; a browser says so in one of
/// two ways, and who says neither is no browser we show pages to.
pub(super) async fn own_page(
    axum::extract::State(employees): axum::extract::State<Employees>,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || is_own(request.headers(), &employees.public_url) {
        return next.run(request).await;
    }
    ApiError::new(
        Code::OriginRefused,
        "this form was not sent from its own page",
    )
    .into_response()
}

/// Cuts the ties to whoever opened the page: they could lead its tab elsewhere while somebody is signed
/// in there (HTML, cross-origin opener policy).
pub(super) async fn severed(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

fn is_own(headers: &HeaderMap, public_url: &Url) -> bool {
    let text = |name: &str| Some(headers.get(name)?.to_str().unwrap_or("?"));
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text("origin") == Some(&public_url.origin().ascii_serialization()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_comes_back_to_a_plain_page_only() {
        let base = Url::parse("https://goto.example/meet/").unwrap();
        for path in [
            "form",
            "form?lang=fr&tz=Europe/Paris",
            "form/meetings/123?new=1",
        ] {
            assert_eq!(return_path(&base, path).as_deref(), Some(path));
        }
        for path in [
            "",
            "/form",
            "../form",
            "form/../../x",
            "//evil.example/form",
            "/\\evil.example",
            "https://evil.example/form",
            "https:form",
            "javascript:alert(1)",
            "data:text/html,x",
            "forms",
            "app/api/session",
            "form\r\nset-cookie: x",
            "form\tx",
            "%66orm",
            "\\form",
            "@evil.example/form",
        ] {
            assert_eq!(return_path(&base, path), None, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_a_return_path_stays_here(text in "\\PC{0,40}") {
            let base = Url::parse("https://goto.example/meet/").unwrap();
            if let Some(path) = return_path(&base, &text) {
                let url = base.join(&path).unwrap();
                proptest::prop_assert_eq!(url.origin(), base.origin());
                proptest::prop_assert!(url.path().starts_with("/meet/form"));
            }
        }
    }
}
