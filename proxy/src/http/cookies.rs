//! The proxy's cookies, each made in one place so that it is cleared as it was set.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use url::Url;

use crate::signin::SessionId;

/// How long a sign-in may take, and its window wait for the widget's word after it, seconds.
const SIGN_IN_LIFE: i64 = 900;
/// Cookies of one name that are looked at.
const TRIED_MAX: usize = 16;
/// The administrator's session where the console is reached by https, and where not.
const ADMIN: [&str; 2] = ["__Host-goto_admin", "goto_admin"];

/// `__Host-` ties a cookie to this host and to https (RFC 6265bis section 4.1.3.2). Plain http is
/// accepted on loopback only, where browsers refuse the prefix.
fn name(public_url: &Url, base: &str) -> String {
    if public_url.scheme() == "https" {
        format!("__Host-{base}")
    } else {
        base.to_owned()
    }
}

/// Every cookie of a name, in the order sent. A neighbour on this host, or a page on another port of
/// it, may have planted one of the same name before ours (RFC 6265 section 8.6), so the first is not
/// taken for the only one.
fn all<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = String> + 'h {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| Cookie::split_parse(value.to_owned()).filter_map(Result::ok))
        .filter(move |cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Those that may be sessions, few enough to look all of them up.
fn ids(headers: &HeaderMap, name: &str) -> Vec<SessionId> {
    let ids = all(headers, name).filter_map(|value| SessionId::read(&value));
    ids.take(TRIED_MAX).collect()
}

fn write(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// What may be the employee's session.
pub(super) fn sessions(headers: &HeaderMap, public_url: &Url) -> Vec<SessionId> {
    ids(headers, &name(public_url, "goto_session"))
}

/// Where the widget stands beside the proxy, which decides who may send the session's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// On other sites: third-party, partitioned by the page that embeds (CHIPS).
    AnySite,
    /// On the proxy's own site only.
    SameSite,
}

/// Sets the employee's session.
pub(super) fn set_session(
    public_url: &Url,
    placement: Placement,
    id: &SessionId,
    life: std::time::Duration,
) -> Option<HeaderValue> {
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    write(&session_cookie(public_url, placement, id.expose(), life))
}

/// Clears what [`set_session`] set.
pub(super) fn clear_session(public_url: &Url, placement: Placement) -> Option<HeaderValue> {
    write(&session_cookie(public_url, placement, "", 0))
}

fn session_cookie(
    public_url: &Url,
    placement: Placement,
    value: &str,
    life: i64,
) -> Cookie<'static> {
    let cookie = Cookie::build((name(public_url, "goto_session"), value.to_owned()))
        .path("/")
        .http_only(true)
        .max_age(Duration::seconds(life));
    match placement {
        // Browsers take `SameSite=None` only with `Secure`, on loopback as well.
        Placement::AnySite => cookie
            .secure(true)
            .same_site(SameSite::None)
            .partitioned(true),
        Placement::SameSite => cookie
            .secure(public_url.scheme() == "https")
            .same_site(SameSite::Strict),
    }
    .build()
}

/// Which browser started a sign-in, one of these.
pub(super) fn sign_in(headers: &HeaderMap, public_url: &Url) -> Vec<String> {
    let name = name(public_url, "goto_sign_in");
    all(headers, &name).take(TRIED_MAX).collect()
}

/// Binds sign-ins to this browser. Lax: GoTo's redirect back is a cross-site navigation.
pub(super) fn set_sign_in(public_url: &Url, value: &str) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(public_url, "goto_sign_in"), value.to_owned()))
        .path("/")
        .secure(public_url.scheme() == "https")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(SIGN_IN_LIFE))
        .build();
    write(&cookie)
}

/// Whether this was the last plain form whose meeting this browser was told of, by the key of its
/// create.
pub(super) fn is_told_form(headers: &HeaderMap, public_url: &Url, key: &str) -> bool {
    all(headers, &name(public_url, "goto_form")).any(|told| told == key)
}

/// Tells with the answer that it has arrived: a browser that sends this back has read it.
pub(super) fn set_told_form(public_url: &Url, key: &str) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(public_url, "goto_form"), key.to_owned()))
        .path("/")
        .secure(public_url.scheme() == "https")
        .http_only(true)
        .same_site(SameSite::Strict)
        .build();
    write(&cookie)
}

/// What may be the administrator's session; what only an https page could set comes first.
pub(super) fn admin(headers: &HeaderMap) -> Vec<SessionId> {
    ADMIN.iter().flat_map(|name| ids(headers, name)).collect()
}

/// Sets the administrator's session. The listener is internal and may be reached over plain http
/// (a tunnel to loopback) or through a reverse proxy with https: the browser itself says which, in
/// the `Origin` of the form it sent.
pub(super) fn set_admin(headers: &HeaderMap, id: &SessionId) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let https = origin.is_some_and(|origin| origin.starts_with(b"https://"));
    write(&admin_cookie(https, id.expose(), None))
}

/// Clears what [`set_admin`] set, whichever it was.
pub(super) fn clear_admin() -> impl Iterator<Item = HeaderValue> {
    let cookies = [true, false].map(|https| admin_cookie(https, "", Some(0)));
    cookies.into_iter().filter_map(|cookie| write(&cookie))
}

fn admin_cookie(https: bool, value: &str, life: Option<i64>) -> Cookie<'static> {
    let name = if https { ADMIN[0] } else { ADMIN[1] };
    let mut cookie = Cookie::build((name, value.to_owned()))
        .path("/")
        .secure(https)
        .http_only(true)
        .same_site(SameSite::Strict)
        .build();
    cookie.set_max_age(life.map(Duration::seconds));
    cookie
}
