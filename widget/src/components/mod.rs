//! Pieces that pages and fields are made of.

mod chip_row;
mod combobox;
mod element;
mod icon;
mod later;

pub(crate) use chip_row::chip_row;
pub(crate) use combobox::{combobox, list_box, option, searching, suggestions};
pub(crate) use element::{El, el, nothing};
pub(crate) use icon::{Icon, icon};
pub(crate) use later::{Later, Module, Part, View};

use leptos::prelude::*;

use crate::browser::{clipboard, timers};
use crate::failure::Failure;
use crate::state::State;
use crate::words::Word;

/// A button with a label, found by tests and by our own focus under `action`.
pub(crate) fn button(action: &'static str, class: &'static str, word: Word) -> El {
    let State { widget, .. } = State::expect();
    blank_button(action, class).text(widget.t(word))
}

/// The same with its drawing before the label.
pub(crate) fn button_with(mark: Icon, action: &'static str, class: &'static str, word: Word) -> El {
    let State { widget, .. } = State::expect();
    blank_button(action, class)
        .child(icon(mark))
        .text(widget.t(word))
}

fn blank_button(action: &'static str, class: &'static str) -> El {
    el("button")
        .class(class)
        .attr("part", part(class))
        .attr("type", "button")
        .attr("data-action", action)
}

/// The part that a button of this class is.
pub(crate) fn part(class: &str) -> &'static str {
    if class == "button primary" {
        "primary"
    } else {
        "button"
    }
}

/// A message in the flow of the page; actions go inside.
pub(crate) fn alert(bad: bool, mark: Icon, title: Option<String>, text: El) -> El {
    let frame = el("div")
        .class(if bad { "alert bad" } else { "alert" })
        .attr("part", "alert")
        .attr("role", "group")
        .child(icon(mark));
    match title {
        Some(title) => frame.child(el("strong").text(title)),
        None => frame,
    }
    .child(text)
}

/// A message with *Try again*, and with the way to a new sign-on where one seems to be missing.
pub(crate) fn failure(why: &Failure, word: Word, again: Option<fn(State)>) -> El {
    let State { widget, .. } = State::expect();
    let alert = alert(true, Icon::Warning, None, el("p").text(widget.t(word)));
    let Some(again) = again else { return alert };
    let state = State::expect();
    let mut choices = el("div").class("choices");
    if *why == Failure::SignOn {
        choices = choices.child(renewal());
    }
    alert.child(
        choices.child(button("retry", "button", Word::Retry).on("click", move |_| again(state))),
    )
}

/// The way to a new sign-on: a page of the proxy's own in a window, where the gateway asks for it.
/// A link, so that nothing can block it.
pub(crate) fn renewal() -> El {
    let state = State::expect();
    let State { widget, .. } = state;
    let address = widget.read().host.page("app/signed-on");
    el("a")
        .class("button")
        .attr("part", "button")
        .attr("data-action", "renew")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .attr("href", address)
        .text(widget.t(Word::SignOnRenew))
        .child(el("span").class("spoken").text(widget.t(Word::NewWindow)))
        .on("click", move |_| state.renew())
}

/// Two labels in one place: the width never changes.
pub(crate) fn two_labels(
    still: String,
    busy: String,
    is_busy: impl Fn() -> bool + Send + Copy + 'static,
) -> El {
    let off = move |hidden: bool| Some(if hidden { "off" } else { "" }.to_owned());
    el("span")
        .class("stack")
        .child(el("span").live("class", move || off(is_busy())).text(still))
        .child(
            el("span")
                .live("class", move || off(!is_busy()))
                .child(el("span").class("spinner"))
                .text(busy),
        )
}

/// A button that copies `text`, with the same as `html` beside it unless that is empty, and says so in
/// its own place. When the browser does not let us, `refused` becomes true and `field` gets the focus.
pub(crate) fn copy_button(
    (action, class): (&'static str, &'static str),
    word: Word,
    (text, html): (String, String),
    (field, refused): (&'static str, RwSignal<bool>),
) -> El {
    let State { widget, .. } = State::expect();
    let copied = RwSignal::new(false);
    let off = move |hidden: bool| Some(if hidden { "off" } else { "" }.to_owned());
    el("button")
        .class(class)
        .attr("part", part(class))
        .attr("type", "button")
        .attr("data-action", action)
        .child(
            el("span")
                .class("stack")
                .child(
                    el("span")
                        .live("class", move || off(copied.get()))
                        .child(icon(Icon::Copy))
                        .text(widget.t(word)),
                )
                .child(
                    el("span")
                        .live("class", move || off(!copied.get()))
                        .child(icon(Icon::Tick))
                        .text(widget.t(Word::Copied)),
                ),
        )
        .on("click", move |_| {
            let (text, html) = (text.clone(), html.clone());
            widget.spawn(async move {
                let (element, root) = {
                    let parts = widget.read();
                    (parts.host.element.clone(), parts.host.root.clone())
                };
                let done = clipboard::copy(&element, &root, &text, &html).await;
                widget.say(widget.t(if done { Word::Copied } else { Word::CopyFailed }));
                copied.set(done);
                if !done {
                    refused.set(true);
                    widget.focus(field);
                }
                timers::sleep(2500).await;
                copied.set(false);
            });
        })
}
