//! Employees at work: each keeps a form's idempotency key until a definite answer, as the widget
//! does, through whichever replica the load balancer chooses. They write down what they were told.

mod changing;
mod creating;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{Code, NewMeeting, Problem};
use goto_microapps_harness::{Reply, Visitor};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Method, RequestBuilder};

use crate::diary::Diary;

/// Tabs everybody has open: whoever waits for a lost answer in one works on in another.
pub const TABS: u64 = 4;
/// Longest an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Wall-clock times as a form has them.
const WALL: &str = "%Y-%m-%dT%H:%M";

/// What all employees share.
#[derive(Debug)]
pub struct Office {
    /// Where the replicas are.
    pub bases: Vec<String>,
    /// Nobody begins anything new.
    pub closing: AtomicBool,
    /// Nobody waits any longer.
    pub closed: AtomicBool,
    /// Makes keys unlike.
    pub keys: AtomicU64,
    /// When the storm began, on the clock of the sandbox.
    pub began: DateTime<Utc>,
    /// Decides what people do.
    pub seed: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Employee {
    office: Arc<Office>,
    visitor: Arc<Visitor>,
    name: String,
    dice: StdRng,
    diary: Diary,
}

impl Employee {
    /// One tab of somebody who is signed in.
    pub fn new(office: Arc<Office>, visitor: Arc<Visitor>, number: u64, tab: u64) -> Self {
        let dice = number * TABS + tab;
        let dice = StdRng::seed_from_u64(office.seed.wrapping_mul(1_000_003) + dice);
        Self {
            name: format!("{}-{number}-{tab}", office.seed),
            office,
            visitor,
            dice,
            diary: Diary::default(),
        }
    }

    /// Works until the office closes, then waits for the last answer, and asks what became of all that
    /// they left alone or that nobody could confirm.
    pub async fn work(mut self) -> Diary {
        let mut number = 0;
        while !self.closing() && !self.diary.locked_out {
            let form = self.form(number);
            number += 1;
            self.wish(form).await;
            self.take_back().await;
            self.rest(0..150).await;
        }
        self.take_back().await;
        let mut wishes = std::mem::take(&mut self.diary.wishes);
        for wish in &mut wishes {
            for order in &mut wish.orders {
                self.learn_of_order(order).await;
            }
            for change in &mut wish.changes {
                self.learn_of_change(change).await;
            }
        }
        self.diary.wishes = wishes;
        self.diary
    }

    fn closing(&self) -> bool {
        self.office.closing.load(Ordering::Relaxed)
    }

    /// Whether there is no point in asking on.
    fn gives_up(&self) -> bool {
        self.office.closed.load(Ordering::Relaxed) || self.diary.locked_out
    }

    /// Does nothing for so many milliseconds.
    async fn rest(&mut self, millis: std::ops::Range<u64>) {
        let pause = self.dice.random_range(millis);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    /// Waits before asking again.
    async fn wait(&mut self, millis: u64) {
        self.diary.again += 1;
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    fn form(&self, number: u64) -> NewMeeting {
        let hours = i64::try_from(number % 200).unwrap_or(0) + 24;
        let start = self.office.began + TimeDelta::hours(hours);
        let end = start + TimeDelta::minutes(30);
        NewMeeting {
            subject: format!("R&D's \"{}-{number}\" \u{e9}t\u{e9}", self.name),
            start: start.format(WALL).to_string(),
            end: end.format(WALL).to_string(),
            time_zone: "UTC".to_owned(),
            ..NewMeeting::default()
        }
    }

    /// An idempotency key like no other.
    fn key(&self) -> String {
        let number = self.office.keys.fetch_add(1, Ordering::Relaxed);
        format!("{:08x}-0000-4000-8000-{number:012x}", self.office.seed)
    }

    /// A request to whichever replica it comes to.
    fn call(&mut self, method: Method, path: &str) -> RequestBuilder {
        let base = self.dice.random_range(0..self.office.bases.len());
        let url = format!("{}{path}", self.office.bases[base]);
        self.visitor.call(method, &url).timeout(TIMEOUT)
    }

    /// `None` when no whole answer came.
    async fn send(&self, request: RequestBuilder) -> Option<Reply> {
        self.visitor.send(request).await.ok()
    }

    /// Longest that anybody waits before they ask again, milliseconds.
    fn longest(&self) -> u64 {
        if self.closing() { 1_000 } else { 3_000 }
    }

    /// How many milliseconds to wait after a refusal that says nothing of what becomes of the matter.
    fn put_off(&mut self, problem: &Problem) -> u64 {
        let wait = u64::from(problem.retry_after.unwrap_or(1)) * 1_000;
        match problem.code {
            // A token that was renewed this moment and refused again: they would press *Sign in*, and
            // the consent that is still there brings them back at once.
            Code::ReconnectRequired
            | Code::Busy
            | Code::GotoUnreachable
            | Code::GotoSlow
            | Code::GotoFailed
            | Code::GotoUnreadable
            | Code::NotReady
            | Code::Internal => wait.min(self.longest()),
            Code::SignInRequired => {
                self.diary.locked_out = true;
                self.longest()
            }
            code => self.surprised(&format!("{code:?}: {}", problem.detail)),
        }
    }

    /// Writes down what should not have been answered; how long to wait then.
    fn surprised(&mut self, what: &str) -> u64 {
        self.diary.surprises.push(what.to_owned());
        1_000
    }
}
