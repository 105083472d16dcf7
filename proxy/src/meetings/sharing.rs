//! Everything that a meeting is handed on with, for one reader.

use chrono::{DateTime, Datelike, Utc};
use goto_microapps_api::{Invitation, Meeting};
use url::Url;

use super::calendar_file::{self, Event, Method};
use super::details::{DetailsError, KnownMeeting};
use super::invitation::{InvitationText, Purpose, one_line};
use super::{Meetings, share_links};
use crate::signin::Account;
use crate::when;
use crate::words::Language;
use crate::zones::Zone;

/// Who reads an invitation, and of which proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    /// Which language it is written in.
    pub(crate) language: Language,
    /// Where the times are told.
    pub(crate) zone: &'a Zone,
    /// The proxy's address: with its host, entries of calendars are named for ever.
    pub(crate) proxy: &'a Url,
}

impl Meetings {
    /// What one of the employee's own meetings is handed on with. GoTo is asked only about a meeting
    /// that was not made here.
    pub(crate) async fn invitation(
        &self,
        account: &Account,
        id: &str,
        reader: Reader<'_>,
    ) -> Result<Invitation, DetailsError> {
        Ok(self.share(&self.known(account, id).await?, reader))
    }

    /// What a meeting that was just read is handed on with.
    pub(crate) fn share(&self, known: &KnownMeeting, reader: Reader<'_>) -> Invitation {
        written(known, reader, Purpose::Invite, self.clock.now())
    }

    /// What participants are told of a meeting that the employee has cancelled here.
    pub(crate) async fn cancellation_notice(
        &self,
        account: &Account,
        id: &str,
        reader: Reader<'_>,
    ) -> Result<Invitation, DetailsError> {
        let known = self.cancelled(account, id).await?;
        Ok(written(&known, reader, Purpose::Cancel, self.clock.now()))
    }
}

fn written(
    known: &KnownMeeting,
    reader: Reader<'_>,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Invitation {
    let meeting = &known.meeting;
    let when = when::of(meeting, reader.zone, reader.language);
    let text = InvitationText::new(meeting, when.as_ref(), reader.language, purpose);
    let (method, file) = match purpose {
        Purpose::Invite => (Method::Publish, "gotomeeting"),
        Purpose::Cancel => (Method::Cancel, "gotomeeting-cancelled"),
    };
    let (mailto, is_to_all) = share_links::mailto(&text);
    let mut invitation = Invitation {
        subject: text.subject_line(),
        text: text.text(),
        html: text.html(),
        file_name: format!("{file}-{}.ics", plain(&meeting.id)),
        mailto,
        addresses: (!is_to_all).then(|| text.recipients.join(", ")),
        ..Invitation::default()
    };
    if let Some((start, end)) = period(meeting) {
        let host = reader.proxy.host_str().unwrap_or_default();
        let organizer = goto_microapps_api::Person {
            name: one_line(&meeting.organizer.name),
            email: meeting.organizer.email.as_deref().map(one_line),
        };
        invitation.calendar_file = Some(calendar_file::write(&Event {
            method,
            uid: &format!("gotomeeting-{}@{host}", plain(&meeting.id)),
            sequence: known.sequence,
            stamp: now,
            start,
            end,
            summary: &text.subject,
            description: &invitation.text,
            link: text.link.as_deref(),
            organizer: &organizer,
        }));
        if purpose == Purpose::Invite {
            // These only ever add an entry.
            invitation.outlook = Some(share_links::outlook(&text, start, end));
            invitation.google = Some(share_links::google(&text, start, end));
        }
    }
    invitation
}

/// Start and end that a calendar can hold.
fn period(meeting: &Meeting) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (start, end) = when::instants(meeting)?;
    let years = 1..=9_999;
    let is_written = years.contains(&start.year()) && years.contains(&end.year());
    (is_written && start < end).then_some((start, end))
}

