//! What every part of one widget needs: the element it lives in, the way to the proxy, its words.
//!
//! Provided once when the widget is mounted, expected where it is needed. Knows no state and no
//! view.

use std::ops::Deref;
use std::pin::Pin;

use js_sys::{JsString, Object, Reflect};
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use leptos::reactive::spawn_local_scoped_with_cancellation;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, HtmlElement, ShadowRoot};

use crate::api::Api;
use crate::browser::text::whole;
use crate::browser::{timers, window};
use crate::failure::Failure;
use crate::words::{Word, Words, fill, listed, plural};

#[wasm_bindgen]
extern "C" {
    /// An element whose texts come as the page has them; those of `web-sys` are whole already.
    type Texts;

    #[wasm_bindgen(method, js_name = getAttribute)]
    fn text(this: &Texts, name: &str) -> Option<JsString>;
}

/// Where a widget lives.
pub(crate) struct Host {
    /// The custom element the page author wrote.
    pub(crate) element: HtmlElement,
    /// Its shadow root.
    pub(crate) root: ShadowRoot,
    /// Base URL of the proxy, ends in `/`.
    pub(crate) proxy: String,
    /// BCP 47 language of the words.
    pub(crate) lang: String,
    /// How the reader writes dates and times: the language with their region, where one is known.
    pub(crate) locale: String,
}

impl Host {
    /// The host `element`, for the proxy at `proxy`, speaking `lang`.
    pub(crate) fn new(element: HtmlElement, root: ShadowRoot, proxy: &str, lang: &str) -> Self {
        Self {
            locale: locale(&element, lang),
            element,
            root,
            proxy: [proxy.trim_end_matches('/'), "/"].concat(),
            lang: lang.to_owned(),
        }
    }

    /// An attribute the page author set; `None` when it is missing or empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.element
            .unchecked_ref::<Texts>()
            .text(name)
            .map(|value| whole(&value).trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Whether the author lets people manage their meetings here, as it is now.
    fn manages(&self) -> bool {
        self.attribute("manage").as_deref() != Some("off")
    }

    /// The address of a path of the proxy.
    pub(crate) fn address(&self, path: &str) -> String {
        [self.proxy.as_str(), path].concat()
    }

    /// The address of a page of the proxy in the language of the words.
    pub(crate) fn page(&self, path: &str) -> String {
        [self.proxy.as_str(), path, "?lang=", &self.lang].concat()
    }

    /// Moves the focus to the first element of `selector`.
    fn focus(&self, selector: &str) {
        if let Ok(Some(element)) = self.root.query_selector(selector)
            && let Ok(element) = element.dyn_into::<HtmlElement>()
        {
            let _ = element.focus();
        }
    }
}

/// `lang` with the region the page or the reader's browser gives it: `en` becomes `en-GB`.
fn locale(element: &HtmlElement, lang: &str) -> String {
    let near = element.closest("[lang]").ok().flatten();
    let near = near.and_then(|near| near.get_attribute("lang"));
    let mine = window().navigator().languages();
    near.into_iter()
        .chain(mine.iter().filter_map(|tag| tag.as_string()))
        .find(|tag| {
            tag.strip_prefix(lang)
                .is_some_and(|rest| rest.starts_with('-'))
        })
        .unwrap_or_else(|| lang.to_owned())
}

/// What a widget is made of.
pub(crate) struct Parts {
    /// What ends with the widget: its signals and its tasks.
    owner: WeakOwner,
    words: Words,
    /// The element around us.
    pub(crate) host: Host,
    /// The way to the proxy.
    pub(crate) api: Api,
    /// What a screen reader says next.
    pub(crate) said: RwSignal<String>,
    manages: RwSignal<bool>,
}

/// Handle to what a widget is made of; copied into every listener.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Widget(StoredValue<Parts, LocalStorage>);

impl Widget {
    /// What is common to a widget that was just put on the page.
    pub(crate) fn new(host: Host, api: Api, words: &str) -> Self {
        let manages = RwSignal::new(host.manages());
        Self(StoredValue::new_local(Parts {
            owner: Owner::current().unwrap_or_default().downgrade(),
            words: Words::parse(words),
            host,
            api,
            said: RwSignal::new(String::new()),
            manages,
        }))
    }

    /// Its parts; not for long, a request must not hold them.
    pub(crate) fn read(self) -> impl Deref<Target = Parts> {
        self.0.read_value()
    }

