//! The stage of one test: the whole product, one browser, and what is done when a test fails.

use std::fs::OpenOptions;
use std::io::Write;
use std::panic::{AssertUnwindSafe, Location, resume_unwind};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use goto_microapps_harness::{Harness, Options, PageOptions};
use goto_sandbox::{Meeting, Person, Received, Route, Sandbox};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::browser::{Ability, Browser, CONSOLE_NAME, Cookies, Machine};
use crate::calendar::Calendar;
use crate::pages::{AdminConsole, CreateMeeting, Intranet};
use crate::session::Session;
use crate::widget::Widget;

/// Browsers at a time. Two keep two cores busy; more would only make each other wait.
static ROOM: Semaphore = Semaphore::const_new(2);

/// A test that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(150);

/// What a test starts from.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The product.
    pub options: Options,
    /// The visitor's machine.
    pub machine: Machine,
    /// What the test cannot do without.
    pub needs: Vec<Ability>,
}

/// Everything as a new installation has it, seen from Paris.
pub fn setting() -> Setting {
    Setting::default()
}

impl Setting {
    /// Sets a key of the proxy's configuration to a TOML value.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.options = self.options.set(key, value);
        self
    }

    /// Stops the clocks of proxy and GoTo now; [`Harness::advance`] moves them. As the limits of
    /// requests would never recover either, they are lifted.
    #[must_use]
    pub fn clocks_stopped(mut self) -> Self {
        self.options.start = Some(now());
        self.set("goto.requests", "5000")
            .set("goto.requests_per_second", "1000")
    }

    /// The visitor's time zone.
    #[must_use]
    pub fn time_zone(mut self, zone: &str) -> Self {
        zone.clone_into(&mut self.machine.time_zone);
        self
    }

    /// The visitor's languages.
    #[must_use]
    pub fn languages(mut self, languages: &str) -> Self {
        languages.clone_into(&mut self.machine.languages);
        self
    }

    /// How large the visitor has texts that nobody has given a size, pixels.
    #[must_use]
    pub fn text_size(mut self, pixels: u32) -> Self {
        self.machine.text_size = pixels;
        self.needs(Ability::TextSize)
    }

    /// The visitor prefers dark pages.
    #[must_use]
    pub fn dark(mut self) -> Self {
        self.machine.dark = true;
        self
    }

    /// The visitor's browser takes all third-party cookies.
    #[must_use]
    pub fn third_party_cookies(mut self) -> Self {
        self.machine.third_party_cookies = Cookies::All;
        self
    }

    /// The visitor's browser takes no third-party cookies at all.
    #[must_use]
    pub fn no_third_party_cookies(mut self) -> Self {
        self.machine.third_party_cookies = Cookies::No;
        self
    }

    /// The visitor's browser runs no scripts.
    #[must_use]
    pub fn without_scripts(mut self) -> Self {
        self.machine.scripts = false;
        self
    }

    /// The visitor has a phone: 320 pixels wide, touched.
    #[must_use]
    pub fn phone(mut self) -> Self {
        self.machine.touch = true;
        self.needs(Ability::Touch).size(320, 640)
    }

    /// The test is skipped, and says so, in browsers that lack this.
    #[must_use]
    pub fn needs(mut self, ability: Ability) -> Self {
        self.needs.push(ability);
        self
    }

    /// Nobody has connected the service account yet.
    #[must_use]
    pub fn not_connected(mut self) -> Self {
        self.options.connected = false;
        self
    }

    /// Size of the page.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.machine.size = (width, height);
        self
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the browser's own clock is the system's too"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// See the module.
#[derive(Debug)]
pub struct Stage {
    /// Sandbox, proxy and intranet.
    pub harness: Harness,
    /// The browser.
    pub session: Session,
}

impl Stage {
    /// Starts both.
    ///
    /// # Errors
    /// What did not start.
    pub async fn set(setting: Setting) -> anyhow::Result<Self> {
        let browser = Browser::chosen()?;
        let harness = Harness::start(Options {
            https: browser.insists_on_https(),
            ..setting.options
        });
        let session = Session::start(browser, &setting.machine);
        let (harness, session) = tokio::join!(harness, session);
        Ok(Self {
            session: session.context("browser")?,
            harness: harness.context("harness")?,
        })
    }

    /// The local GoTo.
    pub fn sandbox(&self) -> &Sandbox {
        &self.harness.sandbox
    }

    /// Somebody everybody knows: `elodie.martin`, `zoe.oneill`, …
    ///
    /// # Panics
    /// When GoTo has nobody of that name.
    pub fn person(&self, local: &str) -> Person {
        let email = format!("{local}@corp.example");
        self.sandbox().employee(&email).expect("a known person")
    }

    /// Days of next year.
    pub fn calendar(&self) -> Calendar {
        Calendar::after(now())
    }

