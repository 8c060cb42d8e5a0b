//! Ports: each packet goes to one worker, whoever drives, sleeps, closes or ends meanwhile.

use super::{
    check_with, check_with_kernel, client, end_cancelled, end_or_give_back, is_aborted, serve_data, spawn, until,
};
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::SeqCst;
use crate::{Event, Overlapped, Port, Waited, alertable, codes, wait};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Operations and posted packets by two workers of a port on which one may run, or two: each packet is taken once.
#[test]
fn every_packet_is_taken_once() {
    for concurrency in [1, 2] {
        check_with_kernel(move |script| {
            let (port, dropped): (Port<u32>, _) = (Port::new(concurrency), Arc::default());
            let sessions = [(); 2].map(|()| script.socket());
            let workers = [(); 2].map(|()| {
                let port = port.clone();
                spawn(script, move |_| {
                    let mut taken = [0; 3];
                    while let packet @ 1.. = port.get(None).unwrap().unwrap() {
                        taken[packet as usize] += 1;
                    }
                    taken
                })
            });
            for socket in &sessions {
                client(socket, &dropped).recv_port(&port, |_, done| {
                    assert!(!is_aborted(&done));
                    1
                });
            }
            port.post(2).unwrap();
            until(|| dropped.load(SeqCst) == 2);
            (0..2).for_each(|_| port.post(0).unwrap());
            let taken = workers.map(|worker| worker.join().unwrap());
            assert_eq!((taken[0][1] + taken[1][1], taken[0][2] + taken[1][2]), (2, 1));
            assert_eq!((port.queued(), port.waiting(), port.running()), (0, 0, 0));
        });
    }
}

/// A worker that waits for what the next packet does, in a wait of the library: the next is released, on each of its ways.
#[test]
fn one_that_waits_here_is_replaced() {
    check_with_kernel(|script| {
        let (port, event): (Port<bool>, _) = (Port::new(1), Event::manual());
        let workers = [(); 2].map(|()| {
            let (port, event) = (port.clone(), event.clone());
            spawn(script, move |_| {
                if port.get(None).unwrap().unwrap() {
                    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
                } else {
                    event.set();
                }
            })
        });
        port.post(true).unwrap();
        port.post(false).unwrap();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        assert_eq!(port.running(), 0);
    });
}

/// The same for one that the port does not see wait: it spins until the next packet has come, by a post or from the kernel. Under a
/// model every thread is one that sleeps.
#[test]
fn one_that_waits_elsewhere_is_replaced() {
    for posted in [true, false] {
        check_with_kernel(move |script| {
            let (port, over): (Port<bool>, _) = (Port::new(1), Arc::new(AtomicBool::new(false)));
            let dropped = Arc::default();
            let workers = [(); 2].map(|()| {
                let (port, over) = (port.clone(), Arc::clone(&over));
                spawn(script, move |_| {
                    if port.get(None).unwrap().unwrap() {
                        until(|| over.load(SeqCst));
                    } else {
                        over.store(true, SeqCst);
                    }
                })
            });
            port.post(true).unwrap();
            match posted {
                true => port.post(false).unwrap(),
                false => drop(client(&script.socket(), &dropped).recv_port(&port, |_, _| false)),
            }
            workers.into_iter().for_each(|worker| worker.join().unwrap());
        });
    }
}

