//! Which page of a list to read next, and whether the whole list was read, while people come and go.
//!
//! GoTo's list has offsets and no cursor: who is removed in front moves everybody behind by one, and
//! a page may repeat what came before and leave out as many. So each page begins with the last row
//! of the one before. Where it does not, rows may be missing in between, and the reading goes back
//! until it meets somebody it knows. In the end there must be as many different people as GoTo says
//! there are. Pure: asks neither GoTo nor the store.

use crate::store::SyncRun;

/// How often one reading goes back at most: a list that changes faster is not worth following.
const STEPS_BACK: u32 = 200;

/// What a page was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Rows on it.
    pub(super) rows: i64,
    /// Those of them that could not be read.
    pub(super) unreadable: i64,
    /// How many GoTo says there are.
    pub(super) total: Option<i64>,
    /// Whether its first person came on a page before.
    pub(super) is_joined: bool,
}

/// How far the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Not at the end.
    On,
    /// Rows may be missing before the page: it does not count.
    Back,
    /// At the end, as far as GoTo tells: complete if there are people enough.
    AtTotal,
    /// There is no further page.
    AtEnd,
    /// The list moves too much to be read.
    Lost,
}

/// The next page of a run. What must outlive the process is in the run.
#[derive(Debug)]
pub(super) struct Pages {
    /// How many rows before the end of what was read the next page begins.
    back: i64,
    /// Rows of the last page that led on.
    reach: i64,
    steps_back: u32,
}

impl Pages {
    pub(super) fn new() -> Self {
        Self {
            back: 1,
            reach: 1,
            steps_back: 0,
        }
    }

    /// Offset of the page to ask for.
    pub(super) fn offset(&self, run: &SyncRun) -> i64 {
        (run.fetched - self.back).max(0)
    }

    /// Takes the page at [`Pages::offset`] in.
    pub(super) fn take(&mut self, run: &mut SyncRun, seen: Seen) -> Step {
        let offset = self.offset(run);
        if let (Some(before), Some(now)) = (run.total, seen.total) {
            run.added += (now - before).max(0);
        }
        run.total = seen.total.or(run.total);
        if offset > 0 && self.back > 0 && !seen.is_joined {
            // Something may be missing before it.
            self.back = (self.back * 2).max(self.reach / 2).max(2);
            self.steps_back += 1;
            return if self.steps_back > STEPS_BACK {
                Step::Lost
            } else {
                Step::Back
            };
        }
        let end = offset + seen.rows;
        let fresh = end - run.fetched;
        if fresh > 0 {
            run.unreadable += seen.unreadable.min(fresh);
            self.reach = seen.rows;
        } else if self.back <= 1 {
            // Nothing behind what is known. One row alone may be all that a page holds, so the next
            // one is asked for without it.
            let was_alone = self.back == 0 || seen.rows == 0;
            self.back = 0;
            return if was_alone {
                Step::AtEnd
            } else {
                Self::step(run)
            };
        }
        run.fetched = end;
        self.back = 1;
        Self::step(run)
    }

    fn step(run: &SyncRun) -> Step {
        if run.total.is_some_and(|total| run.fetched >= total) {
            Step::AtTotal
        } else {
            Step::On
        }
    }
}

/// How many people there must be at least: everybody who was there from the first page to the last.
/// Those who came meanwhile may have come before the place that was read.
pub(super) fn expected(run: &SyncRun) -> i64 {
    run.total.unwrap_or(run.fetched) - run.added - run.unreadable
}

