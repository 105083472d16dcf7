//! Page objects: what a person sees and does on each page.

mod admin_console;
mod create_meeting;
mod intranet;
mod meeting_details;
mod new_meeting;
mod sign_in_window;

pub use admin_console::AdminConsole;
pub use create_meeting::{CreateMeeting, Typed};
pub use intranet::{Heard, Intranet};
pub use meeting_details::MeetingDetails;
pub use new_meeting::NewMeeting;
pub use sign_in_window::SignInWindow;
