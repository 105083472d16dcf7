//! Meetings: the body of a create, its answer, one meeting and the rows of lists.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use secrecy::SecretString;
use serde::Serialize;

use super::subject::{escape, is_same_subject, plain};
use super::{Fields, FromGoto, Id};

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

/// Answer of create, an array of one. Only here does GoTo say the join URL.
#[derive(Debug)]
pub struct MeetingCreated {
    /// Nine digits today.
    pub id: Id,
    /// Where participants join.
    pub join_url: Option<SecretString>,
    /// Dial-in text with the access code.
    pub phone: Option<SecretString>,
}

impl FromGoto for MeetingCreated {
    fn read(fields: &Fields) -> Option<Self> {
        Some(Self {
            id: fields.id("meetingId")?,
            join_url: fields.secret("joinURL"),
            phone: fields.secret("conferenceCallInfo"),
        })
    }
}

/// Answer of reading one meeting, an array of one: what of it can be read.
#[derive(Debug)]
pub struct GotoMeeting {
    /// Id.
    pub id: Option<Id>,
    /// As text; see [`GotoMeeting::is_called`].
    pub subject: Option<String>,
    /// Start.
    pub start: Option<DateTime<Utc>>,
    /// End.
    pub end: Option<DateTime<Utc>>,
    /// Empty in practice.
    pub created: Option<DateTime<Utc>>,
    /// Asked at the start.
    pub password_required: Option<bool>,
    /// Dial-in text with the access code.
    pub phone: Option<SecretString>,
    /// Who may start it as well; empty where GoTo leaves them out.
    pub co_organizer_keys: Vec<String>,
    /// It takes place now.
    pub running: bool,
    /// It stands for a series, of which GoTo tells nothing more.
    pub recurring: bool,
}

impl FromGoto for GotoMeeting {
    fn read(fields: &Fields) -> Option<Self> {
        let start = fields.time("startTime");
        let length = fields.count("duration").and_then(TimeDelta::try_minutes);
        let computed = || start?.checked_add_signed(length?);
        let end = fields.time("endTime").or_else(computed);
        let meeting = Self {
            id: fields.id("meetingId"),
            subject: fields.text("subject").map(|subject| plain(&subject)),
            start,
            // An end before the start is none.
            end: end.filter(|end| start.is_none_or(|start| start < *end)),
            created: fields.time("createTime"),
            password_required: fields.flag("passwordRequired"),
            phone: fields.secret("conferenceCallInfo"),
            co_organizer_keys: fields
                .ids("coorganizerKeys")
                .into_iter()
                .map(Id::into_string)
                .collect(),
            running: says(fields, "status", "ACTIVE"),
            recurring: says(fields, "meetingType", "recurring"),
        };
        let says_something =
            meeting.id.is_some() || meeting.subject.is_some() || meeting.start.is_some();
        says_something.then_some(meeting)
    }
}

impl GotoMeeting {
    /// Whether a meeting made with this subject would be called so.
    pub fn is_called(&self, subject: &str) -> bool {
        let called = self.subject.as_ref();
        called.is_some_and(|called| is_same_subject(called, subject))
    }
}

/// Answer of starting a meeting: whoever has the address hosts it, without signing in.
#[derive(Debug)]
pub struct HostAddress(pub SecretString);

impl FromGoto for HostAddress {
    fn read(fields: &Fields) -> Option<Self> {
        fields.secret("hostURL").map(Self)
    }
}

/// A row of the upcoming meetings.
#[derive(Debug)]
pub struct Upcoming {
    /// Id; a string here.
    pub id: Id,
    /// As text; see [`Upcoming::is_called`].
    pub subject: Option<String>,
    /// Start.
    pub start: Option<DateTime<Utc>>,
    /// End.
    pub end: Option<DateTime<Utc>>,
    /// Dial-in text with the access code.
    pub phone: Option<SecretString>,
    /// It takes place now.
    pub running: bool,
    /// It stands for a series, of which GoTo tells nothing more.
    pub recurring: bool,
}

