//! The form of *Create meeting*: what it holds, and its rules.
//!
//! The widget, the plain pages and the API all use it. Pure: it asks no clock, no time zone database,
//! no browser and no proxy.

mod addresses;
mod draft;
mod field;
pub mod rules;
mod typed_time;
pub mod wall;

pub use addresses::{is_address, pieces};
pub use draft::{Draft, USUAL};
pub use field::{Field, FieldCode, FieldError, Mistake};
pub use typed_time::{typed_length, typed_time};
