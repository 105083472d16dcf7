//! A panic must not leave a dead widget behind: the loader is told, and goes one step down the ladder.

use std::cell::{Cell, RefCell};

use js_sys::Function;
use leptos::prelude::on_cleanup;

use super::window;

thread_local! {
    static HAPPENED: Cell<bool> = const { Cell::new(false) };
    /// What the loader does for each living widget, by number.
    static FALLS: RefCell<Vec<(u32, Function)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// Whether the program has panicked: nothing of it may be trusted any more, not even to clean up.
pub(crate) fn has_happened() -> bool {
    HAPPENED.get()
}

/// Calls `fall` with a reason when the program panics before the current owner ends. After the
/// panic: the trap that ends it must not end the loader's work as well.
pub(crate) fn watch(fall: Function) {
    let number = NEXT.get();
    NEXT.set(number + 1);
    if number == 0 {
        std::panic::set_hook(Box::new(|_| {
            HAPPENED.set(true);
            FALLS.with(|falls| {
                let Ok(falls) = falls.try_borrow() else {
                    return;
                };
                for (_, fall) in falls.iter() {
                    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_1(
                        fall,
                        0,
                        &"panic".into(),
                    );
                }
            });
        }));
    }
    FALLS.with_borrow_mut(|falls| falls.push((number, fall)));
    on_cleanup(move || {
        FALLS.with_borrow_mut(|falls| falls.retain(|fall| fall.0 != number));
    });
}