/// Whether the list ended before GoTo's total but nothing came twice: the total counts somebody
/// whom the list does not show.
pub(super) fn is_shorter_than_told(run: &SyncRun, people: i64) -> bool {
    run.total.is_none_or(|total| run.fetched < total)
        && people >= run.fetched - run.added - run.unreadable
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::store::RunState;

    const PAGE: usize = 10;

    fn run() -> SyncRun {
        SyncRun {
            generation: 1,
            trigger: "admin".into(),
            state: RunState::Running,
            fetched: 0,
            total: None,
            unreadable: 0,
            added: 0,
            restarts: 0,
            problem: None,
            started_at: 0,
            finished_at: None,
        }
    }

    /// Reads a list as the sync does; `change` has its way with the list before each request and
    /// with the page after it. Everybody who was found, if the reading counts as complete.
    fn read(
        list: &mut Vec<u32>,
        mut change: impl FnMut(usize, &mut Vec<u32>),
        mut spoil: impl FnMut(usize, usize, &[u32]) -> Option<Vec<u32>>,
    ) -> (Option<BTreeSet<u32>>, usize) {
        let (mut run, mut pages, mut found) = (run(), Pages::new(), BTreeSet::new());
        for request in 0..1000 {
            change(request, list);
            let offset = usize::try_from(pages.offset(&run)).unwrap();
            let rest = list.get(offset..).unwrap_or_default();
            let whole = rest[..rest.len().min(PAGE)].to_vec();
            let page = spoil(request, offset, list).unwrap_or(whole);
            let seen = Seen {
                rows: i64::try_from(page.len()).unwrap(),
                unreadable: 0,
                total: i64::try_from(list.len()).ok(),
                is_joined: page.first().is_some_and(|first| found.contains(first)),
            };
            let step = pages.take(&mut run, seen);
            if step != Step::Back {
                found.extend(page);
            }
            let enough = i64::try_from(found.len()).unwrap() >= expected(&run);
            match step {
                Step::AtTotal | Step::AtEnd if enough => return (Some(found), request + 1),
                Step::AtEnd | Step::Lost => return (None, request + 1),
                _ => {}
            }
        }
        panic!("it never ends");
    }

    fn whole(_: usize, _: usize, _: &[u32]) -> Option<Vec<u32>> {
        None
    }

    #[test]
    fn a_list_that_stands_still_is_read_in_as_many_pages_as_it_has() {
        for people in [0, 1, 9, 10, 11, 19, 20, 95, 100] {
            let mut list: Vec<u32> = (0..people).collect();
            let (found, requests) = read(&mut list, |_, _| {}, whole);
            assert_eq!(found, Some(list.iter().copied().collect()), "{people}");
            let pages = (people.max(2) - 1).div_ceil(9) as usize;
            assert_eq!(requests, pages, "{people}");
        }
    }

    #[test]
    fn a_page_that_repeats_rows_and_leaves_as_many_out_is_read_again_or_told() {
        let page_with = |offset: usize, list: &[u32]| {
            // Three rows of the page before, and three missing inside.
            let early = offset.saturating_sub(2);
            let rows = (early..early + 4).chain(early + 7..early + 13);
            let rows: Vec<u32> = rows.filter_map(|at| list.get(at).copied()).collect();
            Some(rows)
        };
        let mut list: Vec<u32> = (0..60).collect();
        let spoil = |_, offset, list: &[u32]| (offset > 0).then(|| page_with(offset, list))?;
        assert_eq!(read(&mut list, |_, _| {}, spoil).0, None, "always: told");
        // Begins ten rows early, once: read again.
        let early = |request, offset: usize, list: &[u32]| {
            (request == 2).then(|| list[offset - 5..offset + 5].to_vec())
        };
        let (found, _) = read(&mut list, |_, _| {}, early);
        assert_eq!(found, Some(list.iter().copied().collect()));
    }

    #[test]
    fn an_empty_page_in_the_middle_does_not_end_the_list() {
        let mut list: Vec<u32> = (0..60).collect();
        let spoil = |request, _, _: &[u32]| (request == 3).then(Vec::new);
        let (found, _) = read(&mut list, |_, _| {}, spoil);
        assert_eq!(found, Some(list.iter().copied().collect()));
    }

    proptest! {
        /// Whoever was there throughout is found, or the reading does not count.
        #[test]
        fn nobody_is_lost_while_people_come_and_go(
            people in 0u32..120,
            changes in prop::collection::vec((0usize..30, any::<prop::sample::Index>(), 0u8..3), 0..20),
        ) {
            let mut list: Vec<u32> = (0..people).collect();
            let mut throughout: BTreeSet<u32> = list.iter().copied().collect();
            let mut next = people;
            let change = |request: usize, list: &mut Vec<u32>| {
                // The first page is read of the list as it was.
                for (_, place, kind) in changes.iter().filter(|change| change.0 == request && request > 0) {
                    let at = place.index(list.len() + 1);
                    if *kind == 0 {
                        list.insert(at, next);
                        next += 1;
                    } else if at < list.len() {
                        throughout.remove(&list.remove(at));
                    }
                }
            };
            let (found, requests) = read(&mut list, change, whole);
            prop_assert!(requests < 500);
            if let Some(found) = found {
                prop_assert!(found.is_superset(&throughout), "{:?}", throughout.difference(&found));
            }
        }
    }
}
