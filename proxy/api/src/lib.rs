//! What the widget and the proxy say alike: the types on the wire, and the form.
//!
//! Owns the JSON shapes, the [`form`] with its rules, how a subject is counted, which error codes
//! exist, and what is written the same on every face. No I/O, no clock, no time zone database. Keys and ids
//! are decimal strings everywhere, because GoTo's go beyond what a JavaScript number can hold.

mod cancellation;
mod edit;
pub mod form;
pub mod format;
pub mod icons;
mod invitation;
mod length;
pub mod lenient;
mod meeting;
mod my_meetings;
mod names;
mod organizer;
mod problem;
mod session;
mod subject;
pub mod words;
mod zone_hits;

pub use cancellation::{CancelState, Cancellation, SeenMeeting, StopReason, WaitingCancels};
pub use edit::{Edit, EditMeeting, EditState, EditableMeeting};
pub use form::{Field, FieldCode, FieldError, Mistake};
pub use invitation::Invitation;
pub use length::{minutes_until, must_be_chosen, nearer_ends};
pub use meeting::{
    Confirming, ConfirmingCause, Counted, Fold, IDEMPOTENCY_KEY, InvitationExtra, LocalDateTime,
    Meeting, NewMeeting, PartsError, Period, Person, PhonePiece, Reading, Readings,
};
pub use my_meetings::{Ability, ListedMeeting, MyMeetings, StartTicket};
pub use names::UnknownName;
pub use organizer::{Organizer, Organizers};
pub use problem::{Code, Problem, Proof};
pub use session::{
    Carrier, HandoffMessage, HandoffOutcome, HandoffRequest, HandoffResponse, Integration, Session,
    SeveredRequest, User,
};
pub use subject::{SUBJECT_MAX, SubjectError, check_subject, subject_length};
pub use zone_hits::{ZoneHit, ZoneHits};

/// Static header that every API call must carry, value `1`. A cross-site form cannot send it, and
/// a cross-site script cannot without a CORS preflight (RFC 10017 section on CSRF defences).
pub const REQUEST_HEADER: &str = "x-goto-microapps";
