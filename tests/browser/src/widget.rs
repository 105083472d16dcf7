//! The inside of a `<goto-meeting>`, also of one that is inside another shadow root: every look goes
//! through [`Widget::all`] or [`Widget::run`].

use anyhow::Context;
use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{Key, WebDriver, WebElement};

use crate::browser::Browser;
use crate::wait::{becomes, until};

/// The script of [`Widget::all`]. WebDriver has a command for it that not every driver knows, so a
/// script asks.
const ALL: &str = "return root ? [...root.querySelectorAll(args[0])] : [];";

/// How scripts given to [`Widget::run`] begin.
const WITH_ROOT: &str = "
    const hosts = (within) => [...within.querySelectorAll('*')].flatMap((element) =>
        element.localName === 'goto-meeting' ? [element]
            : element.shadowRoot ? hosts(element.shadowRoot) : []);
    const [place, ...args] = arguments;
    const host = hosts(document)[place];
    const root = host && host.shadowRoot;
";

/// Whether nothing else lies over the middle of an element, seen from its own root.
const IS_ON_TOP: &str = "
    arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });
    const { left, top, width, height } = arguments[0].getBoundingClientRect();
    const there = arguments[0].getRootNode().elementFromPoint(left + width / 2, top + height / 2);
    return arguments[0].contains(there);
";

const IS_SHOWN: &str = "
    const { width, height } = arguments[0].getBoundingClientRect();
    return arguments[0].checkVisibility({ visibilityProperty: true }) && width > 0 && height > 0;
";

/// One element of the page, by its place among its kind.
#[derive(Clone, Debug)]
pub struct Widget {
    web: WebDriver,
    place: usize,
}

/// What an element of the widget shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its visible text.
    pub text: String,
    /// Whether it can be seen at all.
    pub shown: bool,
}

impl Widget {
    pub(crate) fn new(web: &WebDriver, place: usize) -> Self {
        Self {
            web: web.clone(),
            place,
        }
    }

