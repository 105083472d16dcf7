//! One browser session with an empty profile.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{By, RequestData, SessionId, WebDriver, WebElement, WindowHandle};

use crate::browser::{Browser, Machine};
use crate::driver::Driver;
use crate::wait::until;

/// Where pictures of failures go.
const SCREENSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");

/// See the module. To be ended with [`Session::end`]; dropped without, the browser is killed.
#[derive(Debug)]
pub struct Session {
    web: WebDriver,
    browser: Browser,
    scale: u32,
    touch: bool,
    scripts: bool,
    /// After `web`, which is dropped first.
    _driver: Driver,
    ended: bool,
}

impl Session {
    /// Starts driver and browser.
    ///
    /// # Errors
    /// What is not installed or did not start.
    pub async fn start(browser: Browser, machine: &Machine) -> anyhow::Result<Self> {
        let mut driver = Driver::start(browser, machine).await?;
        let capabilities = browser.capabilities(driver.profile(), machine)?;
        let web = WebDriver::builder(driver.url(), capabilities)
            .request_timeout(Duration::from_secs(90))
            .await?;
        let process = ["goog:processID", "moz:processID"];
        let process = process.iter().find_map(|name| {
            let id = web.capabilities().get(name)?;
            id.as_u64()
        });
        if let Some(process) = process {
            driver.owns(process);
        }
        let session = Self {
            web,
            browser,
            scale: machine.scale,
            touch: machine.touch,
            scripts: machine.scripts,
            _driver: driver,
            ended: false,
        };
        let (width, height) = machine.size;
        session.resize(width, height).await?;
        if browser == Browser::Chromium {
            session.emulate(machine).await?;
        }
        Ok(session)
    }

    /// Which browser it is.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// The WebDriver itself.
    pub fn web(&self) -> &WebDriver {
        &self.web
    }

    /// What Chromium is told about one page rather than at its start.
    async fn emulate(&self, machine: &Machine) -> anyhow::Result<()> {
        let devtools = self.web.cdp();
        if machine.touch {
            let touch = json!({ "enabled": true, "maxTouchPoints": 1 });
            devtools
                .send_raw("Emulation.setTouchEmulationEnabled", touch)
                .await?;
        }
        if !machine.scripts {
            let off = json!({ "value": true });
            devtools
                .send_raw("Emulation.setScriptExecutionDisabled", off)
                .await?;
        }
        Ok(())
    }

