//! *My meetings*: the employee's next ones as GoTo lists them, asked for only when somebody looks,
//! and kept for a minute, as long as the consent that they were read with.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use goto_microapps_api::{Ability, ListedMeeting, MyMeetings};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::details::{DetailsError, text};
use super::{Meetings, cancelling};
use crate::clock::{Millis, date};
use crate::goto::{Caller, Upcoming};
use crate::random;
use crate::signin::Account;
use crate::store::{ChangeKind, ChangeState, Owner};
use crate::tokens;

/// How long a list is shown again, milliseconds.
const SHOWN: Millis = 60_000;

/// A row as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    id: String,
    subject: Option<String>,
    start: Option<Millis>,
    end: Option<Millis>,
    running: bool,
    recurring: bool,
}

impl Meetings {
    /// The employee's next meetings. GoTo is asked unless it was within the last minute, or in any
    /// case where they want it `fresh`.
    pub async fn mine(&self, account: &Account, fresh: bool) -> Result<MyMeetings, DetailsError> {
        let now = self.clock.millis();
        if !fresh
            && let Some((listed, read_at)) =
                self.store.listing(&account.key, now - SHOWN, now).await?
            && let Ok(rows) = serde_json::from_str(listed.expose_secret())
        {
            return self.shown(account, rows, read_at).await;
        }
        let stamp = random::name();
        self.store.begin_listing(&account.key, &stamp, now).await?;
        let caller = &Caller::read(&account.key);
        let upcoming = self.upcoming(caller, &account.key).await?;
        let rows = rows(upcoming);
        let listed = SecretString::from(serde_json::to_string(&rows).unwrap_or_default());
        let read_at = self.clock.millis();
        self.store
            .keep_listing(&account.key, &stamp, &listed, read_at)
            .await?;
        self.shown(account, rows, read_at).await
    }

    /// What GoTo lists of somebody's next meetings.
    pub(super) async fn upcoming(
        &self,
        caller: &Caller,
        organizer_key: &str,
    ) -> Result<Vec<Upcoming>, tokens::Error> {
        let owner = Owner::Employee(organizer_key.to_owned());
        let read = self.tokens.with(&owner, |token| async move {
            self.goto.upcoming_meetings(caller, &token).await
        });
        read.await
    }

    async fn shown(
        &self,
        account: &Account,
        rows: Vec<Row>,
        read_at: Millis,
    ) -> Result<MyMeetings, DetailsError> {
        let own = self.store.own_meetings(&account.key).await?;
        let own: HashSet<String> = own.into_iter().collect();
        let now = self.clock.millis();
        let mut orders = HashMap::new();
        for change in self.store.changes(ChangeKind::Cancel, &account.key).await? {
            orders.insert(change.asked.meeting_id.clone(), change);
        }
        let mut meetings = Vec::new();
        for row in rows {
            let order = orders.remove(&row.id);
            // What was cancelled is gone, however long GoTo's list takes.
            if order
                .as_ref()
                .is_some_and(|order| order.state == ChangeState::Done)
            {
                continue;
            }
            let mut meeting = listed(row, &own, now);
            meeting.cancellation = order.map(|order| cancelling::shown(&order, now));
            meetings.push(meeting);
        }
        Ok(MyMeetings {
            meetings,
            read_at: text(date(read_at)),
        })
    }
}

/// By their start, each once.
fn rows(upcoming: Vec<Upcoming>) -> Vec<Row> {
    let millis = |time: DateTime<Utc>| time.timestamp_millis();
    let mut rows: Vec<Row> = Vec::new();
    for meeting in upcoming {
        let id = meeting.id.into_string();
        if rows.iter().any(|row| row.id == id) {
            continue;
        }
        rows.push(Row {
            id,
            subject: meeting.subject,
            start: meeting.start.map(millis),
            end: meeting.end.map(millis),
            running: meeting.running,
            recurring: meeting.recurring,
        });
    }
    rows.sort_by_key(|row| (row.start.is_none(), row.start));
    rows
}

fn listed(row: Row, own: &HashSet<String>, now: Millis) -> ListedMeeting {
    // An end before the start is none.
    let end = row
        .end
        .filter(|end| row.start.is_none_or(|start| start < *end));
    let minutes = row
        .start
        .zip(end)
        .map(|(start, end)| (end - start) / 60_000);
    let is_over = end.is_some_and(|end| end <= now);
    let mut can = Vec::new();
    if !is_over {
        can.push(Ability::Start);
    }
    // A series would go as a whole, and who is in a meeting would be thrown out of it.
    if !is_over && !row.running && !row.recurring {
        can.push(Ability::Cancel);
    }
    let made_here = own.contains(&row.id);
    let is_ahead = row.start.is_some_and(|start| start > now);
    if made_here && is_ahead && !row.running && !row.recurring {
        can.push(Ability::Edit);
    }
    ListedMeeting {
        made_here,
        id: row.id,
        subject: row.subject.unwrap_or_default(),
        start: row.start.map(|at| text(date(at))),
        end: end.map(|at| text(date(at))),
        minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        running: row.running,
        cancellation: None,
        can,
    }
}
