//! One property a file; `uring.rs` and `epoll.rs` run them all, each on its driver.

mod support;

mod alertable_waits;
mod apc_queue;
mod busy_issuer;
mod cancel;
mod close;
mod conversions;
mod crowds;
mod datagrams;
mod echo;
mod end_of_stream;
mod errors;
mod events;
mod give;
mod issuer_ends;
mod load;
mod many_waiters;
mod memory;
mod mixed_models;
mod multicast;
mod options;
mod oracle;
mod ownership;
mod pending;
mod receive_flags;
mod receive_order;
mod regressions;
mod routine_places;
mod routines_in_depth;
mod send_order;
mod shutdown;
mod unusable;
mod vectored;
mod waking;
