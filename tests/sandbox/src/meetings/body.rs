//! The body of create and update: all lower case but `coorganizerKeys`, tolerant where GoTo is.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::model::Content;
use super::times;
use crate::people::People;

const LONGEST_SUBJECT: usize = 100;
const LONGEST_AUDIO: usize = 255;
const IMMEDIATE: &str = "immediate";
const KINDS: [&str; 3] = [IMMEDIATE, "recurring", "scheduled"];

type Fields = Map<String, Value>;

/// Reads a body of whatever content type; the error says what is wrong with which field.
///
/// `timezonekey` is documented as mandatory and may be anything or missing in practice.
pub(super) fn read(
    body: &[u8],
    people: &People,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Content, String> {
    let fields: Fields =
        serde_json::from_slice(body).map_err(|_| "The body is not a JSON object".to_owned())?;
    let start = time(&fields, "starttime")?;
    let end = time(&fields, "endtime")?;
    let kind = kind(&fields)?;
    // Clients that start a meeting at once send the minute that has begun.
    if start < now && kind != IMMEDIATE {
        return Err("starttime: must be in the future".to_owned());
    }
    if end <= start {
        return Err("endtime: must be after starttime".to_owned());
    }
    Ok(Content {
        subject: subject(&fields)?,
        start,
        end,
        password_required: flag(&fields, "passwordrequired")?,
        kind,
        audio: audio(&fields)?,
        coorganizers: coorganizers(&fields, people, account)?,
    })
}

fn text<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, String> {
    match fields.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(format!("{name}: must be a string")),
        None => Err(format!("{name}: is required")),
    }
}

fn time(fields: &Fields, name: &str) -> Result<DateTime<Utc>, String> {
    let text = text(fields, name)?;
    times::read(text).ok_or_else(|| format!("{name}: must be an ISO 8601 UTC time"))
}

fn subject(fields: &Fields) -> Result<String, String> {
    let subject = text(fields, "subject")?;
    if subject.trim().is_empty() {
        return Err("subject: must not be empty".to_owned());
    }
    if subject.chars().count() > LONGEST_SUBJECT {
        return Err(format!("subject: at most {LONGEST_SUBJECT} characters"));
    }
    if subject.contains(['<', '>']) {
        return Err("subject: < and > must be sent as &lt; and &gt;".to_owned());
    }
    Ok(subject.to_owned())
}

/// A boolean, or its text.
fn flag(fields: &Fields, name: &str) -> Result<bool, String> {
    match fields.get(name) {
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(format!("{name}: must be true or false")),
        None => Err(format!("{name}: is required")),
    }
}

fn kind(fields: &Fields) -> Result<&'static str, String> {
    let sent = text(fields, "meetingtype")?;
    KINDS
        .into_iter()
        .find(|kind| kind.eq_ignore_ascii_case(sent))
        .ok_or_else(|| format!("meetingtype: must be one of {}", KINDS.join(", ")))
}

/// One of the options, or free text.
fn audio(fields: &Fields) -> Result<String, String> {
    let audio = text(fields, "conferencecallinfo")?;
    if audio.chars().count() > LONGEST_AUDIO {
        return Err(format!(
            "conferencecallinfo: at most {LONGEST_AUDIO} characters"
        ));
    }
    Ok(audio.to_owned())
}

/// Co-organizers start meetings as well, so only those of the account who can host will do.
fn coorganizers(fields: &Fields, people: &People, account: &str) -> Result<Vec<String>, String> {
    let name = "coorganizerKeys";
    let items = match fields.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(format!("{name}: must be an array")),
    };
    items
        .iter()
        .map(|item| {
            let key = item
                .as_str()
                .ok_or_else(|| format!("{name}: must be strings"))?;
            people
                .in_account(account, key)
                .filter(|person| person.can_host())
                .map(|person| person.key.clone())
                .ok_or_else(|| format!("{name}: no such organizer"))
        })
        .collect()
}
