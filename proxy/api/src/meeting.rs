//! The meeting as asked for and as shown.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::format;
use crate::names::named;

/// Request header of `POST /app/api/meetings`: one value per filled form, kept until a definite
/// answer (IETF draft `Idempotency-Key`).
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Body of `POST /app/api/meetings`. A field that this release does not know is passed over: while a
/// release is rolled out, widgets of the next one ask proxies of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMeeting {
    /// 1 to 100 characters, see [`crate::check_subject`].
    pub subject: String,
    /// Wall-clock start in [`Self::time_zone`].
    pub start: String,
    /// Wall-clock end in [`Self::time_zone`].
    pub end: String,
    /// IANA name, for example `Europe/Paris`.
    pub time_zone: String,
    /// Which of the two instants is meant when the clock shows [`Self::start`] twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_fold: Option<Fold>,
    /// Which of the two instants is meant when the clock shows [`Self::end`] twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_fold: Option<Fold>,
    /// The instant that [`Self::start`] was shown as, RFC 3339; absent when the device's own rules
    /// know none. Zone rules differ between machines: the two readings meet before anything is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_instant: Option<String>,
    /// The same for [`Self::end`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_instant: Option<String>,
    /// Whose reading a person chose after [`Code::TimeZoneDiffers`](crate::Code::TimeZoneDiffers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// Asks GoTo to ask the organizer for a password when the meeting starts. GoTo's API has no
    /// field for the password itself.
    #[serde(default)]
    pub password_required: bool,
    /// Organizer keys.
    #[serde(default)]
    pub co_organizers: Vec<String>,
    /// What only the invitation says.
    #[serde(default, skip_serializing_if = "InvitationExtra::is_empty")]
    pub invitation: InvitationExtra,
}

/// What is written into that with which a meeting is handed on, and nowhere else: GoTo is not told. The
/// proxy keeps all of it sealed, as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InvitationExtra {
    /// E-mail addresses of whoever else is invited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
}

impl InvitationExtra {
    /// An invitation that goes to these addresses.
    pub fn to(participants: Vec<String>) -> Self {
        Self { participants }
    }

    /// Whether the invitation says nothing that GoTo does not know.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

named! {
    /// Which instant is meant when clocks go back and a time occurs twice.
    pub enum Fold {
        /// The first one, still in summer time.
        Earlier = "earlier",
        /// The second one, already in winter time.
        Later = "later",
    }
}

named! {
    /// Whose zone rules a wall-clock time is read by.
    pub enum Reading {
        /// Those of the browser: the instants it sent.
        Device = "device",
        /// Those of the proxy.
        Server = "server",
    }
}

/// How device and server count the times of one form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings {
    /// As the instants that came with the form say.
    pub device: Period,
    /// As the proxy's rules say.
    pub server: Period,
}

/// Start and end under one set of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Start.
    pub start: Counted,
    /// End.
    pub end: Counted,
}

/// A wall-clock time with what it was counted as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// RFC 3339, UTC.
    pub instant: String,
    /// Minutes that the clock is ahead of UTC; negative when it is behind.
    pub offset: i32,
}

/// Somebody named on the details page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name to show; the key when the directory does not know the person.
    pub name: String,
    /// E-mail, where known.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub email: Option<String>,
}

/// A meeting that exists: answer of `POST /app/api/meetings` (201) and
/// `GET /app/api/meetings/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// GoTo's meeting id, nine digits today.
    pub id: String,
    /// As text, already unescaped.
    pub subject: String,
    /// RFC 3339, UTC; `None` when GoTo's time could not be read.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub start: Option<String>,
    /// RFC 3339, UTC; `None` when GoTo's time could not be read.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub end: Option<String>,
    /// Who owns the meeting.
    pub organizer: Person,
    /// Who may start it as well.
    #[serde(default, deserialize_with = "crate::lenient::rows_if_any")]
    pub co_organizers: Vec<Person>,
    /// What only the invitation says, as far as it was told here.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "InvitationExtra::is_empty"
    )]
    pub invitation: InvitationExtra,
    /// Where participants join.
    pub join_url: String,
    /// Dial-in text as GoTo wrote it, several lines.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub phone: Option<String>,
    /// The same by lines, each in its pieces, to be shown; an older proxy leaves it out.
    #[serde(
        default,
        deserialize_with = "crate::lenient::rows_if_any",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub phone_lines: Vec<Vec<PhonePiece>>,
    /// GoTo will ask the organizer for a password at the start.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub password_required: bool,
}

