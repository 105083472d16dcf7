//! The three pages, and the pieces more than one of them shows.

pub(crate) mod create_meeting;
pub(crate) mod meeting_details;
pub(crate) mod new_meeting;

use goto_microapps_api::Meeting;
use leptos::prelude::*;

use crate::api::Api;
use crate::app::{App, Stage};
use crate::failure::Failure;
use crate::host;
use crate::moment::{self, Period};
use crate::signin::SignIn;
use crate::view::{El, Icon, el, icon, nothing};
use crate::words::{Word, fill, for_code};

/// A button with a label, found by tests and by our own focus under `action`.
fn button(app: App, action: &'static str, class: &'static str, word: Word) -> El {
    el("button")
        .class(class)
        .attr(
            "part",
            if class == "button primary" {
                "primary"
            } else {
                "button"
            },
        )
        .attr("type", "button")
        .attr("data-action", action)
        .text(app.t(word))
}

/// A message in the flow of the page; actions go inside.
fn alert(bad: bool, mark: Icon, title: Option<String>, text: El) -> El {
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
fn failure(app: App, why: &Failure, again: Option<fn(App)>) -> El {
    let alert = alert(true, Icon::Warning, None, el("p").text(app.excuse(why)));
    let Some(again) = again else { return alert };
    let mut choices = el("div").class("choices");
    if *why == Failure::SignOn {
        choices = choices.child(renewal(app));
    }
    alert.child(
        choices.child(button(app, "retry", "button", Word::Retry).on("click", move |_| again(app))),
    )
}

/// The way to a new sign-on: a page of the proxy's own in a window, where the gateway asks for it.
/// A link, so that nothing can block it.
pub(crate) fn renewal(app: App) -> El {
    let address = app
        .host
        .with_value(|host| [host.proxy.as_str(), "app/signed-on?lang=", &host.lang].concat());
    el("a")
        .class("button")
        .attr("part", "button")
        .attr("data-action", "renew")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .attr("href", address)
        .text(app.t(Word::SignOnRenew))
        .child(el("span").class("spoken").text(app.t(Word::NewWindow)))
        .on("click", move |_| app.renew())
}

/// How the sign-in goes, and the place for a typed code when its window could not tell us.
fn sign_in_state(app: App) -> AnyView {
    match app.signin.get() {
        SignIn::Idle => match app.api.with_value(Api::refused) {
            // The create that failed says it already.
            Some(_) if matches!(app.stage.get(), Stage::Failed(_)) => nothing(),
            Some(code) => {
                let text = el("p").text(app.t(for_code(code)));
                alert(false, Icon::Warning, None, text).view()
            }
            None => nothing(),
        },
        SignIn::Swapping => nothing(),
        SignIn::PutOff(text, left) => el("p")
            .class("small muted")
            .text(fill(&text, "seconds", &left.to_string()))
            .view(),
        SignIn::Told(text) => alert(true, Icon::Warning, None, el("p").text(text)).view(),
        SignIn::Waiting => el("p")
            .class("small muted")
            .text(app.t(Word::SignInWaiting))
            .view(),
        SignIn::Ended(word) => {
            let alert = alert(true, Icon::Warning, None, el("p").text(app.t(word)));
            if word == Word::SignInClosed {
                alert.child(typed_code(app)).view()
            } else {
                alert.view()
            }
        }
    }
}

fn typed_code(app: App) -> El {
    let code = RwSignal::new(String::new());
    el("div")
        .class("code")
        .child(
            el("label")
                .class("label")
                .attr("for", "code")
                .text(app.t(Word::SignInCode)),
        )
        .child(
            el("input")
                .class("input")
                .attr("id", "code")
                .attr("type", "text")
                .attr("part", "field")
                .attr("data-field", "code")
                .attr("autocomplete", "one-time-code")
                .on("input", move |event| code.set(crate::fields::typed(&event)))
                .on("keydown", move |event| {
                    let enter = js_sys::Reflect::get(&event, &"key".into());
                    if enter.is_ok_and(|key| key == "Enter") {
                        event.prevent_default();
                        app.swap(code.get_untracked().trim().to_owned());
                    }
                }),
        )
        .child(
            button(app, "use-code", "button", Word::SignInUseCode).on("click", move |_| {
                app.swap(code.get_untracked().trim().to_owned());
            }),
        )
}

/// *Sign in with GoTo*.
fn sign_in_button(app: App) -> El {
    el("button")
        .class("button primary")
        .attr("part", "primary")
        .attr("type", "button")
        .attr("data-action", "sign-in")
        .flag("aria-disabled", move || {
            app.signin.get() == SignIn::Swapping
        })
        .child(two_labels(
            app.t(Word::SignIn),
            app.t(Word::SigningIn),
            move || {
                let signin = app.signin.get();
                signin.is_open() || signin == SignIn::Swapping
            },
        ))
        .on("click", move |_| app.sign_in())
}

/// Two labels in one place: the width never changes.
fn two_labels(
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

/// A button that copies `text` and says so in its own place.
fn copy_button(
    app: App,
    action: &'static str,
    class: &'static str,
    word: Word,
    text: String,
) -> El {
    let copied = RwSignal::new(false);
    let off = move |hidden: bool| Some(if hidden { "off" } else { "" }.to_owned());
    el("button")
        .class(class)
        .attr("part", "button")
        .attr("type", "button")
        .attr("data-action", action)
        .child(
            el("span")
                .class("stack")
                .child(
                    el("span")
                        .live("class", move || off(copied.get()))
                        .child(icon(Icon::Copy))
                        .text(app.t(word)),
                )
                .child(
                    el("span")
                        .live("class", move || off(!copied.get()))
                        .child(icon(Icon::Tick))
                        .text(app.t(Word::Copied)),
                ),
        )
        .on("click", move |_| {
            let text = text.clone();
            app.spawn(async move {
                let place = app
                    .host
                    .with_value(|host| (host.element.clone(), host.root.clone()));
                let done = host::copy(&place.0, &place.1, &text).await;
                app.say(app.t(if done { Word::Copied } else { Word::CopyFailed }));
                copied.set(done);
                host::sleep(2500).await;
                copied.set(false);
            });
        })
}

/// When the meeting is, in words; `None` when GoTo's times could not be read.
fn period(app: App, meeting: &Meeting) -> Option<Period> {
    let start = moment::parse(meeting.start.as_deref()?)?;
    let end = moment::parse(meeting.end.as_deref()?)?;
    let lang = app.locale();
    app.draft.with_untracked(|draft| {
        if let Some((_, offset)) = draft.counted.filter(|counted| counted.0 == start) {
            // Made by the server's reading: that is what it must be told in.
            let wall = |ms: i64| ms / 60_000 + offset;
            return moment::wall_period(&lang, &draft.zone, (wall(start), wall(end)), offset);
        }
        moment::period(&lang, &draft.zone, start, end)
            .or_else(|| moment::period(&lang, &moment::own_zone().0, start, end))
    })
}

/// Subject and moment, the head of both pages that show a meeting.
fn what(app: App, meeting: &Meeting) -> El {
    let when = el("p").class("when");
    el("div")
        .class("what")
        .child(
            el("h3")
                .attr("data-part-text", "subject")
                .text(meeting.subject.as_str()),
        )
        .child(match period(app, meeting) {
            None => when.text(app.t(Word::TimeUnknown)),
            Some(period) => when
                .attr("data-part-text", "when")
                .text([&*period.day, ", "].concat())
                .child(el("span").class("range").text(&*period.range))
                .text(" ")
                .child(el("span").class("muted").text(period.place())),
        })
}

/// The join link as a field to copy from.
fn link_field(app: App, meeting: &Meeting) -> El {
    let address = meeting.join_url.clone();
    el("div")
        .class("copy")
        .child(
            el("input")
                .class("input")
                .attr("part", "field")
                .attr("readonly", "")
                .attr("aria-label", app.t(Word::Link))
                .attr("data-field", "link")
                .value(move || address.clone()),
        )
        .child(copy_button(
            app,
            "copy-link",
            "button",
            Word::CopyLink,
            meeting.join_url.clone(),
        ))
}

/// Bones of what is being fetched.
fn bones(app: App) -> El {
    el("div")
        .class("page")
        .attr("aria-busy", "true")
        .child(el("span").class("spoken").text(app.t(Word::Loading)))
        .child(el("div").class("bone title"))
        .child(el("div").class("bone short"))
        .child(el("div").class("bone"))
        .child(el("div").class("bone short"))
}

/// *Create another meeting*.
fn another(app: App) -> El {
    button(app, "create-another", "link", Word::CreateAnother)
        .on("click", move |_| app.start_over())
}
