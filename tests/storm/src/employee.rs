//! Employees at work: each keeps a form's idempotency key until a definite answer, as the widget
//! does, through whichever replica the load balancer chooses. They write down what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{Code, Confirming, IDEMPOTENCY_KEY, Meeting, NewMeeting, Problem};
use goto_microapps_harness::{Reply, Visitor};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;

/// Tabs everybody has open: whoever waits for a lost answer in one works on in another.
pub const TABS: u64 = 4;
/// Longest an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(40);

/// What somebody was told about one create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing definite yet.
    Nothing,
    /// It exists, under this id.
    Created(String),
    /// Nobody knows: a person decides.
    Unconfirmed,
    /// It certainly does not exist; they gave up then.
    CertainlyNot(Code),
}

/// One idempotency key.
#[derive(Clone, Debug)]
pub struct Order {
    /// The key.
    pub key: String,
    /// The last word about it.
    pub told: Told,
}

/// One meeting somebody wanted. A second order is *Create anyway*, a person's decision.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Unlike all others.
    pub subject: String,
    /// First to last.
    pub orders: Vec<Order>,
}

/// What an employee comes home with.
#[derive(Debug, Default)]
pub struct Diary {
    /// Everything they wanted.
    pub wishes: Vec<Wish>,
    /// What should not have been answered at all.
    pub surprises: Vec<String>,
    /// Answers that were asked for again.
    pub again: u64,
    /// Their session was gone.
    pub locked_out: bool,
}

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

    /// Works until the office closes, then waits for the last answer and asks once more about all
    /// that nobody could confirm.
    pub async fn work(mut self) -> Diary {
        let mut number = 0;
        while !self.closing() && !self.diary.locked_out {
            let form = self.form(number);
            number += 1;
            self.wish(form).await;
            let pause = self.dice.random_range(0..150);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        let mut wishes = std::mem::take(&mut self.diary.wishes);
        let orders = wishes.iter_mut().flat_map(|wish| &mut wish.orders);
        for order in orders.filter(|order| order.told == Told::Unconfirmed) {
            // There may be no room for a look for a while.
            while !self.closed() {
                if let Some(told) = self.look(&order.key).await {
                    order.told = told;
                    break;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
        self.diary.wishes = wishes;
        self.diary
    }

    fn closing(&self) -> bool {
        self.office.closing.load(Ordering::Relaxed)
    }

    fn closed(&self) -> bool {
        self.office.closed.load(Ordering::Relaxed)
    }

    fn form(&self, number: u64) -> NewMeeting {
        let hours = i64::try_from(number % 200).unwrap_or(0) + 24;
        let start = self.office.began + TimeDelta::hours(hours);
        let end = start + TimeDelta::minutes(30);
        NewMeeting {
            subject: format!("R&D's \"{}-{number}\" \u{e9}t\u{e9}", self.name),
            start: start.format("%Y-%m-%dT%H:%M").to_string(),
            end: end.format("%Y-%m-%dT%H:%M").to_string(),
            time_zone: "UTC".to_owned(),
            ..NewMeeting::default()
        }
    }

    fn url(&mut self, path: &str) -> String {
        let base = self.dice.random_range(0..self.office.bases.len());
        format!("{}{path}", self.office.bases[base])
    }

    async fn wish(&mut self, form: NewMeeting) {
        let mut wish = Wish {
            subject: form.subject.clone(),
            orders: Vec::new(),
        };
        loop {
            let number = self.office.keys.fetch_add(1, Ordering::Relaxed);
            let key = format!("{:08x}-0000-4000-8000-{number:012x}", self.office.seed);
            let mut told = self.order(&key, &form).await;
            if told == Told::Unconfirmed && self.dice.random_bool(0.5) {
                told = self.check_again(&key).await;
            }
            let unconfirmed = told == Told::Unconfirmed;
            wish.orders.push(Order { key, told });
            // *Create anyway*, by some.
            if !unconfirmed || self.closing() || self.dice.random_bool(0.6) {
                break;
            }
        }
        if let Some(Told::Created(id)) = wish.orders.last().map(|order| order.told.clone()) {
            self.view(&id, &wish.subject).await;
        }
        self.diary.wishes.push(wish);
    }

    /// Follows one create to a definite answer.
    async fn order(&mut self, key: &str, form: &NewMeeting) -> Told {
        // An answer that was lost may have been a yes: as the widget does, they do not take a later
        // "busy" for a no.
        let mut uncertain = false;
        loop {
            // Once the storm is over nobody waits for the last look: they press *Check again*.
            let mut reply = self.post(key, Some(form)).await;
            let looks_now =
                self.closing() && reply.as_ref().is_some_and(|reply| reply.status == 202);
            if looks_now {
                reply = self.post(key, None).await;
            }
            let wait = match reply {
                None => {
                    uncertain = true;
                    self.dice.random_range(50..300)
                }
                Some(reply) => match self.read(&reply, !looks_now && !uncertain) {
                    Ok(told) => return told,
                    Err(wait) => {
                        uncertain |= reply.status == 202 || reply.status == 504;
                        wait
                    }
                },
            };
            if self.closed() {
                return Told::Nothing;
            }
            self.diary.again += 1;
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }

    async fn check_again(&mut self, key: &str) -> Told {
        for _ in 0..20 {
            if let Some(told) = self.look(key).await {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Told::Unconfirmed
    }

    /// *Check again*, pressed once; `None` if the answer is not definite.
    async fn look(&mut self, key: &str) -> Option<Told> {
        let reply = self.post(key, None).await?;
        self.read(&reply, false).ok()
    }

    async fn post(&mut self, key: &str, form: Option<&NewMeeting>) -> Option<Reply> {
        let url = self.url(match form {
            Some(_) => "app/api/meetings",
            None => "app/api/meetings/check",
        });
        let mut request = self.visitor.call(Method::POST, &url);
        request = request.header(IDEMPOTENCY_KEY, key).timeout(TIMEOUT);
        if let Some(form) = form {
            request = request.json(form);
        }
        self.visitor.send(request).await.ok()
    }

    /// A definite answer, or how many milliseconds to wait before asking again. Who asked for a
    /// look and hears that there is no room for it knows nothing of the create itself.
    fn read(&mut self, reply: &Reply, of_create: bool) -> Result<Told, u64> {
        let longest = if self.closing() { 1_000 } else { 3_000 };
        match reply.status {
            201 => match reply.json::<Meeting>() {
                Ok(meeting) => Ok(Told::Created(meeting.id)),
                Err(error) => self.surprised(&error.to_string()),
            },
            202 => match reply.json::<Confirming>() {
                Ok(confirming) => Err((u64::from(confirming.retry_after) * 1_000).min(longest)),
                Err(error) => self.surprised(&error.to_string()),
            },
            _ => match reply.problem() {
                Ok(problem) => self.refused(&problem, longest, of_create),
                Err(error) => self.surprised(&error.to_string()),
            },
        }
    }

    fn refused(&mut self, problem: &Problem, longest: u64, of_create: bool) -> Result<Told, u64> {
        let wait = u64::from(problem.retry_after.unwrap_or(1)) * 1_000;
        match problem.code {
            Code::MeetingUnconfirmed => Ok(Told::Unconfirmed),
            // Nothing was sent, and some have no patience.
            Code::Busy | Code::GotoUnreachable if of_create && self.dice.random_bool(0.05) => {
                Ok(Told::CertainlyNot(problem.code))
            }
            Code::GotoRefused | Code::GotoForbidden => Ok(Told::CertainlyNot(problem.code)),
            // A token that was renewed this moment and refused again: they would press *Sign in*, and
            // the consent that is still there brings them back at once.
            Code::ReconnectRequired
            | Code::Busy
            | Code::GotoUnreachable
            | Code::GotoSlow
            | Code::GotoFailed
            | Code::GotoUnreadable
            | Code::NotReady
            | Code::Internal => Err(wait.min(longest)),
            Code::SignInRequired => {
                self.diary.locked_out = true;
                Ok(Told::Nothing)
            }
            code => self.surprised(&format!("{code:?}: {}", problem.detail)),
        }
    }

    fn surprised(&mut self, what: &str) -> Result<Told, u64> {
        self.diary.surprises.push(what.to_owned());
        Err(1_000)
    }

    /// *View details*, once.
    async fn view(&mut self, id: &str, subject: &str) {
        let url = self.url(&format!("app/api/meetings/{id}"));
        let request = self.visitor.call(Method::GET, &url).timeout(TIMEOUT);
        let Ok(reply) = self.visitor.send(request).await else {
            return;
        };
        if reply.status == 404 {
            self.diary
                .surprises
                .push(format!("a meeting told as created is not found: {subject}"));
        }
        if let Ok(meeting) = reply.json::<Meeting>()
            && meeting.subject != subject
        {
            self.diary.surprises.push(format!(
                "{subject} shows the meeting of {}",
                meeting.subject
            ));
        }
    }
}
