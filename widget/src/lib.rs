//! The GoToMeeting widget, rendered into an open shadow root on anybody's page.
//!
//! Owns the three pages *Create meeting*, *New meeting* and *Meeting details*. The loader
//! (`embed.js`) owns the custom element, the shadow root and the style sheet, and calls [`mount`].

// Handles of a few words; debug builds note beside each where it was made.
#![allow(clippy::large_types_passed_by_value)]

mod api;
mod app;
mod attributes;
mod browser;
mod calendar;
mod components;
mod draft;
mod element;
mod failure;
mod fields;
mod host;
mod intent;
mod memory;
mod moment;
mod navigation;
mod neighbours;
mod pages;
mod signin;
mod words;

pub use element::{Handle, mount};
