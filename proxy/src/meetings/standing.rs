//! How a meeting that is to be changed stands at GoTo, and whether that is what somebody saw or wanted.

use std::collections::BTreeSet;

use super::Meetings;
use crate::clock::Millis;
use crate::goto::{Caller, Error as GotoError, Id, is_same_subject};
use crate::store::{ChangeIntent, EditedMeeting, MeetingSeen, Owner};
use crate::tokens;

/// A meeting as GoTo says it is.
pub(super) struct Standing {
    pub(super) seen: MeetingSeen,
    pub(super) running: bool,
    pub(super) recurring: bool,
    /// Not told in a list.
    pub(super) password_required: Option<bool>,
    /// Empty where GoTo leaves them out.
    pub(super) co_organizers: Vec<String>,
}

impl Meetings {
    /// What GoTo says of the meeting of an order; `None` where it is not there, or somebody else's.
    pub(super) async fn standing_of(
        &self,
        change: &ChangeIntent,
        id: &Id,
    ) -> Result<Option<Standing>, tokens::Error> {
        let key = &change.asked.organizer_key;
        let caller = &Caller::create(key);
        if self.store.meeting(key, id.as_str()).await?.is_none() {
            // Not made here: GoTo shows a meeting to its co-organizers as well, and lists only one's own.
            let listed = self.upcoming(caller, key).await?;
            let listed = listed.into_iter().find(|meeting| meeting.id == *id);
            return Ok(listed.map(|meeting| Standing {
                seen: seen(meeting.subject.as_deref(), meeting.start, meeting.end),
                running: meeting.running,
                recurring: meeting.recurring,
                password_required: None,
                co_organizers: Vec::new(),
            }));
        }
        let owner = Owner::Employee(key.clone());
        let read = self.tokens.with(&owner, |token| async move {
            self.goto.meeting(caller, &token, id).await
        });
        match read.await {
            Ok(meeting) => Ok(Some(Standing {
                seen: seen(meeting.subject.as_deref(), meeting.start, meeting.end),
                running: meeting.running,
                recurring: meeting.recurring,
                password_required: meeting.password_required,
                co_organizers: meeting.co_organizer_keys,
            })),
            Err(tokens::Error::Goto(GotoError::NotFound | GotoError::Forbidden { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether password or co-organizers are others at GoTo than the person who changes them knows.
    pub(super) async fn is_other(
        &self,
        change: &ChangeIntent,
        standing: &Standing,
    ) -> Result<bool, tokens::Error> {
        let asked = &change.asked;
        if asked.edited.is_none() {
            return Ok(false);
        }
        let kept = self.store.meeting(&asked.organizer_key, &asked.meeting_id);
        let Some(kept) = kept.await? else {
            return Ok(true);
        };
        let said = standing.password_required;
        let is_password_kept = said.is_none_or(|said| said == kept.password_required);
        let are_people_kept = standing.co_organizers.is_empty()
            || are_same(&standing.co_organizers, &kept.co_organizers);
        Ok(!is_password_kept || !are_people_kept)
    }

    /// Whether the meeting is what it was to become. Not where GoTo does not tell what alone was to
    /// become another.
    pub(super) async fn is_as_asked(
        &self,
        change: &ChangeIntent,
        edited: &EditedMeeting,
        now: &Standing,
    ) -> Result<bool, tokens::Error> {
        let said = now.password_required;
        let is_as_told = is_same_subject(&edited.subject, &now.seen.subject)
            && now.seen.start_at == Some(edited.start_at)
            && now.seen.end_at == Some(edited.end_at)
            && said.is_none_or(|said| said == edited.password_required);
        if !is_as_told || !now.co_organizers.is_empty() {
            return Ok(is_as_told && are_same(&now.co_organizers, &edited.co_organizers));
        }
        // GoTo leaves them out of some answers. A change is made as a whole: anything else of it that is
        // seen tells.
        let asked = &change.asked;
        let kept = self.store.meeting(&asked.organizer_key, &asked.meeting_id);
        Ok(kept.await?.is_some_and(|kept| {
            are_same(&kept.co_organizers, &edited.co_organizers)
                || !is_same_subject(&kept.subject, &edited.subject)
                || (kept.start_at, kept.end_at) != (edited.start_at, edited.end_at)
                || said.is_some_and(|said| said != kept.password_required)
        }))
    }
}

/// Whether both name the same people, in whatever order.
fn are_same(some: &[String], others: &[String]) -> bool {
    let [some, others] = [some, others].map(|keys| keys.iter().collect::<BTreeSet<_>>());
    some == others
}

type Time = chrono::DateTime<chrono::Utc>;

/// A meeting as a page would show it: an end before the start is none.
fn seen(subject: Option<&str>, start: Option<Time>, end: Option<Time>) -> MeetingSeen {
    let millis = |time: Time| time.timestamp_millis();
    let (start_at, end_at) = (start.map(millis), end.map(millis));
    MeetingSeen {
        subject: subject.unwrap_or_default().to_owned(),
        start_at,
        end_at: end_at.filter(|end| start_at.is_none_or(|start| start < *end)),
    }
}

/// Whether the meeting still is what the person saw, as far as they saw it.
pub(super) fn is_as_seen(seen: &MeetingSeen, now: &MeetingSeen) -> bool {
    let is_at = |seen: Option<Millis>, now| seen.is_none() || seen == now;
    is_same_subject(&seen.subject, &now.subject)
        && is_at(seen.start_at, now.start_at)
        && is_at(seen.end_at, now.end_at)
}
