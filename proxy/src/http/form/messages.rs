//! What is said at the fields of the plain form, in the reader's words.

use goto_microapps_api::form::Draft;
use goto_microapps_api::form::wall::{DAY, to_wall};
use goto_microapps_api::words::fill;
use goto_microapps_api::{Field, FieldCode, FieldError, Mistake, must_be_chosen};

use super::Frame;
use crate::http::pages::Word;
use crate::when;

/// What is wrong with a field.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) field: Field,
    pub(super) text: &'static str,
    /// Times that exist, as `HH:MM`.
    pub(super) nearest: Vec<String>,
    /// The clock shows it twice: which.
    pub(super) twice: bool,
    /// Ends to choose from: value and words.
    pub(super) ends: Vec<(String, String)>,
}

/// What the form's own rules say, and what the proxy `found` beside it.
pub(super) fn messages(frame: &Frame, draft: &Draft, found: Vec<FieldError>) -> Vec<Message> {
    let own = draft.mistakes();
    // A time that is not whole makes others of those that are read with it.
    let is_partial = own.iter().any(|mistake| {
        matches!(mistake.field, Field::Date | Field::Start | Field::End)
            && matches!(mistake.code, FieldCode::Required | FieldCode::NotATime)
    });
    let is_new = |mistake: &Mistake| {
        let is_said = own.iter().any(|known| known.field == mistake.field);
        let is_of_another = is_partial && mistake.code == FieldCode::NotATime;
        !is_said && !is_of_another
    };
    let found = found.into_iter().map(Mistake::from).filter(is_new);
    let found: Vec<Mistake> = found.collect();
    own.into_iter()
        .chain(found)
        .map(|mistake| message(frame, draft, &mistake))
        .collect()
}

fn message(frame: &Frame, draft: &Draft, mistake: &Mistake) -> Message {
    let values = |code| {
        let is_it = mistake.code == code;
        mistake.values.iter().filter(move |_| is_it)
    };
    Message {
        field: mistake.field,
        text: frame.texts.field(mistake),
        nearest: values(FieldCode::TimeSkipped)
            .filter_map(|time| Some(time.split_once('T')?.1.to_owned()))
            .collect(),
        twice: mistake.code == FieldCode::TimeAmbiguous,
        ends: values(FieldCode::MustBeChosen)
            .filter_map(|time| end(frame, draft, time))
            .collect(),
    }
}

/// An end to choose: its clock, or where that is not enough the length that it makes; and its words.
fn end(frame: &Frame, draft: &Draft, time: &str) -> Option<(String, String)> {
    let (start, end) = (draft.start_wall()?, to_wall(time.parse().ok()?));
    let (day, clock) = time.split_once('T')?;
    if !must_be_chosen(start.rem_euclid(DAY), end.rem_euclid(DAY)) {
        let words = fill(frame.t(Word::UseTime), "time", clock);
        return Some((clock.to_owned(), words));
    }
    let minutes = end - start;
    let hours = (minutes / 60).to_string();
    let length = fill(frame.t(Word::HoursMinutes), "hours", &hours);
    let length = fill(&length, "minutes", &format!("{:02}", minutes % 60));
    let day = when::day(day.parse().ok()?, frame.texts.language());
    let words = fill(frame.t(Word::UseLong), "day", &day);
    let words = fill(&fill(&words, "time", clock), "length", &length);
    Some((minutes.to_string(), words))
}
