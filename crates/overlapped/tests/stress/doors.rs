//! One accept of a connection to come, cancelled now and then before: the connection is the next accept's.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};

use overlapped::{Event, Issued, OperationId, Overlapped, Pending, Result, Socket, codes};

use super::deed::{Awaited, Deed, Hand};
use super::model::Ticket;
use super::waits::Running;

struct Porter {
    listener: Socket,
    ticket: Ticket,
}

struct OwnPorter {
    porter: Porter,
    client: Rc<RefCell<Option<Result<Socket>>>>,
}

enum Accept {
    None,
    Routine(Rc<RefCell<Option<Result<Socket>>>>),
    Event { pending: Box<Pending<Porter, Socket>>, event: Event, orphan: Arc<AtomicBool> },
}

pub(super) struct Door {
    listener: Socket,
    address: SocketAddr,
    accept: Accept,
    /// Cancels that have been asked for and not been seen.
    cancels: Arc<AtomicUsize>,
    asked: bool,
    caller: Arc<Mutex<Option<TcpStream>>>,
}

impl Door {
    pub(super) fn begin(_: &mut Hand) -> Box<dyn Deed> {
        let listener = Socket::listen("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        let (cancels, caller) = (Arc::default(), Arc::default());
        Box::new(Self { listener, address, accept: Accept::None, cancels, asked: false, caller })
    }

    fn issue(&mut self, hand: &mut Hand) {
        let listener = self.listener.clone();
        let (issued, accept) = if hand.with_routine() {
            let client = Rc::default();
            let own =
                OwnPorter { porter: Porter { listener, ticket: Ticket::with_routine() }, client: Rc::clone(&client) };
            let issued = Overlapped::new(own).accept(|own| &own.porter.listener, accepted);
            (issued, Accept::Routine(client))
        } else {
            let (ticket, event) = (Ticket::on_event(), Event::manual());
            let orphan = Arc::clone(&ticket.orphan);
            let porter = Overlapped::new(Porter { listener, ticket });
            let pending = porter.accept_event(&event, |porter| &porter.listener);
            (pending.issued(), Accept::Event { pending: Box::new(pending), event, orphan })
        };
        self.accept = accept;
        if hand.dice.percent(30) {
            self.cancel(hand, issued);
        }
        if !self.asked {
            self.asked = true;
            let (address, caller, listener) = (self.address, Arc::clone(&self.caller), self.listener.clone());
            hand.round.service.ask(move |_| {
                let mut caller = caller.lock().unwrap();
                *caller = Some(TcpStream::connect(address).expect("the listener is there"));
                drop(listener);
            });
        }
    }

    fn cancel(&self, hand: &Hand, issued: Issued) {
        let Issued::Pending(id) = issued else { return };
        self.cancels.fetch_add(1, SeqCst);
        let (listener, all) = (self.listener.clone(), self.cancels.load(SeqCst) % 2 == 0);
        hand.round.service.ask(move |_| {
            let _: Result<()> = cancelled(&listener, id, all);
        });
    }
}

fn cancelled(listener: &Socket, id: OperationId, all: bool) -> Result<()> {
    if all { listener.cancel() } else { listener.cancel_operation(id) }
}

impl Deed for Door {
    fn go_on(&mut self, hand: &mut Hand) -> bool {
        let client = match std::mem::replace(&mut self.accept, Accept::None) {
            Accept::None => None,
            Accept::Routine(client) => {
                let came = client.borrow_mut().take();
                if came.is_none() {
                    self.accept = Accept::Routine(client);
                    return false;
                }
                came
            }
            Accept::Event { pending, event, orphan } => match pending.try_finish() {
                Ok((mut porter, client)) => {
                    porter.ticket.complete(client.as_ref().map_or_else(|error| error.code(), |_| 0));
                    Some(client)
                }
                Err(pending) => {
                    self.accept = Accept::Event { pending: Box::new(pending), event, orphan };
                    return false;
                }
            },
        };
        match client {
            None => {}
            Some(Ok(client)) => {
                // Whoever connects may not have come back from that.
                let caller = self.caller.lock().unwrap();
                let caller = caller.as_ref().expect("somebody has connected");
                assert_eq!(client.peer_addr().unwrap(), caller.local_addr().unwrap());
                return true;
            }
            Some(Err(error)) => {
                assert_eq!(error.code(), codes::WSA_OPERATION_ABORTED);
                assert!(self.cancels.load(SeqCst) > 0, "nobody has cancelled it");
            }
        }
        self.issue(hand);
        false
    }

    fn awaited(&self) -> Awaited {
        match &self.accept {
            Accept::Event { event, .. } => Awaited::Object(Box::new(event.clone())),
            _ => Awaited::Routine,
        }
    }

    fn came(&mut self) {
        if let Accept::Event { pending, .. } = &self.accept {
            assert!(pending.is_done(), "the event is set before its accept is done");
        }
    }

    fn wait_within(&mut self) -> bool {
        match &self.accept {
            Accept::Event { pending, .. } => pending.wait(None),
            _ => false,
        }
    }

    fn leave(self: Box<Self>, _: &mut Hand) {
        if let Accept::Event { pending, orphan, .. } = self.accept {
            orphan.store(true, SeqCst);
            drop(pending);
        }
    }

    fn state(&self) -> String {
        let accept = match &self.accept {
            Accept::None => "none".into(),
            Accept::Routine(_) => "routine".into(),
            Accept::Event { pending, event, .. } => format!("{event:?}, done {}", pending.is_done()),
        };
        format!("door {:?}, asked {}, cancels {}", accept, self.asked, self.cancels.load(SeqCst))
    }
}

fn accepted(mut own: Overlapped<OwnPorter>, client: Result<Socket>) {
    let _running = Running::enter();
    own.porter.ticket.complete(client.as_ref().map_or_else(|error| error.code(), |_| 0));
    *own.client.borrow_mut() = Some(client);
}
