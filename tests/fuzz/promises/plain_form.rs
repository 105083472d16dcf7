//! What the readers of the plain pages promise; see [`crate::fuzzing`].

use std::sync::LazyLock;

use url::{Url, form_urlencoded};

use super::return_path;
use super::sent::{Action, Sent};
use crate::random;

/// Where the proxy may stand: at the top of a host, or below a path.
static BASES: LazyLock<Vec<Url>> = LazyLock::new(|| {
    ["https://goto.example/meet/", "http://proxy.localhost:8080/"]
        .iter()
        .filter_map(|base| Url::parse(base).ok())
        .collect()
});

/// A return address is a path below `/form`, for a browser as well, and fits into a header.
pub(crate) fn return_urls(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else {
        return false;
    };
    let mut accepted = false;
    for base in BASES.iter() {
        let Some(path) = return_path(base, text) else {
            continue;
        };
        assert_eq!(path, text, "nothing is rewritten");
        assert!(path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'));
        let url = base.join(&path).expect("a path");
        assert_eq!(url.origin(), base.origin(), "{url}");
        assert!(url.username().is_empty() && url.password().is_none());
        let form = format!("{}form", base.path());
        let below = url.path().strip_prefix(&form);
        assert!(
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            "{url}"
        );
        assert_eq!(return_path(base, &path).as_ref(), Some(&path));
        accepted = true;
    }
    accepted
}

/// A form that is sent back as its page has it is the same form, with the same key.
pub(crate) fn form_bodies(input: &[u8]) -> bool {
    let sent = Sent::read(input);
    assert!(random::looks_like_token(&sent.nonce));
    assert!(sent.draft.typed.chars().count() <= 100);
    let again = Sent::read(write(&sent).as_bytes());
    assert!(!again.moved, "an end moves along once");
    let moved = sent.moved;
    assert_eq!(Sent { moved, ..again }, sent, "read, written and read");
    let meeting = sent.meeting();
    assert_eq!(sent.key(), Sent::read(write(&sent).as_bytes()).key());
    assert!(random::looks_like_token(&sent.key()));
    assert_eq!(meeting.subject, meeting.subject.trim());
    !meeting.subject.is_empty()
}

fn write(sent: &Sent) -> String {
    let draft = &sent.draft;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("subject", &draft.subject)
        .append_pair("date", &draft.date)
        .append_pair("start", &draft.start)
        .append_pair("end", &draft.end)
        .append_pair("time_zone", &draft.zone)
        .append_pair("q", &draft.typed)
        .append_pair("nonce", &sent.nonce)
        .append_pair("lang", &sent.lang)
        .append_pair("shown", &sent.shown);
    if let Some(seen) = sent.seen_text() {
        form.append_pair("seen", &seen);
    }
    if let Some(minutes) = draft.long {
        form.append_pair("long", &minutes.to_string());
    }
    for (name, fold) in [
        ("start_fold", draft.start_fold),
        ("end_fold", draft.end_fold),
    ] {
        if let Some(fold) = fold {
            form.append_pair(name, fold.as_str());
        }
    }
    if draft.password {
        form.append_pair("password", "on");
    }
    for person in &draft.people {
        form.append_pair("co", &person.key);
    }
    let action = match sent.action {
        Action::Search => "search",
        Action::Forget => "forget",
        Action::Create => "create",
        Action::Check => "check",
        Action::Anyway => "anyway",
        Action::Withdraw => "withdraw",
    };
    form.append_pair("action", action).finish()
}
