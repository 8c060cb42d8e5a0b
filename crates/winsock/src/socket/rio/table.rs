//! The functions of registered I/O in one structure: `SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER`.

use super::{buffer, completions, requests};
use crate::abi::Guid;
use crate::codes::*;
use crate::error::Code;

const NAME: Guid =
    Guid { data1: 0x8509_E081, data2: 0x96DD, data3: 0x4005, data4: [0xB1, 0x65, 0x9E, 0x2E, 0xE8, 0xC7, 0x9E, 0x3F] };

/// The structure that a name stands for: `RIO_EXTENSION_FUNCTION_TABLE`, its size first.
pub(in crate::socket) fn answer(name: Guid) -> Result<Vec<u8>, Code> {
    if name != NAME {
        return Err(WSAEINVAL);
    }
    let functions = [
        requests::RIOReceive as *const (),
        requests::RIOReceiveEx as *const (),
        requests::RIOSend as *const (),
        requests::RIOSendEx as *const (),
        completions::RIOCloseCompletionQueue as *const (),
        completions::RIOCreateCompletionQueue as *const (),
        requests::RIOCreateRequestQueue as *const (),
        completions::RIODequeueCompletion as *const (),
        buffer::RIODeregisterBuffer as *const (),
        completions::RIONotify as *const (),
        buffer::RIORegisterBuffer as *const (),
        completions::RIOResizeCompletionQueue as *const (),
        requests::RIOResizeRequestQueue as *const (),
    ];
    let size = (functions.len() + 1) * size_of::<usize>();
    let mut table = size.to_ne_bytes().to_vec();
    functions.iter().for_each(|function| table.extend(function.expose_provenance().to_ne_bytes()));
    Ok(table)
}
