//! Which driver a server really uses.

use crate::support::{On, Run, Server, echo};
use crate::system::on_all;
use std::fs;

on_all!(environment, flag_wins_over_environment);

fn environment(on: On) {
    let server = on.serve("echo", &[]);
    echo(&mut server.connect(), b"hello");
    assert!(uses(&server, on));
    server.stop();
}

fn flag_wins_over_environment(on: On) {
    let arguments = ["serve", "127.0.0.1:0", "--mode", "echo", "--model", on.model, "--driver", on.driver];
    let other = if on.driver == "epoll" { "auto" } else { "epoll" };
    let server = Server::start(Run::new(&arguments).driver(other));
    echo(&mut server.connect(), b"hello");
    assert!(uses(&server, on));
    server.stop();
}

/// Whether the server has a descriptor of this driver, and none of the other. Routines alone are io_uring's, select needs none.
fn uses(server: &Server, on: On) -> bool {
    let folder = fs::read_dir(format!("/proc/{}/fd", server.running.child.id())).expect("the server is there");
    let links: Vec<_> = folder.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).collect();
    let has = |kind: &str| links.iter().any(|link| link.to_string_lossy().contains(kind));
    let ring = on.driver == "uring" && on.model == "callback";
    has("[io_uring]") == ring && has("[eventpoll]") == (on.model != "select" && !ring)
}
