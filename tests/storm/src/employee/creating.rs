//! Meetings that somebody wants: asked for, left to wait at the proxy, taken back.

use goto_microapps_api::{
    Code, Confirming, ConfirmingCause, IDEMPOTENCY_KEY, Meeting, NewMeeting, Problem,
};
use goto_microapps_harness::Reply;
use rand::RngExt;
use reqwest::Method;

use super::Employee;
use crate::diary::{Order, Told, Wish};

/// What somebody does about a create for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Asks again until there is.
    Ask,
    /// Lets it wait at the proxy, and asks how it stands.
    Queue,
    /// Lets it wait, and comes back only at the very end.
    Leave,
    /// Lets it wait, and takes it back.
    Withdraw,
}

/// What is asked of the create with a key.
enum Ask<'a> {
    Create(&'a NewMeeting, Manner),
    Check,
    Withdraw,
}

impl Employee {
    pub(super) async fn wish(&mut self, form: NewMeeting) {
        let mut wish = Wish {
            subject: form.subject.clone(),
            orders: Vec::new(),
            changes: Vec::new(),
        };
        loop {
            let mut order = self.order(&form).await;
            if order.told == Told::Unconfirmed && self.dice.random_bool(0.5) {
                order.told = self.check_again(&order.key).await;
            }
            let unconfirmed = order.told == Told::Unconfirmed;
            wish.orders.push(order);
            // *Create anyway*, by some.
            if !unconfirmed || self.closing() || self.dice.random_bool(0.6) {
                break;
            }
        }
        if let Some(Told::Created(id)) = wish.orders.last().map(|order| order.told.clone()) {
            self.view(&id, &wish.subject).await;
            self.change(&mut wish, &id, &form).await;
        }
        self.diary.wishes.push(wish);
    }

    fn manner(&mut self) -> Manner {
        match self.dice.random_range(0..10) {
            0..5 => Manner::Ask,
            5..7 => Manner::Queue,
            7..8 => Manner::Leave,
            _ => Manner::Withdraw,
        }
    }

    /// Follows one create to a definite answer, unless they leave it to wait.
    async fn order(&mut self, form: &NewMeeting) -> Order {
        let manner = self.manner();
        let mut order = Order {
            key: self.key(),
            told: Told::Nothing,
            waited: false,
        };
        // An answer that was lost may have been a yes: as the widget does, they do not take a later
        // "busy" for a no.
        let mut uncertain = false;
        loop {
            // Once the storm is over nobody waits for the last look: they press *Check again*.
            let mut reply = self.ask(&order.key, Ask::Create(form, manner)).await;
            let looks_now = self.closing() && is_open(reply.as_ref());
            if looks_now {
                reply = self.ask(&order.key, Ask::Check).await;
            }
            let waits = is_queued(reply.as_ref());
            order.waited |= waits;
            match manner {
                Manner::Leave if waits => return order,
                // A lost answer may be that of a create that waits.
                Manner::Withdraw if waits || (reply.is_none() && self.dice.random_bool(0.2)) => {
                    self.rest(0..2_500).await;
                    order.told = self.withdraw(&order.key).await;
                    return order;
                }
                _ => {}
            }
            let wait = match reply {
                None => {
                    uncertain = true;
                    self.dice.random_range(50..300)
                }
                Some(reply) => match self.read(&reply, !looks_now && !uncertain) {
                    Ok(told) => {
                        order.told = told;
                        return order;
                    }
                    Err(wait) => {
                        uncertain |= reply.status == 202 || reply.status == 504;
                        wait
                    }
                },
            };
            if self.gives_up() {
                return order;
            }
            self.wait(wait).await;
        }
    }

    /// Presses until it is known whether it was taken back or sent before.
    async fn withdraw(&mut self, key: &str) -> Told {
        loop {
            let mut reply = self.ask(key, Ask::Withdraw).await;
            if reply.as_ref().is_some_and(|reply| reply.status == 204) {
                return Told::Withdrawn;
            }
            if is_open(reply.as_ref()) {
                reply = self.ask(key, Ask::Check).await;
            }
            let wait = match reply {
                None => self.dice.random_range(50..300),
                Some(reply) => match self.read(&reply, false) {
                    Ok(told) => return told,
                    Err(wait) => wait,
                },
            };
            if self.gives_up() {
                return Told::Nothing;
            }
            self.wait(wait).await;
        }
    }

