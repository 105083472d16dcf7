//! Icons as elements.

pub(crate) use goto_microapps_api::icons::Icon;
use leptos::prelude::*;
use leptos::svg;

/// An icon; always beside text or inside a named button, so hidden from assistive technology.
pub(crate) fn icon(icon: Icon) -> AnyView {
    svg::svg()
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(svg::path().attr("d", icon.shape()))
        .into_any()
}
