//! Sort orders on the wire: the keys travel among an operator's expressions, this beside them.

use arrow::compute::SortOptions;
use datafusion_common::{DataFusionError, Result};
use datafusion_physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// For each key: whether it descends, and whether nulls come first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SortDirections(Vec<(bool, bool)>);

impl SortDirections {
    pub fn of(order: &LexOrdering) -> Self {
        Self(order.iter().map(|key| (key.options.descending, key.options.nulls_first)).collect())
    }

    /// The order by `keys`.
    ///
    /// # Errors
    /// Without keys, or with another number of them.
    pub fn order(self, keys: Vec<Arc<dyn PhysicalExpr>>) -> Result<LexOrdering> {
        if keys.len() != self.0.len() {
            return Err(no_order());
        }
        let keys = keys.into_iter().zip(self.0).map(|(key, (descending, nulls_first))| {
            PhysicalSortExpr::new(key, SortOptions { descending, nulls_first })
        });
        LexOrdering::new(keys).ok_or_else(no_order)
    }
}

fn no_order() -> DataFusionError {
    DataFusionError::Internal("a sort order arrived without its keys".to_owned())
}
