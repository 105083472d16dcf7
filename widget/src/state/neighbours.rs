//! The widgets of one page: who signs in or out in one of them does so in all of them.
//!
//! Only widgets of the same proxy are neighbours. Tabs are not: they meet at the proxy, so a widget
//! asks again when its window is looked at.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

use crate::context::Widget;

/// A living widget, and how to make it ask again who is signed in.
#[derive(Clone)]
struct Neighbour {
    widget: Widget,
    ask_again: Rc<dyn Fn()>,
}

thread_local! {
    static NEIGHBOURS: RefCell<Vec<Neighbour>> = const { RefCell::new(Vec::new()) };
}

/// The living widgets of the same proxy, without `widget`.
fn of(widget: Widget) -> Vec<Neighbour> {
    let base = widget.read().api.base.clone();
    NEIGHBOURS.with_borrow(|all| {
        all.iter()
            .filter(|other| other.widget != widget)
            .filter(|other| other.widget.read().api.base == base)
            .cloned()
            .collect()
    })
}

/// Takes a widget in, until its owner ends; a session that browsers keep no cookie for comes from its
/// neighbours.
pub(super) fn join(widget: Widget, ask_again: impl Fn() + 'static) {
    let bearer = |other: Neighbour| other.widget.read().api.bearer.clone();
    let known = of(widget).into_iter().find_map(bearer);
    widget.bear(known);
    NEIGHBOURS.with_borrow_mut(|all| {
        all.push(Neighbour {
            widget,
            ask_again: Rc::new(ask_again),
        });
    });
    on_cleanup(move || NEIGHBOURS.with_borrow_mut(|all| all.retain(|one| one.widget != widget)));
}

/// Somebody signed in or out in `widget`.
pub(super) fn tell(widget: Widget) {
    let bearer = widget.read().api.bearer.clone();
    for other in of(widget) {
        other.widget.bear(bearer.clone());
        (other.ask_again)();
    }
}
