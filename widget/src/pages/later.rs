//! The pages after the form, in a module of their own: the form need not wait for what is shown after
//! it. Asked for once it is known who is signed in: nothing waits for it then, and a proxy that is
//! upgraded hours later need not have it any more.

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::{bones, meeting_details, my_meetings, new_meeting};
use crate::components::{El, button, el, failure, nothing};
use crate::context::Widget;
use crate::failure::Failure;
use crate::state::State;
use crate::state::page::Page;
use crate::state::session::Who;
use crate::words::Word;

type View = fn(Page) -> AnyView;

/// The door to that module. What it answers, and what only that needs, is compiled into it.
#[wasm_split(later, fallible)]
#[allow(clippy::unnecessary_wraps)] // What fails is to get there.
fn views() -> Result<View, Failure> {
    Ok(|page| match page {
        Page::CreateMeeting => nothing(),
        Page::NewMeeting => new_meeting::view(),
        Page::MeetingDetails => meeting_details::view(),
        Page::MyMeetings => my_meetings::view(),
    })
}

impl From<SplitLoaderError> for Failure {
    fn from(_: SplitLoaderError) -> Self {
        Self::Offline
    }
}

#[derive(Clone)]
enum Module {
    Unasked,
    OnItsWay,
    There(View),
    Missing(Failure),
}

/// The pages after the form, as far as they have come.
#[derive(Clone, Copy)]
pub(super) struct Later {
    widget: Widget,
    module: RwSignal<Module>,
}

impl Later {
    /// Asked for once it is known who is signed in.
    pub(super) fn new() -> Self {
        let State {
            widget, session, ..
        } = State::expect();
        let module = RwSignal::new(Module::Unasked);
        let later = Self { widget, module };
        Effect::new(move || {
            if *session.who.read() != Who::Unknown {
                later.fetch();
            }
        });
        later
    }

    /// Asks for the module unless it is there or on its way.
    pub(super) fn fetch(self) {
        if let Module::OnItsWay | Module::There(_) = *self.module.read_untracked() {
            return;
        }
        self.module.set(Module::OnItsWay);
        self.widget.spawn(async move {
            self.module.set(match views().await {
                Ok(view) => Module::There(view),
                Err(failure) => Module::Missing(failure),
            });
        });
    }

    /// The page, its bones while it is on its way, or why it does not come.
    pub(super) fn view(self, page: Page) -> AnyView {
        match self.module.get() {
            Module::There(view) => view(page),
            Module::Missing(why) => {
                let again = button("retry", "button", Word::Retry);
                let again = again.on("click", move |_| self.fetch());
                let choices = el("div")
                    .class("choices")
                    .child(again)
                    .child(plain_page(page));
                let alert = failure(&why, why.word(), None).child(choices);
                el("div").class("page").child(alert).view()
            }
            Module::Unasked | Module::OnItsWay => bones().view(),
        }
    }
}

/// The same on a page of the proxy's own, which needs no module.
fn plain_page(page: Page) -> El {
    let State {
        widget, navigation, ..
    } = State::expect();
    let id = navigation.meeting_id.get_untracked();
    let (path, word) = if page == Page::MyMeetings || id.is_empty() {
        ("form/meetings".to_owned(), Word::MyMeetings)
    } else {
        (["form/meetings/", &*id].concat(), Word::ViewDetails)
    };
    el("a")
        .class("button")
        .attr("part", "button")
        .attr("data-action", "plain-page")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .attr("href", widget.read().host.page(&path))
        .text(widget.t(word))
        .child(el("span").class("spoken").text(widget.t(Word::NewWindow)))
}
