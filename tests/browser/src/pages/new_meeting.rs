//! *New meeting*: it worked.

use super::MeetingDetails;
use crate::session::Session;
use crate::widget::Widget;

/// See the module.
#[derive(Debug)]
pub struct NewMeeting<'s> {
    session: &'s Session,
    /// The widget around it.
    pub widget: Widget,
}

impl<'s> NewMeeting<'s> {
    pub(crate) fn new(session: &'s Session, widget: Widget) -> Self {
        Self { session, widget }
    }

    /// Waits for the page.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn appears(&self) -> anyhow::Result<()> {
        self.widget
            .find("[data-page=new_meeting] [data-part-text=subject]")
            .await?;
        Ok(())
    }

    /// The heading.
    ///
    /// # Errors
    /// When the page is not shown.
    pub async fn heading(&self) -> anyhow::Result<String> {
        self.widget.text("[data-page=new_meeting] h2").await
    }

    /// The join link as offered for copying.
    ///
    /// # Errors
    /// When the page is not shown.
    pub async fn link(&self) -> anyhow::Result<String> {
        self.widget
            .property("[data-page=new_meeting] [data-field=link]", "value")
            .await
    }

    /// Words on the button that leads on.
    ///
    /// # Errors
    /// When the page is not shown.
    pub async fn details_button(&self) -> anyhow::Result<String> {
        self.widget.text("[data-action=view-details]").await
    }

    /// *View details*.
    ///
    /// # Errors
    /// When the details do not come.
    pub async fn view_details(self) -> anyhow::Result<MeetingDetails<'s>> {
        self.widget.press("[data-action=view-details]").await?;
        let details = MeetingDetails::new(self.session, self.widget);
        details.appears().await?;
        Ok(details)
    }

    /// *Copy link*.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn copy_link(&self) -> anyhow::Result<()> {
        self.widget.press("[data-action=copy-link]").await
    }

    /// *Create another meeting*.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn create_another(&self) -> anyhow::Result<()> {
        self.widget.press("[data-action=create-another]").await?;
        self.widget.find("[data-page=create_meeting]").await?;
        Ok(())
    }
}
