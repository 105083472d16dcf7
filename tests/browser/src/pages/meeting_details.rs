//! *Meeting details*: the invitation.

use crate::session::Session;
use crate::widget::Widget;

/// See the module.
#[derive(Debug)]
pub struct MeetingDetails<'s> {
    session: &'s Session,
    /// The widget around it.
    pub widget: Widget,
}

impl<'s> MeetingDetails<'s> {
    pub(crate) fn new(session: &'s Session, widget: Widget) -> Self {
        Self { session, widget }
    }

    /// Waits for the page with a meeting on it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn appears(&self) -> anyhow::Result<()> {
        self.widget
            .find("[data-page=meeting_details] [data-part-text=subject]")
            .await?;
        Ok(())
    }

    /// The heading.
    ///
    /// # Errors
    /// When the page is not shown.
    pub async fn heading(&self) -> anyhow::Result<String> {
        self.widget.text("[data-page=meeting_details] h2").await
    }

    /// The subject.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn subject(&self) -> anyhow::Result<String> {
        self.part("subject").await
    }

    /// Day, times, place and offset in one line.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn when(&self) -> anyhow::Result<String> {
        self.part("when").await
    }

    /// Who organizes it.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn organizer(&self) -> anyhow::Result<String> {
        self.part("organizer").await
    }

    /// The co-organizers, one a line; empty without any.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn co_organizers(&self) -> anyhow::Result<Vec<String>> {
        self.appears().await?;
        if !self.widget.shows("[data-part-text=co-organizers]").await? {
            return Ok(Vec::new());
        }
        // WebKitWebDriver's own text has no line breaks here.
        let script = "return root.querySelector('[data-part-text=co-organizers]').innerText;";
        let text = self.widget.run(script, Vec::new()).await?;
        let lines = text.as_str().unwrap_or_default().lines().map(str::trim);
        Ok(lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// The id, grouped as people read it aloud.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn meeting_id(&self) -> anyhow::Result<String> {
        self.part("meeting-id").await
    }

    /// The phone numbers.
    ///
    /// # Errors
    /// When the meeting has none.
    pub async fn phone(&self) -> anyhow::Result<String> {
        self.part("phone").await
    }

    /// What a touch on the first phone number dials.
    ///
    /// # Errors
    /// When there is no number to touch.
    pub async fn dials(&self) -> anyhow::Result<Option<String>> {
        self.widget
            .attribute("[data-part-text=phone] a", "href")
            .await
    }

    /// What is said about the password; `None` when none will be asked.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn password_note(&self) -> anyhow::Result<Option<String>> {
        self.appears().await?;
        if self.widget.shows("[data-part-text=password]").await? {
            Ok(Some(self.part("password").await?))
        } else {
            Ok(None)
        }
    }

    /// Where *Join the meeting* leads.
    ///
    /// # Errors
    /// When no meeting is shown.
    pub async fn link(&self) -> anyhow::Result<String> {
        let link = self.widget.attribute("[data-action=join]", "href").await?;
        Ok(link.unwrap_or_default())
    }

    /// *Create another meeting*.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn create_another(self) -> anyhow::Result<super::CreateMeeting<'s>> {
        self.widget.press("[data-action=create-another]").await?;
        let form = super::CreateMeeting::new(self.session, self.widget);
        form.appears().await?;
        Ok(form)
    }

    async fn part(&self, name: &str) -> anyhow::Result<String> {
        self.widget
            .text(&format!(
                "[data-page=meeting_details] [data-part-text={name}]"
            ))
            .await
    }
}
