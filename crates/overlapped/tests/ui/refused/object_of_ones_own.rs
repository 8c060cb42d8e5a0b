//! What can be waited for is the library's alone: its waits rely on it.

use overlapped::Waitable;

struct Own;

impl Waitable for Own {}

fn main() {}