    /// Tells the page which scheme its visitor prefers, and whether the system forces its few
    /// colours on it, as Windows' contrast themes do. Says whether it could: no WebDriver standard has
    /// this, and only Chromium's devtools are asked.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn prefers(&self, scheme: &str, forced_colors: bool) -> anyhow::Result<bool> {
        if self.browser != Browser::Chromium {
            return Ok(false);
        }
        let forced = if forced_colors { "active" } else { "none" };
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "forced-colors", "value": forced },
        ]});
        let devtools = self.web.cdp();
        devtools
            .send_raw("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(true)
    }

    /// Makes the page this large. The windows of Chromium and Firefox are never as narrow as a
    /// phone, so there the page is told to be; elsewhere the window is changed.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        match self.browser {
            Browser::Chromium => {
                let metrics = json!({
                    "width": width, "height": height, "deviceScaleFactor": self.scale,
                    "mobile": self.touch,
                });
                let devtools = self.web.cdp();
                devtools
                    .send_raw("Emulation.setDeviceMetricsOverride", metrics)
                    .await?;
                return Ok(());
            }
            Browser::Firefox => {
                let script = "
                    const [width, height, touch] = arguments;
                    const { style, browsingContext } = gBrowser.selectedBrowser;
                    for (const [name, size] of Object.entries({ width, height })) {
                        for (const limit of ['', 'min-', 'max-']) {
                            style.setProperty(limit + name, `${size}px`, 'important');
                        }
                    }
                    style.setProperty('flex', 'none', 'important');
                    browsingContext.touchEventsOverride = touch ? 'enabled' : 'none';
                ";
                let arguments = vec![json!(width), json!(height), json!(self.touch)];
                self.run_in_browser(script, arguments).await?;
            }
            // Its driver does not scroll to what is in a shadow root, so all of it is in view.
            Browser::Webkit => {
                let height = height.max(1_800);
                self.web.set_window_rect(0, 0, width, height).await?;
            }
        }
        if !self.scripts {
            return Ok(());
        }
        until(format!("the page to be {width} pixels wide"), async || {
            let found = self.run("return innerWidth;", Vec::new()).await?;
            Ok((found == width).then_some(()))
        })
        .await
    }

    /// Runs a script in Firefox's own window.
    async fn run_in_browser(&self, script: &str, arguments: Vec<Value>) -> anyhow::Result<()> {
        self.context("chrome").await?;
        let done = self.web.execute(script, arguments).await;
        self.context("content").await?;
        done?;
        Ok(())
    }

    async fn context(&self, name: &str) -> anyhow::Result<()> {
        self.command("moz/context", json!({ "context": name }))
            .await
    }

    /// A command that the library does not have.
    async fn command(&self, path: &'static str, body: Value) -> anyhow::Result<()> {
        self.web.handle().cmd(Command { path, body }).await?;
        Ok(())
    }

    /// Touches an element with a finger.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn tap(&self, element: &WebElement) -> anyhow::Result<()> {
        element.scroll_into_view().await?;
        let origin = json!({ ELEMENT: element.element_id().to_string() });
        let finger = json!({ "actions": [{
            "type": "pointer",
            "id": "finger",
            "parameters": { "pointerType": "touch" },
            "actions": [
                { "type": "pointerMove", "duration": 0, "origin": origin, "x": 0, "y": 0 },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerUp", "button": 0 },
            ],
        }] });
        self.command("actions", finger).await
    }

    /// Forgets the files that the browser keeps, where it can be told to; elsewhere they stay.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn forget_files(&self) -> anyhow::Result<()> {
        if self.browser == Browser::Chromium {
            let devtools = self.web.cdp();
            let none = json!({});
            devtools.send_raw("Network.clearBrowserCache", none).await?;
        }
        Ok(())
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When nothing is there.
    pub async fn open(&self, url: &str) -> anyhow::Result<()> {
        self.web.goto(url).await?;
        Ok(())
    }

    /// Reloads the page.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn reload(&self) -> anyhow::Result<()> {
        self.web.refresh().await?;
        Ok(())
    }

    /// The first element of a page without shadow roots; waited for.
    ///
    /// # Errors
    /// When there is none.
    pub async fn element(&self, css: &str) -> anyhow::Result<WebElement> {
        until(css, async || Ok(Some(self.web.find(By::Css(css)).await?))).await
    }

    /// Clicks it.
    ///
    /// # Errors
    /// When it cannot be clicked.
    pub async fn press(&self, css: &str) -> anyhow::Result<()> {
        until(format!("{css} to be pressed"), async || {
            self.web.find(By::Css(css)).await?.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Its visible text.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        until(css, async || {
            Ok(Some(self.web.find(By::Css(css)).await?.text().await?))
        })
        .await
    }

    /// How many windows are open.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn window_count(&self) -> anyhow::Result<usize> {
        Ok(self.web.windows().await?.len())
    }

    /// The window that is driven now.
    pub(crate) async fn window(&self) -> anyhow::Result<WindowHandle> {
        Ok(self.web.window().await?)
    }

    /// Drives another window.
    pub(crate) async fn switch(&self, window: &WindowHandle) -> anyhow::Result<()> {
        self.web.switch_to_window(window.clone()).await?;
        Ok(())
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> anyhow::Result<Value> {
        let answer = self.web.execute(script, arguments).await?;
        Ok(answer.json().clone())
    }

    /// Errors the page's scripts left on the console; where the driver does not tell, those that
    /// nobody caught on the page that is open. Requests that failed are not among them: many tests
    /// make them fail.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn script_errors(&self) -> anyhow::Result<Vec<String>> {
        if self.browser != Browser::Chromium {
            if !self.scripts {
                return Ok(Vec::new());
            }
            // A page that does not exist any more has nothing to tell.
            let failed = self
                .run("return window.failed?.splice(0) ?? [];", Vec::new())
                .await;
            return Ok(serde_json::from_value(failed.unwrap_or(json!([])))?);
        }
        let entries = self.web.browser_log().await?;
        let errors = entries.into_iter().filter(|entry| {
            entry.level == "SEVERE"
                && entry.source.as_deref() != Some("network")
                // A request that failed, under other names.
                && ![
                    "blocked by CORS policy",
                    "in the 'integrity' attribute",
                    "integrity checks failed",
                ]
                .iter()
                .any(|name| entry.message.contains(name))
        });
        Ok(errors.map(|entry| entry.message).collect())
    }

    /// Saves what the page looks like now.
    ///
    /// # Errors
    /// When there is nothing to see or the file cannot be written.
    pub async fn screenshot(&self, file: &Path) -> anyhow::Result<()> {
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(file, self.web.screenshot_as_png().await?)?;
        Ok(())
    }

    /// A picture of every window after a failure; their files.
    pub(crate) async fn failure_screenshots(&self, name: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for (at, window) in (0..).zip(self.web.windows().await.unwrap_or_default()) {
            let suffix = if at == 0 {
                String::new()
            } else {
                format!("-{at}")
            };
            let file = Path::new(SCREENSHOTS).join(format!("{name}{suffix}.png"));
            if self.switch(&window).await.is_ok() && self.screenshot(&file).await.is_ok() {
                files.push(file);
            }
        }
        files
    }

    /// Ends the browser, then the driver.
    ///
    /// # Errors
    /// When the browser does not end by itself; it is killed then.
    pub async fn end(mut self) -> anyhow::Result<()> {
        let quit = self.web.clone().quit();
        tokio::time::timeout(Duration::from_secs(20), quit).await??;
        self.ended = true;
        Ok(())
    }
}

/// How WebDriver names an element (W3C WebDriver, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A command as the driver takes it.
#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl FormatRequestData for Command {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("/session/{session}/{}", self.path);
        RequestData::new(Method::POST, path).add_body(self.body.clone())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.ended {
            // Asking a driver that may hang would block; it is killed right after this.
            let _ = self.web.clone().leak();
        }
    }
}
