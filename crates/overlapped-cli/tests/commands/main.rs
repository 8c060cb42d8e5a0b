//! What the commands do and print, on every driver and every model.

mod bad_input;
mod broadcast;
mod client;
mod crowd;
mod demo;
mod descriptors;
mod drivers;
mod echo;
mod info;
mod memory;
mod print;
mod stopping;
mod support;
