//! Employees' own sign-in: transactions bound to a browser, the hand-off to the widget, sessions.
//!
//! No token of GoTo's ever leaves this side; the widget gets an opaque session.

mod handoff;
mod session;
pub mod sso;
mod ticket;
mod transaction;

pub use handoff::{HandoffError, Handoffs, Offer};
pub use session::{Account, RememberError, SessionId, Sessions};
pub use sso::{Sso, TokenRefused};
pub use ticket::Tickets;
pub use transaction::{
    Arrival, Arrived, AuthorizeError, CallbackError, Departure, Transactions, Who,
};
