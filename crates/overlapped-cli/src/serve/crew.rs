//! The workers' threads, and the desks at which they are reached.

use super::acceptor::Acceptor;
use super::worker::Worker;
use super::{Hub, Serving};
use crate::problem::Problem;
use overlapped::{Result, Socket};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

/// Where other threads reach a worker. One that has ended drops what it is given.
pub(super) trait Desk: Clone + Send + 'static {
    /// Gives the worker a client.
    fn hand(&self, socket: Socket);

    /// Makes the worker accept.
    fn accept(&self, listener: Socket, acceptor: Acceptor<Self>);

    /// Ends the worker's wait, so that it looks whether it is done.
    fn wake(&self);
}

/// A server that loses a worker, even by a panic, stops instead of serving some of its clients.
struct StopAtEnd(Sender<()>);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

pub(super) struct Crew<D> {
    desks: Vec<D>,
    threads: Vec<JoinHandle<Result<()>>>,
}

impl<D: Desk> Crew<D> {
    pub(super) fn start<M: Serving<Desk = D>>(
        hub: &Arc<Hub>,
        count: u16,
        stop: &Sender<()>,
    ) -> std::result::Result<Self, Problem> {
        let (open, opened) = mpsc::channel();
        let mut threads = Vec::new();
        for number in 1..=count {
            let (hub, open, stop) = (Arc::clone(hub), open.clone(), stop.clone());
            let thread = thread::Builder::new()
                .name(format!("worker {number}"))
                .spawn(move || {
                    let _stop = StopAtEnd(stop);
                    M::work(Worker::new(hub), move |desk| drop(open.send(desk)))
                })
                .map_err(|error| {
                    Problem::failed(format!(
                        "cannot start worker {number} of {count}: {error}; ask for fewer --threads"
                    ))
                })?;
            threads.push(thread);
        }
        drop(open);
        // Until every worker has opened its desk, or has failed to.
        let crew = Self { desks: opened.iter().collect(), threads };
        if crew.desks.len() < usize::from(count) {
            hub.peers.close();
            crew.finish()?;
            return Err(Problem::failed("a worker has ended before it began"));
        }
        Ok(crew)
    }

    /// Begins to accept.
    pub(super) fn accept(&self, hub: &Arc<Hub>, listener: &Socket) {
        let acceptor = Acceptor::new(Arc::clone(hub), self.desks.clone());
        self.desks[0].accept(listener.clone(), acceptor);
    }

    /// Waits for the workers to end.
    pub(super) fn finish(self) -> std::result::Result<(), Problem> {
        self.desks.iter().for_each(Desk::wake);
        let mut failed = None;
        for thread in self.threads {
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(error)) => failed = failed.or(Some(Problem::from(error))),
                Err(_) => failed = failed.or(Some(Problem::failed("a worker has panicked"))),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}
