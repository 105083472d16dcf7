//! Somebody honest, who works while others attack: looks who they are, searches, schedules.

use std::time::{Duration, Instant};

use goto_microapps_api::NewMeeting;
use goto_microapps_harness::Visitor;
use tokio::sync::watch;

/// Between two steps: well below what one address may send.
const PAUSE: Duration = Duration::from_millis(250);

/// What they got.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Answers as they should be.
    pub served: usize,
    /// Others, in words.
    pub failed: Vec<String>,
    /// The longest wait for one.
    pub slowest: Duration,
}

/// A form that may be sent on any day.
fn form(number: usize) -> NewMeeting {
    NewMeeting {
        subject: format!("Honest {number}"),
        start: "2027-03-03T14:00".to_owned(),
        end: "2027-03-03T15:00".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        ..NewMeeting::default()
    }
}

/// Works until `over`, and a whole round at least.
pub async fn work(visitor: &Visitor, run: &str, mut over: watch::Receiver<bool>) -> Report {
    let mut report = Report::default();
    let mut number = 0;
    loop {
        let began = Instant::now();
        let (what, expected, reply) = match number % 4 {
            0 => ("loader", 200, visitor.open("embed.js").await),
            1 => ("session", 200, visitor.get("app/api/session").await),
            2 => ("search", 200, visitor.get("app/api/organizers?q=ma").await),
            _ => {
                let key = format!("honest-{run}-{number:012}");
                ("create", 201, visitor.create(&key, &form(number)).await)
            }
        };
        report.slowest = report.slowest.max(began.elapsed());
        match reply {
            Ok(reply) if reply.status == expected => report.served += 1,
            Ok(reply) => report
                .failed
                .push(format!("{what}: {} {}", reply.status, reply.text)),
            Err(error) => report.failed.push(format!("{what}: {error:#}")),
        }
        number += 1;
        if number >= 4 && *over.borrow() {
            return report;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = over.changed(), if number >= 4 => return report,
        }
    }
}
