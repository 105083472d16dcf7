//! What becomes of a create: the meeting, a search for it, or why there is none.

use goto_microapps_api::{Confirming, FieldError, Meeting, Readings};

use crate::goto::Error as GotoError;
use crate::store;
use crate::tokens;

/// A create that was not refused.
#[derive(Debug)]
pub enum CreateOutcome {
    /// The meeting exists. `replayed` when an earlier request with this key made it.
    Created {
        /// The meeting.
        meeting: Box<Meeting>,
        /// Not made by this request.
        replayed: bool,
    },
    /// Being looked for.
    Confirming(Confirming),
}

/// Why nothing was created, or nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The form.
    #[error("the form has mistakes")]
    Invalid(Vec<FieldError>),
    /// Device and proxy count the times differently. Nothing is recorded, nothing is sent.
    #[error("device and server count the times differently")]
    Differs(Box<Readings>),
    /// The same key came with another form.
    #[error("the key was used for another meeting")]
    Mismatch,
    /// The key names no create.
    #[error("nothing was asked with this key")]
    UnknownKey,
    /// A person decides.
    #[error("it is not known whether the meeting exists")]
    NeedsUser,
    /// Certainly not created.
    #[error(transparent)]
    Goto(GotoError),
    /// The consent is gone.
    #[error("the employee's consent is no longer accepted")]
    Reconnect,
    /// It waited for its turn, which did not come in time. Nothing was sent.
    #[error("its turn did not come in time")]
    QueueExpired,
    /// The consent was lost while it waited. Nothing was sent.
    #[error("the employee's consent was lost while the create waited")]
    QueueConsentLost,
    /// The administrator must look.
    #[error("the employees' OAuth client is wrongly configured")]
    Misconfigured,
    /// A defect ended the work early; what became of the create is not known.
    #[error("the work on a create ended early")]
    Broken,
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<tokens::Error> for CreateError {
    fn from(error: tokens::Error) -> Self {
        match error {
            tokens::Error::NoGrant => Self::Reconnect,
            tokens::Error::Goto(error) => Self::Goto(error),
            tokens::Error::Misconfigured(_) => Self::Misconfigured,
            tokens::Error::Store(error) => Self::Store(error),
        }
    }
}
