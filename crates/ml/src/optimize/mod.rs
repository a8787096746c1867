//! Minimisers of smooth functions, with the steps and stopping rules of those that Spark uses (breeze), so that
//! coefficients agree with Spark's also where iterations end early.
//!
//! | module | method | used where |
//! |---|---|---|
//! | `lbfgs` | L-BFGS, strong Wolfe line search | no L1 penalty, no bounds |
//! | `owlqn` | OWL-QN, backtracking line search | L1 penalty |
//! | `lbfgsb` | L-BFGS-B | bounds |

mod backtracking;
mod hessian;
mod lbfgs;
mod lbfgsb;
mod owlqn;
mod state;
mod watched;
mod wolfe;

pub use lbfgs::lbfgs;
pub use lbfgsb::lbfgsb;
pub use owlqn::owlqn;
pub use state::{Minimum, Objective, Stop};
pub use watched::Watched;

/// Why a step could not be made; the history is forgotten once before a search is given up.
enum Failed {
    Search,
    Error(firesteel_common::SparkError),
}

impl From<firesteel_common::SparkError> for Failed {
    fn from(error: firesteel_common::SparkError) -> Self {
        Failed::Error(error)
    }
}
