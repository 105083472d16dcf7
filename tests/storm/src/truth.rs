//! What GoTo received and has, read from the sandbox's log: nothing the proxy says counts here.

use std::collections::{BTreeMap, HashMap};

use goto_sandbox::{Meeting, Outcome, Received, Route, Sandbox};

/// See the module.
#[derive(Debug)]
pub struct Truth {
    /// Every meeting that was ever made, by its id.
    pub meetings: HashMap<String, Meeting>,
    /// Ids of the meetings that were made, by the subject they were made with.
    pub made: BTreeMap<String, Vec<String>>,
    /// POSTs by subject, without those that certainly made nothing.
    pub posts: BTreeMap<String, usize>,
    /// PUTs by id and new subject, without those that certainly changed nothing.
    pub puts: BTreeMap<(String, String), usize>,
    /// DELETEs by id, without those that certainly deleted nothing.
    pub deletes: BTreeMap<String, usize>,
    /// Creates whose end the proxy cannot have known at once.
    pub unclear_creates: usize,
    /// The same of changes.
    pub unclear_changes: usize,
}

impl Truth {
    /// All that is known now.
    pub fn of(sandbox: &Sandbox) -> Self {
        let meetings = sandbox.meetings().into_iter();
        let mut truth = Self {
            meetings: meetings
                .map(|meeting| (meeting.id.to_string(), meeting))
                .collect(),
            made: BTreeMap::new(),
            posts: BTreeMap::new(),
            puts: BTreeMap::new(),
            deletes: BTreeMap::new(),
            unclear_creates: 0,
            unclear_changes: 0,
        };
        let effective = |route| {
            let log = sandbox.log_of(route).into_iter();
            log.filter(spends)
        };
        for post in effective(Route::CreateMeeting) {
            truth.unclear_creates += usize::from(post.outcome != Outcome::Answered(201));
            let subject = subject(&post);
            if let Some(id) = post.meeting {
                let ids = truth.made.entry(subject.clone()).or_default();
                ids.push(id.to_string());
            }
            *truth.posts.entry(subject).or_default() += 1;
        }
        for put in effective(Route::UpdateMeeting) {
            truth.unclear_changes += usize::from(put.outcome != Outcome::Answered(204));
            let of = (meeting(&put), subject(&put));
            *truth.puts.entry(of).or_default() += 1;
        }
        for delete in effective(Route::DeleteMeeting) {
            truth.unclear_changes += usize::from(delete.outcome != Outcome::Answered(204));
            *truth.deletes.entry(meeting(&delete)).or_default() += 1;
        }
        truth
    }

    /// Ids of the meetings that were made with this subject.
    pub fn made_as(&self, subject: &str) -> &[String] {
        self.made.get(subject).map_or(&[], Vec::as_slice)
    }

    /// POSTs with this subject that may have made a meeting.
    pub fn posts_of(&self, subject: &str) -> usize {
        self.posts.get(subject).copied().unwrap_or_default()
    }

    /// PUTs that may have given a meeting this subject.
    pub fn puts_of(&self, id: &str, subject: &str) -> usize {
        let of = (id.to_owned(), subject.to_owned());
        self.puts.get(&of).copied().unwrap_or_default()
    }

    /// DELETEs that may have deleted a meeting.
    pub fn deletes_of(&self, id: &str) -> usize {
        self.deletes.get(id).copied().unwrap_or_default()
    }

    /// The subject a meeting has now; `None` where it is deleted, or never was.
    pub fn standing(&self, id: &str) -> Option<&str> {
        let meeting = self.meetings.get(id).filter(|meeting| !meeting.deleted);
        meeting.map(|meeting| meeting.subject.as_str())
    }
}

/// Whether a request used up its order: everything but a status that says nothing was done, with or
/// without the rest of its text.
fn spends(received: &Received) -> bool {
    !matches!(
        received.outcome,
        Outcome::Answered(400..=499) | Outcome::Truncated(400..=499)
    )
}

fn subject(received: &Received) -> String {
    let json = received.json();
    let subject = json.get("subject").and_then(|subject| subject.as_str());
    subject.unwrap_or_default().to_owned()
}

/// Id of the meeting in the path.
fn meeting(received: &Received) -> String {
    let id = received.path.rsplit('/').next();
    id.unwrap_or_default().to_owned()
}
