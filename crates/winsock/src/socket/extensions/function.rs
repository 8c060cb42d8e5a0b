//! Which function a name stands for: `SIO_GET_EXTENSION_FUNCTION_POINTER`.

use super::{accept, addresses, connect, disconnect, message, transmit};
use crate::abi::Guid;
use crate::codes::*;
use crate::error::Code;

const fn guid(data1: u32, data2: u16, data3: u16, data4: [u8; 8]) -> Guid {
    Guid { data1, data2, data3, data4 }
}

const fn mswsock(data1: u32) -> Guid {
    guid(data1, 0xCBAC, 0x11CF, [0x95, 0xCA, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92])
}

const TRANSMIT_FILE: Guid = mswsock(0xB536_7DF0);
const ACCEPT_EX: Guid = mswsock(0xB536_7DF1);
const GET_ACCEPT_EX_SOCKADDRS: Guid = mswsock(0xB536_7DF2);
const CONNECT_EX: Guid = guid(0x25A2_07B9, 0xDDF3, 0x4660, [0x8E, 0xE9, 0x76, 0xE5, 0x8C, 0x74, 0x06, 0x3E]);
const DISCONNECT_EX: Guid = guid(0x7FDA_2E11, 0x8630, 0x436F, [0xA0, 0x31, 0xF5, 0x36, 0xA6, 0xEE, 0xC1, 0x57]);
const TRANSMIT_PACKETS: Guid = guid(0xD968_9DA0, 0x1F90, 0x11D3, [0x99, 0x71, 0x00, 0xC0, 0x4F, 0x68, 0xC8, 0x76]);
const RECEIVE_MESSAGE: Guid = guid(0xF689_D7C8, 0x6F1F, 0x436B, [0x8A, 0x53, 0xE5, 0x4F, 0xE3, 0x51, 0xC3, 0x22]);
const SEND_MESSAGE: Guid = guid(0xA441_E712, 0x754F, 0x43CA, [0x84, 0xA7, 0x0D, 0xEE, 0x44, 0xCF, 0x60, 0x6D]);

fn function(name: Guid) -> Option<*const ()> {
    let function: *const () = match name {
        TRANSMIT_FILE => transmit::TransmitFile as *const (),
        ACCEPT_EX => accept::AcceptEx as *const (),
        GET_ACCEPT_EX_SOCKADDRS => addresses::GetAcceptExSockaddrs as *const (),
        CONNECT_EX => connect::ConnectEx as *const (),
        DISCONNECT_EX => disconnect::DisconnectEx as *const (),
        TRANSMIT_PACKETS => transmit::TransmitPackets as *const (),
        RECEIVE_MESSAGE => message::WSARecvMsg as *const (),
        SEND_MESSAGE => message::WSASendMsg as *const (),
        _ => return None,
    };
    Some(function)
}

/// The answer to a command of `WSAIoctl` that asks for a function by its name.
pub(in crate::socket) fn answer(name: Guid) -> Result<Vec<u8>, Code> {
    let function = function(name).ok_or(WSAEINVAL)?;
    Ok(function.addr().to_ne_bytes().to_vec())
}
