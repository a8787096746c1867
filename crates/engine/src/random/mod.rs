//! Random numbers that agree with Spark's for equal seeds.

mod xorshift;

pub use xorshift::XorShiftRandom;
