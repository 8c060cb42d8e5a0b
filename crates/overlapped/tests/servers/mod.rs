//! What a server does, one property a file; each test runs on every model, and `server_uring.rs`, `server_epoll.rs` and
//! `server_winsock.rs` run them all, each on its driver.

/// Makes tests of functions that take a model: one for each model.
macro_rules! on_every_model {
    ($($test:ident),* $(,)?) => {
        on_model!(select, Select, $($test)*);
        on_model!(event_select, EventSelect, $($test)*);
        on_model!(async_select, AsyncSelect, $($test)*);
        on_model!(callback, Callback, $($test)*);
        on_model!(event, Event, $($test)*);
        on_model!(port, Port, $($test)*);
    };
}

macro_rules! on_model {
    ($name:ident, $model:ident, $($test:ident)*) => {
        mod $name {
            $(
                #[test]
                fn $test() {
                    let _watch = $crate::servers::support::driver();
                    super::$test(overlapped::server::Model::$model);
                }
            )*
        }
    };
}

// The tests of single operations use more of it.
#[allow(dead_code, unused_imports)]
#[path = "../behaviour/support.rs"]
mod support;

mod clients;

mod at_once;
mod broadcast;
mod churn;
mod drain;
mod echo;
mod framing;
mod handlers;
mod limits;
mod many;
mod pool;
mod queue;
mod times;
