//! The fields of the form, and how each can be wrong.

use serde::{Deserialize, Serialize};

use crate::names::named;

named! {
    /// A field of the *Create meeting* form.
    pub enum Field {
        /// Subject.
        Subject = "subject",
        /// The date alone. Whoever reads date and time as one says what is wrong with it of
        /// [`Self::Start`].
        Date = "date",
        /// Start time, with its date.
        Start = "start",
        /// End time.
        End = "end",
        /// Time zone.
        TimeZone = "time_zone",
        /// Co-organizers.
        CoOrganizers = "co_organizers",
        /// Participants.
        Participants = "participants",
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which one.
    pub field: Field,
    /// In which way.
    pub code: FieldCode,
    /// What goes with the code, see [`FieldError::values`].
    pub values: Vec<String>,
}

impl Mistake {
    /// One that says it all by its code.
    pub const fn new(field: Field, code: FieldCode) -> Self {
        Self {
            field,
            code,
            values: Vec::new(),
        }
    }
}

/// A [`Mistake`] on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Where the message belongs.
    pub field: Field,
    /// What the widget has words for.
    pub code: FieldCode,
    /// English, for developers.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub detail: String,
    /// For [`FieldCode::TimeSkipped`]: the nearest local times that exist, earlier one first. For
    /// [`FieldCode::TimeAmbiguous`]: the two offsets. For [`FieldCode::UnknownCoOrganizer`]: the
    /// keys nobody has. For [`FieldCode::MustBeChosen`]: ends.
    #[serde(
        default,
        deserialize_with = "crate::lenient::rows_if_any",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<String>,
}

named! {
    /// Ways a field can be wrong.
    pub enum FieldCode {
        /// Nothing was typed.
        Required = "required",
        /// More than 100 characters as GoTo counts.
        TooLong = "too_long",
        /// Not a date and time.
        NotATime = "not_a_time",
        /// Clocks go forward: this time does not exist on that day.
        TimeSkipped = "time_skipped",
        /// Clocks go back: this time occurs twice; say which with a fold. `values` holds the offsets
        /// from UTC in minutes, that of the earlier one first.
        TimeAmbiguous = "time_ambiguous",
        /// Start is not in the future.
        InThePast = "in_the_past",
        /// End is not after start.
        NotAfterStart = "not_after_start",
        /// Longer than two times make a meeting by themselves: which end is meant? `values` holds
        /// ends to choose from, as local times, last the one that was typed.
        MustBeChosen = "must_be_chosen",
        /// Longer than a day.
        TooFarFromStart = "too_far_from_start",
        /// The device's instant is hours away from the proxy's: no difference of zone rules.
        InstantTooFar = "instant_too_far",
        /// Not an IANA time zone.
        UnknownTimeZone = "unknown_time_zone",
        /// Not in the directory.
        UnknownCoOrganizer = "unknown_co_organizer",
        /// More people than the proxy takes.
        TooMany = "too_many",
        /// No e-mail address. `values` holds what is none.
        NotAnAddress = "not_an_address",
    }
}

impl From<FieldError> for Mistake {
    fn from(error: FieldError) -> Self {
        Self {
            field: error.field,
            code: error.code,
            values: error.values,
        }
    }
}