    /// Opens the intranet page.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn visit(&self, page: PageOptions) -> anyhow::Result<Intranet<'_>> {
        Intranet::open(&self.session, self.harness.intranet.origin(), &page).await
    }

    /// Opens the English page and signs in as Zoë O’Neill: where most tests begin.
    ///
    /// # Errors
    /// What did not work.
    pub async fn signed_in(&self, page: PageOptions) -> anyhow::Result<CreateMeeting<'_>> {
        let form = self.visit(page).await?.create_meeting();
        form.sign_in_as("zoe.oneill@corp.example").await?;
        Ok(form)
    }

    /// The form on the page that is open.
    pub fn form(&self) -> CreateMeeting<'_> {
        CreateMeeting::new(&self.session, Widget::new(self.session.web(), 0))
    }

    /// GoTo stops listening for good. Another sandbox stands in for it, at another address, so that
    /// the stage stays whole.
    ///
    /// # Errors
    /// When the other one does not start.
    pub async fn goto_goes_away(&mut self) -> anyhow::Result<()> {
        let other = Sandbox::start(goto_sandbox::Options::default()).await?;
        self.harness.sandbox = other;
        Ok(())
    }

    /// Opens the administrator's console.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn console(&self) -> anyhow::Result<AdminConsole<'_>> {
        AdminConsole::open(&self.session, &self.harness.admin_url()).await
    }

    /// Opens the console under [`CONSOLE_NAME`] by plain http, as from another machine.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn console_from_elsewhere(&self) -> anyhow::Result<AdminConsole<'_>> {
        let port = self.harness.proxy().admin().port();
        AdminConsole::open(&self.session, &format!("http://{CONSOLE_NAME}:{port}")).await
    }

    /// Every create that reached GoTo.
    pub fn posts(&self) -> Vec<Received> {
        self.sandbox().log_of(Route::CreateMeeting)
    }

    /// The one create that reached GoTo, and the meeting it made.
    ///
    /// # Panics
    /// When there was none or more than one.
    pub fn the_one_meeting(&self) -> (Value, Meeting) {
        let posts = self.posts();
        assert_eq!(posts.len(), 1, "creates that reached GoTo: {posts:?}");
        let meetings = self.sandbox().meetings();
        let [meeting] = &meetings[..] else {
            panic!("meetings at GoTo: {meetings:?}");
        };
        (posts[0].json(), meeting.clone())
    }
}

/// Plays a test on a stage of its own. A failure, by error or by panic, leaves pictures.
///
/// # Panics
/// When the test fails.
#[track_caller]
pub fn play(setting: Setting, script: impl AsyncFnOnce(&mut Stage) -> anyhow::Result<()>) {
    let name = name(Location::caller());
    let browser = Browser::chosen().expect("a browser");
    for ability in &setting.needs {
        if let Some(reason) = browser.lacks(*ability) {
            tell_skip(&format!("{name}: {ability:?}: {reason}"));
            return;
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let _room = ROOM.acquire().await.expect("never closed");
        let mut stage = Stage::set(setting).await.expect("the stage");
        let played = tokio::time::timeout(LONGEST, script(&mut stage));
        let played = AssertUnwindSafe(played).catch_unwind().await;
        let ending = match played {
            Ok(Ok(Ok(()))) => match stage.session.script_errors().await {
                Ok(errors) if errors.is_empty() => None,
                Ok(errors) => Some(format!("the page’s scripts failed: {}", errors.join("\n"))),
                Err(error) => Some(format!("{error:#}")),
            },
            Ok(Ok(Err(error))) => Some(without_addresses(&format!("{error:#}"))),
            Ok(Err(_)) => Some(format!("still running after {LONGEST:?}")),
            Err(panic) => {
                pictures(&stage, &name).await;
                let _ = stage.session.end().await;
                resume_unwind(panic);
            }
        };
        if let Some(failure) = ending {
            pictures(&stage, &name).await;
            let _ = stage.session.end().await;
            panic!("{failure}");
        }
        stage.session.end().await.expect("the browser ends");
    });
}

/// Says that a test was skipped: on standard error, past the test harness, which keeps what tests
/// print that pass, and in the file `GOTO_BROWSER_SKIPS` names.
fn tell_skip(line: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {line}");
    if let Some(file) = std::env::var_os("GOTO_BROWSER_SKIPS") {
        let file = OpenOptions::new().create(true).append(true).open(file);
        // In one piece: tests run side by side.
        let _ = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the test harness shows it with the test that failed"
)]
async fn pictures(stage: &Stage, name: &str) {
    if let Ok(errors) = stage.session.script_errors().await
        && !errors.is_empty()
    {
        eprintln!("console: {}", errors.join("\n"));
    }
    for file in stage.session.failure_screenshots(name).await {
        eprintln!("screenshot: {}", file.display());
    }
}

/// Drivers add their own stack, which says nothing here.
fn without_addresses(text: &str) -> String {
    let lines = text.lines();
    let lines = lines.take_while(|line| !line.trim_start().starts_with("Stacktrace:"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The test's name, which its thread has; where it has none, the place in the code.
fn name(place: &Location<'_>) -> String {
    let thread = std::thread::current();
    match thread.name() {
        Some(name) if name != "main" => name.replace("::", "-"),
        _ => {
            let file = Path::new(place.file()).file_stem().unwrap_or_default();
            format!("{}-{}", file.display(), place.line())
        }
    }
}