/// What of an id can stand in names.
fn plain(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use goto_microapps_api::{InvitationExtra, Person, PhonePiece};
    use proptest::prelude::*;

    use super::*;
    use crate::zones::Zones;

    fn meeting() -> Meeting {
        Meeting {
            id: "902465251".to_owned(),
            subject: "Quarterly budget review".to_owned(),
            start: Some("2026-11-27T13:00:00Z".to_owned()),
            end: Some("2026-11-27T13:30:00Z".to_owned()),
            organizer: Person {
                name: "Zoë O’Neill".to_owned(),
                email: Some("zoe.oneill@corp.example".to_owned()),
            },
            co_organizers: Vec::new(),
            invitation: InvitationExtra::default(),
            join_url: "https://meet.goto.com/902465251".to_owned(),
            phone: None,
            phone_lines: Vec::new(),
            password_required: false,
        }
    }

    fn phone(text: &str) -> Vec<Vec<PhonePiece>> {
        super::super::phone::lines(text)
    }

    fn read_in(meeting: &Meeting, language: &str, zone: &str) -> Invitation {
        let reader = Reader {
            language: Language::of(language),
            zone: &Zones::bundled().find(zone).unwrap(),
            proxy: &Url::parse("https://meetings.example.com/goto/").unwrap(),
        };
        let known = KnownMeeting {
            meeting: meeting.clone(),
            sequence: 0,
        };
        let now = "2026-11-26T20:00:00Z".parse().unwrap();
        written(&known, reader, Purpose::Invite, now)
    }

    fn read(meeting: &Meeting) -> Invitation {
        read_in(meeting, "en", "Europe/Paris")
    }

    /// The parameters of an address, decoded.
    fn parameters(address: &str) -> Vec<(String, String)> {
        let url = Url::parse(address).unwrap();
        url.query_pairs().into_owned().collect()
    }

    fn parameter(address: &str, name: &str) -> String {
        let found = parameters(address).into_iter().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("{name} in {address}")).1
    }

    #[test]
    fn an_invitation_says_all_that_a_guest_needs() {
        let mut meeting = meeting();
        meeting.password_required = true;
        meeting.phone_lines = phone("France: +33 1 99 00 14 27\n\nAccess Code: 902-465-251");
        let invitation = read(&meeting);
        let text = "Quarterly budget review\n\
                    Friday 27 November 2026, 14:00\u{2013}14:30\n\
                    Paris (UTC+1)\n\n\
                    Zoë O’Neill invites you to this meeting.\n\n\
                    Join from your computer, tablet or smartphone:\n\
                    https://meet.goto.com/902465251\n\n\
                    Dial in using your phone:\n\
                    France: +33 1 99 00 14 27\n\n\
                    Access Code: 902-465-251\n\n\
                    Meeting ID: 902-465-251\n\
                    A password is required; the organizer will share it.\n\n\
                    First GoToMeeting? Get the app: https://global.gotomeeting.com/install/902465251";
        assert_eq!(invitation.text, text);
        assert_eq!(invitation.subject, "Invitation: Quarterly budget review");
        assert_eq!(invitation.file_name, "gotomeeting-902465251.ics");
        for part in [
            "<div lang=\"en\"><p><strong>Quarterly budget review</strong><br>Friday",
            "<a href=\"https://meet.goto.com/902465251\">https://meet.goto.com/902465251</a>",
            "France: <a href=\"tel:+33199001427\">+33 1 99 00 14 27</a><br><br>Access",
        ] {
            assert!(invitation.html.contains(part), "{}", invitation.html);
        }
        let french = read_in(&meeting, "fr-CA", "America/New_York");
        assert!(
            french
                .text
                .contains("Vendredi 27 novembre 2026, 08:00\u{2013}08:30\nNew York")
        );
        assert!(french.text.contains("vous invite"), "{}", french.text);
    }

    #[test]
    fn every_address_carries_the_same_instants() {
        let invitation = read(&meeting());
        let outlook = invitation.outlook.unwrap();
        assert_eq!(parameter(&outlook, "startdt"), "2026-11-27T13:00:00Z");
        assert_eq!(parameter(&outlook, "enddt"), "2026-11-27T13:30:00Z");
        assert_eq!(parameter(&outlook, "subject"), "Quarterly budget review");
        let body = parameter(&outlook, "body");
        assert!(body.contains("review<br>Friday"), "{body}");
        let google = invitation.google.unwrap();
        let dates = "20261127T130000Z/20261127T133000Z";
        assert_eq!(parameter(&google, "dates"), dates);
        assert_eq!(parameter(&google, "location"), meeting().join_url);
        assert_eq!(parameter(&google, "details"), invitation.text);
        let mail = parameter(&invitation.mailto, "body");
        assert_eq!(mail.replace("\r\n", "\n"), invitation.text);
        assert!(invitation.mailto.contains("%0D%0A") && !invitation.mailto.contains('+'));
    }

    #[test]
    fn a_mail_goes_to_everybody_who_is_invited() {
        let person = |name: &str| Person {
            name: name.to_owned(),
            email: Some(format!("{name}@corp.example")),
        };
        let meeting = Meeting {
            co_organizers: vec![person("juergen"), person("ana")],
            invitation: InvitationExtra::to(vec![
                "ANA@corp.example".to_owned(),
                "o'neill+x@b\u{fc}cher.example".to_owned(),
            ]),
            ..meeting()
        };
        let invitation = read(&meeting);
        let to = invitation.mailto.split('?').next().unwrap();
        assert_eq!(
            to,
            "mailto:juergen@corp.example,ana@corp.example,o%27neill%2Bx@b%C3%BCcher.example"
        );
        assert_eq!(invitation.addresses, None);
        let line = "Participants: ANA@corp.example, o'neill+x@b\u{fc}cher.example";
        assert!(invitation.text.contains(line), "{}", invitation.text);
        assert!(invitation.calendar_file.unwrap().contains("Participants: "));
    }

    #[test]
    fn security_64_many_addresses_are_offered_to_copy() {
        let address = |number: usize| format!("participant.{number}@corp.example");
        let many = |count| Meeting {
            invitation: InvitationExtra::to((0..count).map(address).collect()),
            ..meeting()
        };
        for count in [1, 10, 40, 60, 80, 200, 250] {
            let invitation = read(&many(count));
            let is_short = invitation.mailto.len() <= share_links::ADDRESS_MAX;
            assert!(is_short, "{count}: {}", invitation.mailto.len());
            let all: Vec<String> = (0..count).map(address).collect();
            let to = invitation.mailto.strip_prefix("mailto:").unwrap();
            let to = to.split('?').next().unwrap();
            match invitation.addresses {
                None => assert_eq!(to, all.join(","), "{count}"),
                Some(addresses) => {
                    assert_eq!((to, addresses), ("", all.join(", ")), "{count}");
                }
            }
            let is_all_told = all.iter().all(|one| invitation.text.contains(one));
            assert!(is_all_told, "{count}");
        }
        assert!(read(&many(200)).addresses.is_some());
        assert!(read(&many(10)).addresses.is_none());
    }

    #[test]
    fn what_has_no_time_is_in_no_calendar() {
        let backwards = [Some("2026-11-27T13:00:00Z"), Some("2026-11-27T12:00:00Z")];
        let far = [
            Some("+10000-01-01T00:00:00Z"),
            Some("+10000-01-01T01:00:00Z"),
        ];
        for [start, end] in [[None, None], backwards, far] {
            let meeting = Meeting {
                start: start.map(str::to_owned),
                end: end.map(str::to_owned),
                ..meeting()
            };
            let invitation = read(&meeting);
            let calendars = [
                invitation.calendar_file,
                invitation.outlook,
                invitation.google,
            ];
            assert_eq!(calendars, [None, None, None]);
            assert!(invitation.text.contains("https://meet.goto.com/902465251"));
        }
    }

    #[test]
    fn only_https_to_goto_s_hosts_is_a_link() {
        for address in [
            "https://meet.goto.com/902465251",
            "https://global.gotomeeting.com/join/902465251",
            "https://www3.gotomeeting.com/join/902465251",
            "https://gotomeet.me/zoe",
        ] {
            let meeting = Meeting {
                join_url: address.to_owned(),
                ..meeting()
            };
            let link = format!("<a href=\"{address}\">{address}</a>");
            assert!(read(&meeting).html.contains(&link), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt://meet.goto.com/%0Aalert(1)",
            "data:text/html,x",
            "http://meet.goto.com/1",
            "//meet.goto.com/1",
            "https://evil.example/meet.goto.com",
            "https://evilgoto.com/1",
            "https://meet.goto.com.evil.example/1",
            "https://meet.goto.com@evil.example/1",
            "https://zoe:x@meet.goto.com/1",
            "https://meet.goto.com:8443/1",
            "https://meet.goto.com./1",
            &format!("https://meet.goto.com/{}", "1".repeat(200)),
            "",
        ] {
            let meeting = Meeting {
                join_url: address.to_owned(),
                ..meeting()
            };
            let invitation = read(&meeting);
            let said = "The link to join is left out, because it does not lead to GoTo.";
            assert!(invitation.text.contains(said), "{address}");
            let file = invitation.calendar_file.clone().unwrap();
            assert!(
                !file.contains("\nURL") && !file.contains("\nLOCATION"),
                "{address}"
            );
            let everything = serde_json::to_string(&invitation).unwrap();
            for part in ["javascript", "alert", "evil", "8443", "1111111111"] {
                assert!(
                    !everything.to_lowercase().contains(part),
                    "{address}: {everything}"
                );
            }
        }
    }

    #[test]
    fn nothing_of_a_hostile_meeting_becomes_markup_or_a_line_of_its_own() {
        let hostile = "x\"><script>alert(1)</script>\r\nATTENDEE:mailto:y@z.example\r\nBcc: y@z.example&bcc=y@z.example";
        let mut meeting = meeting();
        meeting.subject = hostile.to_owned();
        meeting.organizer.name = hostile.to_owned();
        meeting.organizer.email = Some(format!("a@b.example{hostile}"));
        meeting.phone_lines = phone(&format!("{hostile}\n+33 1 99 00 14 27"));
        meeting.phone_lines.push(vec![PhonePiece {
            text: "click".to_owned(),
            number: true,
            href: Some("javascript:alert(1)".to_owned()),
        }]);
        let invitation = read(&meeting);
        assert!(!invitation.html.contains("<script"), "{}", invitation.html);
        assert!(
            !invitation.html.contains("javascript:"),
            "{}",
            invitation.html
        );
        assert_eq!(invitation.html.matches("<a href=\"").count(), 3);
        let file = invitation.calendar_file.unwrap();
        assert!(!file.contains("\nATTENDEE"), "{file}");
        assert!(!invitation.subject.contains(['\r', '\n']));
        let keys = |address: &str| -> Vec<String> {
            parameters(address)
                .into_iter()
                .map(|(key, _)| key)
                .collect()
        };
        assert_eq!(keys(&invitation.mailto), ["subject", "body"]);
        let subject = parameter(&invitation.mailto, "subject");
        assert!(!subject.contains(['\r', '\n']), "{subject}");
        let outlook = invitation.outlook.unwrap();
        assert_eq!(
            keys(&outlook),
            [
                "path", "rru", "subject", "startdt", "enddt", "location", "body"
            ]
        );
        assert!(!parameter(&outlook, "body").contains("<script"));
        assert_eq!(
            keys(&invitation.google.unwrap()),
            ["action", "text", "dates", "location", "details"]
        );
    }

    proptest! {
        #[test]
        fn addresses_are_short_and_plain_whatever_they_carry(
            subject in "\\PC{0,120}",
            name in ".{0,60}",
            phone in "(.{0,60}\n){0,40}",
        ) {
            let mut meeting = meeting();
            meeting.subject = subject;
            meeting.organizer.name = name;
            meeting.phone_lines = super::super::phone::lines(&phone);
            let invitation = read(&meeting);
            for address in [
                Some(&invitation.mailto),
                invitation.outlook.as_ref(),
                invitation.google.as_ref(),
            ] {
                let address = address.expect("a time");
                prop_assert!(address.len() <= 1_900, "{}", address.len());
                prop_assert!(address.bytes().all(|byte| byte.is_ascii_graphic()));
                let decoded = parameters(address);
                let carries = |part: &str| decoded.iter().any(|(_, value)| value.contains(part));
                prop_assert!(carries("https://meet.goto.com/902465251"));
                let given = [&meeting.subject, &meeting.organizer.name, &phone];
                let half = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
                let is_cut = decoded.iter().any(|(_, value)| half(value));
                prop_assert!(!is_cut || given.iter().any(|text| half(text)));
            }
            let mail = parameter(&invitation.mailto, "body");
            prop_assert!(mail.contains("Friday 27 November 2026"));
            let lines: Vec<&str> = invitation.text.lines().collect();
            prop_assert!(lines.iter().all(|line| !line.contains(char::is_control)));
        }
    }
}