/// One that comes back from a wait here and then waits elsewhere: the next one may have been woken to drive in between.
#[test]
fn one_that_waits_here_and_then_elsewhere_is_replaced() {
    check_with_kernel(|script| {
        let (port, event, over): (Port<bool>, _, _) = (Port::new(1), Event::manual(), Arc::new(AtomicBool::new(false)));
        let dropped = Arc::default();
        let workers = [(); 2].map(|()| {
            let (port, event, over) = (port.clone(), event.clone(), Arc::clone(&over));
            spawn(script, move |_| {
                if port.get(None).unwrap().unwrap() {
                    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
                    until(|| over.load(SeqCst));
                } else {
                    over.store(true, SeqCst);
                }
            })
        });
        port.post(true).unwrap();
        until(|| (port.queued(), port.running(), port.waiting()) == (0, 0, 1));
        client(&script.socket(), &dropped).recv_port(&port, |_, _| false);
        event.set();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
}

/// The one that looks after those that sleep blocks where its own routines come, in the driver of the port, or nowhere of these.
#[test]
fn one_that_looks_may_wait_anywhere() {
    check_with(serve_data, |script| {
        let (port, over): (Port<bool>, _) = (Port::new(1), Arc::new(AtomicBool::new(false)));
        let (socket, dropped) = (script.socket(), Arc::default());
        let handle = |packet: bool, over: &AtomicBool| match packet {
            true => until(|| over.load(SeqCst)),
            false => over.store(true, SeqCst),
        };
        client(&socket, &dropped).recv_port(&port, |_, _| false);
        let routines = spawn(script, {
            let (port, over) = (port.clone(), Arc::clone(&over));
            move |script| {
                Overlapped::new(script.socket()).accept(|listener| listener, |_, _| {});
                let mut packets = Vec::new();
                port.get_many_alertable(&mut packets, 1, None).unwrap();
                handle(packets[0], &over);
            }
        });
        // Opens the gate once more, for one that drives while it still looks.
        port.post(true).unwrap();
        let first = port.get(None).unwrap().unwrap();
        port.post(first).unwrap();
        if let Some(packet) = port.get(Some(std::time::Duration::ZERO)).unwrap() {
            port.post(packet).unwrap();
        }
        let plain = spawn(script, {
            let (port, over) = (port.clone(), Arc::clone(&over));
            move |_| handle(port.get(None).unwrap().unwrap(), &over)
        });
        routines.join().unwrap();
        plain.join().unwrap();
    });
}

/// One that drove goes on to something else; another drives then, for what was there, or what the first issues once more.
#[test]
fn one_that_drove_leaves_that_to_another() {
    for again in [true, false] {
        check_with(serve_data, move |script| {
            let (port, dropped): (Port<Option<_>>, _) = (Port::new(2), Arc::default());
            let taken = Arc::new(AtomicUsize::new(0));
            for _ in 0..2 - usize::from(again) {
                client(&script.socket(), &dropped).recv_port(&port, |client, _| Some(client));
            }
            // Keeps whoever drives in the driver.
            Overlapped::new(script.socket()).accept_port(&port, |listener| listener, |_, _| None);
            let workers = [(); 2].map(|()| {
                let (port, taken) = (port.clone(), Arc::clone(&taken));
                spawn(script, move |_| {
                    let client = port.get(None).unwrap().flatten().expect("nobody connects");
                    if again && taken.load(SeqCst) == 0 {
                        client.recv_port(&port, |client, _| Some(client));
                    }
                    taken.fetch_add(1, SeqCst);
                    until(|| taken.load(SeqCst) == 2);
                })
            });
            workers.into_iter().for_each(|worker| worker.join().unwrap());
        });
    }
}

/// The one that looks after those that sleep may leave.
#[test]
fn another_looks_when_the_first_has_left() {
    check_with_kernel(|script| {
        let (port, over): (Port<bool>, _) = (Port::new(1), Arc::new(AtomicBool::new(false)));
        port.post(true).unwrap();
        assert_eq!(port.get(None).unwrap(), Some(true));
        let waiters = [Some(std::time::Duration::from_millis(1)), None].map(|timeout| {
            let (port, over) = (port.clone(), Arc::clone(&over));
            spawn(script, move |_| {
                let taken = port.get(timeout).unwrap();
                over.fetch_or(taken.is_some(), SeqCst);
                taken.is_some()
            })
        });
        port.post(false).unwrap();
        until(|| over.load(SeqCst));
        let [impatient, patient] = waiters;
        if impatient.join().unwrap() {
            port.post(false).unwrap();
        }
        assert!(patient.join().unwrap());
    });
}

/// What lies behind an operation on an event is dropped with its port, whatever becomes of that.
#[test]
fn a_close_finds_what_lies_behind_an_event() {
    check_with(end_or_give_back, |script| {
        let (port, dropped): (Port<()>, Arc<AtomicUsize>) = (Port::new(1), Arc::default());
        let (socket, on_event) = (script.socket(), Arc::default());
        let before = client(&socket, &on_event).recv_event(&Event::manual());
        client(&socket, &dropped).recv_port(&port, |_, _| ());
        let worker = spawn(script, {
            let port = port.clone();
            move |_| port.get(None).is_ok()
        });
        port.close();
        assert!(!worker.join().unwrap());
        until(|| dropped.load(SeqCst) == 1);
        let _ = before.cancel();
        drop(before.finish());
    });
}

/// The port closes while workers wait, lead and take, and operations pend: every wait ends, every session is dropped once.
#[test]
fn a_close_ends_every_wait_and_drops_every_session() {
    check_with(end_or_give_back, |script| {
        let (port, dropped): (Port<()>, Arc<AtomicUsize>) = (Port::new(2), Arc::default());
        let workers = [(); 2].map(|()| {
            let port = port.clone();
            spawn(script, move |_| {
                loop {
                    if let Err(error) = port.get(None) {
                        return error.code();
                    }
                }
            })
        });
        let issuer = spawn(script, {
            let (port, dropped) = (port.clone(), Arc::clone(&dropped));
            move |script| {
                let socket = script.socket();
                // The second lies behind the first.
                for _ in 0..2 {
                    client(&socket, &dropped).recv_port(&port, |_, done| assert!(is_aborted(&done)));
                }
            }
        });
        port.close();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), codes::ERROR_ABANDONED_WAIT_0);
        }
        issuer.join().unwrap();
        until(|| dropped.load(SeqCst) == 2);
    });
}