impl FromGoto for Upcoming {
    fn read(fields: &Fields) -> Option<Self> {
        Some(Self {
            id: fields.id("meetingId")?,
            subject: fields.text("subject").map(|subject| plain(&subject)),
            start: fields.time("startTime"),
            end: fields.time("endTime"),
            phone: fields.secret("conferenceCallInfo"),
            running: says(fields, "status", "ACTIVE"),
            recurring: says(fields, "meetingType", "recurring"),
        })
    }
}

/// Whether a field has a word, in whatever case; a word that nobody knows is none.
fn says(fields: &Fields, name: &str, word: &str) -> bool {
    let text = fields.text(name);
    text.is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
}

impl Upcoming {
    /// Whether a create with this subject would be listed so.
    pub fn is_called(&self, subject: &str) -> bool {
        let called = self.subject.as_ref();
        called.is_some_and(|called| is_same_subject(called, subject))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::{one, rows};
    use super::*;

    #[test]
    fn ids_survive_whatever_type_and_length() {
        let body = br#"[{"joinURL":"https://meet.goto.com/1","meetingid":123456789,"maxParticipants":26,"uniqueMeetingId":200000000212521696}]"#;
        assert_eq!(
            one::<MeetingCreated>(body).unwrap().id.as_str(),
            "123456789"
        );
        assert!(one::<MeetingCreated>(b"[]").is_none());
        assert!(one::<MeetingCreated>(b"<html>").is_none());
    }

    #[test]
    fn a_created_meeting_is_worth_its_id() {
        let body = br#"{"meetingid":"331-536-871","meetingId":331536871,"joinURL":{},"joinUrl":"u","conferenceCallInfo":7}"#;
        let created: MeetingCreated = one(body).unwrap();
        assert_eq!(created.id.as_str(), "331536871");
        assert_eq!(created.join_url.unwrap().expose_secret(), "u");
        assert!(created.phone.is_none());
    }

    #[test]
    fn a_meeting_is_read_with_types_swapped() {
        let body = br#"{"meetingId":"1","subject":"a &lt;b&gt;","startTime":"2026-12-01T09:00:00.+0000","endTime":7,"passwordRequired":"true","coorganizerKeys":[1,"2"]}"#;
        let meeting: GotoMeeting = one(body).unwrap();
        assert_eq!(meeting.subject.as_deref(), Some("a <b>"));
        assert!(meeting.start.is_some() && meeting.end.is_none());
        assert_eq!(meeting.password_required, Some(true));
        assert_eq!(meeting.co_organizer_keys, ["1", "2"]);
    }

    #[test]
    fn an_end_is_computed_from_the_duration_where_it_is_missing() {
        let body =
            br#"{"meetingId":1,"startTime":"2026-12-01T09:00:00Z","endTime":"","duration":"45"}"#;
        let meeting: GotoMeeting = one(body).unwrap();
        let length = meeting.end.unwrap() - meeting.start.unwrap();
        assert_eq!(length, TimeDelta::minutes(45));
    }

    #[test]
    fn one_row_hides_itself_only() {
        let body = br#"[null,{"subject":"x"},{"meetingId":"1","subject":null},{"meetingId":2,"subject":"y","conferenceCallInfo":{}}]"#;
        let list: Vec<Upcoming> = rows(body).unwrap();
        assert_eq!(list.len(), 2);
        assert!(!list[0].is_called("x") && list[1].is_called("y"));
        assert!(rows::<Upcoming>(b"null").unwrap().is_empty());
        assert_eq!(rows::<Upcoming>(br#"{"meetingId":1}"#).unwrap().len(), 1);
        assert!(rows::<Upcoming>(br#"{"message":"x"}"#).is_none());
        assert!(rows::<Upcoming>(b"\"x\"").is_none());
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
