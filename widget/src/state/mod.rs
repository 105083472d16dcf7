//! The state of a widget: small structs of signals. They know no view, and none of them the next one
//! up: what concerns more than one of them is in [`crate::actions`].

mod addresses;
pub(crate) mod draft;
pub(crate) mod form;
mod intent;
pub(crate) mod memory;
pub(crate) mod navigation;
pub(crate) mod neighbours;
pub(crate) mod page;
mod prefilled;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod submission;
mod typed_people;
