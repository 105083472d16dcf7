//! The task most people come for, at a person's pace: a meeting tomorrow at two with a colleague, with
//! the invitation copied. Prints clicks, keys and seconds, with the pointer and without.
//!
//! ```text
//! cargo ten-seconds
//! ```
//!
//! The pace is that of the keystroke-level model for an average typist (S. Card, T. Moran, A. Newell,
//! *The Psychology of Human-Computer Interaction*, 1983, chapter 8): 0.2 s for a key, 1.1 s to point and
//! 0.1 s to press. Fields and buttons are found by what is written on them; the driver looks while the
//! person points, so that its own slowness is not theirs.

use std::io::Write;
use std::time::Duration;

use goto_microapps_browser_tests::{CreateMeeting, Key, Stage, setting, until};
use goto_microapps_harness::PageOptions;
use thirtyfour::WebElement;
use tokio::time::{Instant, sleep_until};

const KEY: Duration = Duration::from_millis(200);
const POINT: Duration = Duration::from_millis(1_100);
const PRESS: Duration = Duration::from_millis(100);

/// Somebody who schedules a meeting.
struct Person<'s> {
    form: CreateMeeting<'s>,
    clicks: u32,
    keys: u32,
    began: Instant,
    /// When what they did last was done: the next thing takes its time from then on, however long the
    /// driver needs to hand it over.
    free: Instant,
}

impl<'s> Person<'s> {
    async fn at(stage: &'s Stage) -> anyhow::Result<Self> {
        let page = PageOptions {
            lang: Some("en".to_owned()),
            ..PageOptions::default()
        };
        let form = stage.signed_in(page).await?;
        form.widget.reaches("ready").await?;
        let now = Instant::now();
        Ok(Self {
            form,
            clicks: 0,
            keys: 0,
            began: now,
            free: now,
        })
    }

    /// What can be pressed and is called so: a button or tile by its text, a field by its label.
    async fn called(&self, name: &str) -> anyhow::Result<WebElement> {
        until(format!("something called {name}"), async || {
            for element in self.form.widget.all("button, label").await? {
                let text = element.text().await?;
                if text.lines().next().is_some_and(|line| line.trim() == name) {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    async fn click(&mut self, name: &str) -> anyhow::Result<()> {
        let (element, ()) = tokio::join!(self.called(name), sleep_until(self.free + POINT + PRESS));
        let element = element?;
        self.free = Instant::now();
        element.click().await?;
        self.clicks += 1;
        Ok(())
    }

    async fn key(&mut self, key: &str) -> anyhow::Result<()> {
        self.free += KEY;
        sleep_until(self.free).await;
        self.form.widget.keys(key).await?;
        self.keys += 1;
        Ok(())
    }

    async fn write(&mut self, text: &str) -> anyhow::Result<()> {
        for letter in text.chars() {
            self.key(&letter.to_string()).await?;
        }
        Ok(())
    }

    async fn tabs(&mut self, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.key(&Key::Tab.value().to_string()).await?;
        }
        Ok(())
    }

    /// The first of the list, once it is there.
    async fn enter_first(&mut self) -> anyhow::Result<()> {
        self.form.widget.find("[role=option]").await?;
        self.free = self.free.max(Instant::now());
        self.key(&Key::Enter.value().to_string()).await
    }

    async fn finish(self, how: &str) -> anyhow::Result<()> {
        self.form.widget.announces("Copied").await?;
        let seconds = self.began.elapsed().as_secs_f64();
        let Self { clicks, keys, .. } = self;
        let mut out = std::io::stdout();
        writeln!(
            out,
            "{how:<10} {clicks:>2} clicks {keys:>3} keys {seconds:>5.1} s"
        )?;
        Ok(())
    }
}

async fn with_the_pointer(stage: &Stage) -> anyhow::Result<()> {
    let mut person = Person::at(stage).await?;
    person.click("Subject").await?;
    person.write("Budget").await?;
    person.click("Tomorrow").await?;
    person.click("Start time").await?;
    person.write("14").await?;
    person.click("Co-organizers").await?;
    person.write("jür").await?;
    person.enter_first().await?;
    person.click("Create meeting").await?;
    person.click("Copy invitation").await?;
    person.finish("pointer").await
}

async fn with_the_keys(stage: &Stage) -> anyhow::Result<()> {
    let mut person = Person::at(stage).await?;
    person.click("Subject").await?;
    person.write("Budget").await?;
    // Past Meet now, to the days; the next one is chosen; past the other day, which has three parts.
    person.tabs(2).await?;
    person.key(&Key::Right.value().to_string()).await?;
    person.key(&Key::Enter.value().to_string()).await?;
    person.tabs(4).await?;
    person.write("14").await?;
    person.tabs(3).await?;
    person.write("jür").await?;
    person.enter_first().await?;
    person.tabs(3).await?;
    person.key(&Key::Enter.value().to_string()).await?;
    person.form.is_created().await?;
    person.free = person.free.max(Instant::now());
    // The heading has the focus.
    until("the button that copies", async || {
        let focused = person.form.widget.focused().await?;
        if focused == "data-action=copy-invitation" {
            return Ok(Some(()));
        }
        person.tabs(1).await?;
        Ok(None)
    })
    .await?;
    person.key(&Key::Enter.value().to_string()).await?;
    person.finish("keyboard").await
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    for keys in [false, true] {
        let stage = Stage::set(setting()).await?;
        let done = if keys {
            Box::pin(with_the_keys(&stage)).await
        } else {
            Box::pin(with_the_pointer(&stage)).await
        };
        stage.session.end().await?;
        done?;
    }
    Ok(())
}