    /// As [`Self::read`]; `None` when the widget has left the page.
    pub(crate) fn try_read(self) -> Option<impl Deref<Target = Parts>> {
        self.0.try_read_value()
    }

    /// The way to the proxy, as it is now.
    pub(crate) fn api(self) -> Api {
        self.read().api.clone()
    }

    /// Uses this session where the browser keeps no cookie.
    pub(crate) fn bear(self, bearer: Option<String>) {
        self.0.write_value().api.bearer = bearer;
    }

    /// The text of a word.
    pub(crate) fn t(self, word: Word) -> String {
        self.read().words.get(word).to_owned()
    }

    /// The text of a word with one place filled.
    pub(crate) fn fill(self, word: Word, name: &str, value: &str) -> String {
        fill(self.read().words.get(word), name, value)
    }

    /// The text of a word with its `{count}`, in the form that goes with it.
    pub(crate) fn count(self, word: Word, count: usize) -> String {
        let parts = self.read();
        let text = plural(parts.words.get(word), &parts.host.lang, count);
        fill(text, "count", &count.to_string())
    }

    /// Names one after the other, as the language parts them.
    pub(crate) fn listed(self, names: &[String]) -> String {
        listed(self.read().words.get(Word::NameAndNext), names)
    }

    /// Language of the words.
    pub(crate) fn lang(self) -> String {
        self.read().host.lang.clone()
    }

    /// How dates and times are written.
    pub(crate) fn locale(self) -> String {
        self.read().host.locale.clone()
    }

    /// Runs `work` until it ends or the widget leaves the page. Under the widget's own owner: the one
    /// of the listener that orders it ends with the region that the listener is in.
    pub(crate) fn spawn(self, work: impl Future<Output = ()> + 'static) {
        self.spawn_boxed(Box::pin(work));
    }

    // One kind of task is compiled and not one for each caller.
    #[inline(never)]
    fn spawn_boxed(self, work: Pin<Box<dyn Future<Output = ()>>>) {
        let owner = self.try_read().and_then(|parts| parts.owner.upgrade());
        if let Some(owner) = owner {
            owner.with(|| spawn_local_scoped_with_cancellation(work));
        }
    }

    /// Sends an event to the page, with one word of detail.
    pub(crate) fn tell(self, name: &str, detail: Option<(&str, &str)>) {
        let detail = detail.map_or(JsValue::NULL, |(key, value)| {
            let object = Object::new();
            let _ = Reflect::set(&object, &key.into(), &value.into());
            object.into()
        });
        self.dispatch(name, &detail, false);
    }

    /// Asks the page whether something may happen; it may unless a listener prevents it.
    pub(crate) fn may(self, name: &str, detail: &JsValue) -> bool {
        self.dispatch(name, detail, true)
    }

    /// A bubbling, composed event. False when a listener prevents what is about to happen.
    fn dispatch(self, name: &str, detail: &JsValue, cancelable: bool) -> bool {
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        init.set_cancelable(cancelable);
        init.set_detail(detail);
        let name = ["gotomeeting:", name].concat();
        // Not held meanwhile: a listener may take the widget off the page.
        let element = self.read().host.element.clone();
        let event = CustomEvent::new_with_event_init_dict(&name, &init);
        // What cannot be told prevents nothing.
        event
            .and_then(|event| element.dispatch_event(&event))
            .unwrap_or(true)
    }

    /// Reports a failure to the page: its code, nothing else.
    pub(crate) fn tell_failure(self, failure: &Failure) {
        self.tell("error", Some(("code", failure.name())));
    }

    /// Says something to screen readers.
    pub(crate) fn say(self, text: String) {
        let said = self.read().said;
        said.set(text);
    }

    /// Whether the author lets people manage their meetings here; follows changes.
    pub(crate) fn manages(self) -> bool {
        let manages = self.read().manages;
        manages.get()
    }

    /// Takes in what the author says of that now.
    pub(crate) fn manages_changed(self) {
        let (manages, now) = {
            let parts = self.read();
            (parts.manages, parts.host.manages())
        };
        manages.set(now);
    }

    /// Moves the focus once everything is rendered.
    pub(crate) fn focus(self, selector: &'static str) {
        self.spawn(async move {
            timers::rendered().await;
            self.read().host.focus(selector);
        });
    }
}
