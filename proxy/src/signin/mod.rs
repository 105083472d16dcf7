//! Employees' own sign-in: pending_sign_ins bound to a browser, the hand-off to the widget, sessions.
//!
//! No token of GoTo's ever leaves this side; the widget gets an opaque session.

mod handoff;
mod pending_sign_ins;
mod session;
pub mod sso;
mod start_tickets;
mod tickets;

pub use handoff::{HandoffError, Handoffs, Severed};
pub use pending_sign_ins::{
    AcceptedCallback, Authorization, AuthorizeError, CallbackError, CallbackQuery, Initiator,
    PendingSignIns,
};
pub use session::{Account, NewSession, RememberError, SessionId, Sessions};
pub use sso::{Sso, TokenRefused};
pub use start_tickets::{Bearer, CARRIED, PRESSED, StartTickets};
pub use tickets::Tickets;
