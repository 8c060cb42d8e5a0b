//! The programs of `examples/`: each server with its client, on each driver, prints what it prints on Windows.

#![cfg(target_os = "linux")]

mod support;

use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn exercise(pair: &str, server: &str, client: &str, driver: &str) {
    let build = |name: &str| {
        let flags = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"];
        support::build(&folder().join(format!("{name}.cpp")), &flags)
    };
    let (server, client) = (build(server), build(client));
    let args = [pair, server.to_str().expect("a path of text"), client.to_str().expect("a path of text")];
    let output = support::run(&folder().join("exercise"), &args, &[("OVERLAPPED_DRIVER", driver)]);
    assert!(output.status.success(), "{pair} on {driver}:\n{}", support::text(&output));
}

macro_rules! examples {
    ($($name:ident $pair:literal $server:literal $client:literal)*) => {
        mod uring {
            $(#[test] fn $name() { super::exercise($pair, $server, $client, "uring"); })*
        }

        mod epoll {
            $(#[test] fn $name() { super::exercise($pair, $server, $client, "epoll"); })*
        }
    };
}

examples! {
    a_chat_on_a_port "chat" "chat_server" "chat_client"
    a_game_core "game" "game_server" "game_client"
    network_events "event-select" "event_select_server" "echo_client"
    a_thousand_clients_with_routines "routine" "routine_server" "echo_client"
    the_callback_model "callback" "callback_server" "event_client"
}
