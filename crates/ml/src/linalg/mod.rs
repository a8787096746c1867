//! Vectors and matrices in Spark's forms (`org.apache.spark.ml.linalg`), and dense linear algebra.
//!
//! | module | question |
//! |---|---|
//! | `vector`, `matrix` | values of parameters, models, single rows |
//! | `column` | vectors and matrices of a whole Arrow column: the SQL type, reading, building |
//! | `kernels` | dot, axpy, gemv, gemm, syrk over slices |
//! | `cholesky`, `eigen`, `svd` | decompositions |
//!
//! Written here and not taken from `faer`: that crate turns on a feature of `num-complex`, on which arrow stands, and
//! so would have all of arrow and DataFusion compiled anew; what MLlib needs are these few.

mod cholesky;
mod column;
mod eigen;
pub mod kernels;
mod matrix;
mod svd;
mod text;
mod vector;

pub use cholesky::{cholesky_inverse, cholesky_solve};
pub(crate) use column::of_mllib;
pub use column::{
    MatrixColumn, MatrixColumnBuilder, VectorColumn, VectorColumnBuilder, is_matrix, is_vector,
    matrix_type, vector_type,
};
pub use eigen::{Eigen, symmetric_eigen};
pub use matrix::{Matrix, MatrixStorage};
pub use svd::{Svd, svd};
pub use text::double_text;
pub use vector::{Vector, VectorView};
