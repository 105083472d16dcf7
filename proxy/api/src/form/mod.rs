//! The form of *Create meeting*: what it holds, and its rules.
//!
//! The widget, the plain pages and the API all use it. Pure: it asks no clock, no time zone database,
//! no browser and no proxy.

mod draft;
mod field;
pub mod rules;
pub mod wall;

pub use draft::{Draft, USUAL};
pub use field::{Field, FieldCode, FieldError, Mistake};
