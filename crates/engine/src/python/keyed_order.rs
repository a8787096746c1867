//! Groups in sorted rows: what operators over groups ask of their input.

use datafusion::common::Result;
use datafusion::physical_expr::{Distribution, LexOrdering, PhysicalExpr, PhysicalSortExpr};
use firesteel_common::SparkError;
use firesteel_common::operator::SortDirections;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The keys, then the order of the rows within a group.
#[derive(Debug, Clone)]
pub struct KeyedOrder {
    n_keys: usize,
    order: Option<LexOrdering>,
}

/// Its wire form; the expressions travel among the operator's, [`KeyedOrder::exprs`].
#[derive(Debug, Serialize, Deserialize)]
pub struct KeyedOrderParts {
    n_keys: usize,
    directions: Option<SortDirections>,
    n_exprs: usize,
}

impl KeyedOrder {
    /// `order` begins with the `n_keys` keys; of equal expressions after them the first counts.
    ///
    /// # Errors
    /// When a key is there twice.
    pub fn try_new(n_keys: usize, order: Vec<PhysicalSortExpr>) -> Result<Self> {
        let own = Self::of_distinct(n_keys, order);
        if own.n_keys != n_keys {
            return Err(SparkError::internal("the same key twice").into());
        }
        Ok(own)
    }

    /// As [`KeyedOrder::try_new`]; a key that is there twice counts once.
    pub fn of_distinct(n_keys: usize, order: Vec<PhysicalSortExpr>) -> Self {
        let keys = LexOrdering::new(order.iter().take(n_keys).cloned());
        Self { n_keys: keys.map_or(0, |keys| keys.len()), order: LexOrdering::new(order) }
    }

    pub fn keys(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        self.exprs().take(self.n_keys).cloned().collect()
    }

    pub fn n_keys(&self) -> usize {
        self.n_keys
    }

    /// Without the keys, which are equal within a group.
    pub fn within_group(&self) -> Option<LexOrdering> {
        let order = self.order.iter().flat_map(|order| order.iter().cloned());
        LexOrdering::new(order.skip(self.n_keys))
    }

    /// What the input must be sorted by.
    pub fn whole(&self) -> Option<LexOrdering> {
        self.order.clone()
    }

    pub fn exprs(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        self.order.iter().flat_map(|order| order.iter()).map(|key| &key.expr)
    }

    /// Equal keys must meet; without keys all rows are one group.
    pub fn distribution(&self) -> Distribution {
        match self.n_keys {
            0 => Distribution::SinglePartition,
            _ => Distribution::KeyPartitioned(self.keys()),
        }
    }

    pub fn parts(&self) -> KeyedOrderParts {
        KeyedOrderParts {
            n_keys: self.n_keys,
            directions: self.order.as_ref().map(SortDirections::of),
            n_exprs: self.exprs().count(),
        }
    }
}

impl KeyedOrderParts {
    /// The order again, of the first of `exprs`, and the rest of them.
    ///
    /// # Errors
    /// When there are too few.
    pub fn order(
        self,
        mut exprs: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<(KeyedOrder, Vec<Arc<dyn PhysicalExpr>>)> {
        if exprs.len() < self.n_exprs || self.n_exprs < self.n_keys {
            return Err(SparkError::internal("an order arrived without its keys").into());
        }
        let rest = exprs.split_off(self.n_exprs);
        let order = match self.directions {
            Some(directions) => directions.order(exprs)?.into_iter().collect(),
            None => Vec::new(),
        };
        Ok((KeyedOrder::try_new(self.n_keys, order)?, rest))
    }
}
