//! The window in which an employee signs in at GoTo.

use thirtyfour::error::{WebDriverError, WebDriverErrorInner};
use thirtyfour::{By, WindowHandle};

use crate::session::Session;
use crate::wait::until;

/// See the module. While it lives, it is the window that is driven.
#[derive(Debug)]
pub struct SignInWindow<'s> {
    session: &'s Session,
    opener: WindowHandle,
    own: WindowHandle,
}

impl<'s> SignInWindow<'s> {
    /// Turns to the window that opens beside the page.
    ///
    /// # Errors
    /// When none opens.
    pub async fn opened(session: &'s Session) -> anyhow::Result<Self> {
        let opener = session.window().await?;
        let own = until("the window to open", async || {
            let windows = session.web().windows().await?;
            Ok(windows.into_iter().find(|window| *window != opener))
        })
        .await?;
        session.switch(&own).await?;
        Ok(Self {
            session,
            opener,
            own,
        })
    }

    /// Chooses who they are on GoTo's page.
    ///
    /// # Errors
    /// When that person is not offered.
    pub async fn choose(&self, email: &str) -> anyhow::Result<()> {
        let search = self.session.element("input[name=q]").await?;
        let person = format!("button[name=email][value='{email}']");
        // The first few are offered without a search.
        if self.session.web().find(By::Css(&person)).await.is_err() {
            search.send_keys(email).await?;
            self.session.press("form[role=search] button").await?;
        }
        self.last_click(&person).await
    }

    /// Whether GoTo asks for consent, which it does once; otherwise the window goes by itself.
    ///
    /// # Errors
    /// When neither happens.
    pub async fn is_asked(&self) -> anyhow::Result<bool> {
        until("GoTo to ask or the window to close", async || {
            let windows = self.session.web().windows().await?;
            if !windows.contains(&self.own) {
                return Ok(Some(false));
            }
            let asking = self
                .session
                .web()
                .find_all(By::Css("button[name=decision][value=allow]"))
                .await;
            match asking {
                Ok(buttons) if buttons.is_empty() => Ok(None),
                Ok(_) => Ok(Some(true)),
                // It closed in between.
                Err(_) => Ok(None),
            }
        })
        .await
    }

    /// Allows the access.
    ///
    /// # Errors
    /// When nobody asks.
    pub async fn allow(&self) -> anyhow::Result<()> {
        self.last_click("button[name=decision][value=allow]").await
    }

    /// Denies the access.
    ///
    /// # Errors
    /// When nobody asks.
    pub async fn deny(&self) -> anyhow::Result<()> {
        self.last_click("button[name=decision][value=deny]").await
    }

    /// Closes the window and goes back to the page.
    ///
    /// # Errors
    /// When it is closed already.
    pub async fn close(self) -> anyhow::Result<()> {
        self.session.web().close_window().await?;
        self.session.switch(&self.opener).await
    }

    /// Waits until the window closed itself, and goes back to the page.
    ///
    /// # Errors
    /// When it stays open.
    pub async fn closes(self) -> anyhow::Result<()> {
        until("the sign-in window to close", async || {
            let windows = self.session.web().windows().await?;
            Ok((!windows.contains(&self.own)).then_some(()))
        })
        .await?;
        self.session.switch(&self.opener).await
    }

    /// Leaves it open and goes back to the page.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn leave(&self) -> anyhow::Result<()> {
        self.session.switch(&self.opener).await
    }

    /// Waits until the page has noticed that it does not see the window any more and has told the proxy
    /// so: a person takes longer than that on GoTo's page.
    ///
    /// # Errors
    /// When it notices nothing.
    pub async fn is_cut_off(&self) -> anyhow::Result<()> {
        let told = "return performance.getEntriesByType('resource')
            .some((it) => it.name.endsWith('/sign-in/severed'));";
        self.leave().await?;
        until("the proxy to be told", async || {
            let told = self.session.run(told, vec![]).await?;
            Ok((told == true).then_some(()))
        })
        .await?;
        self.come_back().await
    }

    /// Turns to it again.
    ///
    /// # Errors
    /// When it is closed.
    pub async fn come_back(&self) -> anyhow::Result<()> {
        self.session.switch(&self.own).await
    }

    /// Heading of the page it shows.
    ///
    /// # Errors
    /// When it shows none.
    pub async fn heading(&self) -> anyhow::Result<String> {
        self.session.text("h1").await
    }

    /// A click after which the window may be gone before the driver knows.
    async fn last_click(&self, css: &str) -> anyhow::Result<()> {
        until(format!("{css} to be pressed"), async || {
            let button = self.session.web().find(By::Css(css)).await?;
            match button.click().await {
                Err(error) if is_gone(&error) => Ok(Some(())),
                Err(error) => Err(error.into()),
                Ok(()) => Ok(Some(())),
            }
        })
        .await
    }
}

fn is_gone(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::NoSuchWindow(_))
}