    async fn check_again(&mut self, key: &str) -> Told {
        for _ in 0..20 {
            if let Some(told) = self.look(key).await {
                return told;
            }
            self.rest(300..301).await;
        }
        Told::Unconfirmed
    }

    /// *Check again*, pressed once; `None` if the answer is not definite.
    async fn look(&mut self, key: &str) -> Option<Told> {
        let reply = self.ask(key, Ask::Check).await?;
        self.read(&reply, false).ok()
    }

    /// Asks at the end about what they left alone, and once more about what nobody could confirm.
    pub(super) async fn learn_of_order(&mut self, order: &mut Order) {
        if !matches!(order.told, Told::Nothing | Told::Unconfirmed) {
            return;
        }
        // There may be no room for a look for a while.
        while !self.gives_up() {
            if let Some(told) = self.look(&order.key).await {
                order.told = told;
                return;
            }
            self.rest(500..501).await;
        }
    }

    async fn ask(&mut self, key: &str, ask: Ask<'_>) -> Option<Reply> {
        let mut request = match ask {
            Ask::Create(form, Manner::Ask) => {
                self.call(Method::POST, "app/api/meetings").json(form)
            }
            Ask::Create(form, _) => {
                let request = self.call(Method::POST, "app/api/meetings?queue=true");
                request.json(form)
            }
            Ask::Check => self.call(Method::POST, "app/api/meetings/check"),
            Ask::Withdraw => self.call(Method::POST, "app/api/meetings/withdraw"),
        };
        request = request.header(IDEMPOTENCY_KEY, key);
        self.send(request).await
    }

    /// A definite answer, or how many milliseconds to wait before asking again. Who asked for a
    /// look and hears that there is no room for it knows nothing of the create itself.
    fn read(&mut self, reply: &Reply, of_create: bool) -> Result<Told, u64> {
        match reply.status {
            201 => match reply.json::<Meeting>() {
                Ok(meeting) => Ok(Told::Created(meeting.id)),
                Err(error) => Err(self.surprised(&error.to_string())),
            },
            202 => match reply.json::<Confirming>() {
                Ok(confirming) => {
                    let wait = u64::from(confirming.retry_after) * 1_000;
                    Err(wait.min(self.longest()))
                }
                Err(error) => Err(self.surprised(&error.to_string())),
            },
            _ => match reply.problem() {
                Ok(problem) => self.refused(&problem, of_create),
                Err(error) => Err(self.surprised(&error.to_string())),
            },
        }
    }

    fn refused(&mut self, problem: &Problem, of_create: bool) -> Result<Told, u64> {
        match problem.code {
            Code::MeetingUnconfirmed => Ok(Told::Unconfirmed),
            // Nothing was sent, and some have no patience.
            Code::Busy | Code::GotoUnreachable if of_create && self.dice.random_bool(0.05) => {
                Ok(Told::CertainlyNot(problem.code))
            }
            Code::GotoRefused
            | Code::GotoForbidden
            | Code::QueueExpired
            | Code::QueueConsentLost
            | Code::MeetingNotFound => Ok(Told::CertainlyNot(problem.code)),
            _ => Err(self.put_off(problem)),
        }
    }

    /// *View details*, once.
    async fn view(&mut self, id: &str, subject: &str) {
        let request = self.call(Method::GET, &format!("app/api/meetings/{id}"));
        let Some(reply) = self.send(request).await else {
            return;
        };
        if reply.status == 404 {
            self.surprised(&format!(
                "a meeting told as created is not found: {subject}"
            ));
        }
        if let Ok(meeting) = reply.json::<Meeting>()
            && meeting.subject != subject
        {
            self.surprised(&format!(
                "{subject} shows the meeting of {}",
                meeting.subject
            ));
        }
    }
}

/// Whether what becomes of a create is not known yet.
fn is_open(reply: Option<&Reply>) -> bool {
    reply.is_some_and(|reply| reply.status == 202)
}

/// Whether a create waits at the proxy for its turn.
fn is_queued(reply: Option<&Reply>) -> bool {
    let confirming = reply
        .filter(|reply| reply.status == 202)
        .and_then(|reply| reply.json::<Confirming>().ok());
    confirming.is_some_and(|confirming| confirming.cause == ConfirmingCause::Queued)
}
