//! The state of a widget: small structs of signals, each of which owns one part of it. None knows a
//! view, and none those that build on it; what concerns more than one of them is in [`actions`].

mod actions;
mod editing;
mod follow_up;
pub(crate) mod form;
mod intent;
mod late;
pub(crate) mod listbox;
mod memory;
pub(crate) mod message;
pub(crate) mod my_meetings;
pub(crate) mod navigation;
mod neighbours;
pub(crate) mod page;
mod people_search;
pub(crate) mod picker;
mod picking;
mod prefilled;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod stage;
pub(crate) mod submission;
pub(crate) mod time_field;
mod typed_people;
mod usual;
pub(crate) mod zone_field;

use goto_microapps_api::Field;
use leptos::prelude::*;

use self::form::Form;
use self::memory::Memory;
use self::navigation::Navigation;
use self::page::Page;
use self::picker::Picker;
use self::session::SessionState;
use self::sign_in::SignInState;
use self::stage::Order;
use self::submission::Submission;
use self::time_field::TimeField;
use crate::context::Widget;
use crate::failure::Failure;

/// Handles to the state of one widget; views expect it from the context and copy it into their
/// listeners.
#[derive(Clone, Copy)]
pub(crate) struct State {
    /// The element, the way to the proxy, the words.
    pub(crate) widget: Widget,
    memory: Memory,
    /// Who is signed in.
    pub(crate) session: SessionState,
    /// Signing in.
    pub(crate) sign_in: SignInState,
    /// Which page is shown.
    pub(crate) navigation: Navigation,
    /// What is typed.
    pub(crate) form: Form,
    /// When it begins.
    start: TimeField,
    /// When it ends.
    end: TimeField,
    /// The search of the co-organizers.
    co_organizers: Picker,
    /// That of the participants.
    participants: Picker,
    /// The create under way.
    pub(crate) submission: Submission,
    /// What was ordered and could not even begin, and why.
    pub(crate) stuck: RwSignal<Option<(Order, Failure)>>,
}

impl State {
    /// The state of a widget that was just put on the page, what the tab remembers included; provided
    /// to the views.
    pub(crate) fn provide(widget: Widget) -> Self {
        let memory = Memory::of(&widget.read().host);
        let session = SessionState::new(widget);
        let navigation = Navigation::new(widget, session, memory);
        // Who asks for a certain meeting, or is in the middle of another create, is left alone.
        let is_free = navigation.page.get_untracked() == Page::CreateMeeting
            && widget.read().host.attribute("meeting-id").is_none()
            && !memory.read().intent.pending;
        let carried = is_free && memory.take_over(&widget.read().host.element);
        let form = Form::new(widget, session, memory, carried);
        let picker = |field, name| Picker::new(widget, session, form, (field, name));
        let state = Self {
            widget,
            memory,
            session,
            sign_in: SignInState::new(widget, session),
            navigation,
            form,
            start: TimeField::new(widget, form, Field::Start, "start"),
            end: TimeField::new(widget, form, Field::End, "end"),
            co_organizers: picker(Field::CoOrganizers, "people"),
            participants: picker(Field::Participants, "guests"),
            submission: Submission::new(widget, session, form, memory),
            stuck: RwSignal::new(None),
        };
        provide_context(state);
        neighbours::join(widget, move || state.ask_again());
        state
    }

    /// One of the two times.
    pub(crate) fn time(self, field: Field) -> TimeField {
        match field {
            Field::Start => self.start,
            _ => self.end,
        }
    }

    /// The search of one of the two fields of people.
    pub(crate) fn picker(self, field: Field) -> Picker {
        match field {
            Field::Participants => self.participants,
            _ => self.co_organizers,
        }
    }

    /// The state of the widget around the view that is being built.
    ///
    /// # Panics
    /// Outside of one.
    #[allow(clippy::expect_used)] // `expect_context` would bring the code that prints locations.
    pub(crate) fn expect() -> Self {
        use_context().expect("a widget")
    }
}
