//! GoTo's JSON. Spelling differs per call (`starttime` out, `startTime` in), so do types, and both
//! spellings may stand in one object; [`Fields`] is how all of it is read.

mod fields;
mod id;
mod identity;
mod meetings;
mod people;
mod subject;

pub(super) use fields::{Fields, FromGoto, is_empty_list, object, one, rows};
pub use id::Id;
pub use identity::Identity;
pub use meetings::{GotoMeeting, HostAddress, MeetingCreated, NewGotoMeeting, Upcoming};
pub use people::GotoUser;
pub(super) use people::{AdminMe, UserList};
pub use subject::is_same_subject;
