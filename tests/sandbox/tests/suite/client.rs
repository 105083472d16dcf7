//! A plain HTTP client and the steps most tests share.

use chrono::{DateTime, Utc};
use goto_sandbox::{
    EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, Options, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET,
    Sandbox,
};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Where the employee client is sent back to.
pub(crate) const CALLBACK: &str = "http://app.example:8080/app/api/auth/serviceAction/callback";
/// Where the service client is sent back to.
pub(crate) const SERVICE_CALLBACK: &str =
    "https://app.example/base/admin/api/gwsc/auth/serverContext";

pub(crate) const ELODIE: &str = "elodie.martin@corp.example";
pub(crate) const JUERGEN: &str = "juergen.gross@corp.example";

/// An instant all tests with a standing clock begin at.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().expect("a time")
}

/// A standing clock and no meter.
pub(crate) fn quiet() -> Options {
    Options {
        start: Some(noon()),
        organizers: 60,
        requests_per_second: 0,
        ..Options::default()
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A sandbox and a client to it.
#[derive(Debug)]
pub(crate) struct Goto {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

impl Goto {
    pub(crate) async fn start(options: Options) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("an HTTP client");
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        Self { sandbox, http }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.sandbox.base_url());
        self.http.request(method, url)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.expect("an answer");
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.expect("a whole answer"),
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        let request = self.request(Method::GET, path).bearer_auth(token);
        self.send(request).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, path);
        self.send(request.bearer_auth(token).json(body)).await
    }

    /// The authorization URL of the employee client, with more parameters.
    pub(crate) fn departure(&self, more: &[(&str, &str)]) -> String {
        self.departure_of(EMPLOYEE_CLIENT_ID, CALLBACK, more)
    }

    pub(crate) fn departure_of(&self, id: &str, callback: &str, more: &[(&str, &str)]) -> String {
        let mut url = url::Url::parse(&self.sandbox.authorize_url()).expect("a URL");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", id)
            .append_pair("redirect_uri", callback)
            .extend_pairs(more);
        url.into()
    }

    /// A code of the employee client.
    pub(crate) async fn code(&self, email: &str, more: &[(&str, &str)]) -> String {
        let departure = self.departure(more);
        let back = self.sandbox.consent(&departure, email).await;
        parameter(&back.expect("consent"), "code").expect("a code")
    }

    /// A form to the token endpoint by the employee client.
    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Reply {
        let client = (EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET);
        self.token_as(client, form).await
    }

    pub(crate) async fn token_as(&self, client: (&str, &str), form: &[(&str, &str)]) -> Reply {
        let request = self.request(Method::POST, "oauth/token");
        let request = request.basic_auth(client.0, Some(client.1));
        self.send(request.form(form)).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ])
        .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// The token answer for an employee who signed in.
    pub(crate) async fn sign_in(&self, email: &str) -> Value {
        let code = self.code(email, &[]).await;
        self.exchange(&code).await.json()
    }

    /// An access token for an employee.
    pub(crate) async fn access(&self, email: &str) -> String {
        string(&self.sign_in(email).await["access_token"])
    }

    /// An access token of the service client, with all its scopes unless `scope` says otherwise.
    pub(crate) async fn service_access(&self, email: &str, scope: Option<&str>) -> String {
        let more: Vec<_> = scope.into_iter().map(|scope| ("scope", scope)).collect();
        let departure = self.departure_of(SERVICE_CLIENT_ID, SERVICE_CALLBACK, &more);
        let back = self.sandbox.consent(&departure, email).await;
        let code = parameter(&back.expect("consent"), "code").expect("a code");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", SERVICE_CALLBACK),
        ];
        let client = (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET);
        string(&self.token_as(client, &form).await.json()["access_token"])
    }

    /// Creates a meeting; its id.
    pub(crate) async fn meeting(&self, token: &str, body: &Value) -> u64 {
        let reply = self.post("G2M/rest/meetings", token, body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()[0]["meetingid"].as_u64().expect("an id")
    }
}

/// A meeting an hour after [`noon`].
pub(crate) fn body() -> Value {
    json!({
        "subject": "Planning",
        "starttime": "2026-03-02T13:00:00Z",
        "endtime": "2026-03-02T13:45:00Z",
        "passwordrequired": false,
        "conferencecallinfo": "Hybrid",
        "timezonekey": "",
        "meetingtype": "scheduled",
    })
}

/// The same with other fields; null takes one away.
pub(crate) fn body_with(changes: &Value) -> Value {
    let mut body = body();
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            body.as_object_mut().expect("an object").remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).expect("a URL");
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

pub(crate) fn string(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
