//! One property a file; `uring.rs` and `epoll.rs` run them all, each on its driver.

mod support;

mod alertable_waits;
mod apc_queue;
mod busy_issuer;
mod cancel;
mod close;
mod conversions;
mod crowds;
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
mod mutexes;
mod ownership;
mod pending;
mod receive_order;
mod regressions;
mod routine_places;
mod routines_in_depth;
mod semaphores;
mod send_order;
mod shutdown;
mod signal_and_wait;
mod threads;
mod timer_routines;
mod timers;
mod unusable;
mod waking;