/// An operation goes on after its thread, also when the kernel gives it back for that, and when the one before it on its socket is
/// another one's.
#[test]
fn an_operation_outlives_its_thread() {
    check_with_kernel(|script| {
        let (port, dropped): (Port<bool>, _) = (Port::new(1), Arc::default());
        let socket = script.socket();
        spawn(script, {
            let (port, dropped) = (port.clone(), Arc::clone(&dropped));
            move |_| {
                let _ = client(&socket, &dropped).recv_event(&Event::manual());
                client(&socket, &dropped).recv_port(&port, |_, done| is_aborted(&done));
            }
        })
        .join()
        .unwrap();
        assert_eq!(port.get(None).unwrap(), Some(false));
        until(|| dropped.load(SeqCst) == 2);
    });
}

/// A thread that waits for packets and for its own routines gets both, though it blocks where the routines come, and some never do.
#[test]
fn packets_and_routines_come_to_one_wait() {
    for other in [true, false] {
        check_with(serve_data, move |script| {
            let worker = spawn(script, move |script| {
                let (port, dropped): (Port<bool>, _) = (Port::new(1), Arc::new(AtomicUsize::new(0)));
                Overlapped::new(script.socket()).accept(|listener| listener, |_, _| panic!("nobody connects"));
                client(&script.socket(), &dropped).recv_port(&port, |_, done| is_aborted(&done));
                if other {
                    let _ = client(&script.socket(), &dropped).recv(|_, done| assert!(!is_aborted(&done)));
                }
                let mut packets = Vec::new();
                while dropped.load(SeqCst) < 1 + usize::from(other) {
                    assert_ne!(port.get_many_alertable(&mut packets, 2, None).unwrap(), Waited::TimedOut);
                }
                assert_eq!(packets, [false]);
            });
            worker.join().unwrap();
        });
    }
}

/// A wait whose time is over loses no packet: it takes it, or another one does.
#[test]
fn a_packet_is_not_lost_to_a_wait_that_is_over() {
    check_with_kernel(|script| {
        let port: Port<u32> = Port::new(2);
        let impatient = spawn(script, {
            let port = port.clone();
            move |_| port.get(Some(std::time::Duration::from_millis(1))).unwrap()
        });
        let patient = spawn(script, {
            let port = port.clone();
            move |_| port.get(None).unwrap()
        });
        port.post(1).unwrap();
        let first = impatient.join().unwrap();
        if first.is_some() {
            port.post(2).unwrap();
        }
        assert_eq!(patient.join().unwrap().or(first).is_some(), true);
        assert_eq!(port.queued(), 0);
    });
}

/// A cancelled operation is a packet, whoever drives.
#[test]
fn a_cancelled_operation_is_a_packet() {
    check_with(end_cancelled, |script| {
        let (port, dropped): (Port<bool>, _) = (Port::new(1), Arc::default());
        let socket = script.socket();
        let worker = spawn(script, {
            let port = port.clone();
            move |_| port.get(None).unwrap()
        });
        client(&socket, &dropped).recv_port(&port, |_, done| is_aborted(&done));
        socket.cancel().unwrap();
        assert_eq!(worker.join().unwrap(), Some(true));
        assert_eq!(alertable::sleep(Some(std::time::Duration::ZERO)).unwrap(), Waited::TimedOut);
    });
}
