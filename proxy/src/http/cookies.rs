//! The proxy's cookies, each made in one place so that it is cleared as it was set.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use url::Url;

use crate::signin::SessionId;

/// How long a sign-in may take, seconds.
const SIGN_IN_LIFE: i64 = 600;

/// `__Host-` ties a cookie to this host and to https (RFC 6265bis section 4.1.3.2). Plain http is
/// accepted on loopback only, where browsers refuse the prefix.
fn name(public_url: &Url, base: &str) -> String {
    if public_url.scheme() == "https" {
        format!("__Host-{base}")
    } else {
        base.to_owned()
    }
}

fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| Cookie::split_parse(value.to_owned()).filter_map(Result::ok))
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

fn write(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// The employee's session, if the browser sent one.
pub(super) fn session(headers: &HeaderMap, public_url: &Url) -> Option<SessionId> {
    SessionId::read(&read(headers, &name(public_url, "goto_session"))?)
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

/// Which browser started a sign-in.
pub(super) fn sign_in(headers: &HeaderMap, public_url: &Url) -> Option<String> {
    read(headers, &name(public_url, "goto_sign_in"))
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

/// The last plain form whose meeting this browser was told of: the key of its create.
pub(super) fn told_form(headers: &HeaderMap, public_url: &Url) -> Option<String> {
    read(headers, &name(public_url, "goto_form"))
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

/// The administrator's session.
pub(super) fn admin(headers: &HeaderMap) -> Option<SessionId> {
    SessionId::read(&read(headers, "goto_admin")?)
}

/// Sets the administrator's session. The listener is internal and may be reached over plain http
/// (a tunnel to loopback), so the cookie cannot insist on https.
pub(super) fn set_admin(id: &SessionId) -> Option<HeaderValue> {
    write(&admin_cookie(id.expose(), None))
}

/// Clears what [`set_admin`] set.
pub(super) fn clear_admin() -> Option<HeaderValue> {
    write(&admin_cookie("", Some(0)))
}

fn admin_cookie(value: &str, life: Option<i64>) -> Cookie<'static> {
    let mut cookie = Cookie::build(("goto_admin", value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .build();
    cookie.set_max_age(life.map(Duration::seconds));
    cookie
}
