//! Where GoTo's own pages are: what a link or a way on of ours may lead to.

use url::Url;

/// These hosts and those below them.
const HOSTS: [&str; 3] = ["goto.com", "gotomeeting.com", "gotomeet.me"];

/// Whether an address is of one of GoTo's pages: by https, on a host of theirs, and nothing odd
/// about it.
pub fn is_own_page(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_known = HOSTS.iter().any(|known| {
        host.strip_suffix(known)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    });
    is_known
        && url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// The same as sources of a policy (CSP3 section 2.3.1).
pub fn own_pages() -> String {
    let sources = HOSTS.map(|host| format!("https://{host} https://*.{host}"));
    sources.join(" ")
}
