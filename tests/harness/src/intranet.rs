//! A plain intranet site on a host of its own, with the widget embedded by one script tag.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::playground;

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
    /// `Content-Security-Policy`; the page's own script and style carry the nonce [`NONCE`]. Here, in
    /// `markup` and in `tag` `PROXY` stands for the proxy's address.
    pub policy: Option<String>,
    /// `Cross-Origin-Opener-Policy`.
    pub opener: Option<String>,
    /// `Cross-Origin-Embedder-Policy`.
    pub embedder: Option<String>,
    /// HTML in the place of the loader's tag, which stands at the end of the page otherwise.
    pub tag: Option<String>,
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
        let router = Router::new()
            .route("/", get(page))
            .route("/bundle.js", get(bundle))
            .merge(playground::router(public_url))
            .with_state(site);
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
    let proxy = site.proxy.trim_end_matches('/');
    let tag = options
        .tag
        .unwrap_or_else(|| "<script src=\"PROXY/embed.js\" async></script>".to_owned());
    let tag = [element, markup, tag].concat().replace("PROXY", proxy);
    let page = template.replace("<!-- widget -->", &tag);
    let lang = options.lang.as_deref().filter(|_| !french).unwrap_or("en");
    let page = page.replacen("<html lang=\"en\"", &format!("<html lang=\"{lang}\""), 1);
    let page = page.replacen("</head>", &[&head, "</head>"].concat(), 1);
    let page = page.replacen("<style>", &format!("<style nonce=\"{NONCE}\">"), 1);
    let mut response = Html(page).into_response();
    let policy = options.policy.map(|policy| policy.replace("PROXY", proxy));
    for (name, value) in [
        ("content-security-policy", policy),
        ("cross-origin-opener-policy", options.opener),
        ("cross-origin-embedder-policy", options.embedder),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The loader as part of a page's own script, as a bundler would put it there.
async fn bundle(State(site): State<Arc<Site>>) -> Response {
    let loader = async {
        let address = [site.proxy.as_str(), "embed.js"].concat();
        // Only browsers know the name for this machine.
        let here = ([127, 0, 0, 1], 0).into();
        let client = reqwest::Client::builder().no_proxy();
        let client = client.resolve(crate::PROXY_NAME, here);
        let client = client.danger_accept_invalid_certs(true).build()?;
        client.get(address).send().await?.text().await
    };
    match loader.await {
        Ok(loader) => {
            let script = format!("// The page's own.\n{loader}\n");
            ([("content-type", "text/javascript")], script).into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
