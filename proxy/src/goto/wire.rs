//! GoTo's JSON. Spelling differs per call (`starttime` out, `startTime` in); so do types.

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::times::read_time;

/// A key or id: string in one answer, number in the next, beyond what 64 bits hold in some.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    text_of(&value).ok_or_else(|| serde::de::Error::custom("expected a key"))
}

fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => items.iter().filter_map(text_of).collect(),
        other => text_of(&other).into_iter().collect(),
    })
}

fn optional_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(&Value::deserialize(deserializer)?))
}

/// A flag: a bool, or `"true"`, or nothing.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    })
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => read_time(&text),
        _ => None,
    })
}

/// `[x]` or `x`.
pub(super) fn one<T: serde::de::DeserializeOwned>(body: &[u8]) -> Option<T> {
    match serde_json::from_slice::<Value>(body).ok()? {
        Value::Array(items) => serde_json::from_value(items.into_iter().next()?).ok(),
        value => serde_json::from_value(value).ok(),
    }
}

/// Body of create. Every name is lower case but the last.
#[derive(Debug, Serialize)]
pub struct NewGotoMeeting {
    subject: String,
    starttime: String,
    endtime: String,
    passwordrequired: bool,
    conferencecallinfo: &'static str,
    timezonekey: &'static str,
    meetingtype: &'static str,
    #[serde(rename = "coorganizerKeys", skip_serializing_if = "Vec::is_empty")]
    coorganizer_keys: Vec<String>,
}

impl NewGotoMeeting {
    /// A one-time meeting with computer and phone audio.
    pub fn new(
        subject: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        password_required: bool,
        coorganizer_keys: Vec<String>,
    ) -> Self {
        Self {
            subject: escape(subject),
            starttime: start.to_rfc3339_opts(SecondsFormat::Secs, true),
            endtime: end.to_rfc3339_opts(SecondsFormat::Secs, true),
            passwordrequired: password_required,
            conferencecallinfo: "Hybrid",
            // Documented as required and empty, ignored in practice.
            timezonekey: "",
            meetingtype: "scheduled",
            coorganizer_keys,
        }
    }
}

/// GoTo wants `<` and `>` as entities in a subject.
fn escape(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Back to text. It is shown as text, never as HTML.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">")
}

/// Answer of create, an array of one. Only here does GoTo say the join URL.
#[derive(Debug, Deserialize)]
pub struct MeetingCreated {
    /// Nine digits today.
    #[serde(rename = "meetingid", alias = "meetingId", deserialize_with = "key")]
    pub id: String,
    /// Where participants join.
    #[serde(rename = "joinURL", alias = "joinUrl", default)]
    pub join_url: Option<SecretString>,
    /// Dial-in text with the access code.
    #[serde(rename = "conferenceCallInfo", default)]
    pub phone: Option<SecretString>,
}

/// Answer of reading one meeting, an array of one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GotoMeeting {
    /// Id.
    #[serde(alias = "meetingid", deserialize_with = "key")]
    pub meeting_id: String,
    /// As GoTo keeps it; see [`GotoMeeting::subject`].
    #[serde(default)]
    subject: String,
    /// Start.
    #[serde(default, deserialize_with = "time")]
    pub start_time: Option<DateTime<Utc>>,
    /// End.
    #[serde(default, deserialize_with = "time")]
    pub end_time: Option<DateTime<Utc>>,
    /// Empty in practice.
    #[serde(default, deserialize_with = "time")]
    pub create_time: Option<DateTime<Utc>>,
    /// Asked at the start.
    #[serde(default, deserialize_with = "flag")]
    pub password_required: bool,
    /// Dial-in text with the access code.
    #[serde(default)]
    pub conference_call_info: Option<SecretString>,
    /// Who may start it as well.
    #[serde(default, deserialize_with = "keys")]
    pub coorganizer_keys: Vec<String>,
}

impl GotoMeeting {
    /// The subject as text.
    pub fn subject(&self) -> String {
        unescape(&self.subject)
    }
}

/// A row of the upcoming meetings.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upcoming {
    /// Id; a string here.
    #[serde(alias = "meetingid", deserialize_with = "key")]
    pub meeting_id: String,
    #[serde(default)]
    subject: String,
    /// Start.
    #[serde(default, deserialize_with = "time")]
    pub start_time: Option<DateTime<Utc>>,
    /// End.
    #[serde(default, deserialize_with = "time")]
    pub end_time: Option<DateTime<Utc>>,
    /// Dial-in text with the access code.
    #[serde(default)]
    pub conference_call_info: Option<SecretString>,
}

