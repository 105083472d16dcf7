//! What is shown after the first touch: views in a module of their own, for which the form need not
//! wait. Asked for once it is known who is signed in: nothing waits for it then, and a proxy that is
//! upgraded hours later need not have it any more.

use std::pin::Pin;

use goto_microapps_api::Field;
use leptos::prelude::*;

use super::{El, el, nothing};
use crate::context::Widget;
use crate::failure::Failure;
use crate::state::State;
use crate::state::page::Page;
use crate::state::session::Who;
use crate::state::stage::Stage;
use crate::words::Word;

/// What that module shows.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// A page after the form.
    Page(Page),
    /// What became of a create.
    Outcome(Stage),
    /// The end of the form of a meeting that is being changed.
    Editing,
    /// How a sign-in goes.
    SignIn,
    /// What becomes of cancellations when somebody signs out.
    WaitingCancels,
    /// Who may be chosen in a field of people.
    People(Field),
    /// What became of the search for them.
    PeopleSearch(Field),
    /// The field of the time zone.
    TimeZone,
    /// What may be chosen in the place of a time that is none.
    Choices(Field),
    /// The times that may be chosen in a field.
    Times(Field),
}

/// What builds those parts.
pub(crate) type View = fn(Part) -> AnyView;

/// The way to the module: a request, the first time.
pub(crate) type Door = fn() -> Pin<Box<dyn Future<Output = Result<View, Failure>>>>;

/// How far the module has come.
#[derive(Clone)]
pub(crate) enum Module {
    /// Not asked for yet, or on its way.
    Awaited,
    /// It can be used.
    There(View),
    /// It did not come, and why.
    Missing(Failure),
}

/// The views after the first touch, as far as they have come.
#[derive(Clone, Copy)]
pub(crate) struct Later {
    widget: Widget,
    door: Door,
    asked: StoredValue<bool>,
    /// How far they are; follows changes.
    pub(crate) module: RwSignal<Module>,
}

impl Later {
    /// Provided to the views; asked for once it is known who is signed in.
    pub(crate) fn provide(door: Door) -> Self {
        let State {
            widget, session, ..
        } = State::expect();
        let later = Self {
            widget,
            door,
            asked: StoredValue::new(false),
            module: RwSignal::new(Module::Awaited),
        };
        provide_context(later);
        Effect::new(move || {
            if *session.who.read() != Who::Unknown {
                later.fetch();
            }
        });
        later
    }

    /// What was provided to the view that is being built.
    ///
    /// # Panics
    /// Outside of a widget.
    #[allow(clippy::expect_used)] // `expect_context` would bring the code that prints locations.
    pub(crate) fn expect() -> Self {
        use_context().expect("a widget")
    }

    /// Something that stands on a page of the form, once the module is there; follows it.
    pub(crate) fn part(self, what: Part) -> AnyView {
        match self.module.get() {
            Module::There(view) => view(what),
            Module::Missing(why) => self.missing(why.word()).view(),
            Module::Awaited => nothing(),
        }
    }

    /// It does not come: what is typed counts all the same.
    fn missing(self, why: Word) -> El {
        let again = el("button")
            .class("link inline")
            .attr("type", "button")
            .attr("data-action", "retry")
            .text(self.widget.t(Word::Retry))
            .on("click", move |_| self.fetch());
        el("div")
            .class("note")
            .text(self.widget.t(why))
            .child(again)
    }

    /// Asks for the module unless it is there or on its way.
    pub(crate) fn fetch(self) {
        if self.asked.get_value() {
            return;
        }
        self.asked.set_value(true);
        // Views follow how far it is: what changes nothing must not have them built anew.
        let is_missing = matches!(*self.module.read_untracked(), Module::Missing(_));
        if is_missing {
            self.module.set(Module::Awaited);
        }
        self.widget.spawn(async move {
            self.module.set(match (self.door)().await {
                Ok(view) => Module::There(view),
                Err(failure) => {
                    self.asked.set_value(false);
                    Module::Missing(failure)
                }
            });
        });
    }
}
