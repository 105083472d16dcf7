//! The page of the intranet on which the widget is a guest.

use anyhow::Context;
use goto_microapps_harness::{NONCE, PageOptions};
use serde_json::Value;
use url::Url;

use super::{CreateMeeting, MeetingDetails, NewMeeting};
use crate::session::Session;
use crate::wait::until;
use crate::widget::Widget;

/// Runs before the loader, so that no event is missed.
const LISTEN: &str = "
    window.heard = [];
    window.violations = [];
    window.failed = [];
    addEventListener('error', (event) => failed.push(event.message));
    addEventListener('unhandledrejection', (event) => failed.push(String(event.reason)));
    document.addEventListener('securitypolicyviolation', (event) => {
        violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
    for (const name of ['ready', 'created', 'viewed', 'changed', 'cancelled', 'signed-out', 'error']) {
        document.addEventListener(`gotomeeting:${name}`, (event) => {
            heard.push({ name, detail: event.detail, target: event.target.localName });
        });
    }
";

/// An event of the widget, as a script on `document` heard it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Heard {
    /// After `gotomeeting:`.
    pub name: String,
    /// `detail`.
    pub detail: Value,
    /// Tag of the element it comes from.
    pub target: String,
}

/// See the module.
#[derive(Debug)]
pub struct Intranet<'s> {
    session: &'s Session,
}

impl<'s> Intranet<'s> {
    pub(crate) async fn open(
        session: &'s Session,
        origin: &str,
        page: &PageOptions,
    ) -> anyhow::Result<Self> {
        let mut url = Url::parse(origin)?;
        let listen = format!("<script nonce=\"{NONCE}\">{LISTEN}</script>");
        let head = [&listen, page.head.as_deref().unwrap_or_default()].concat();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("head", &head);
            for (name, value) in [
                ("lang", &page.lang),
                ("element", &page.element),
                ("markup", &page.markup),
                ("policy", &page.policy),
                ("opener", &page.opener),
                ("embedder", &page.embedder),
                ("tag", &page.tag),
            ] {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            }
        }
        session.open(url.as_str()).await?;
        Ok(Self { session })
    }

    /// The widget.
    pub fn widget(&self) -> Widget {
        self.widget_number(0)
    }

    /// One of several, counted from 0.
    pub fn widget_number(&self, place: usize) -> Widget {
        Widget::new(self.session.web(), place)
    }

    /// The form of the first widget.
    pub fn create_meeting(&self) -> CreateMeeting<'s> {
        self.create_meeting_in(0)
    }

    /// The form of one of several.
    pub fn create_meeting_in(&self, place: usize) -> CreateMeeting<'s> {
        CreateMeeting::new(self.session, self.widget_number(place))
    }

    /// *New meeting* of the first widget.
    pub fn new_meeting(&self) -> NewMeeting<'s> {
        NewMeeting::new(self.session, self.widget())
    }

    /// *Meeting details* of the first widget.
    pub fn meeting_details(&self) -> MeetingDetails<'s> {
        MeetingDetails::new(self.session, self.widget())
    }

    /// Reloads the page.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn reload(&self) -> anyhow::Result<()> {
        self.session.reload().await
    }

    /// What a script of the page heard so far.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn heard(&self) -> anyhow::Result<Vec<Heard>> {
        let heard = self.session.run("return window.heard;", Vec::new()).await?;
        serde_json::from_value(heard).context("events")
    }

    /// What the page's policy forbade so far, as directive and address, apart from the page's own
    /// icon, which some browsers ask for by themselves.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn violations(&self) -> anyhow::Result<Vec<String>> {
        let script = "return window.violations;";
        let violations = self.session.run(script, Vec::new()).await?;
        let mut violations: Vec<String> =
            serde_json::from_value(violations).context("violations")?;
        violations.retain(|violation| !violation.ends_with("/favicon.ico"));
        Ok(violations)
    }

    /// Goes into the frame that stands for the first widget; everything is then read in there.
    ///
    /// # Errors
    /// When there is none.
    pub async fn enter_frame(&self) -> anyhow::Result<CreateMeeting<'s>> {
        let frame = self.widget().find("iframe").await?;
        frame.enter_frame().await?;
        Ok(self.create_meeting())
    }

    /// Comes back from the frame.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn leave_frame(&self) -> anyhow::Result<()> {
        Ok(self.session.web().enter_default_frame().await?)
    }

    /// Waits for an event; its detail.
    ///
    /// # Errors
    /// When it is not heard.
    pub async fn hears(&self, name: &str) -> anyhow::Result<Value> {
        until(format!("gotomeeting:{name}"), async || {
            let heard = self.heard().await?;
            let event = heard.into_iter().rev().find(|event| event.name == name);
            Ok(event.map(|event| event.detail))
        })
        .await
    }
}
