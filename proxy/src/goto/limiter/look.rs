//! The slots as they are at one moment, over one connection.

use super::course::Moment;
use crate::clock::Millis;
use crate::store::Slots;

/// A look at the slots. Not to be kept while somebody waits: it is one of few connections.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) slots: Slots,
    pub(super) now: Moment,
    /// Of the API that was asked for.
    pub(super) paused_until: Option<Millis>,
}
