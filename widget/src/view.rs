//! Elements of the widget as one Leptos view type.
//!
//! The `view!` macro gives each element its own type and compiles static subtrees to `innerHTML`.
//! On a foreign page both cost: bytes for every type, and pages with Trusted Types refuse the
//! latter. [`El`] builds the same Leptos elements with erased attributes and children instead.

use leptos::prelude::{AnyView, IntoAny, IntoAnyAttribute};
use leptos::svg;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::html::attribute::custom::CustomAttribute;
use leptos::tachys::html::attribute::custom::custom_attribute;
use leptos::tachys::html::element::{ElementChild, custom};
use leptos::tachys::html::event::{self, on};
use leptos::tachys::html::property::prop;
use leptos::tachys::view::add_attr::AddAnyAttr;
use web_sys::Event;

/// An element under construction.
pub(crate) struct El {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

/// Starts an HTML element.
pub(crate) fn el(tag: &'static str) -> El {
    El {
        tag,
        attributes: Vec::new(),
        children: Vec::new(),
    }
}

impl El {
    /// Sets `class`.
    pub(crate) fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    /// Sets an attribute once.
    pub(crate) fn attr(self, name: &'static str, value: impl Into<String>) -> Self {
        self.push(custom_attribute(name, value.into()).into_any_attr())
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
    pub(crate) fn value(self, value: impl FnMut() -> String + Send + 'static) -> Self {
        let value: Box<dyn FnMut() -> String + Send> = Box::new(value);
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
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.children.push(text.into_any());
        self
    }

    /// Adds text that follows its signals.
    pub(crate) fn live_text(mut self, text: impl FnMut() -> String + Send + 'static) -> Self {
        let text: Box<dyn FnMut() -> String + Send> = Box::new(text);
        self.children.push(text.into_any());
        self
    }

    /// Adds a child.
    pub(crate) fn child(mut self, child: impl Into<AnyView>) -> Self {
        self.children.push(child.into());
        self
    }

    /// Adds several children.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = El>) -> Self {
        self.children.extend(children.into_iter().map(El::view));
        self
    }

    /// Adds a region that is built again whenever the signals it reads change.
    pub(crate) fn region(mut self, build: impl FnMut() -> AnyView + Send + 'static) -> Self {
        let build: Box<dyn FnMut() -> AnyView + Send> = Box::new(build);
        self.children.push(build.into_any());
        self
    }

    /// The finished element.
    pub(crate) fn view(self) -> AnyView {
        custom(self.tag)
            .add_any_attr(self.attributes)
            .child(self.children)
            .into_any()
    }

    fn push(mut self, attribute: AnyAttribute) -> Self {
        self.attributes.push(attribute);
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

/// The icon family: 24 units, 2 units of stroke, drawn for this widget.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    /// Camera: the integration.
    Camera,
    /// Tick: done.
    Tick,
    /// Cross: remove.
    Cross,
    /// Ring with a stroke: something is wrong.
    Warning,
    /// Clock: wait.
    Clock,
    /// Two sheets: copy.
    Copy,
}

/// An icon; always beside text or inside a named button, so hidden from assistive technology.
pub(crate) fn icon(icon: Icon) -> AnyView {
    let shape = match icon {
        Icon::Camera => "M3 7h12v10H3zM15 11l6-3v8l-6-3",
        Icon::Tick => "M5 12.5l4.5 4.5L19 7.5",
        Icon::Cross => "M6 6l12 12M18 6L6 18",
        Icon::Warning => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7.5v5.5M12 16.4v.1",
        Icon::Clock => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5.5l3.5 2",
        Icon::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
    };
    svg::svg()
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(svg::path().attr("d", shape))
        .into_any()
}
