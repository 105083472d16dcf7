//! The door between the loader and the widget.

use std::cell::Cell;
use std::rc::Rc;

use goto_microapps_api::Session;
use js_sys::{Function, Promise, Reflect};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, MessageEvent, ShadowRoot};

use crate::api::Api;
use crate::browser::{codec, panic, timers, window};
use crate::context::{Host, Widget};
use crate::pages;
use crate::state::State;

/// What a widget hears of its window: the sign-in's message, and that it is looked at again, also
/// out of the browser's back and forward cache.
const HEARD: [&str; 3] = ["message", "focus", "pageshow"];
/// Between two looks at the clock, milliseconds.
const LOOK: i32 = 20_000;

/// One mounted widget; the loader keeps it while the element is on the page.
#[wasm_bindgen]
pub struct Handle {
    state: State,
    owner: Owner,
    parent: HtmlElement,
    /// Takes the view with it when dropped.
    _view: UnmountHandle<AnyViewState>,
    listener: Closure<dyn FnMut(MessageEvent)>,
}

#[wasm_bindgen]
impl Handle {
    /// Takes the widget off the page and stops everything it was doing.
    pub fn unmount(self) {
        if panic::has_happened() {
            self.parent.remove();
            std::mem::forget(self);
        }
    }

    /// Tells the widget that the portal's token on its host element changed.
    pub fn token_changed(&self) {
        self.state.ask_again();
    }

    /// Tells the widget that an attribute of its host element changed.
    pub fn attribute_changed(&self, name: &str) {
        self.state.attribute_changed(name);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let listener = self.listener.as_ref().unchecked_ref();
        self.parent.remove();
        // Tasks hold the owner they run under, so it does not end by itself.
        self.owner.cleanup();
        for kind in HEARD {
            let _ = window().remove_event_listener_with_callback(kind, listener);
        }
    }
}

/// Renders the widget of `host` into `root`, from which the loader has taken its skeleton.
///
/// `proxy` is the proxy's base URL, `lang` a BCP 47 tag, `words` a line
/// for each [`crate::words::Word`]. `asked` has the answer to the session's question as a promise of
/// `fetch`, where the loader has asked it already, its text if it came before the widget did, and the
/// portal's token it was asked with. `fall` is called with a reason when the widget cannot go on.
#[wasm_bindgen]
#[allow(clippy::needless_pass_by_value)] // What wasm-bindgen hands over is owned.
pub fn mount(
    host: HtmlElement,
    root: ShadowRoot,
    proxy: &str,
    lang: &str,
    words: &str,
    asked: &JsValue,
    fall: Option<Function>,
) -> Result<Handle, JsValue> {
    let page = host.owner_document().ok_or(JsValue::NULL)?;
    let parent: HtmlElement = page.create_element("div")?.unchecked_into();
    let (known, early) = early(&host, asked);
    let host = Host::new(host, root.clone(), proxy, lang);
    let api = Api::new(host.proxy.clone(), host.element.clone(), early);
    let words = words.to_owned();
    let made = Rc::new(Cell::new(None));
    let make = Rc::clone(&made);
    let view = mount_to(parent.clone(), move || {
        let state = State::provide(Widget::new(host, api, &words));
        if let Some(fall) = fall {
            panic::watch(fall);
        }
        let is_known = known.map(|session| state.session.set(session)).is_some();
        make.set(Some((
            state,
            Owner::current().unwrap_or_default(),
            is_known,
        )));
        pages::view()
    });
    let (state, owner, is_known) = made.take().ok_or(JsValue::NULL)?;
    root.append_child(&parent)?;
    let listener = Closure::new(move |event: MessageEvent| {
        if event.type_() == "message" {
            state.message(event);
        } else {
            state.move_on();
            // Somebody may have signed in or out in another tab.
            state.ask_again();
        }
    });
    for kind in HEARD {
        window().add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref())?;
    }
    state.widget.spawn(async move {
        loop {
            state.move_on();
            timers::sleep(LOOK).await;
        }
    });
    state.start(is_known);
    Ok(Handle {
        state,
        owner,
        parent,
        _view: view,
        listener,
    })
}

/// What is known of who is signed in, or the answer that is on its way, if it was asked for as it would
/// be now.
fn early(element: &HtmlElement, asked: &JsValue) -> (Option<Session>, Option<Promise>) {
    let of = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let token = |whose: &JsValue| of(whose, "token").unwrap_or(JsValue::UNDEFINED);
    if token(asked) != token(element) {
        return (None, None);
    }
    let text = of(asked, "text").and_then(|text| text.as_string());
    // What the portal's token is good for is not known from one answer.
    let session = text
        .and_then(|text| codec::from_text::<Session>(&text))
        .filter(|session| session.sign_on.is_none());
    if session.is_some() {
        return (session, None);
    }
    (
        None,
        of(asked, "answer").and_then(|answer| answer.dyn_into().ok()),
    )
}
