//! A driver of the script: what takes operations, and where a thread blocks.

use super::{Flight, Kernel, Started, Work};
use crate::codes;
use crate::driver::{Attempt, Done, Driver, Gate, Io, Key};
use crate::message::Message;
use crate::sync;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

fn bytes_of(message: NonNull<Message>) -> u32 {
    (Io::SendMessage { message }).buffers().iter().map(|(_, length)| *length as u32).sum()
}

/// Both ends of one driver: what takes operations, and where a thread blocks.
#[derive(Clone)]
pub(super) struct End {
    pub(super) kernel: Arc<Kernel>,
    pub(super) driver: usize,
}

impl Driver for End {
    unsafe fn start(&mut self, key: Key, raw: i32, io: Io) -> Attempt<()> {
        let (work, length) = match io {
            Io::Receive { length, .. } => (Work::Receive, length),
            Io::Send { length, .. } => (Work::Send, length),
            Io::ReceiveMessage { message, .. } => (Work::Receive, bytes_of(message)),
            Io::SendMessage { message } => (Work::Send, bytes_of(message)),
            Io::Accept => (Work::Accept, 0),
            Io::Readable => (Work::Readable, 0),
            Io::Connect => (Work::Connect, 0),
            Io::Watch { .. } => (Work::Watch, 0),
        };
        let started = Started { work, length: length as usize, socket: raw, driver: self.driver, key };
        let mut world = self.kernel.world();
        world.drivers[self.driver].staged.push(Flight { started, io });
        if !world.stages {
            self.kernel.submit(&mut world, self.driver, usize::MAX);
        }
        Ok(())
    }

    fn cancel(&mut self, key: Key, _raw: i32) {
        let mut world = self.kernel.world();
        let staged = &mut world.drivers[self.driver].staged;
        if let Some(position) = staged.iter().position(|flight| flight.started.key == key) {
            let started = staged.remove(position).started;
            return self.kernel.complete(&mut world, started, -codes::WSA_OPERATION_ABORTED);
        }
        let found =
            world.started.iter().find(|flight| flight.started.driver == self.driver && flight.started.key == key);
        let Some(started) = found.map(|flight| flight.started) else { return };
        if world.cancels_at_once {
            world.take(started);
            self.kernel.complete(&mut world, started, -codes::WSA_OPERATION_ABORTED);
        } else {
            world.cancelled.push_back((self.driver, key));
        }
    }

    fn flush(&mut self) -> bool {
        self.kernel.submit(&mut self.kernel.world(), self.driver, usize::MAX);
        self.is_ready()
    }

    fn prepare(&mut self, most: usize) {
        let mut world = self.kernel.world();
        // One at a time where there is a choice, so that a few operations are as many as they can be.
        self.kernel.submit(&mut world, self.driver, if most < usize::MAX { 1 } else { most });
        // The contract keeps no wake that comes before.
        world.drivers[self.driver].woken = false;
    }

    fn is_ready(&self) -> bool {
        let world = self.kernel.world();
        let waiting = &world.drivers[self.driver];
        !waiting.done.is_empty() || !waiting.staged.is_empty()
    }

    fn harvest(&mut self, done: &mut Vec<Done>) {
        done.append(&mut self.kernel.world().drivers[self.driver].done);
    }

    fn forget(&mut self, _raw: i32) {}
}

impl Gate for End {
    fn block(&self, timeout: Option<Duration>) {
        let deadline = timeout.and_then(|timeout| sync::now().checked_add(timeout));
        let mut world = self.kernel.world();
        loop {
            let waiting = &mut world.drivers[self.driver];
            if std::mem::take(&mut waiting.woken) || !waiting.done.is_empty() {
                return;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(sync::now()));
            if left == Some(Duration::ZERO) {
                return;
            }
            world = self.kernel.wait(world, left);
        }
    }

    fn wake(&self) {
        self.kernel.world().drivers[self.driver].woken = true;
        self.kernel.changed.notify_all();
    }
}
