//! Random numbers that agree with Spark's for equal seeds.

mod mersenne;
mod xorshift;

pub use mersenne::MersenneTwister;
pub use xorshift::XorShiftRandom;
