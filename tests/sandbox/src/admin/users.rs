//! `GET /accounts/{accountKey}/users`: "All Organizers" of the connector it was made for.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

use super::filter::Filter;
use super::row::{restricted, row};
use crate::ACCOUNT_KEY;
use crate::call::{Call, Params};
use crate::oauth::{Caller, IDENTITY};
use crate::person::Person;
use crate::reply::{self, Handled};
use crate::world::{State, World};

/// Rows of a page when the request does not say.
const DEFAULT_PAGE: usize = 25;

/// What to send of whom.
struct Question {
    account: String,
    disorder: Disorder,
    filter: Option<Filter>,
    order: Option<(String, Ordering)>,
    attributes: Option<String>,
    offset: usize,
    size: usize,
}

/// What a fault does to a page after the first. Only the rows move: the total stays true to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disorder {
    /// It begins this many rows early and leaves as many out at its end.
    pub(crate) early: usize,
    /// This many people were removed before it since the first page was read.
    pub(crate) removed: usize,
    /// This many were added before it.
    pub(crate) added: usize,
}

/// A page of users, for administrators of the account.
pub(crate) fn users(world: &World, call: &Call) -> Handled {
    let caller = Caller::of(world, call)?;
    let own_account = call.id() == caller.person.account;
    if !(caller.may(IDENTITY) && caller.person.admin && own_account) {
        return Err(reply::not_authenticated().into());
    }
    let question = Question::read(world, call)
        .map_err(|problem| reply::admin_error(400, "invalid.request", &problem))?;
    let omitted = world.options.results_omitted_when_empty;
    Ok(reply::json(200, &question.answer(&world.lock(), omitted)))
}

impl Question {
    /// Unknown parameters are ignored.
    fn read(world: &World, call: &Call) -> Result<Self, String> {
        let query = call.query();
        // A space is %20 here; the plus sign of forms is refused.
        let mut raw = call.raw_query().split('&');
        if raw.any(|pair| pair.starts_with("filter=") && pair.contains('+')) {
            return Err("filter: illegal character +".to_owned());
        }
        let filter = query.get("filter").map(Filter::parse).transpose()?;
        let order = [
            ("ascending", Ordering::Less),
            ("descending", Ordering::Greater),
        ]
        .into_iter()
        .find_map(|(name, order)| {
            // `ascending=firstName=true`
            let field = query.get(name)?.strip_suffix("=true")?;
            Some((field.to_owned(), order))
        });
        Ok(Self {
            account: call.id().to_owned(),
            disorder: call.disorder,
            filter,
            order,
            attributes: query.get("attributeNames").map(str::to_owned),
            offset: number(&query, "offset")?.unwrap_or(0),
            size: number(&query, "pageSize")?
                .unwrap_or(DEFAULT_PAGE)
                .clamp(1, world.options.max_page_size.max(1)),
        })
    }

    fn answer(&self, state: &State, omitted_when_empty: bool) -> Value {
        let own = self.account == ACCOUNT_KEY;
        let (page, total): (Vec<&Arc<Person>>, usize) =
            if own && self.filter.is_none() && self.order.is_none() {
                // The way of a full reading, which must not look at everybody for every page.
                let total = state.people.len();
                let (first, size) = self.range(total);
                let page = state.people.all().skip(first).take(size);
                (page.collect(), total)
            } else {
                let all = self.selected(state);
                let (first, size) = self.range(all.len());
                let total = all.len();
                (all.into_iter().skip(first).take(size).collect(), total)
            };
        let total = (total + self.disorder.added).saturating_sub(self.disorder.removed);
        let attributes: Option<Vec<&str>> = self
            .attributes
            .as_deref()
            .map(|names| names.split(',').map(str::trim).collect());
        let rows: Vec<Value> = page
            .iter()
            .map(|person| match &attributes {
                Some(names) => restricted(row(person), names),
                None => row(person),
            })
            .collect();
        let mut answer = json!({
            "fromIndex": self.offset,
            "toIndex": self.offset + rows.len().saturating_sub(1),
            "total": total,
        });
        if !(rows.is_empty() && omitted_when_empty) {
            answer["results"] = rows.into();
        }
        answer
    }

    /// Which rows of all are on the page: the first, and how many.
    fn range(&self, all: usize) -> (usize, usize) {
        let Disorder {
            early,
            removed,
            added,
        } = self.disorder;
        let first = (self.offset + removed).saturating_sub(early + added);
        let size = if early == 0 {
            self.size
        } else {
            // What the total leads one to expect, so that the repetition does not show in it.
            self.size.min(all.saturating_sub(self.offset))
        };
        (first, size)
    }

    fn selected<'a>(&self, state: &'a State) -> Vec<&'a Arc<Person>> {
        let everybody = state.people.all().chain(state.people.foreign());
        let mut people: Vec<&Arc<Person>> = everybody
            .filter(|person| person.account == self.account)
            .filter(|person| {
                let filter = self.filter.as_ref();
                filter.is_none_or(|filter| filter.takes(person))
            })
            .collect();
        if let Some((field, order)) = &self.order {
            people.sort_by(|one, other| {
                let by = value_of(one, field).cmp(&value_of(other, field));
                if *order == Ordering::Greater {
                    by.reverse()
                } else {
                    by
                }
            });
        }
        people
    }
}

fn number(query: &Params, name: &str) -> Result<Option<usize>, String> {
    let value = query.get(name);
    value
        .map(|text| text.parse().map_err(|_| format!("{name}: not a number")))
        .transpose()
}

/// A field that can be filtered and sorted by.
pub(super) fn value_of<'a>(person: &'a Person, field: &str) -> Option<&'a str> {
    Some(match field {
        "key" => &person.key,
        "email" => &person.email,
        "firstName" => &person.first_name,
        "lastName" => &person.last_name,
        "locale" => person.locale,
        "timeZone" => person.time_zone,
        "status" => person.status.as_deref()?,
        _ => return None,
    })
}
