//! The employee's next meetings, and the orders to cancel them.
//!
//! Lives as long as the page that lists them: asked anew whenever somebody opens it. An order to
//! cancel lies at the proxy from the click on, so leaving the page neither loses nor hastens it.

use goto_microapps_api::{
    CancelState, Cancellation, Code, ListedMeeting, SeenMeeting, StartTicket,
};
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::State;
use super::session::SessionState;
use crate::browser::{timers, window_post};
use crate::context::Widget;
use crate::failure::Failure;
use crate::words::Word;

/// The list, as far as it has come.
#[derive(Clone)]
pub(crate) enum Listing {
    /// Being asked for.
    Asking,
    /// Could not be asked for.
    Failed(Failure),
    /// By their start.
    There(Vec<Row>),
}

/// What became of the last order for a meeting.
#[derive(Clone, PartialEq)]
pub(crate) enum Order {
    /// None.
    None,
    /// On its way to the proxy.
    Sent,
    /// The proxy has it.
    Taken(Cancellation),
    /// It was not taken, or nobody said so; why.
    Failed(Word),
}

/// One meeting of the list.
#[derive(Clone)]
pub(crate) struct Row {
    /// As GoTo lists it.
    pub(crate) meeting: ListedMeeting,
    /// The order to cancel it.
    pub(crate) order: RwSignal<Order>,
    /// Seconds in which that can be taken back.
    pub(crate) left: RwSignal<u32>,
    /// Counts orders, so that what follows an old one ends.
    turn: StoredValue<u32>,
}

/// The list.
#[derive(Clone, Copy)]
pub(crate) struct MyMeetings {
    widget: Widget,
    session: SessionState,
    /// What is listed.
    pub(crate) listing: RwSignal<Listing>,
    /// Counts questions, so that an old answer is dropped.
    turn: StoredValue<u32>,
    /// The page's: what is listed lives as long as it, whoever is signed in.
    owner: StoredValue<WeakOwner>,
}

impl MyMeetings {
    /// A list that nobody has asked for yet.
    pub(crate) fn new() -> Self {
        let State {
            widget, session, ..
        } = State::expect();
        Self {
            widget,
            session,
            listing: RwSignal::new(Listing::Asking),
            turn: StoredValue::new(0),
            owner: StoredValue::new(Owner::current().unwrap_or_default().downgrade()),
        }
    }