/// A piece of one line of a dial-in text. The pieces of a line are the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhonePiece {
    /// As GoTo wrote it.
    pub text: String,
    /// Digits, to be shown from left to right and on one line.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub number: bool,
    /// The address that dials the number; `None` where that is not clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// Answer 202 of `POST /app/api/meetings`: GoTo's answer was lost, the proxy is looking for the
/// meeting. Post again with the same key after `Retry-After`; nothing is created twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirming {
    /// Why the outcome is not known yet.
    pub cause: ConfirmingCause,
    /// Seconds to wait before asking again.
    #[serde(default = "soon", deserialize_with = "or_soon")]
    pub retry_after: u32,
}

/// When a proxy that does not say it is asked again, seconds.
const fn soon() -> u32 {
    2
}

fn or_soon<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let seconds: Option<u32> = crate::lenient::field(deserializer)?;
    Ok(seconds.unwrap_or(soon()))
}

named! {
    /// Why the outcome of a create is not known yet.
    pub enum ConfirmingCause {
        /// GoTo answered with a server error.
        Failed = "failed",
        /// GoTo answered with something that is not its JSON.
        Unreadable = "unreadable",
        /// The proxy was restarted in the middle.
        Restarted = "restarted",
        /// It waits for its turn and is sent without being asked for again; nothing has reached GoTo.
        Queued = "queued",
        /// No answer in time, or the connection broke; and every cause that only a newer proxy knows.
        #[serde(other)]
        Slow = "slow",
    }
}

/// Wall-clock date and time without a zone, `YYYY-MM-DDTHH:MM`, as the form's fields give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDateTime {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the month's length.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// Text that is not a [`LocalDateTime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartsError;

impl fmt::Display for PartsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected YYYY-MM-DDTHH:MM")
    }
}

impl LocalDateTime {
    /// As it is written, without the formatting machinery: that would weigh in the widget.
    pub fn stamp(self) -> String {
        let mut text = format::two(self.year.into());
        while text.len() < 4 {
            text.insert(0, '0');
        }
        for (sign, part) in [
            ('-', self.month),
            ('-', self.day),
            ('T', self.hour),
            (':', self.minute),
        ] {
            text.push(sign);
            text.push_str(&format::two(part.into()));
        }
        text
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stamp())
    }
}

impl FromStr for LocalDateTime {
    type Err = PartsError;

    fn from_str(text: &str) -> Result<Self, PartsError> {
        let bytes = text.as_bytes();
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':')];
        if bytes.len() != 16 || separators.iter().any(|&(at, sign)| bytes[at] != sign) {
            return Err(PartsError);
        }
        let number = |from: usize, to: usize| -> Result<u16, PartsError> {
            bytes[from..to].iter().try_fold(0, |sum, byte| match byte {
                b'0'..=b'9' => Ok(sum * 10 + u16::from(byte - b'0')),
                _ => Err(PartsError),
            })
        };
        let small = |from, to| number(from, to).map(|n| u8::try_from(n).unwrap_or(u8::MAX));
        let (year, month, day) = (number(0, 4)?, small(5, 7)?, small(8, 10)?);
        let (hour, minute) = (small(11, 13)?, small(14, 16)?);
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return Err(PartsError),
        };
        if year == 0 || day == 0 || day > days || hour > 23 || minute > 59 {
            return Err(PartsError);
        }
        Ok(Self {
            year,
            month,
            day,
            hour,
            minute,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_fields_give() {
        let time: LocalDateTime = "2026-12-01T14:00".parse().unwrap();
        assert_eq!(
            (time.year, time.month, time.day, time.hour, time.minute),
            (2026, 12, 1, 14, 0)
        );
        assert_eq!(time.to_string(), "2026-12-01T14:00");
    }

    #[test]
    fn refuses_what_no_calendar_has() {
        for text in [
            "",
            "2026-02-29T10:00",
            "2026-13-01T10:00",
            "2026-00-10T10:00",
            "2026-01-01T24:00",
            "2026-01-01T10:60",
            "2026-01-01 10:00",
            "2026-01-01T1é:0",
        ] {
            assert_eq!(text.parse::<LocalDateTime>(), Err(PartsError), "{text}");
        }
        assert!("2028-02-29T10:00".parse::<LocalDateTime>().is_ok());
    }
}
