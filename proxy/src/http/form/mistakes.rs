//! What is wrong with the plain form, in the reader's words.

use goto_microapps_api::{Field, FieldCode, FieldError};

use super::Frame;
use super::draft::Draft;
use super::moment::ends;
use crate::http::pages::Word;

/// What is wrong with a field.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) field: &'static str,
    pub(super) text: &'static str,
    /// Times that exist, as `HH:MM`.
    pub(super) nearest: Vec<String>,
    /// The clock shows it twice: which.
    pub(super) twice: bool,
    /// Ends to choose from: value and words.
    pub(super) ends: Vec<(String, String)>,
}

/// What the proxy found.
pub(super) fn wrong(frame: &Frame, draft: &Draft, error: &FieldError) -> Wrong {
    let field = match error.field {
        Field::Subject => "subject",
        Field::Start => "start",
        Field::End => "end",
        Field::TimeZone => "time_zone",
        Field::CoOrganizers => "co",
    };
    let text = match error.code {
        FieldCode::NotATime if field == "start" && draft.date.is_empty() => {
            frame.t(Word::FieldDateRequired)
        }
        FieldCode::NotATime if field != "subject" && draft.start.is_empty() => {
            frame.t(Word::FieldTimeRequired)
        }
        code => frame.texts.field(field, code),
    };
    Wrong {
        field,
        text,
        nearest: match error.code {
            FieldCode::TimeSkipped => {
                let times = error.values.iter();
                times
                    .filter_map(|time| time.get(11..16))
                    .map(str::to_owned)
                    .collect()
            }
            _ => Vec::new(),
        },
        twice: error.code == FieldCode::TimeAmbiguous,
        ends: Vec::new(),
    }
}

/// Two times that make a meeting longer than people mean: which end is it?
pub(super) fn slip(frame: &Frame, draft: &Draft) -> Wrong {
    Wrong {
        field: "end",
        text: frame.t(Word::FieldLong),
        nearest: Vec::new(),
        twice: false,
        ends: ends(frame, draft),
    }
}
