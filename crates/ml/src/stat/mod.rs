//! Statistics (`org.apache.spark.ml.stat`): tests, correlation, summaries of vectors.
pub mod moments;
pub mod distribution;
