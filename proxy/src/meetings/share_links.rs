//! Addresses that carry an invitation: into a calendar in the browser, into a mail.
//!
//! Each has at most 1,900 characters, because what opens them cuts off longer ones without a word:
//! where the whole invitation is longer, they carry when and where.

use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::calendar_file::instant;
use super::invitation::{InvitationText, lines_as_html};

/// Longest address, characters.
pub(super) const ADDRESS_MAX: usize = 1_900;
/// All but what RFC 3986 calls unreserved: no value can end where it stands.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// In the place of the end of a subject that was cut.
const CUT: &str = "\u{2026}";

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The address that `write` makes of a subject and a text, short enough.
fn bounded(subject: &str, texts: [&str; 2], write: impl Fn(&str, &str) -> String) -> String {
    let [_, short] = texts;
    let whole = texts
        .iter()
        .map(|text| write(&encoded(subject), text))
        .find(|address| address.len() <= ADDRESS_MAX);
    whole.unwrap_or_else(|| {
        let spare = ADDRESS_MAX.saturating_sub(write(&encoded(CUT), short).len());
        let mut cut = String::new();
        for sign in subject.chars() {
            let sign = encoded(sign.encode_utf8(&mut [0; 4]));
            if cut.len() + sign.len() > spare {
                break;
            }
            cut.push_str(&sign);
        }
        write(&(cut + &encoded(CUT)), short)
    })
}

/// Begins a mail to those who are invited (RFC 6068); and whether it has room for all of them. Where it
/// has not, it is to nobody: half of them would pass for all.
pub(super) fn mailto(invitation: &InvitationText) -> (String, bool) {
    let texts = [invitation.text(), invitation.short()].map(|text| text.replace('\n', "\r\n"));
    let to = |recipients: &str| {
        bounded(
            &invitation.subject_line(),
            [&texts[0], &texts[1]],
            |subject, text| {
                let body = encoded(text);
                format!("mailto:{recipients}?subject={subject}&body={body}")
            },
        )
    };
    let recipients = invitation.recipients.iter().map(|one| address(one));
    let recipients = recipients.collect::<Vec<_>>().join(",");
    // What is left must be enough for a subject that somebody recognises.
    let whole = (recipients.len() <= ADDRESS_MAX).then(|| to(&recipients));
    match whole.filter(|address| address.len() <= ADDRESS_MAX && keeps(address, invitation)) {
        Some(address) => (address, true),
        None => (to(""), false),
    }
}

/// Whether the whole subject is in an address.
fn keeps(address: &str, invitation: &InvitationText) -> bool {
    let subject = ["?subject=", &*encoded(&invitation.subject_line()), "&"].concat();
    address.contains(&subject)
}

/// An address as it stands in `mailto:`: with its `@`, and nothing else that is not plain.
fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, domain)) => [&*encoded(name), "@", &*encoded(domain)].concat(),
        None => encoded(address),
    }
}

/// Adds a meeting to a calendar of Outlook in the browser, which reads the text as HTML.
pub(super) fn outlook(
    invitation: &InvitationText,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> String {
    let texts = [invitation.text(), invitation.short()].map(|text| lines_as_html(&text));
    let [start, end] =
        [start, end].map(|at| encoded(&at.to_rfc3339_opts(SecondsFormat::Secs, true)));
    let place = encoded(invitation.link.as_deref().unwrap_or_default());
    bounded(
        &invitation.subject,
        [&texts[0], &texts[1]],
        |subject, text| {
            format!(
                "https://outlook.office.com/calendar/deeplink/compose\
                 ?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent&subject={subject}\
                 &startdt={start}&enddt={end}&location={place}&body={}",
                encoded(text)
            )
        },
    )
}

/// Adds a meeting to a calendar of Google.
pub(super) fn google(
    invitation: &InvitationText,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> String {
    let texts = [invitation.text(), invitation.short()];
    let [start, end] = [start, end].map(instant);
    let place = encoded(invitation.link.as_deref().unwrap_or_default());
    bounded(
        &invitation.subject,
        [&texts[0], &texts[1]],
        |subject, text| {
            format!(
                "https://calendar.google.com/calendar/render?action=TEMPLATE&text={subject}\
                 &dates={start}%2F{end}&location={place}&details={}",
                encoded(text)
            )
        },
    )
}
