//! The list under a combobox: which of its options is active.
//!
//! As the combobox pattern of the ARIA Authoring Practices Guide: the focus stays in the input, which
//! names the active option by `aria-activedescendant`.

use leptos::prelude::*;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::context::Widget;

/// A list of options of which one may be active.
#[derive(Clone, Copy)]
pub(crate) struct Listbox {
    widget: Widget,
    /// Tells the lists of one widget apart.
    name: &'static str,
    /// The option that Enter takes.
    pub(crate) active: RwSignal<Option<usize>>,
}

impl Listbox {
    /// A list without an active option.
    pub(crate) fn new(widget: Widget, name: &'static str) -> Self {
        let active = RwSignal::new(None);
        Self {
            widget,
            name,
            active,
        }
    }

    /// Id of the list.
    pub(crate) fn id(self) -> String {
        [self.name, "-list"].concat()
    }

    /// Id of an option.
    pub(crate) fn option_id(self, at: usize) -> String {
        [self.name, "-", &at.to_string()].concat()
    }

    /// Makes the option after (or before) the active one among `count` active, and brings it into
    /// view.
    pub(crate) fn step(self, count: usize, down: bool) {
        let next = step(self.active.get_untracked(), count, down);
        self.active.set(next);
        if let Some(at) = next {
            self.reveal(at);
        }
    }

    /// Brings an option into view.
    pub(crate) fn reveal(self, at: usize) {
        let root = self.widget.read().host.root.clone();
        if let Some(option) = root.get_element_by_id(&self.option_id(at)) {
            let how = ScrollIntoViewOptions::new();
            how.set_block(ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&how);
        }
    }
}

/// The option after (or before) `active` among `count`, going round through none.
fn step(active: Option<usize>, count: usize, down: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (active, down) {
        (None, true) => Some(0),
        (None, false) => Some(last),
        (Some(at), true) => Some(if at >= last { 0 } else { at + 1 }),
        (Some(at), false) => Some(if at == 0 { last } else { at - 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round() {
        assert_eq!(step(None, 3, true), Some(0));
        assert_eq!(step(None, 3, false), Some(2));
        assert_eq!(step(Some(2), 3, true), Some(0));
        assert_eq!(step(Some(0), 3, false), Some(2));
        assert_eq!(step(None, 0, true), None);
    }
}
