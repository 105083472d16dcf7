//! The icon family.

use leptos::prelude::*;
use leptos::svg;

/// The icon family: 24 units, 2 units of stroke, drawn for this widget.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    /// Camera: the integration.
    Camera,
    /// Tick: done.
    Tick,
    /// Cross: remove.
    Cross,
    /// Ring with a stroke: something is wrong.
    Warning,
    /// Clock: wait.
    Clock,
    /// Two sheets: copy.
    Copy,
}

/// An icon; always beside text or inside a named button, so hidden from assistive technology.
pub(crate) fn icon(icon: Icon) -> AnyView {
    let shape = match icon {
        Icon::Camera => "M3 7h12v10H3zM15 11l6-3v8l-6-3",
        Icon::Tick => "M5 12.5l4.5 4.5L19 7.5",
        Icon::Cross => "M6 6l12 12M18 6L6 18",
        Icon::Warning => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7.5v5.5M12 16.4v.1",
        Icon::Clock => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5.5l3.5 2",
        Icon::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
    };
    svg::svg()
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(svg::path().attr("d", shape))
        .into_any()
}
