//! The product in a real browser, from the foreign intranet page to what reached GoTo.

mod accessibility;
mod clock_changes;
mod console;
mod creating;
mod databases;
mod element;
mod guest;
mod handing_on;
mod host_pages;
mod keyboard;
mod ladder;
mod languages;
mod loader_tags;
mod lost_on_the_way;
mod main_path;
mod manners;
mod page;
mod people;
mod rolling;
mod sign_on;
mod signing_in;
mod start;
mod strangers;
mod survival;
mod validation;
mod zones;
