//! What the page author asks for by attributes, at first and later.

use goto_microapps_api::Organizer;
use leptos::prelude::*;

use crate::app::{App, Page, Stage};
use crate::draft::{Draft, USUAL};
use crate::host::Host;
use crate::{calendar, moment};

impl App {
    /// Adds the co-organizers the page author named, by key or e-mail.
    pub(crate) fn invite(self) {
        let wanted = self
            .host
            .with_value(|host| host.attribute("co-organizers"))
            .unwrap_or_default();
        let untouched = self.draft.with_untracked(|draft| draft.people.is_empty());
        if wanted.is_empty() || !untouched {
            return;
        }
        self.spawn(async move {
            for name in wanted
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
            {
                let found = self.api.get_value().organizers(name).await;
                let same = |person: &Organizer| {
                    person.key == name || person.email.eq_ignore_ascii_case(name)
                };
                let known = found
                    .ok()
                    .and_then(|found| found.organizers.into_iter().find(same));
                let digits = name.bytes().all(|byte| byte.is_ascii_digit());
                let person = known.or_else(|| {
                    digits.then(|| Organizer {
                        key: name.to_owned(),
                        name: name.to_owned(),
                        email: String::new(),
                        namesake: false,
                    })
                });
                if let Some(person) = person {
                    self.draft.update(|draft| {
                        if draft.people.iter().all(|other| other.key != person.key) {
                            draft.people.push(person);
                        }
                    });
                }
            }
        });
    }

    /// Takes a changed attribute of the host in.
    pub(crate) fn attribute_changed(self, name: &str) {
        let value = self.host.with_value(|host| host.attribute(name));
        match (name, value) {
            ("page", Some(page)) => {
                if let Some(page) = Page::named(&page)
                    && page != self.page.get_untracked()
                {
                    self.turn(page);
                    self.show();
                }
            }
            ("meeting-id", Some(id)) if id != self.meeting_id.get_untracked() => {
                self.meeting_id.set(id);
                if self.page.get_untracked() != Page::CreateMeeting {
                    self.show();
                }
            }
            ("subject" | "start" | "duration" | "time-zone", _)
                if self.stage.get_untracked() == Stage::Idle =>
            {
                let fresh = self.host.with_value(prefilled);
                self.edit(|draft| match name {
                    "subject" => draft.subject = fresh.subject,
                    "time-zone" => {
                        let now = Some(moment::now_wall(&fresh.zone));
                        draft.take_zone(fresh.zone, now);
                        draft.guessed = fresh.guessed;
                    }
                    _ => {
                        draft.date = fresh.date;
                        draft.start = fresh.start;
                        draft.end = fresh.end;
                        draft.fresh = fresh.fresh;
                        draft.long = fresh.long;
                        draft.forget_folds();
                    }
                });
            }
            ("co-organizers", Some(_)) => self.invite(),
            _ => {}
        }
    }
}

/// An empty form with what the page author gave.
pub(crate) fn prefilled(host: &Host) -> Draft {
    let (zone, guessed) = host
        .attribute("time-zone")
        .and_then(|zone| moment::find_zone(&zone))
        .map_or_else(moment::own_zone, |zone| (zone, false));
    let given = host
        .attribute("start")
        .and_then(|start| start.get(..16)?.parse().ok());
    let fresh = given.is_none();
    let start = given.map_or_else(
        || calendar::next_half_hour(moment::now_wall(&zone)),
        calendar::to_wall,
    );
    let minutes = host
        .attribute("duration")
        .and_then(|minutes| minutes.parse::<u16>().ok())
        .filter(|minutes| (1..1440).contains(minutes))
        .map_or(USUAL, i64::from);
    let mut draft = Draft::new(zone, start, minutes);
    (draft.guessed, draft.fresh) = (guessed, fresh);
    draft.subject = host.attribute("subject").unwrap_or_default();
    draft
}
