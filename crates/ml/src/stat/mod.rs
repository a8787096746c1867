//! Statistics (`org.apache.spark.ml.stat`): tests, correlation, moments of vectors, distributions.

mod chi_square;
mod correlation;
pub mod distribution;
mod kolmogorov_smirnov;
pub mod moments;
mod rows;

pub(crate) use chi_square::chi_square_test;
pub(crate) use correlation::correlation;
pub(crate) use kolmogorov_smirnov::kolmogorov_smirnov_test;