impl Upcoming {
    /// Whether a create with this subject would be listed so. Somebody who types an entity sends
    /// the same as somebody who types the sign.
    pub fn is_called(&self, subject: &str) -> bool {
        unescape(&self.subject) == unescape(subject)
    }
}

/// One user of the account, as the Admin API lists them. Only key and e-mail are certain.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GotoUser {
    /// Organizer key.
    #[serde(deserialize_with = "key")]
    pub key: String,
    /// E-mail.
    #[serde(default)]
    pub email: String,
    #[serde(default, deserialize_with = "words")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "words")]
    last_name: Option<String>,
}

impl GotoUser {
    /// First and last name; the e-mail where there is neither.
    pub fn name(&self) -> String {
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = parts
            .iter()
            .flatten()
            .map(|part| part.trim())
            .collect::<Vec<_>>()
            .join(" ");
        if name.is_empty() {
            self.email.clone()
        } else {
            name
        }
    }
}

/// A page of users. `results` is missing when nothing matches.
#[derive(Debug, Deserialize)]
pub(super) struct UserList {
    #[serde(default)]
    pub(super) results: Vec<Value>,
    #[serde(default, deserialize_with = "count")]
    pub(super) total: Option<i64>,
}

/// Who a token belongs to: `GET /identity/v1/Users/me`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Organizer key.
    #[serde(deserialize_with = "key")]
    pub id: String,
    /// E-mail.
    #[serde(default)]
    pub user_name: String,
    #[serde(default, deserialize_with = "words")]
    display_name: Option<String>,
    #[serde(default)]
    name: Option<IdentityName>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityName {
    #[serde(default, deserialize_with = "words")]
    given_name: Option<String>,
    #[serde(default, deserialize_with = "words")]
    family_name: Option<String>,
}

impl Identity {
    /// Name to show.
    pub fn name(&self) -> String {
        if let Some(name) = &self.display_name {
            return name.clone();
        }
        let parts = self
            .name
            .as_ref()
            .map(|name| [&name.given_name, &name.family_name]);
        let parts: Vec<&str> = parts
            .into_iter()
            .flatten()
            .filter_map(|part| part.as_deref())
            .collect();
        if parts.is_empty() {
            self.user_name.clone()
        } else {
            parts.join(" ")
        }
    }
}

/// `GET /admin/rest/v1/me`: which accounts the service account sees.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdminMe {
    #[serde(default, deserialize_with = "optional_key")]
    account_key: Option<String>,
    #[serde(default)]
    accounts: Vec<AdminAccount>,
}

#[derive(Debug, Deserialize)]
struct AdminAccount {
    #[serde(default, deserialize_with = "optional_key")]
    key: Option<String>,
}

impl AdminMe {
    /// Every account it names.
    pub(super) fn accounts(self) -> Vec<String> {
        self.account_key
            .into_iter()
            .chain(self.accounts.into_iter().filter_map(|a| a.key))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_whatever_type_and_length() {
        let body = br#"[{"joinURL":"https://meet.goto.com/1","meetingid":123456789,"maxParticipants":26,"uniqueMeetingId":200000000212521696}]"#;
        assert_eq!(one::<MeetingCreated>(body).unwrap().id, "123456789");
        let user = br#"{"key":12345678901234567890123456,"email":"a@b.example"}"#;
        assert_eq!(
            one::<GotoUser>(user).unwrap().key,
            "12345678901234567890123456"
        );
        assert!(one::<MeetingCreated>(b"[]").is_none());
        assert!(one::<MeetingCreated>(b"<html>").is_none());
    }

    #[test]
    fn a_meeting_is_read_with_types_swapped() {
        let body = br#"{"meetingId":"1","subject":"a &lt;b&gt;","startTime":"2026-12-01T09:00:00.+0000","endTime":7,"passwordRequired":"true","coorganizerKeys":[1,"2"]}"#;
        let meeting: GotoMeeting = one(body).unwrap();
        assert_eq!(meeting.subject(), "a <b>");
        assert!(meeting.start_time.is_some() && meeting.end_time.is_none());
        assert!(meeting.password_required);
        assert_eq!(meeting.coorganizer_keys, ["1", "2"]);
    }

    #[test]
    fn a_create_travels_as_goto_spells_it() {
        let at = |h: i64| DateTime::from_timestamp(1_796_000_400 + h * 3600, 0).unwrap();
        let body = NewGotoMeeting::new("a <b>", at(0), at(1), true, vec!["7".into()]);
        let json = serde_json::to_value(&body).unwrap();
        assert_eq!(json["subject"], "a &lt;b&gt;");
        assert_eq!(json["passwordrequired"], true);
        assert_eq!(json["coorganizerKeys"][0], "7");
        assert!(json["starttime"].as_str().unwrap().ends_with('Z'));
    }
}
