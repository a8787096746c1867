//! GraphFrames on Rust: graphs as compressed sparse rows, and one file an algorithm.

pub mod algorithm;
pub mod csr;
pub mod kernel;
mod threads;