    /// Asks for the list; `fresh` asks GoTo itself.
    pub(crate) fn ask(self, fresh: bool) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.listing.set(Listing::Asking);
        self.widget.spawn(async move {
            let answer = self.widget.api().my_meetings(fresh).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let Some(owner) = self.owner.get_value().upgrade() else {
                return;
            };
            let listing = match answer {
                Ok(found) => {
                    let rows: Vec<Row> =
                        owner.with(|| found.meetings.into_iter().map(Row::new).collect());
                    for row in &rows {
                        if let Order::Taken(order) = row.order.get_untracked() {
                            self.follow(row.clone(), Ok(order));
                        }
                    }
                    Listing::There(rows)
                }
                Err(failure) => {
                    self.session.lost(&failure);
                    self.widget.tell_failure(&failure);
                    Listing::Failed(failure)
                }
            };
            self.listing.set(listing);
        });
    }

    /// *Cancel the meeting*, as it is shown here.
    pub(crate) fn cancel(self, row: &Row) {
        let seen = SeenMeeting {
            subject: row.meeting.subject.clone(),
            start: row.meeting.start.clone(),
            end: row.meeting.end.clone(),
        };
        let row = row.clone();
        self.show(&row, Order::Sent);
        self.widget.spawn(async move {
            let answer = self.widget.api().cancel(&row.meeting.id, &seen).await;
            self.follow(row, answer);
        });
    }

    /// *Change the meeting*: the form, with this meeting in it.
    pub(crate) fn edit(self, state: &State, row: &Row) {
        let (state, id, row) = (*state, row.meeting.id.clone(), row.clone());
        self.widget.spawn(async move {
            if let Err(failure) = state.edit(id).await {
                self.session.lost(&failure);
                self.widget.tell_failure(&failure);
                self.show(&row, Order::Failed(failure.word()));
            }
        });
    }

    /// *Undo*.
    pub(crate) fn undo(self, row: &Row) {
        let row = row.clone();
        // What counts down stops: the answer says whether it was in time.
        row.next();
        self.widget.spawn(async move {
            let answer = self.widget.api().undo_cancel(&row.meeting.id).await;
            self.follow(row, answer);
        });
    }

    /// Shows where an order stands until nothing more will happen to it. Where no answer came, it may
    /// lie at the proxy all the same: asked until somebody knows.
    fn follow(self, row: Row, answer: Result<Cancellation, Failure>) {
        let turn = row.next();
        self.widget.spawn(async move {
            let mut answer = answer;
            let mut unheard = None;
            loop {
                if row.turn.try_get_value() != Some(turn) {
                    return;
                }
                let order = match answer {
                    Ok(order) => order,
                    Err(failure @ (Failure::Offline | Failure::Gateway)) => {
                        unheard.get_or_insert(failure);
                        timers::seconds(2).await;
                        answer = self.widget.api().cancellation(&row.meeting.id).await;
                        continue;
                    }
                    Err(failure) => {
                        // The proxy has no such order: why, the first answer that was missing says.
                        let is_unknown = failure.code() == Some(Code::MeetingNotFound);
                        let why = unheard.take().filter(|_| is_unknown).unwrap_or(failure);
                        self.session.lost(&why);
                        self.widget.tell_failure(&why);
                        self.show(&row, Order::Failed(why.word()));
                        return;
                    }
                };
                let (state, seconds) = (order.state, order.seconds.unwrap_or(0));
                let _ = row.left.try_set(seconds);
                self.say(&order);
                self.show(&row, Order::Taken(order));
                match state {
                    CancelState::Waiting => {
                        for left in (0..seconds).rev() {
                            timers::seconds(1).await;
                            if row.turn.try_get_value() != Some(turn) {
                                return;
                            }
                            let _ = row.left.try_set(left);
                        }
                        timers::seconds(1).await;
                    }
                    CancelState::Sending | CancelState::Confirming => timers::seconds(1).await,
                    CancelState::Cancelled => {
                        let id = &row.meeting.id;
                        self.widget.tell("cancelled", Some(("id", id)));
                        return;
                    }
                    _ => return,
                }
                answer = self.widget.api().cancellation(&row.meeting.id).await;
            }
        });
    }

    /// Shows what became of an order; the focus stays in the row that it is in.
    fn show(self, row: &Row, order: Order) {
        let place = ["[data-meeting=\"", &*row.meeting.id, "\"]"].concat();
        let root = self.widget.read().host.root.clone();
        let find = move |inside: &str| {
            let found = root.query_selector(&[&*place, inside].concat());
            found.ok().flatten()
        };
        let is_inside = find(":focus").or_else(|| find(" :focus")).is_some();
        if row.order.try_set(order).is_some() || !is_inside {
            return;
        }
        self.widget.spawn(async move {
            timers::rendered().await;
            let next = find(" .order button").or_else(|| find(""));
            if let Some(Ok(next)) = next.map(JsCast::dyn_into::<HtmlElement>) {
                let _ = next.focus();
            }
        });
    }

    fn say(self, order: &Cancellation) {
        let word = match order.state {
            CancelState::Waiting => {
                let seconds = order.seconds.unwrap_or(0).to_string();
                let text = self.widget.fill(Word::CancelSoon, "seconds", &seconds);
                return self.widget.say(text);
            }
            CancelState::Cancelled => Word::Cancelled,
            CancelState::Withdrawn => Word::CancelWithdrawn,
            CancelState::Stopped => Word::CancelStopped,
            CancelState::Unconfirmed => Word::CancelUnconfirmed,
            _ => return,
        };
        self.widget.say(self.widget.t(word));
    }

    /// *Start the meeting*, in a window that the press opens: its address starts the meeting without a
    /// sign-in, so it never comes here.
    pub(crate) fn start(self, row: &Row) {
        let (id, order) = (row.meeting.id.clone(), row.order);
        let Some(opened) = window_post::open() else {
            order.set(Order::Failed(Word::StartBlocked));
            return;
        };
        self.widget.spawn(async move {
            match self.widget.api().start_ticket(&id).await {
                Ok(StartTicket { ticket }) => {
                    let lang = self.widget.lang();
                    let parts = self.widget.read();
                    let action = parts.host.address("app/start");
                    let plain = parts.host.page(&["form/meetings/", &*id].concat());
                    let fields = [("ticket", ticket.as_str()), ("lang", &lang)];
                    window_post::submit(&opened, &action, &fields, &plain);
                }
                Err(failure) => {
                    let _ = opened.close();
                    self.session.lost(&failure);
                    self.widget.tell_failure(&failure);
                    let _ = order.try_set(Order::Failed(failure.word()));
                }
            }
        });
    }
}

impl Row {
    fn new(meeting: ListedMeeting) -> Self {
        let order = meeting.cancellation.clone();
        Self {
            order: RwSignal::new(order.map_or(Order::None, Order::Taken)),
            left: RwSignal::new(0),
            turn: StoredValue::new(0),
            meeting,
        }
    }

    /// Ends what follows an earlier order. Nothing follows where the page is gone.
    fn next(&self) -> u32 {
        let next = self.turn.try_get_value().unwrap_or(0) + 1;
        self.turn.try_set_value(next);
        next
    }
}
