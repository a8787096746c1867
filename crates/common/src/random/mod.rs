//! Random numbers that agree with Spark's for equal seeds.

mod java;
mod mersenne;
mod well;
mod xorshift;

pub use java::JavaRandom;
pub use mersenne::MersenneTwister;
pub use well::Well19937;
pub use xorshift::XorShiftRandom;
