//! What a meeting is handed on with, as the widget gets it.

use goto_microapps_api::{Code, Invitation, Meeting, NewMeeting};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, Route};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::steps::{
    ELODIE, JUERGEN, Test, ZOE, code, connected, count, form, fresh_key, noon, quiet,
};

async fn made(visitor: &Visitor, form: &NewMeeting) -> anyhow::Result<Meeting> {
    let reply = visitor.create(&fresh_key(), form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

async fn asked(visitor: &Visitor, id: &str, reader: &str) -> anyhow::Result<Reply> {
    let path = format!("app/api/meetings/{id}/invitation?{reader}");
    visitor.get(&path).await
}

async fn invitation(visitor: &Visitor, id: &str) -> anyhow::Result<Invitation> {
    let reader = "lang=en&time_zone=Europe/Paris";
    asked(visitor, id, reader).await?.json()
}

/// The parameters of an address, decoded.
fn parameters(address: &str) -> Vec<(String, String)> {
    let url = Url::parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    url.query_pairs().into_owned().collect()
}

fn parameter(address: &str, name: &str) -> String {
    let found = parameters(address).into_iter().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("{name} in {address}")).1
}

/// The lines of a calendar file, put together.
fn lines(invitation: &Invitation) -> Vec<String> {
    let file = invitation.calendar_file.as_ref().expect("a calendar file");
    let whole = file.replace("\r\n ", "");
    whole.split("\r\n").map(str::to_owned).collect()
}

/// GoTo says this of every meeting from now on.
fn say(harness: &Harness, id: &str, fields: &Value) {
    let mut meeting = json!({
        "meetingId": id,
        "subject": "Moved",
        "startTime": "2026-03-04T09:00:00.+0000",
        "endTime": "2026-03-04T09:30:00.+0000",
    });
    for (name, value) in fields.as_object().into_iter().flatten() {
        meeting[name] = value.clone();
    }
    let answer = Answer {
        body: json!([meeting]).to_string(),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(answer);
    harness.sandbox.fault(Fault::new(Route::GetMeeting, kind));
}

#[tokio::test]
async fn a_meeting_made_here_is_handed_on_without_a_request_to_goto() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, &form()).await?;
    let before = harness.sandbox.log().len();
    for _ in 0..5 {
        let invitation = invitation(&elodie, &meeting.id).await?;
        assert_eq!(invitation.subject, "Invitation: Point d’équipe");
        for part in [
            "Tuesday 3 March 2026, 14:00\u{2013}15:00\nParis (UTC+1)",
            "Élodie Martin invites you",
            &meeting.join_url,
            "+33 1 99 00 14 27",
            "Access Code: ",
            &format!("https://global.gotomeeting.com/install/{}", meeting.id),
        ] {
            assert!(
                invitation.text.contains(part),
                "{part}: {}",
                invitation.text
            );
        }
        assert!(!invitation.text.contains("password"), "{}", invitation.text);
        let link = format!("<a href=\"{}\">", meeting.join_url);
        assert!(invitation.html.contains(&link), "{}", invitation.html);
        for line in [
            "METHOD:PUBLISH".to_owned(),
            format!("UID:gotomeeting-{}@proxy.localhost", meeting.id),
            "SEQUENCE:0".to_owned(),
            noon().format("DTSTAMP:%Y%m%dT%H%M%SZ").to_string(),
            "DTSTART:20260303T130000Z".to_owned(),
            "DTEND:20260303T140000Z".to_owned(),
            format!("URL:{}", meeting.join_url),
            format!("ORGANIZER;CN=\"Élodie Martin\":mailto:{ELODIE}"),
        ] {
            let lines = lines(&invitation);
            assert!(lines.contains(&line), "{line}: {lines:#?}");
        }
        let outlook = invitation.outlook.expect("an address");
        assert_eq!(parameter(&outlook, "startdt"), "2026-03-03T13:00:00Z");
        let google = invitation.google.expect("an address");
        assert_eq!(
            parameter(&google, "dates"),
            "20260303T130000Z/20260303T140000Z"
        );
        assert!(parameter(&invitation.mailto, "body").contains(&meeting.join_url));
    }
    let log = harness.sandbox.log();
    assert_eq!(log.len(), before, "{:?}", log.last());
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_in_its_reader_s_language_and_zone() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let asked_for = NewMeeting {
        password_required: true,
        ..form()
    };
    let meeting = made(&elodie, &asked_for).await?;
    for (reader, subject, when, password) in [
        (
            "lang=fr-CA&time_zone=America/New_York",
            "Invitation\u{202f}: Point d’équipe",
            "Mardi 3 mars 2026, 08:00\u{2013}09:00\nNew York (UTC\u{2212}5)",
            "Un mot de passe est nécessaire",
        ),
        (
            "lang=en&time_zone=Asia/Kolkata",
            "Invitation: Point d’équipe",
            "Tuesday 3 March 2026, 18:30\u{2013}19:30\nKolkata (UTC+5:30)",
            "A password is required",
        ),
        // Nobody's language, no zone: the browser's, and the proxy's own.
        (
            "lang=tlh&time_zone=Nowhere/Here",
            "Invitation: Point d’équipe",
            "Tuesday 3 March 2026, 13:00\u{2013}14:00\nUTC",
            "A password is required",
        ),
        (
            "",
            "Invitation: Point d’équipe",
            "Tuesday 3 March 2026, 13:00\u{2013}14:00\nUTC",
            "A password is required",
        ),
    ] {
        let invitation: Invitation = asked(&elodie, &meeting.id, reader).await?.json()?;
        assert_eq!(invitation.subject, subject, "{reader}");
        let text = &invitation.text;
        assert!(text.contains(when) && text.contains(password), "{text}");
    }
    let path = format!("app/api/meetings/{}/invitation", meeting.id);
    let request = elodie.call(Method::GET, &path);
    let reply = elodie.send(request.header("accept-language", "fr")).await?;
    assert!(reply.json::<Invitation>()?.text.contains("vous invite"));
    let twice = asked(&elodie, &meeting.id, "lang=fr&lang=en").await?;
    assert_eq!(code(&twice)?, (400, Code::MalformedRequest));
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_its_organizer_s_only() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let meeting = made(&elodie, &form()).await?;
    let reply = asked(&elodie, &meeting.id, "").await?;
    assert_eq!(reply.header("cache-control"), "no-store");
    let reads = count(&harness, Route::GetMeeting);
    let foreign = asked(&juergen, &meeting.id, "").await?;
    assert_eq!(code(&foreign)?, (404, Code::MeetingNotFound));
    assert!(!foreign.text.contains(ELODIE));
    assert_eq!(count(&harness, Route::GetMeeting), reads);
    let unknown = asked(&juergen, "100000001", "").await?;
    assert_eq!(code(&unknown)?, (404, Code::MeetingNotFound));
    assert_eq!(foreign.problem()?.detail, unknown.problem()?.detail);
    for id in ["abc", "..%2f..%2fadmin", "%20123456789"] {
        let reply = asked(&elodie, id, "").await?;
        assert_eq!(code(&reply)?, (404, Code::MeetingNotFound), "{id}");
    }
    let nobody = asked(&harness.visitor(), &meeting.id, "").await?;
    assert_eq!(code(&nobody)?, (401, Code::SignInRequired));
    let path = format!("app/api/meetings/{}/invitation", meeting.id);
    let bare = elodie.plain(Method::GET, &path);
    let reply = elodie
        .send(bare.header("accept", "application/json"))
        .await?;
    assert_eq!(reply.status, 403, "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn what_was_changed_at_goto_and_seen_is_handed_on() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, &form()).await?;
    say(
        &harness,
        &meeting.id,
        &json!({ "passwordRequired": true, "conferenceCallInfo": "France: +33 1 23 45 67 89" }),
    );
    let path = format!("app/api/meetings/{}", meeting.id);
    let details: Meeting = elodie.get(&path).await?.json()?;
    assert_eq!(details.subject, "Moved");
    harness.sandbox.clear_faults();
    let invitation = invitation(&elodie, &meeting.id).await?;
    for part in [
        "Moved",
        "Wednesday 4 March 2026, 10:00\u{2013}10:30",
        "A password is required",
        "+33 1 23 45 67 89",
        &meeting.join_url,
    ] {
        assert!(
            invitation.text.contains(part),
            "{part}: {}",
            invitation.text
        );
    }
    assert!(lines(&invitation).contains(&"DTSTART:20260304T090000Z".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_meeting_that_was_not_made_here_is_asked_for() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    say(
        &harness,
        "100000001",
        &json!({ "subject": "Made elsewhere" }),
    );
    let found = invitation(&elodie, "100000001").await?;
    assert!(found.text.contains("https://meet.goto.com/100000001"));
    assert!(found.text.contains("Made elsewhere"), "{}", found.text);
    assert_eq!(count(&harness, Route::GetMeeting), 1);
    // Nobody knows when it is.
    harness.sandbox.clear_faults();
    let times = json!({ "startTime": "soon", "endTime": null });
    say(&harness, "100000001", &times);
    let found = invitation(&elodie, "100000001").await?;
    let none = (None, None, None);
    assert_eq!((found.calendar_file, found.outlook, found.google), none);
    assert!(found.text.contains("Date and time not available"));
    assert!(found.mailto.starts_with("mailto:?subject="));
    Ok(())
}

/// What somebody may write into a value to write into what stands around it.
const HOSTILE: [&str; 8] = [
    "Budget\r\nBcc: x@evil.example",
    "Budget\nATTENDEE:mailto:x@evil.example",
    "Budget&bcc=x@evil.example&body=evil",
    "Budget?to=x@evil.example#fragment",
    "%0D%0ABcc:x@evil.example",
    "Budget\u{2028}ATTENDEE:x\u{85}END:VEVENT\u{0}",
    "\"><script src=https://evil.example></script>",
    "Budget;\\,:\r\n BEGIN:VALARM",
];

#[tokio::test]
async fn security_64_a_mail_has_a_subject_and_a_text_whatever_is_in_them() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, &form()).await?;
    let many: Vec<String> = (0..200)
        .map(|number| format!("participant.number.{number}@corp.example"))
        .collect();
    let long = "漢".repeat(3_000);
    let subjects = HOSTILE.iter().copied().chain([long.as_str()]);
    for subject in subjects {
        harness.sandbox.clear_faults();
        let phone = [many.join("\n"), subject.to_owned()].join("\r\n");
        say(
            &harness,
            &meeting.id,
            &json!({ "subject": subject, "conferenceCallInfo": phone }),
        );
        let path = format!("app/api/meetings/{}", meeting.id);
        assert_eq!(elodie.get(&path).await?.status, 200);
        let invitation = invitation(&elodie, &meeting.id).await?;
        assert!(invitation.text.contains(&many[199]), "the whole is copied");
        let mail = &invitation.mailto;
        assert!(mail.len() <= 1_900, "{} characters", mail.len());
        assert!(mail.bytes().all(|byte| byte.is_ascii_graphic()), "{mail}");
        let keys: Vec<String> = parameters(mail).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["subject", "body"], "{mail}");
        assert!(mail.starts_with("mailto:?subject="), "nobody is written to");
        assert!(!mail.contains('#'), "{mail}");
        let line = parameter(mail, "subject");
        assert!(!line.contains(char::is_control), "{line:?}");
        let body = parameter(mail, "body");
        let lines: Vec<&str> = body.split("\r\n").collect();
        let wanted = [
            "Wednesday 4 March 2026, 10:00\u{2013}10:30",
            "Paris (UTC+1)",
            &meeting.join_url,
        ];
        assert_eq!(lines, wanted, "what an address can carry");
    }
    Ok(())
}

