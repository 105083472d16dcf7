//! The administrator's console.

use goto_microapps_harness::ADMIN_PASSWORD;

use crate::session::Session;
use crate::wait::until;

use super::SignInWindow;

/// See the module.
#[derive(Debug)]
pub struct AdminConsole<'s> {
    session: &'s Session,
    url: String,
}

impl<'s> AdminConsole<'s> {
    pub(crate) async fn open(session: &'s Session, base: &str) -> anyhow::Result<Self> {
        let url = format!("{base}/admin");
        session.open(&url).await?;
        Ok(Self { session, url })
    }

    /// Types a password and presses *Sign in*.
    ///
    /// # Errors
    /// When there is no such form.
    pub async fn try_password(&self, password: &str) -> anyhow::Result<()> {
        let field = self.session.element("input[name=password]").await?;
        field.send_keys(password).await?;
        self.session.press("form button.primary").await
    }

    /// Signs in.
    ///
    /// # Errors
    /// When the password is not taken.
    pub async fn sign_in(&self) -> anyhow::Result<()> {
        self.try_password(ADMIN_PASSWORD).await?;
        self.session.element("body.console").await?;
        Ok(())
    }

    /// *Sign out*.
    ///
    /// # Errors
    /// When the sign-in form does not come back.
    pub async fn sign_out(&self) -> anyhow::Result<()> {
        self.session
            .press("form[action='/admin/sign-out'] button")
            .await?;
        self.session.element("input[name=password]").await?;
        Ok(())
    }

    /// What the sign-in form complains about.
    ///
    /// # Errors
    /// When it does not.
    pub async fn complaint(&self) -> anyhow::Result<String> {
        self.session.text("[role=alert]").await
    }

    /// Looks again.
    ///
    /// # Errors
    /// When the console does not answer.
    pub async fn look_again(&self) -> anyhow::Result<()> {
        self.session.open(&self.url).await
    }

    /// Text of a section: `service`, `organizers`, `callbacks`, `embed`, `quota`, `log`.
    ///
    /// # Errors
    /// When there is no such section.
    pub async fn section(&self, name: &str) -> anyhow::Result<String> {
        self.session
            .text(&format!("section[aria-labelledby={name}]"))
            .await
    }

    /// `data-state` of a section's first line.
    ///
    /// # Errors
    /// When there is no such section.
    pub async fn state(&self, name: &str) -> anyhow::Result<String> {
        let line = format!("section[aria-labelledby={name}] .state");
        let line = self.session.element(&line).await?;
        Ok(line.attr("data-state").await?.unwrap_or_default())
    }

    /// Both callback URLs: the service account's, the employees'.
    ///
    /// # Errors
    /// When they are not shown.
    pub async fn callback_urls(&self) -> anyhow::Result<[String; 2]> {
        let mut urls = [String::new(), String::new()];
        for (url, name) in urls.iter_mut().zip(["service", "employees"]) {
            let field = format!("#callback-{name}");
            let field = self.session.element(&field).await?;
            *url = field.value().await?.unwrap_or_default();
        }
        Ok(urls)
    }

    /// *Authorise* or *Authorise again*; the window it opens.
    ///
    /// # Errors
    /// When none opens.
    pub async fn authorise(&self) -> anyhow::Result<SignInWindow<'s>> {
        self.session
            .press("form[action='/admin/authorise'] button")
            .await?;
        SignInWindow::opened(self.session).await
    }

    /// *Disconnect*.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn disconnect(&self) -> anyhow::Result<()> {
        self.session
            .press("form[action='/admin/disconnect'] button")
            .await
    }

    /// *Read now*.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn read_now(&self) -> anyhow::Result<()> {
        self.session
            .press("form[action='/admin/sync'] button")
            .await
    }

    /// *Turn off* or *Turn on* of the support log.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn switch_log(&self) -> anyhow::Result<()> {
        self.session.press("form[action='/admin/log'] button").await
    }

    /// Waits, looking again, until a section says something.
    ///
    /// # Errors
    /// When it never does.
    pub async fn says(&self, section: &str, words: &str) -> anyhow::Result<()> {
        until(format!("{section} to say {words:?}"), async || {
            let text = self.section(section).await?;
            if text.contains(words) {
                return Ok(Some(()));
            }
            self.look_again().await?;
            Ok(None)
        })
        .await
    }
}
