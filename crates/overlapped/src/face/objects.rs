//! Objects as a table of handles sees them.

use crate::object::Waitable;
use std::sync::Arc;

/// Whether both are one object: a table of handles refuses a wait for all that names one twice.
pub fn is_same(one: &dyn Waitable, other: &dyn Waitable) -> bool {
    Arc::ptr_eq(one.waits_for(), other.waits_for())
}
