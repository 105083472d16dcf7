//! What a meeting is handed on with: the invitation to copy, calendars, a mail, the share sheet.

use goto_microapps_api::Invitation;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use super::sign_in::sign_in_button;
use super::{copy_field, signing_in};
use crate::browser::{file, share_sheet};
use crate::components::{El, Icon, button, copy_button, el, failure, icon, nothing, part};
use crate::state::State;
use crate::state::navigation::Shown;
use crate::state::session::Who;
use crate::words::Word;

/// The field to copy from by hand.
const BY_HAND: &str = "[data-field=invitation]";

/// Everything that a meeting is handed on with; the first button is of this class.
pub(super) fn sharing(class: &'static str) -> El {
    let State {
        widget,
        navigation,
        session,
        ..
    } = State::expect();
    el("div")
        .class("sharing")
        .region(move || match navigation.sharing.get() {
            Shown::Invitation(invitation) => offers(class, Word::CopyInvitation, &invitation),
            Shown::Failed(why) => {
                let failed = failure(&why, why.word(), Some(State::share));
                failed
                    .region(move || match session.who.get() {
                        Who::Nobody => el("div")
                            .class("choices")
                            .region(signing_in::view)
                            .child(sign_in_button())
                            .view(),
                        _ => nothing(),
                    })
                    .view()
            }
            _ => el("span")
                .class(class)
                .attr("part", part(class))
                .attr("aria-disabled", "true")
                .child(el("span").class("spinner"))
                .text(widget.t(Word::Loading))
                .view(),
        })
}

/// The ways to hand a text on; the first, which copies it, is called `copy`.
pub(super) fn offers(class: &'static str, copy: Word, invitation: &Invitation) -> AnyView {
    let State { widget, .. } = State::expect();
    let refused = RwSignal::new(false);
    let text = || invitation.text.clone();
    // A field to copy from by hand, where the browser lets nobody else.
    let by_hand = el("textarea")
        .class("input")
        .attr("part", "field")
        .attr("rows", "8")
        .attr("readonly", "")
        .attr("aria-label", widget.t(copy))
        .attr("data-field", "invitation")
        .hidden(move || !refused.get())
        .text(text())
        .on("focus", |event| {
            let field = event.target();
            if let Some(field) =
                field.and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok())
            {
                field.select();
            }
        });
    let mut row = el("div").class("share").child(copy_button(
        ("copy-invitation", class),
        copy,
        (text(), invitation.html.clone()),
        (BY_HAND, refused),
    ));
    if let Some(file) = &invitation.calendar_file {
        let file = file::blob(file, "text/calendar").and_then(|file| file::address(&file));
        let is_alone = invitation.outlook.is_none() && invitation.google.is_none();
        let mut menu = el("div").class(if is_alone { "" } else { "menu" });
        for (action, word, address) in [
            ("outlook", Word::Outlook, &invitation.outlook),
            ("google", Word::GoogleCalendar, &invitation.google),
            ("calendar-file", Word::CalendarFile, &file),
        ] {
            if let Some(address) = address {
                let class = if is_alone { "button" } else { "link" };
                let link = link(class, action, address).text(widget.t(word));
                menu = menu.child(if action == "calendar-file" {
                    link.attr("download", &invitation.file_name)
                } else {
                    link.attr("target", "_blank")
                        .attr("rel", "noopener noreferrer")
                        .child(el("span").class("spoken").text(widget.t(Word::NewWindow)))
                });
            }
        }
        on_cleanup(move || {
            if let Some(address) = file {
                file::forget(&address);
            }
        });
        let open = el("summary")
            .class("button")
            .attr("part", "button")
            .attr("data-action", "add-to-calendar")
            .child(icon(Icon::Calendar))
            .text(widget.t(Word::AddToCalendar));
        row = row.child(if is_alone {
            menu
        } else {
            el("details").child(open).child(menu)
        });
    }
    row = row.child(
        link("button", "email", &invitation.mailto)
            .attr("part", "button")
            .child(icon(Icon::Envelope))
            .text(widget.t(Word::Email)),
    );
    if share_sheet::is_there() {
        let (title, text) = (invitation.subject.clone(), text());
        row = row.child(
            button("share", "button", Word::Share).on("click", move |_| {
                let (title, text) = (title.clone(), text.clone());
                widget.spawn(async move {
                    if !share_sheet::share(&title, &text).await {
                        widget.say(widget.t(Word::CopyFailed));
                        refused.set(true);
                        widget.focus(BY_HAND);
                    }
                });
            }),
        );
    }
    let sharing = el("div").class("sharing").child(row).child(by_hand);
    match &invitation.addresses {
        Some(addresses) => sharing.child(many(addresses)).view(),
        None => sharing.view(),
    }
}

/// More recipients than the mail has room for, to be copied.
fn many(addresses: &str) -> El {
    let State { widget, .. } = State::expect();
    el("div")
        .class("field")
        .child(copy_field(
            ("addresses", "[data-field=addresses]"),
            Word::CopyAddresses,
            ("copy-addresses", Word::CopyAddresses),
            addresses,
        ))
        .child(el("p").class("help").text(widget.t(Word::AddressesHelp)))
}

fn link(class: &str, action: &str, address: &str) -> El {
    el("a")
        .class(class)
        .attr("data-action", action)
        .attr("href", address)
}
