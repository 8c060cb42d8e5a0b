//! Which thread may have what: the auto traits of everything public, for values that may and may not leave their thread.

use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::MutexGuard;

use overlapped::alertable::{Suspended, Thread};
use overlapped::driver::scripted::Script;
use overlapped::{
    Completion, Datagram, Due, Error, Event, Gather, Issued, MutexObject, OperationId, Overlapped, Payload, Pending,
    Scatter, Semaphore, Socket, Timer, Waited,
};

struct Probe<T>(PhantomData<T>);

impl<T: Send> Probe<T> {
    fn is_send(&self) -> bool {
        true
    }
}

impl<T: Sync> Probe<T> {
    fn is_sync(&self) -> bool {
        true
    }
}

/// Found where the bounds above do not hold.
trait Otherwise {
    fn is_send(&self) -> bool {
        false
    }
    fn is_sync(&self) -> bool {
        false
    }
}

impl<T> Otherwise for Probe<T> {}

macro_rules! assert_traits {
    ($($of:ty: $send:literal $sync:literal),* $(,)?) => {
        $(
            let probe = Probe::<$of>(PhantomData);
            assert_eq!((probe.is_send(), probe.is_sync()), ($send, $sync), stringify!($of));
        )*
    };
}

#[test]
fn each_is_bound_to_its_thread_as_its_value_is() {
    /// May be shared, and must stay.
    type Stays = MutexGuard<'static, u8>;
    assert_traits! {
        Socket: true true,
        Event: true true,
        Semaphore: true true,
        MutexObject: true true,
        Timer: true true,
        Thread: true true,
        Payload: true true,
        Script: true true,
        Error: true true,
        (Issued, OperationId, Waited, Completion, Datagram, Due): true true,
        Suspended<u8>: true false,
        // It returns what its thread makes.
        Suspended<Rc<u8>>: true false,
        // The buffers are known by their places.
        Scatter<'static>: false false,
        Gather<'static>: false false,
        Overlapped<u8>: true true,
        Overlapped<Cell<u8>>: true false,
        Overlapped<Rc<u8>>: false false,
        Overlapped<Stays>: false true,
        // Shared, it shows nothing of the value; finished, it gives it.
        Pending<u8>: true true,
        Pending<Cell<u8>, Socket>: true true,
        Pending<Rc<u8>>: false false,
        Pending<Stays, Datagram>: false false,
    }
}

/// As for a box: what lives longer may stand for what lives less long.
#[test]
fn a_block_is_as_flexible_as_its_value() {
    fn shorter<'a>(block: Overlapped<&'static str>, _: &'a str) -> Overlapped<&'a str> {
        block
    }
    fn pending<'a>(pending: Pending<&'static str>, _: &'a str) -> Pending<&'a str> {
        pending
    }
    let local = String::from("local");
    let mut block = shorter(Overlapped::new("static"), &local);
    *block = &local;
    assert_eq!(block.into_inner(), "local");
    let _ = pending;
}
