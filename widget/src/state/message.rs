//! What is said at a field.

use goto_microapps_api::{Field, Mistake};

use crate::words::{Word, for_field};

/// A field that is wrong, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Which one.
    pub(crate) field: Field,
    /// What to say.
    pub(crate) word: Word,
    /// Nearest valid times, or what was typed.
    pub(crate) values: Vec<String>,
}

impl Message {
    /// A message without values.
    pub(crate) fn new(field: Field, word: Word) -> Self {
        Self {
            field,
            word,
            values: Vec::new(),
        }
    }
}

impl From<Mistake> for Message {
    fn from(mistake: Mistake) -> Self {
        Self {
            field: mistake.field,
            word: for_field(mistake.field, mistake.code),
            values: mistake.values,
        }
    }
}

/// Name of a field in `data-field`, `data-error-for` and ids.
pub(crate) fn name(field: Field) -> &'static str {
    match field {
        Field::Subject => "subject",
        Field::Date => "date",
        Field::Start => "start",
        Field::End => "end",
        Field::TimeZone => "time-zone",
        Field::CoOrganizers => "co-organizers",
        Field::Participants => "participants",
    }
}

/// Where the focus goes to correct a field.
pub(crate) fn selector(field: Field) -> &'static str {
    match field {
        Field::Subject => "[data-field=subject]",
        Field::Date => "[data-field=date]",
        Field::Start => "[data-field=start]",
        Field::End => "[data-field=end]",
        Field::TimeZone => "[data-field=time-zone]",
        Field::CoOrganizers => "[data-field=co-organizers]",
        Field::Participants => "[data-field=participants]",
    }
}
