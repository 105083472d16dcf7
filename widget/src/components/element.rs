//! Elements of the widget as one Leptos view type.
//!
//! The `view!` macro gives each element its own type and compiles static subtrees to `innerHTML`.
//! On a foreign page both cost: bytes for every type, and pages with Trusted Types refuse the
//! latter. [`El`] builds the same Leptos elements with erased attributes and children instead.

use js_sys::{JsString, Reflect};
use leptos::prelude::{AnyView, IntoAny, IntoAnyAttribute};
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::html::attribute::custom::custom_attribute;
use leptos::tachys::html::element::{ElementChild, custom};
use leptos::tachys::html::event::{self, on};
use leptos::tachys::html::property::{IntoProperty, prop};
use leptos::tachys::view::add_attr::AddAnyAttr;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

use crate::browser::text::whole;

/// An element under construction. Boxed: a chain of calls then moves one pointer, not the whole.
pub(crate) struct El(Box<Parts>);

struct Parts {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    /// The text before any child.
    text: Option<Words>,
    children: Vec<AnyView>,
}

/// A text, once or for as long as its signals change it.
enum Words {
    Fixed(String),
    Live(Box<dyn FnMut() -> String + Send>),
}

/// Starts an HTML element.
pub(crate) fn el(tag: &'static str) -> El {
    El(Box::new(Parts {
        tag,
        attributes: Vec::new(),
        text: None,
        children: Vec::new(),
    }))
}

impl El {
    /// Sets `class`.
    pub(crate) fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    /// Sets an attribute once.
    pub(crate) fn attr(self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.fixed(name, value.as_ref())
    }

    #[inline(never)]
    fn fixed(self, name: &'static str, value: &str) -> Self {
        self.push(custom_attribute(name, value.to_owned()).into_any_attr())
    }

    /// Keeps an attribute up to date; `None` removes it.
    pub(crate) fn live(
        self,
        name: &'static str,
        value: impl FnMut() -> Option<String> + Send + 'static,
    ) -> Self {
        let value: Box<dyn FnMut() -> Option<String> + Send> = Box::new(value);
        self.push(custom_attribute(name, value).into_any_attr())
    }

    /// Keeps a true/false attribute (`aria-…`) up to date.
    pub(crate) fn flag(
        self,
        name: &'static str,
        mut value: impl FnMut() -> bool + Send + 'static,
    ) -> Self {
        self.live(name, move || {
            Some(if value() { "true" } else { "false" }.to_owned())
        })
    }

    /// Hides the element while `value` is true.
    pub(crate) fn hidden(self, mut value: impl FnMut() -> bool + Send + 'static) -> Self {
        self.live("hidden", move || value().then(String::new))
    }

    /// Keeps the text of an input up to date.
    pub(crate) fn value(self, mut value: impl FnMut() -> String + Send + 'static) -> Self {
        let value: Box<dyn FnMut() -> Typed + Send> = Box::new(move || Typed(value()));
        self.push(prop("value", value).into_any_attr())
    }

    /// Keeps a checkbox, a radio button or a group of fields up to date.
    pub(crate) fn property(
        self,
        name: &'static str,
        value: impl FnMut() -> bool + Send + 'static,
    ) -> Self {
        let value: Box<dyn FnMut() -> bool + Send> = Box::new(value);
        self.push(prop(name, value).into_any_attr())
    }

    /// Listens.
    pub(crate) fn on(self, name: &'static str, listener: impl FnMut(Event) + 'static) -> Self {
        let listener: Box<dyn FnMut(Event)> = Box::new(listener);
        self.push(on(event::Custom::<Event>::new(name), listener).into_any_attr())
    }

    /// Adds text that stays.
    pub(crate) fn text(self, text: impl AsRef<str>) -> Self {
        self.words(Words::Fixed(text.as_ref().to_owned()))
    }

    /// Adds text that follows its signals.
    pub(crate) fn live_text(self, text: impl FnMut() -> String + Send + 'static) -> Self {
        self.words(Words::Live(Box::new(text)))
    }

    /// Text is the `textContent` of an element of its own, never a node beside others: translators put
    /// theirs in the place of such nodes, which would then show the old text for ever.
    #[inline(never)]
    fn words(mut self, words: Words) -> Self {
        if self.0.text.is_none() && self.0.children.is_empty() {
            self.0.text = Some(words);
            return self;
        }
        let mut span = el("span");
        span.0.text = Some(words);
        self.add(span.view())
    }

    /// Adds a child.
    pub(crate) fn child(self, child: impl Into<AnyView>) -> Self {
        self.add(child.into())
    }

    /// Adds several children.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = El>) -> Self {
        for child in children {
            self = self.add(child.view());
        }
        self
    }

    /// Adds a region that is built again whenever the signals it reads change.
    pub(crate) fn region(self, build: impl FnMut() -> AnyView + Send + 'static) -> Self {
        let build: Box<dyn FnMut() -> AnyView + Send> = Box::new(build);
        self.add(build.into_any())
    }

    /// The finished element.
    pub(crate) fn view(self) -> AnyView {
        let Parts {
            tag,
            mut attributes,
            text,
            children,
        } = *self.0;
        match text {
            Some(Words::Fixed(text)) => attributes.push(prop("textContent", text).into_any_attr()),
            Some(Words::Live(text)) => attributes.push(prop("textContent", text).into_any_attr()),
            None => {}
        }
        custom(tag)
            .add_any_attr(attributes)
            .child(children)
            .into_any()
    }

    #[inline(never)]
    fn push(mut self, attribute: AnyAttribute) -> Self {
        self.0.attributes.push(attribute);
        self
    }

    #[inline(never)]
    fn add(mut self, child: AnyView) -> Self {
        if let Some(words) = self.0.text.take() {
            let mut span = el("span");
            span.0.text = Some(words);
            self.0.children.push(span.view());
        }
        self.0.children.push(child);
        self
    }
}

/// The text of an input. Written only when the input says something else: writing an empty date
/// over a half-typed one would take away what was typed.
#[derive(Clone)]
struct Typed(String);

impl Typed {
    fn write(&self, element: &Element, key: &str) {
        let key = JsValue::from_str(key);
        let now = Reflect::get(element, &key).ok();
        let now = now.and_then(|now| now.dyn_into::<JsString>().ok());
        // Half of an emoji stays in the field: its other half may be on the way.
        if now.is_none_or(|now| whole(&now) != self.0) {
            let _ = Reflect::set(element, &key, &JsValue::from_str(&self.0));
        }
    }
}

impl IntoProperty for Typed {
    type State = Element;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn hydrate<const FROM_SERVER: bool>(self, element: &Element, key: &str) -> Element {
        self.build(element, key)
    }

    fn build(self, element: &Element, key: &str) -> Element {
        self.write(element, key);
        element.clone()
    }

    fn rebuild(self, element: &mut Element, key: &str) {
        self.write(element, key);
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }
}

impl From<El> for AnyView {
    fn from(element: El) -> Self {
        element.view()
    }
}

/// Nothing at all.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}
