//! *Create a meeting*: the form.

use chrono::NaiveDate;
use serde_json::json;
use thirtyfour::Key;

use super::{NewMeeting, SignInWindow};
use crate::session::Session;
use crate::wait::{becomes, until};
use crate::widget::Widget;

/// Everything a person can have typed or chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Subject.
    pub subject: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// `HH:MM`.
    pub start: String,
    /// `HH:MM`.
    pub end: String,
    /// Names on the chips.
    pub co_organizers: Vec<String>,
    /// Whether the switch is on.
    pub password: bool,
}

/// See the module.
#[derive(Debug)]
pub struct CreateMeeting<'s> {
    session: &'s Session,
    /// The widget around it.
    pub widget: Widget,
}

const CO_ORGANIZERS: &str = "[data-field=co-organizers]";

impl<'s> CreateMeeting<'s> {
    pub(crate) fn new(session: &'s Session, widget: Widget) -> Self {
        Self { session, widget }
    }

    /// Waits for the form.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn appears(&self) -> anyhow::Result<()> {
        self.widget
            .find("[data-page=create_meeting] [data-field=subject]")
            .await?;
        Ok(())
    }

    /// The heading.
    ///
    /// # Errors
    /// When the page is not shown.
    pub async fn heading(&self) -> anyhow::Result<String> {
        self.widget.text("[data-page=create_meeting] h2").await
    }

    // Signing in and out

    /// *Sign in with GoTo*; the window it opens.
    ///
    /// # Errors
    /// When none opens.
    pub async fn sign_in(&self) -> anyhow::Result<SignInWindow<'s>> {
        self.press_sign_in().await?;
        SignInWindow::opened(self.session).await
    }

    /// *Sign in with GoTo*, whatever comes of it.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn press_sign_in(&self) -> anyhow::Result<()> {
        self.widget.press("[data-action=sign-in]").await
    }

    /// The whole sign-in, with consent if GoTo asks for it.
    ///
    /// # Errors
    /// What did not work.
    pub async fn sign_in_as(&self, email: &str) -> anyhow::Result<()> {
        self.press_sign_in().await?;
        self.finish_sign_in_as(email).await
    }

    /// The sign-in from the moment its window opens.
    ///
    /// # Errors
    /// What did not work.
    pub async fn finish_sign_in_as(&self, email: &str) -> anyhow::Result<()> {
        let window = SignInWindow::opened(self.session).await?;
        window.choose(email).await?;
        if window.is_asked().await? {
            window.allow().await?;
        }
        window.closes().await?;
        self.is_signed_in().await
    }

    /// Waits until the form knows who it is, and has put the focus where it is to go on.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn is_signed_in(&self) -> anyhow::Result<()> {
        self.widget.find("[data-action=sign-out]").await?;
        until("the focus to come back", async || {
            let focused = self.widget.focused().await?;
            let back = !["", "data-action=sign-in", "data-action=use-code"].contains(&&*focused);
            Ok(back.then_some(()))
        })
        .await
    }

    /// *Sign out*.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn sign_out(&self) -> anyhow::Result<()> {
        self.widget.press("[data-action=sign-out]").await
    }

    /// Types the code of the sign-in window and uses it.
    ///
    /// # Errors
    /// When there is no place for it.
    pub async fn use_code(&self, code: &str) -> anyhow::Result<()> {
        self.widget.type_into("[data-field=code]", code).await?;
        self.widget.press("[data-action=use-code]").await
    }

    // Filling in

    /// Types a subject over what is there.
    ///
    /// # Errors
    /// When the field takes no keys.
    pub async fn type_subject(&self, subject: &str) -> anyhow::Result<()> {
        self.widget.type_over("[data-field=subject]", subject).await
    }

    /// Chooses the day.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn choose_date(&self, day: NaiveDate) -> anyhow::Result<()> {
        self.widget
            .pick("[data-field=date]", &day.to_string())
            .await
    }

    /// Chooses the start; the end moves along.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn choose_start(&self, time: &str) -> anyhow::Result<()> {
        self.widget.pick("[data-field=start]", time).await
    }

    /// Chooses the end.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn choose_end(&self, time: &str) -> anyhow::Result<()> {
        self.widget.pick("[data-field=end]", time).await
    }

    /// Types a length in the place of the end, in minutes.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn choose_duration(&self, minutes: u32) -> anyhow::Result<()> {
        self.choose_end(&format!("{minutes} min")).await
    }

    /// Turns the password on or off.
    ///
    /// # Errors
    /// When there is no such switch.
    pub async fn switch_password(&self) -> anyhow::Result<()> {
        self.widget.press("[data-field=password]").await
    }

    /// Subject, day and times in one go.
    ///
    /// # Errors
    /// What did not work.
    pub async fn fill_in(
        &self,
        subject: &str,
        day: NaiveDate,
        start: &str,
        end: &str,
    ) -> anyhow::Result<()> {
        self.type_subject(subject).await?;
        self.choose_date(day).await?;
        self.choose_start(start).await?;
        self.choose_end(end).await
    }

    /// Everything that is typed or chosen now.
    ///
    /// # Errors
    /// When the form is not shown.
    pub async fn typed(&self) -> anyhow::Result<Typed> {
        let password = self
            .widget
            .property("[data-field=password]", "checked")
            .await?;
        let subject = self.widget.property("[data-field=subject]", "value");
        // What they mean, however it is written there.
        let start = self.widget.attribute("[data-field=start]", "data-clock");
        let end = self.widget.attribute("[data-field=end]", "data-clock");
        Ok(Typed {
            subject: subject.await?,
            date: self.widget.property("[data-field=date]", "value").await?,
            start: start.await?.unwrap_or_default(),
            end: end.await?.unwrap_or_default(),
            co_organizers: self.chips().await?,
            password: password == "true",
        })
    }

    /// Waits until the form shows exactly this.
    ///
    /// # Errors
    /// When it shows something else.
    pub async fn shows(&self, typed: &Typed) -> anyhow::Result<()> {
        becomes("the form", typed.clone(), async || self.typed().await).await
    }

    // Co-organizers

    /// Types a word into the search, over what is there, and waits for the list of people whom it
    /// marks: where typing is slow, there may be one for the beginning of the word before.
    ///
    /// # Errors
    /// When nobody is found.
    pub async fn look_up(&self, word: &str) -> anyhow::Result<()> {
        let script = "
            const plain = (text) => text.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase();
            const marks = [...root.querySelectorAll('[role=option] b')];
            return marks.some((mark) => plain(mark.textContent) === plain(args[0]));
        ";
        self.widget.type_over(CO_ORGANIZERS, word).await?;
        let marked = async || self.widget.run(script, vec![json!(word)]).await;
        becomes(format!("people with {word}"), json!(true), marked).await?;
        self.widget.find("[role=option]").await.map(drop)
    }

    /// Presses a key where the focus is, which stays in the search after typing into it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn press_key(&self, key: Key) -> anyhow::Result<()> {
        self.widget.keys(&key.value().to_string()).await
    }

    /// Finds somebody and takes the first of the list, by keyboard.
    ///
    /// # Errors
    /// When nobody is found.
    pub async fn add_first(&self, text: &str) -> anyhow::Result<()> {
        let before = self.chips().await?.len();
        self.look_up(text).await?;
        self.press_key(Key::Down).await?;
        self.press_key(Key::Enter).await?;
        self.has_chips(before + 1).await
    }

    /// Waits for this number of people chosen.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub async fn has_chips(&self, count: usize) -> anyhow::Result<()> {
        becomes("the number of chips", count, async || {
            Ok(self.chips().await?.len())
        })
        .await
    }

    /// Keys of the people in the list, best match first.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn options(&self) -> anyhow::Result<Vec<String>> {
        self.keys("[role=option]", "key").await
    }

    /// Key of the active option: the one `aria-activedescendant` names.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn active_option(&self) -> anyhow::Result<Option<String>> {
        let script = "
            const id = root.querySelector(args[0]).getAttribute('aria-activedescendant');
            const option = id && root.getElementById(id);
            return option ? option.dataset.key : null;
        ";
        let key = self.widget.run(script, vec![json!(CO_ORGANIZERS)]).await?;
        Ok(key.as_str().map(str::to_owned))
    }

    /// Goes down the open list to a person, without taking them yet.
    ///
    /// # Errors
    /// When the list does not have them.
    pub async fn arrow_to(&self, key: &str) -> anyhow::Result<()> {
        let options = self.options().await?;
        for _ in &options {
            self.press_key(Key::Down).await?;
            if self.active_option().await?.as_deref() == Some(key) {
                return Ok(());
            }
        }
        anyhow::bail!("{key} is not among {options:?}")
    }

    /// Whether the list is open.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn list_is_open(&self) -> anyhow::Result<bool> {
        self.widget.shows("[role=listbox]").await
    }

    /// Names of the people chosen.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn chips(&self) -> anyhow::Result<Vec<String>> {
        self.widget.texts("[data-chip]").await
    }

    /// Keys of the people chosen.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn chosen_keys(&self) -> anyhow::Result<Vec<String>> {
        self.keys("[data-chip]", "chip").await
    }

    /// Takes somebody off again, by pointer.
    ///
    /// # Errors
    /// When they are not chosen.
    pub async fn remove_chip(&self, key: &str) -> anyhow::Result<()> {
        self.widget
            .press(&format!("[data-chip='{key}'] button"))
            .await
    }

    async fn keys(&self, css: &str, name: &str) -> anyhow::Result<Vec<String>> {
        let script = "return [...root.querySelectorAll(args[0])].map((it) => it.dataset[args[1]]);";
        let keys = self
            .widget
            .run(script, vec![json!(css), json!(name)])
            .await?;
        Ok(serde_json::from_value(keys)?)
    }

    // Creating

    /// *Create meeting*, whatever comes of it.
    ///
    /// # Errors
    /// When it cannot be pressed.
    pub async fn press_create(&self) -> anyhow::Result<()> {
        self.widget.press("[data-action=create]").await
    }

    /// *Create meeting*, and it works.
    ///
    /// # Errors
    /// When *New meeting* does not come.
    pub async fn create(&self) -> anyhow::Result<NewMeeting<'s>> {
        self.press_create().await?;
        self.is_created().await
    }

    /// Waits for *New meeting*.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn is_created(&self) -> anyhow::Result<NewMeeting<'s>> {
        let page = NewMeeting::new(self.session, self.widget.clone());
        page.appears().await?;
        Ok(page)
    }

    /// The message above the actions: title and text.
    ///
    /// # Errors
    /// When there is none.
    pub async fn message(&self) -> anyhow::Result<String> {
        self.widget.text(".alert").await
    }

    /// Waits until the message contains these words.
    ///
    /// # Errors
    /// When it says something else.
    pub async fn says(&self, words: &str) -> anyhow::Result<()> {
        let mut last = String::new();
        until(format!("a message with {words:?}"), async || {
            last = self.widget.texts(".alert").await?.join("\n");
            Ok(last.contains(words).then_some(()))
        })
        .await
        .map_err(|error| error.context(format!("the message was {last:?}")))
    }

    /// What is wrong with a field, beside it; `None` when nothing is.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn error_at(&self, field: &str) -> anyhow::Result<Option<String>> {
        let css = format!("[data-error-for={field}]");
        Ok(self.widget.texts(&css).await?.into_iter().next())
    }

    /// Waits for the message at a field.
    ///
    /// # Errors
    /// When it says something else.
    pub async fn complains(&self, field: &str, words: &str) -> anyhow::Result<()> {
        let wanted = Some(words.to_owned());
        becomes(format!("the error at {field}"), wanted, async || {
            self.error_at(field).await
        })
        .await
    }

    /// Waits until nothing is wrong with a field.
    ///
    /// # Errors
    /// When the message stays.
    pub async fn is_content_with(&self, field: &str) -> anyhow::Result<()> {
        becomes(format!("the error at {field}"), None, async || {
            self.error_at(field).await
        })
        .await
    }
}
