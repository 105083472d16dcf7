//! An administrator's browser: the console on one address, the consent on the public one.

use std::net::SocketAddr;

use anyhow::Context;
use goto_sandbox::Sandbox;
use reqwest::{Method, RequestBuilder};

use crate::jar::Jar;
use crate::visitor::client;
use crate::{PROXY_NAME, Reply};

/// Password of the console in this harness.
pub const ADMIN_PASSWORD: &str = "correct horse battery staple";

/// See the module.
#[derive(Debug)]
pub struct Admin<'a> {
    sandbox: &'a Sandbox,
    console_url: String,
    console: reqwest::Client,
    public: reqwest::Client,
    console_jar: Jar,
    public_jar: Jar,
}

impl<'a> Admin<'a> {
    /// An administrator of the proxy that listens there.
    pub fn new(sandbox: &'a Sandbox, console: SocketAddr, public: SocketAddr) -> Self {
        Self {
            sandbox,
            console_url: format!("http://localhost:{}", console.port()),
            console: client("localhost", console),
            public: client(PROXY_NAME, public),
            console_jar: Jar::default(),
            public_jar: Jar::default(),
        }
    }

    /// A request to the console with cookies and nothing else.
    pub fn plain(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.console_url);
        let request = self.console.request(method, url);
        match self.console_jar.header() {
            cookies if cookies.is_empty() => request,
            cookies => request.header("cookie", cookies),
        }
    }

    /// Sends and keeps cookies.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Reply> {
        let response = request.send().await?;
        self.console_jar.keep(response.headers());
        Reply::read(response).await
    }

    /// A page of the console.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.send(self.plain(Method::GET, path)).await
    }

    /// A form of the console.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Reply> {
        let request = self.plain(Method::POST, path);
        let request = request.header("sec-fetch-site", "same-origin").form(form);
        self.send(request).await
    }

    /// A cookie of the console.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.console_jar.get(name)
    }

    /// Signs in to the console.
    ///
    /// # Errors
    /// When the password is not taken.
    pub async fn sign_in(&self, password: &str) -> anyhow::Result<()> {
        let reply = self
            .post("/admin/sign-in", &[("password", password)])
            .await?;
        anyhow::ensure!(reply.status == 303, "{}: {}", reply.status, reply.text);
        Ok(())
    }

    /// Presses *Authorise* and returns GoTo's address the new window leaves for.
    ///
    /// # Errors
    /// What did not work.
    pub async fn depart(&self) -> anyhow::Result<String> {
        let ticket = self.post("/admin/authorise", &[]).await?;
        let start = ticket.header("location").to_owned();
        anyhow::ensure!(ticket.status == 303, "{}: {}", ticket.status, ticket.text);
        let departure = self.open(&start).await?;
        anyhow::ensure!(
            departure.status == 303,
            "{}: {}",
            departure.status,
            departure.text
        );
        Ok(departure.header("location").to_owned())
    }

    /// A navigation on the public address, with its cookies.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn open(&self, url: &str) -> anyhow::Result<Reply> {
        let mut request = self.public.get(url);
        let cookies = self.public_jar.header();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        let response = request.send().await?;
        self.public_jar.keep(response.headers());
        Reply::read(response).await
    }

    /// Presses *Authorise* and consents as `email`; the page at the end.
    ///
    /// # Errors
    /// What did not work.
    pub async fn authorise(&self, email: &str) -> anyhow::Result<Reply> {
        let departure = self.depart().await?;
        let back = self.sandbox.consent(&departure, email).await;
        self.open(&back.context("consent at the sandbox")?).await
    }
}
