//! The widgets of one page: who signs in or out in one of them does so in all of them.
//!
//! Only widgets of the same proxy are neighbours. Tabs are not: they meet at the proxy, so a widget
//! asks again when its window is looked at.

use std::cell::RefCell;

use leptos::prelude::*;

use crate::app::{App, Stage, Who};
use crate::signin::SignIn;

thread_local! {
    static APPS: RefCell<Vec<App>> = const { RefCell::new(Vec::new()) };
}

/// The living widgets of the same proxy, without `app`.
fn of(app: App) -> Vec<App> {
    let base = app.api.with_value(|api| api.base.clone());
    APPS.with_borrow(|apps| {
        apps.iter()
            .copied()
            .filter(|other| !other.is(app) && other.api.with_value(|api| api.base == base))
            .collect()
    })
}

/// Takes a widget in, until its owner ends; a session that browsers keep no cookie for comes from its neighbours.
pub(crate) fn join(app: App) {
    let known = of(app)
        .into_iter()
        .find_map(|other| other.api.with_value(|api| api.bearer.clone()));
    app.api.update_value(|api| api.bearer = known);
    APPS.with_borrow_mut(|apps| apps.push(app));
    on_cleanup(move || APPS.with_borrow_mut(|apps| apps.retain(|other| !other.is(app))));
}

/// Somebody signed in or out in `app`.
pub(crate) fn tell(app: App) {
    let bearer = app.api.with_value(|api| api.bearer.clone());
    for other in of(app) {
        other.api.update_value(|api| api.bearer.clone_from(&bearer));
        other.spawn(other.ask_again());
    }
}

impl App {
    /// Asks quietly who is signed in, and changes nothing while that stays the same or something
    /// is under way.
    pub(crate) async fn ask_again(self) {
        if self.is_busy() {
            return;
        }
        let answer = self.api.get_value().session().await;
        if self.is_busy() {
            return;
        }
        let Ok(session) = answer else { return };
        let known = self.who.with_untracked(|who| match who {
            Who::User(user) => Some(user.key.clone()),
            _ => None,
        });
        if known != session.user.as_ref().map(|user| user.key.clone()) {
            self.enter(session);
        }
    }

    fn is_busy(self) -> bool {
        let creating = !matches!(
            self.stage.get_untracked(),
            Stage::Idle | Stage::Failed(_) | Stage::Unknown(_)
        );
        creating || self.signin.get_untracked() == SignIn::Swapping
    }
}
