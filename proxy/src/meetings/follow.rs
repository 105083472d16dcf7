//! Asking for a create and waiting for what becomes of it, for whoever asks.

use std::sync::Arc;
use std::time::Duration;

use goto_microapps_api::NewMeeting;

use super::Meetings;
use super::outcome::{CreateError, CreateOutcome};
use crate::signin::Account;

/// Longest that somebody is kept waiting between two looks, seconds.
const LONGEST_WAIT: u32 = 20;

/// What is asked of the create with a key.
#[derive(Clone, Debug)]
pub enum Order {
    /// Create the meeting of a form, once.
    Create(Box<NewMeeting>, WhenBusy),
    /// Look now for the meeting whose answer was lost.
    Check,
    /// Say where it stands; send nothing.
    Wait,
}

/// What becomes of a create while the request limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenBusy {
    /// It is refused, with the time after which it may be tried again.
    Refuse,
    /// It waits for its turn, whoever leaves.
    Queue,
}

impl Meetings {
    /// Carries out an order, and goes on looking until it is known what became of the create, `looks`
    /// times at most. Who waits by themselves asks for one.
    pub async fn follow(
        self: &Arc<Self>,
        account: &Account,
        key: &str,
        mut order: Order,
        looks: u32,
    ) -> Result<CreateOutcome, CreateError> {
        let mut look = 1;
        loop {
            let answer = self.carry_out(account, key, order.clone()).await;
            let wait = match &answer {
                Ok(CreateOutcome::Confirming(confirming)) => confirming.retry_after,
                _ => return answer,
            };
            if look >= looks || wait > LONGEST_WAIT {
                return answer;
            }
            look += 1;
            self.clock.sleep(Duration::from_secs(wait.into())).await;
            if matches!(order, Order::Check) {
                order = Order::Wait;
            }
        }
    }

    /// On a task of its own: a browser that goes away must not cut a create in the middle.
    async fn carry_out(
        self: &Arc<Self>,
        account: &Account,
        key: &str,
        order: Order,
    ) -> Result<CreateOutcome, CreateError> {
        let meetings = Arc::clone(self);
        let (account, key) = (account.clone(), key.to_owned());
        let task = tokio::spawn(async move {
            match order {
                Order::Create(form, when_busy) => {
                    meetings.create(&account, &key, &form, when_busy).await
                }
                Order::Check => meetings.check_again(&account, &key).await,
                Order::Wait => meetings.standing(&account, &key).await,
            }
        });
        task.await.map_err(|_| CreateError::Broken)?
    }
}
