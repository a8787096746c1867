//! Decision trees, forests and boosted trees of both kinds, classification and regression.
//!
//! ```text
//! rows ── thresholds ──▶ bins (column by column) ── bagging ──▶ grow (best split of each node) ──▶ Tree
//!                                                   boost: grow, update labels, grow, …
//! ```
//!
//! | module | question |
//! |---|---|
//! | `training`, `layout`, `thresholds`, `bins`, `bagging` | what trees are grown from |
//! | `grow`, `best_split`, `impurity`, `feature_subset`, `scala_order`, `tasks` | how they grow |
//! | `boost`, `loss` | how boosting makes many of them |
//! | `node`, `split` | what a tree is |
//! | `model`, `predict`, `importance`, `text`, `stored` | what models of trees answer, how they are saved |
//! | `decision_tree`, `random_forest`, `gbt` | Spark's classes |

mod bagging;
mod best_split;
mod bins;
mod boost;
mod decision_tree;
mod exact;
mod feature_subset;
mod gbt;
mod grow;
mod importance;
mod impurity;
mod layout;
mod loss;
mod model;
mod node;
mod params;
mod predict;
mod random_forest;
mod scala_order;
mod split;
mod stored;
mod tasks;
mod text;
mod thresholds;
mod training;

use crate::class::Class;
use crate::function::AnyFunction;
pub(crate) use scala_order::set_order;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    [decision_tree::CLASSES, gbt::CLASSES, random_forest::CLASSES].concat()
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&predict::LEAF, &predict::PREDICT, &predict::RAW, &predict::VARIANCE]
}
