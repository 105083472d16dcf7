//! A plain intranet site on a host of its own, with the widget embedded by one script tag.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// How the page is written: query parameters of `/`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct PageOptions {
    /// Language of the page.
    pub lang: Option<String>,
    /// Attributes of an explicit `<goto-meeting>`, as HTML; without, the loader places it.
    pub element: Option<String>,
    /// HTML in the place of the widget, such as several elements; the loader follows it.
    pub markup: Option<String>,
    /// More HTML for the head, such as a script that runs before everything else.
    pub head: Option<String>,
    /// `Content-Security-Policy`; the page's own script and style carry the nonce [`NONCE`], and
    /// `PROXY` stands for the proxy's origin.
    pub policy: Option<String>,
    /// `Cross-Origin-Opener-Policy`.
    pub opener: Option<String>,
}

/// What a policy names to allow the page itself, and nothing of the widget.
pub const NONCE: &str = "bm9uY2Utb2YtdGhlLXBhZ2U";

/// See the module. Stops when dropped.
#[derive(Debug)]
pub struct Intranet {
    origin: String,
    server: AbortHandle,
}

#[derive(Debug)]
struct Site {
    proxy: String,
}

impl Intranet {
    pub(crate) async fn start(port: u16, public_url: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let origin = format!(
            "http://intranet.localhost:{}",
            listener.local_addr()?.port()
        );
        let site = Arc::new(Site {
            proxy: public_url.to_owned(),
        });
        let router = Router::new().route("/", get(page)).with_state(site);
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            origin,
            server: server.abort_handle(),
        })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for Intranet {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn page(State(site): State<Arc<Site>>, Query(options): Query<PageOptions>) -> Response {
    let french = options.lang.as_deref() == Some("fr");
    let template = if french {
        include_str!("../pages/intranet.fr.html")
    } else {
        include_str!("../pages/intranet.en.html")
    };
    let element = options
        .element
        .map(|attributes| format!("<goto-meeting {attributes}></goto-meeting>\n"))
        .unwrap_or_default();
    let markup = options.markup.unwrap_or_default();
    let head = options.head.unwrap_or_default();
    let tag = format!(
        "{element}{markup}<script src=\"{}embed.js\" async></script>",
        site.proxy
    );
    let page = template.replace("<!-- widget -->", &tag);
    let page = page.replacen("</head>", &[&head, "</head>"].concat(), 1);
    let page = page.replacen("<style>", &format!("<style nonce=\"{NONCE}\">"), 1);
    let mut response = Html(page).into_response();
    let policy = options
        .policy
        .map(|policy| policy.replace("PROXY", site.proxy.trim_end_matches('/')));
    for (name, value) in [
        ("content-security-policy", policy),
        ("cross-origin-opener-policy", options.opener),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
