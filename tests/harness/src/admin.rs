//! An administrator's browser: the console on one address, the consent on the public one.

use anyhow::Context;
use reqwest::Method;

use crate::jar::Jar;
use crate::visitor::client;
use crate::{Harness, Reply};

/// Password of the console in this harness.
pub const ADMIN_PASSWORD: &str = "correct horse battery staple";

/// See the module.
#[derive(Debug)]
pub struct Admin<'a> {
    harness: &'a Harness,
    console: reqwest::Client,
    public: reqwest::Client,
    console_jar: Jar,
    public_jar: Jar,
}

impl<'a> Admin<'a> {
    pub(crate) fn new(harness: &'a Harness) -> Self {
        let public = client("proxy.localhost", harness.public_address());
        Self {
            harness,
            console: client("localhost", harness.proxy().admin()),
            public,
            console_jar: Jar::default(),
            public_jar: Jar::default(),
        }
    }

    /// A request to the console.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.send(Method::GET, path, &[]).await
    }

    /// A form of the console.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Reply> {
        self.send(Method::POST, path, form).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Reply> {
        let url = format!("{}{path}", self.harness.admin_url());
        let mut request = self.console.request(method.clone(), url);
        let cookies = self.console_jar.header();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        if method == Method::POST {
            request = request.header("sec-fetch-site", "same-origin").form(form);
        }
        let response = request.send().await?;
        self.console_jar.keep(response.headers());
        Reply::read(response).await
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
        let back = self.harness.sandbox.consent(&departure, email).await;
        self.open(&back.context("consent at the sandbox")?).await
    }
}