#[tokio::test]
async fn security_65_nothing_of_a_meeting_becomes_markup_or_a_line_of_a_calendar() -> Test {
    let mut options = quiet();
    options.sandbox.join_host = "meet.goto.com.evil.example".to_owned();
    let harness = Harness::start(options).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, &form()).await?;
    assert!(meeting.join_url.contains("evil.example"), "as GoTo said it");
    for subject in HOSTILE {
        harness.sandbox.clear_faults();
        let phone = format!("{subject}\r\n<a href=javascript:alert(1)>+33 1 99 00 14 27</a>");
        say(
            &harness,
            &meeting.id,
            &json!({ "subject": subject, "conferenceCallInfo": phone }),
        );
        let path = format!("app/api/meetings/{}", meeting.id);
        assert_eq!(elodie.get(&path).await?.status, 200);
        let invitation = invitation(&elodie, &meeting.id).await?;
        // The link leads to somebody else: left out, and said.
        let evil = "meet.goto.com.evil.example";
        assert!(!invitation.text.contains(evil), "{}", invitation.text);
        assert!(invitation.text.contains("The link to join is left out"));
        let html = &invitation.html;
        assert!(!html.contains("<script") && !html.contains(evil), "{html}");
        let links: Vec<&str> = html.split("<a href=\"").skip(1).collect();
        assert_eq!(links.len(), 2, "{html}");
        assert!(links[0].starts_with("tel:+33199001427\""), "{html}");
        assert!(links[1].starts_with("https://global.gotomeeting.com/install/"));
        let lines = lines(&invitation);
        let name = |line: &String| line.split([':', ';']).next().unwrap_or_default().to_owned();
        let names: Vec<String> = lines.iter().map(name).collect();
        let wanted = [
            "BEGIN",
            "VERSION",
            "PRODID",
            "CALSCALE",
            "METHOD",
            "BEGIN",
            "UID",
            "SEQUENCE",
            "DTSTAMP",
            "DTSTART",
            "DTEND",
            "SUMMARY",
            "DESCRIPTION",
            "ORGANIZER",
            "STATUS",
            "TRANSP",
            "END",
            "END",
            "",
        ];
        assert_eq!(names, wanted, "{lines:#?}");
        assert!(lines.iter().all(|line| !line.contains(char::is_control)));
        let file = invitation.calendar_file.expect("a file");
        assert!(file.split("\r\n").all(|line| line.len() <= 75));
        for address in [invitation.outlook, invitation.google]
            .into_iter()
            .flatten()
        {
            assert!(
                address.bytes().all(|byte| byte.is_ascii_graphic()),
                "{address}"
            );
            assert!(!address.contains('#') && !address.contains("evil.example%2F"));
            let markup = parameters(&address)
                .into_iter()
                .any(|(key, value)| key == "body" && value.replace("<br>", "").contains('<'));
            assert!(!markup, "{address}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_link_that_is_no_web_address_is_never_one() -> Test {
    let harness = Harness::start(quiet()).await?;
    let zoe = harness.employee(ZOE).await?;
    let answer = Answer {
        body: json!([{ "meetingid": 902_465_251, "joinURL": "javascript:alert(1)" }]).to_string(),
        ..Answer::status(201)
    };
    let kind = FaultKind::Instead(answer);
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let meeting = made(&zoe, &form()).await?;
    let reply = asked(&zoe, &meeting.id, "lang=en").await?;
    assert!(!reply.text.contains("javascript"), "{}", reply.text);
    let link = "<a href=\"https://meet.goto.com/902465251\">";
    assert!(reply.json::<Invitation>()?.html.contains(link));
    Ok(())
}
