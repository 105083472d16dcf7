//! End-to-end tests in real browsers: what a person does on the intranet page, and what then reached
//! GoTo.
//!
//! [`play`] sets a [`Stage`]: the whole product on loopback and one browser with an empty profile.
//! The page objects have methods named by what a person does; the suites in `tests/` read as
//! sentences. Nothing here sleeps to synchronise: everything waits for a condition ([`until`]).
//!
//! `GOTO_BROWSER` chooses the browser: see [`Browser`].

mod audit;
mod browser;
mod calendar;
mod display;
mod driver;
mod pages;
mod session;
mod stage;
mod wait;
mod widget;

pub use audit::audit;
pub use browser::{Ability, Browser, CONSOLE_NAME, Cookies, Machine};
pub use calendar::{Calendar, Clock, OLD_RULES};
pub use pages::{
    AdminConsole, CreateMeeting, Heard, Intranet, MeetingDetails, NewMeeting, SignInWindow, Typed,
};
pub use session::Session;
pub use stage::{Setting, Stage, play, setting};
pub use thirtyfour::Key;
pub use wait::{becomes, until};
pub use widget::{Seen, Widget};
