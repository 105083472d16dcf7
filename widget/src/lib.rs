//! The GoToMeeting widget, rendered into an open shadow root on anybody's page.
//!
//! Owns the three pages *Create meeting*, *New meeting* and *Meeting details*. The loader
//! (`embed.js`) owns the custom element, the shadow root and the style sheet, and calls [`mount`].

mod api;
mod browser;
mod components;
mod context;
mod element;
mod failure;
mod fields;
mod moment;
mod pages;
mod state;
mod words;

pub use element::{Handle, mount};
