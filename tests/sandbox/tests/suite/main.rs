//! The sandbox over HTTP, as its clients see it.

mod admin;
mod bodies;
mod client;
mod control;
mod errors;
mod fault_rules;
mod faults;
mod foreign;
mod identity;
mod lists;
mod meetings;
mod meter;
mod oauth;
mod oddities;
mod pages;
mod people;
mod refresh;
mod waiting;