    /// Everything that matches now.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn all(&self, css: &str) -> anyhow::Result<Vec<WebElement>> {
        let arguments = vec![json!(self.place), json!(css)];
        let found = self.web.execute([WITH_ROOT, ALL].concat(), arguments);
        Ok(found.await?.elements()?)
    }

    /// Runs a script that may use `host`, `root` and `args`.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run(&self, script: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        let mut arguments = vec![json!(self.place)];
        arguments.extend(args);
        let answer = self.web.execute([WITH_ROOT, script].concat(), arguments);
        Ok(answer.await?.json().clone())
    }

    /// Whether an element can be seen. WebKitWebDriver says of date and time fields in a shadow root
    /// that they cannot, so the page itself is asked there.
    async fn is_shown(&self, element: &WebElement) -> anyhow::Result<bool> {
        if element.is_displayed().await? {
            return Ok(true);
        }
        let name = self.web.capabilities().get("browserName");
        if name.and_then(Value::as_str) != Some("MiniBrowser") {
            return Ok(false);
        }
        let shown = self.web.execute(IS_SHOWN, vec![element.to_json()?]);
        Ok(shown.await?.json() == true)
    }

    /// The first that matches and can be seen; waited for.
    ///
    /// # Errors
    /// When there is none.
    pub async fn find(&self, css: &str) -> anyhow::Result<WebElement> {
        until(format!("{css} to be seen"), async || {
            for element in self.all(css).await? {
                if self.is_shown(&element).await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    /// The first that matches, seen or not; waited for.
    ///
    /// # Errors
    /// When there is none.
    pub async fn present(&self, css: &str) -> anyhow::Result<WebElement> {
        until(format!("{css} to be there"), async || {
            Ok(self.all(css).await?.into_iter().next())
        })
        .await
    }

    /// Whether anything that matches can be seen now.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn shows(&self, css: &str) -> anyhow::Result<bool> {
        let mut shown = false;
        for element in self.all(css).await? {
            shown |= self.is_shown(&element).await.unwrap_or(false);
        }
        Ok(shown)
    }

    /// Waits until nothing that matches can be seen.
    ///
    /// # Errors
    /// When it stays.
    pub async fn hides(&self, css: &str) -> anyhow::Result<()> {
        until(format!("{css} to go"), async || {
            Ok((!self.shows(css).await?).then_some(()))
        })
        .await
    }

    /// Visible text of the first that can be seen; waited for.
    ///
    /// # Errors
    /// When there is none.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        until(format!("{css} to be read"), async || {
            for element in self.all(css).await? {
                if self.is_shown(&element).await? {
                    return Ok(Some(Self::text_of(&element).await?));
                }
            }
            Ok(None)
        })
        .await
    }

    /// WebKitGTK's driver writes the cells of a grid as one word, the browser itself does not.
    async fn text_of(element: &WebElement) -> anyhow::Result<String> {
        if Browser::chosen()? != Browser::Webkit {
            return Ok(element.text().await?);
        }
        let text = element.prop("innerText").await?.unwrap_or_default();
        Ok(text.trim().to_owned())
    }

    /// Visible texts of all that match now.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn texts(&self, css: &str) -> anyhow::Result<Vec<String>> {
        let mut texts = Vec::new();
        for element in self.all(css).await? {
            texts.push(Self::text_of(&element).await?);
        }
        Ok(texts)
    }

    /// Waits for a text.
    ///
    /// # Errors
    /// When it stays another.
    pub async fn reads(&self, css: &str, wanted: &str) -> anyhow::Result<()> {
        becomes(format!("text of {css}"), wanted, async || {
            self.text(css).await
        })
        .await
    }

    /// Clicks.
    ///
    /// # Errors
    /// When it cannot be clicked.
    pub async fn press(&self, css: &str) -> anyhow::Result<()> {
        until(format!("{css} to be pressed"), async || {
            for element in self.all(css).await? {
                if self.is_shown(&element).await? {
                    self.click(&element).await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Clicks. WebKitWebDriver takes any field in a shadow root for covered by its host, so whether
    /// it is covered is asked again from inside, and the pointer is moved there.
    async fn click(&self, element: &WebElement) -> anyhow::Result<()> {
        let Err(error) = element.click().await else {
            return Ok(());
        };
        let covered = matches!(
            error.as_inner(),
            WebDriverErrorInner::ElementClickIntercepted(_)
        );
        if !covered {
            return Err(error.into());
        }
        let on_top = self.web.execute(IS_ON_TOP, vec![element.to_json()?]);
        if on_top.await?.json() != true {
            return Err(error.into());
        }
        let chain = self.web.action_chain_with_delay(None, None);
        let chain = chain.move_to_element_center(element).click();
        Ok(chain.perform().await?)
    }

    /// An attribute of the first that matches; waited for the element, not for the attribute.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn attribute(&self, css: &str, name: &str) -> anyhow::Result<Option<String>> {
        until(format!("{css} with {name}"), async || {
            match self.all(css).await?.first() {
                Some(element) => Ok(Some(element.attr(name).await?)),
                None => Ok(None),
            }
        })
        .await
    }

    /// A property of the first that matches, as text.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn property(&self, css: &str, name: &str) -> anyhow::Result<String> {
        until(format!("{css} with {name}"), async || {
            match self.all(css).await?.first() {
                Some(element) => Ok(Some(element.prop(name).await?.unwrap_or_default())),
                None => Ok(None),
            }
        })
        .await
    }

    /// Clicks into a field and types. Not by WebDriver's command for typing: chromedriver takes the
    /// focus away from a shadow root for a moment to give it back.
    ///
    /// # Errors
    /// When it takes no keys.
    pub async fn type_into(&self, css: &str, text: &str) -> anyhow::Result<()> {
        self.press(css).await?;
        self.keys(text).await
    }

    /// Presses keys wherever the focus is.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn keys(&self, keys: &str) -> anyhow::Result<()> {
        let chain = self.web.action_chain_with_delay(None, None);
        chain.send_keys(keys).perform().await?;
        Ok(())
    }

    /// Presses a key while another is held.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn keys_with(&self, held: &Key, key: impl Into<char>) -> anyhow::Result<()> {
        let chain = self.web.action_chain_with_delay(None, None);
        let chain = chain.key_down(held.value());
        let chain = chain.send_keys(key.into().to_string());
        chain.key_up(held.value()).perform().await?;
        Ok(())
    }

    /// Types over what a field holds.
    ///
    /// # Errors
    /// When it takes no keys.
    pub async fn type_over(&self, css: &str, text: &str) -> anyhow::Result<()> {
        self.press(css).await?;
        self.keys_with(&Key::Control, 'a').await?;
        self.keys(&Key::Delete.value().to_string()).await?;
        if text.is_empty() {
            return Ok(());
        }
        self.keys(text).await
    }

    /// Sets a value as the browser's own picker does, whatever its language.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn pick(&self, css: &str, value: &str) -> anyhow::Result<()> {
        self.find(css).await?;
        let script = "
            const input = root.querySelector(args[0]);
            input.focus();
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, args[1]);
            for (const type of ['input', 'change']) {
                input.dispatchEvent(new Event(type, { bubbles: true, composed: type === 'input' }));
            }
        ";
        self.run(script, vec![json!(css), json!(value)]).await?;
        Ok(())
    }

    /// What has the focus inside: its most telling hook, such as `data-field=subject`, its class or
    /// its tag; empty when the focus is elsewhere.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn focused(&self) -> anyhow::Result<String> {
        let script = "
            const element = root && root.activeElement;
            if (!element || host.getRootNode().activeElement !== host) return '';
            for (const name of ['data-field', 'data-action', 'data-day', 'data-duration', 'data-time', 'data-fold']) {
                if (element.hasAttribute(name)) return `${name}=${element.getAttribute(name)}`;
            }
            const chip = element.closest('[data-chip]');
            if (chip) return `data-chip=${chip.dataset.chip}`;
            return element.className ? `.${element.className}` : element.localName;
        ";
        let hook = self.run(script, Vec::new()).await?;
        Ok(hook.as_str().context("a hook")?.to_owned())
    }

    /// Waits for the focus.
    ///
    /// # Errors
    /// When it goes elsewhere.
    pub async fn focuses(&self, hook: &str) -> anyhow::Result<()> {
        becomes("the focus", hook, async || self.focused().await).await
    }

    /// `data-state` of the frame; empty while there is only the skeleton.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn state(&self) -> anyhow::Result<String> {
        let script = "const frame = root && root.querySelector('[data-state]');
            return frame ? frame.dataset.state : '';";
        let state = self.run(script, Vec::new()).await?;
        Ok(state.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for a state.
    ///
    /// # Errors
    /// When it stays another.
    pub async fn reaches(&self, state: &str) -> anyhow::Result<()> {
        becomes("the widget’s state", state, async || self.state().await).await
    }

    /// What the live region says to screen readers.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn announced(&self) -> anyhow::Result<String> {
        let script = "const live = root.querySelector('[role=status]');
            return live ? live.textContent : '';";
        let text = self.run(script, Vec::new()).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for it to say something.
    ///
    /// # Errors
    /// When it says something else.
    pub async fn announces(&self, wanted: &str) -> anyhow::Result<()> {
        becomes("the announcement", wanted, async || self.announced().await).await
    }

    /// What is seen of the first that matches.
    ///
    /// # Errors
    /// When there is none.
    pub async fn seen(&self, css: &str) -> anyhow::Result<Seen> {
        until(css, async || match self.all(css).await?.first() {
            Some(element) => Ok(Some(Seen {
                text: Self::text_of(element).await?,
                shown: self.is_shown(element).await?,
            })),
            None => Ok(None),
        })
        .await
    }

    /// Changes an attribute of the host element, as a script of the page does.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn set_attribute(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let script = "host.setAttribute(args[0], args[1]);";
        self.run(script, vec![json!(name), json!(value)]).await?;
        Ok(())
    }
}
