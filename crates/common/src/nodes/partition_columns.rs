//! Columns whose values depend on the partition: `rand`, `monotonically_increasing_id`, ….

use arrow::datatypes::{DataType, Field};
use datafusion_common::{DFSchema, DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A function whose value depends on the partition and the row's position in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Serialize, Deserialize)]
pub enum PartitionFunction {
    SparkPartitionId,
    /// `(partition id << 33) + position in the partition`.
    MonotonicallyIncreasingId,
    /// Uniform in [0, 1): Spark's XORShift generator seeded with `seed + partition`.
    Rand {
        seed: i64,
    },
    /// Standard normal from the same generator.
    Randn {
        seed: i64,
    },
    /// Random UUIDs (version 4) from a generator seeded with `seed + partition`.
    Uuid {
        seed: i64,
    },
    /// So many letters and digits each.
    Letters {
        length: u64,
        seed: i64,
    },
    /// How often sampling with replacement takes a row: Poisson with the mean whose bits these are.
    Poisson {
        seed: i64,
        mean_bits: u64,
    },
}

impl PartitionFunction {
    /// Type of the column.
    pub fn data_type(&self) -> DataType {
        match self {
            PartitionFunction::SparkPartitionId | PartitionFunction::Poisson { .. } => {
                DataType::Int32
            }
            PartitionFunction::MonotonicallyIncreasingId => DataType::Int64,
            PartitionFunction::Rand { .. } | PartitionFunction::Randn { .. } => DataType::Float64,
            PartitionFunction::Uuid { .. } | PartitionFunction::Letters { .. } => DataType::Utf8,
        }
    }
}

/// The input's columns followed by one non-null column per function, under its internal name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartitionColumns {
    pub input: LogicalPlan,
    pub columns: Vec<(String, PartitionFunction)>,
    schema: DFSchemaRef,
}

impl PartitionColumns {
    /// # Errors
    /// When a name exists already.
    pub fn try_new(input: LogicalPlan, columns: Vec<(String, PartitionFunction)>) -> Result<Self> {
        let added = columns.iter().map(|(name, function)| {
            (None, Arc::new(Field::new(name, function.data_type(), false)))
        });
        let fields = input
            .schema()
            .iter()
            .map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)))
            .chain(added)
            .collect();
        let metadata = input.schema().metadata().clone();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, metadata)?);
        Ok(Self { input, columns, schema })
    }
}

impl PartialOrd for PartitionColumns {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.columns.partial_cmp(&other.columns)
    }
}

impl UserDefinedLogicalNodeCore for PartitionColumns {
    fn name(&self) -> &str {
        "PartitionColumns"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    /// A filter below would change positions, and so the values: none may pass.
    fn prevent_predicate_push_down_columns(&self) -> std::collections::HashSet<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "PartitionColumns: {:?}", self.columns)
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        Self::try_new(input, self.columns.clone())
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let n_input = self.input.schema().fields().len();
        Some(vec![output_columns.iter().copied().filter(|column| *column < n_input).collect()])
    }
}

use super::one_input;
