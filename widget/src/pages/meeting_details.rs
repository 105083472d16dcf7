//! *Meeting details*: reads like an invitation. What is wanted first comes first and largest.

use goto_microapps_api::{Code, Meeting, Person, PhonePiece, format};
use leptos::prelude::*;

use super::sharing::sharing;
use super::sign_in::sign_in_button;
use super::signing_in;
use super::{another, bones, edit_link, link_field, what};
use crate::components::{El, Icon, alert, el, failure, nothing};
use crate::state::State;
use crate::state::navigation::Shown;
use crate::state::session::Who;
use crate::words::Word;

/// The page.
pub(crate) fn view() -> AnyView {
    let State { navigation, .. } = State::expect();
    el("div")
        .region(move || match navigation.shown.get() {
            Shown::Meeting(meeting) => invitation(&meeting),
            Shown::Loading => bones().view(),
            _ => missing(),
        })
        .view()
}

/// There is no meeting to show: why, and what to do.
pub(super) fn missing() -> AnyView {
    let State {
        widget,
        session,
        navigation,
        ..
    } = State::expect();
    let page = el("div").class("page");
    if session.who.get() == Who::Nobody {
        return page
            .child(el("p").text(widget.t(Word::SignInDetails)))
            .region(signing_in::view)
            .child(el("div").class("actions").child(sign_in_button()))
            .view();
    }
    let page = match (navigation.shown.get(), session.who.get()) {
        (_, Who::Unknown) => return bones().view(),
        (_, Who::Failed(why)) => page.child(failure(&why, why.word(), Some(State::load))),
        (Shown::Failed(why), _) => {
            let gone = why.code() == Some(Code::MeetingNotFound);
            let again: Option<fn(State)> = if gone { None } else { Some(State::show) };
            page.child(failure(&why, why.word(), again))
        }
        _ => page.child(el("p").class("muted").text(widget.t(Word::NoMeeting))),
    };
    page.child(el("div").class("actions").child(another()))
        .view()
}

fn invitation(meeting: &Meeting) -> AnyView {
    let State {
        widget, navigation, ..
    } = State::expect();
    let mut join = el("a")
        .class("button primary")
        .attr("part", "primary")
        .attr("data-action", "join")
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text(widget.t(Word::Join))
        .child(el("span").class("spoken").text(widget.t(Word::NewWindow)));
    // Whatever the answer said, only a web address becomes a link.
    if is_web(&meeting.join_url) {
        join = join.attr("href", meeting.join_url.as_str());
    }
    let changed = navigation.changed;
    el("div")
        .class("page")
        .region(move || {
            if changed.get() {
                let text = el("p").text(widget.t(Word::EditSend));
                alert(false, Icon::Tick, Some(widget.t(Word::EditSaved)), text).view()
            } else {
                nothing()
            }
        })
        .child(what(meeting))
        .child(el("div").class("actions join").child(join))
        .child(sharing("button"))
        .child(link_field(meeting))
        .child(facts(meeting))
        .child(
            el("div")
                .class("actions end")
                .child(another())
                .children(edit_link::view(&meeting.id)),
        )
        .view()
}

fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

fn facts(meeting: &Meeting) -> El {
    let State { widget, .. } = State::expect();
    let row = |word: Word, name: &'static str, value: El| {
        el("div")
            .child(el("dt").text(widget.t(word)))
            .child(value.attr("data-part-text", name))
    };
    let mut list = el("dl").class("facts").child(row(
        Word::Organizer,
        "organizer",
        el("dd").child(person(&meeting.organizer)),
    ));
    if !meeting.co_organizers.is_empty() {
        let people = el("dd").children(meeting.co_organizers.iter().map(person));
        list = list.child(row(Word::CoOrganizers, "co-organizers", people));
    }
    if !meeting.invitation.participants.is_empty() {
        let addresses = meeting.invitation.participants.iter();
        let people = el("dd").attr("translate", "no");
        let people = people.children(addresses.map(|address| el("div").text(address)));
        list = list.child(row(Word::Participants, "participants", people));
    }
    if !meeting.phone_lines.is_empty() {
        let lines = meeting.phone_lines.iter();
        let numbers = el("dd").children(lines.map(|line| dial_in(line)));
        list = list.child(row(Word::Phone, "phone", numbers));
    }
    list = list.child(row(
        Word::MeetingId,
        "meeting-id",
        el("dd").child(
            el("bdi")
                .attr("dir", "ltr")
                .attr("translate", "no")
                .text(format::grouped(&meeting.id)),
        ),
    ));
    if meeting.password_required {
        let note = el("dd").text(widget.t(Word::PasswordNote));
        list = list.child(row(Word::Password, "password", note));
    }
    list
}

fn person(person: &Person) -> El {
    let line = el("div").attr("translate", "no").text(person.name.as_str());
    match &person.email {
        Some(email) if *email != person.name => line
            .text(" ")
            .child(el("span").class("email").text(email.as_str())),
        _ => line,
    }
}

/// On a phone, a touch dials. Numbers read from left to right on every page.
fn dial_in(line: &[PhonePiece]) -> El {
    line.iter().fold(el("div"), |div, piece| {
        let number = match &piece.href {
            Some(href) => el("a").attr("href", href),
            None if piece.number => el("span"),
            None => return div.text(&piece.text),
        };
        div.child(number.class("number").attr("dir", "ltr").text(&piece.text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_web("https://meet.goto.com/762836476"));
        assert!(!is_web("javascript:alert(1)"));
    }
}
