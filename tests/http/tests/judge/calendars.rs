//! Calendar files by three readings that are not ours: PyPI's `icalendar`, npm's `ical.js` and the
//! crate `icalendar`.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::Context;
use goto_microapps_api::{Invitation, Meeting};
use goto_microapps_harness::{Harness, NodeProgram};
use goto_sandbox::{Answer, Fault, FaultKind, Route};
use icalendar::{Calendar, CalendarComponent, Component};
use serde_json::{Value, json};

use crate::steps::{ELODIE, Test, form, fresh_key, quiet};
use crate::zones::python;

/// How many meetings are read.
const MEETINGS: usize = 60;
/// How many of them in one session: one alone may send a hundred requests at once.
const PER_SESSION: usize = 40;
/// What is hard to write into a calendar, and to read back.
const SIGNS: [&str; 26] = [
    "a",
    "Z",
    " ",
    ",",
    ";",
    ":",
    "\\",
    "\\n",
    "\\N",
    "\"",
    "'",
    "^",
    "^n",
    "é",
    "漢",
    "😊",
    "👩\u{200d}👩\u{200d}👧",
    "\u{301}",
    "שלום",
    "\u{202e}",
    "=",
    "BEGIN:VEVENT",
    "%0A",
    "<b>",
    "&amp;",
    "\u{a0}",
];

/// Text of so many signs, the same in every run.
fn hard(dice: &mut u64, signs: usize) -> String {
    let pick = |_| {
        // Knuth's MMIX.
        *dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        SIGNS[usize::try_from(*dice >> 33).unwrap_or_default() % SIGNS.len()]
    };
    // No space at the end: what stands on one line has none.
    let text: String = (0..signs).map(pick).collect();
    format!("x{text}x")
}

/// What a program says of these files.
fn read(program: &mut Command, files: &[String]) -> anyhow::Result<Vec<Value>> {
    let mut running = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program:?} cannot be run"))?;
    let input = serde_json::to_vec(files)?;
    running.stdin.take().context("stdin")?.write_all(&input)?;
    let said = running.wait_with_output()?;
    anyhow::ensure!(
        said.status.success(),
        "{program:?}: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    let lines = String::from_utf8(said.stdout)?;
    let rows = lines.lines().map(serde_json::from_str);
    Ok(rows.collect::<Result<_, _>>()?)
}

fn by_python(files: &[String]) -> anyhow::Result<Vec<Value>> {
    let mut program = Command::new("python3");
    let script = NodeProgram::folder().join("calendars.py");
    let program = program
        .arg(script)
        .env("PYTHONPATH", python("icalendar")?)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    read(program, files)
}

fn by_node(files: &[String]) -> anyhow::Result<Vec<Value>> {
    let folder = NodeProgram::folder();
    anyhow::ensure!(
        folder.join("node_modules/ical.js").exists(),
        "tests/judge/node_modules/ical.js is missing: run `npm ci` in tests/judge"
    );
    let mut program = Command::new("node");
    read(program.arg("calendars.mjs").current_dir(folder), files)
}

fn by_rust(files: &[String]) -> anyhow::Result<Vec<Value>> {
    let mut rows = Vec::new();
    for file in files {
        let calendar: Calendar = file.parse().map_err(anyhow::Error::msg)?;
        let [CalendarComponent::Event(event)] = calendar.components.as_slice() else {
            anyhow::bail!("not one event: {file}");
        };
        let text = |name: &str| event.property_value(name).unwrap_or_default();
        let organizer = event.properties().get("ORGANIZER").context("ORGANIZER")?;
        let name = organizer.params().get("CN").context("CN")?;
        rows.push(json!({
            "method": calendar.property_value("METHOD"),
            "uid": event.get_uid(),
            "sequence": event.get_sequence(),
            "stamp": text("DTSTAMP"),
            "start": text("DTSTART"),
            "end": text("DTEND"),
            "summary": event.get_summary(),
            "description": event.get_description(),
            "url": event.get_url(),
            "organizer": organizer.value(),
            "name": name.value(),
            "attendees": event.multi_properties().contains_key("ATTENDEE"),
            "parts": calendar.components.len(),
        }));
    }
    Ok(rows)
}

#[tokio::test]
async fn security_65_three_other_programs_read_of_a_calendar_file_what_was_meant() -> Test {
    let harness = Harness::start(quiet()).await?;
    let mut elodie = harness.employee(ELODIE).await?;
    let reply = elodie.create(&fresh_key(), &form()).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    let made: Meeting = reply.json()?;
    let (mut files, mut wanted, mut dice) = (Vec::new(), Vec::new(), 2_026);
    for number in 0..MEETINGS {
        if number % PER_SESSION == PER_SESSION - 1 {
            elodie = harness.employee(ELODIE).await?;
        }
        let subject = hard(&mut dice, 1 + number % 40);
        let phone = (0..number % 30).map(|_| hard(&mut dice, 12));
        let phone: Vec<String> = phone.collect();
        let count = i64::try_from(number)?;
        let start = chrono::DateTime::from_timestamp(1_800_000_000 + 7_777_777 * count, 0)
            .context("a time")?;
        let end = start + chrono::Duration::minutes(1 + count);
        let answer = json!([{
            "meetingId": made.id, "subject": subject, "conferenceCallInfo": phone.join("\r\n"),
            "startTime": start, "endTime": end, "passwordRequired": number % 2 == 0,
        }]);
        let answer = Answer {
            body: answer.to_string(),
            ..Answer::status(200)
        };
        let fault = Fault::once(Route::GetMeeting, FaultKind::Instead(answer));
        harness.sandbox.fault(fault);
        let path = format!("app/api/meetings/{}", made.id);
        let details: Meeting = elodie.get(&path).await?.json()?;
        let language = ["en", "fr"][number % 2];
        let path = format!("{path}/invitation?lang={language}&time_zone=Asia/Kolkata");
        let invitation: Invitation = elodie.get(&path).await?.json()?;
        assert!(invitation.text.starts_with(&details.subject));
        let basic = |at: chrono::DateTime<chrono::Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
        wanted.push(json!({
            "method": "PUBLISH",
            "uid": format!("gotomeeting-{}@proxy.localhost", made.id),
            // It was changed at GoTo before each look.
            "sequence": number + 1,
            "stamp": basic(crate::steps::noon()),
            "start": basic(start),
            "end": basic(end),
            "summary": details.subject,
            "description": invitation.text,
            "url": made.join_url,
            "organizer": format!("mailto:{ELODIE}"),
            "name": "Élodie Martin",
            "attendees": false,
            "parts": 1,
        }));
        files.push(invitation.calendar_file.context("a calendar file")?);
    }
    for (judge, said) in [
        ("PyPI icalendar", by_python(&files)?),
        ("npm ical.js", by_node(&files)?),
        ("crate icalendar", by_rust(&files)?),
    ] {
        assert_eq!(said.len(), MEETINGS, "{judge}");
        for ((said, wanted), file) in said.iter().zip(&wanted).zip(&files) {
            assert_eq!(said, wanted, "{judge}: {file}");
        }
    }
    Ok(())
}
