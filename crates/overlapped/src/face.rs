//! Seams for the other faces of the engine, which have rules of their own for what programs hold. Not for programs: nothing
//! here is promised to stay.

pub mod objects;
pub mod threads;
