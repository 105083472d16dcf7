//! Every zone by another reading of the same database: Python's `zoneinfo` over PyPI's `tzdata`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use goto_microapps::zones::Zones;
use goto_microapps_api::{Code, FieldCode, IDEMPOTENCY_KEY};
use goto_microapps_harness::{Harness, Options, Visitor};
use goto_sandbox::Route;
use reqwest::Method;
use serde_json::{Value, json};

use crate::steps::{ELODIE, Test, code, count, fresh_key, quiet};

/// How many instants are compared.
const INSTANTS: usize = 2_000;
/// How many one session asks for, far below what it may.
const ROWS: usize = 40;
/// Older than everything that is compared.
const BEFORE: &str = "2023-12-30T00:00:00Z";

/// Where Python's packages are, `package` among them.
pub(crate) fn python(package: &str) -> anyhow::Result<PathBuf> {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/judge-python"
    ));
    anyhow::ensure!(
        folder.join(package).exists(),
        "target/judge-python is missing: run `python3 -m pip install --no-deps --requirement \
         tests/judge/requirements.txt --target target/judge-python`"
    );
    Ok(folder.to_owned())
}

/// What the judge says, by zone.
fn judged() -> anyhow::Result<BTreeMap<String, Vec<Value>>> {
    let judge = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../judge"));
    let said = Command::new("python3")
        .arg(judge.join("zones.py"))
        .args([Zones::bundled().version(), &INSTANTS.to_string()])
        .env("PYTHONPATH", python("tzdata")?)
        // Set and empty: the machine's own zoneinfo does not answer.
        .env("PYTHONTZPATH", "")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .context("python3, 3.9 or later, is not installed")?;
    anyhow::ensure!(
        said.status.success(),
        "tests/judge/zones.py: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    let mut rows = BTreeMap::<String, Vec<Value>>::new();
    for line in String::from_utf8(said.stdout)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let zone = row["zone"].as_str().context("zone")?.to_owned();
        rows.entry(zone).or_default().push(row);
    }
    Ok(rows)
}

/// What the proxy makes of a wall-clock time, in the judge's words. An instant a second beside the
/// right one is sent along, so that the proxy tells its own and makes nothing.
async fn asked(visitor: &Visitor, row: &Value) -> anyhow::Result<Value> {
    let mut form = json!({
        "subject": "Which instant is it?",
        "start": row["wall"],
        "end": row["wall"],
        "time_zone": row["zone"],
    });
    if let Value::String(fold) = &row["fold"] {
        form["start_fold"] = json!(fold);
        form["end_fold"] = json!(fold);
    }
    if let Value::String(instant) = &row["instant"] {
        form["start_instant"] = json!(instant.replace(":00Z", ":01Z"));
    }
    let request = visitor
        .call(Method::POST, "app/api/meetings")
        .header(IDEMPOTENCY_KEY, fresh_key())
        .json(&form);
    let reply = visitor.send(request).await?;
    let problem = reply.problem()?;
    let twice = row["fold"].is_string();
    match code(&reply)? {
        (409, Code::TimeZoneDiffers) => {
            let readings = problem.readings.context("no readings")?;
            if twice {
                // It is one of two only if nobody can do without saying which.
                let mut unsaid = form.clone();
                unsaid
                    .as_object_mut()
                    .context("a form")?
                    .remove("start_fold");
                let request = visitor
                    .call(Method::POST, "app/api/meetings")
                    .header(IDEMPOTENCY_KEY, fresh_key())
                    .json(&unsaid);
                let errors = visitor.send(request).await?.problem()?.errors;
                anyhow::ensure!(errors[0].code == FieldCode::TimeAmbiguous, "{unsaid}");
            }
            Ok(json!(readings.server.start.instant))
        }
        (422, Code::InvalidMeeting) if problem.errors[0].code == FieldCode::TimeSkipped => {
            Ok(Value::Null)
        }
        _ => anyhow::bail!("{form}: {}", reply.text),
    }
}

#[tokio::test]
async fn two_thousand_instants_are_the_same_to_python() -> Test {
    let harness = Harness::start(Options {
        start: Some(BEFORE.parse()?),
        ..quiet()
            .set("inbound.requests_per_second", "100000")
            .set("goto.requests", "1000")
            .set("goto.requests_per_second", "1000")
    })
    .await?;
    let (mut instants, mut skipped, mut differ) = (0, 0, Vec::new());
    let rows = judged()?;
    assert_eq!(rows.len(), 41, "zones");
    for rows in rows.values().flat_map(|rows| rows.chunks(ROWS)) {
        // One session may not send them all.
        let visitor = harness.employee(ELODIE).await?;
        for row in rows {
            let said = asked(&visitor, row).await?;
            match &row["instant"] {
                Value::Null => skipped += 1,
                _ => instants += 1,
            }
            if said != row["instant"] {
                differ.push(format!("{row}: {said}"));
            }
        }
    }
    assert!(differ.is_empty(), "{} differ: {differ:#?}", differ.len());
    assert_eq!(instants, INSTANTS);
    assert!(skipped > 100, "{skipped} skipped times");
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}
