//! Rows of a dataset as blocks.

use super::aggregate::over_slice;
use super::check::{check_vector, check_weight};
use super::dataset::{Dataset, doubles};
use super::{Aggregate, Block, BlockBuilder, LabelKind, check_labels};
use crate::error;
use crate::job::Job;
use crate::linalg::{VectorColumn, VectorColumnBuilder};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use firesteel_common::Result;
use std::sync::Arc;

/// Which columns make an instance.
#[derive(Debug, Clone)]
pub struct InstanceColumns<'a> {
    /// Vectors, or arrays of numbers.
    pub features: &'a str,
    pub label: Option<(&'a str, LabelKind)>,
    /// None: all rows weigh 1.
    pub weight: Option<&'a str>,
    /// Further columns of numbers: offsets, censors. Null is NaN.
    pub extra: Vec<&'a str>,
    /// Whether entries that are NaN or infinite are an error, as in most algorithms of Spark.
    pub finite: bool,
}

impl<'a> InstanceColumns<'a> {
    /// Features alone, finite.
    pub fn features(features: &'a str) -> Self {
        Self { features, label: None, weight: None, extra: Vec::new(), finite: true }
    }
}

/// Rows in memory.
pub struct Instances {
    pub blocks: Vec<Block>,
    pub n_features: usize,
    pub n_rows: usize,
    /// Rows of each partition, in order: Spark draws random numbers by partition.
    pub partitions: Vec<usize>,
    pub job: Arc<dyn Job>,
}

impl std::fmt::Debug for Instances {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Instances")
            .field("n_rows", &self.n_rows)
            .field("n_features", &self.n_features)
            .finish_non_exhaustive()
    }
}

impl Aggregate for Instances {
    type Piece = Block;

    fn aggregate<A: Send>(
        &self,
        zero: impl Fn() -> A + Sync,
        seq: impl Fn(&mut A, &Block) -> Result<()> + Sync,
        comb: impl Fn(&mut A, A),
    ) -> Result<A> {
        over_slice(&self.blocks, self.job.as_ref(), zero, seq, comb)
    }
}

impl Dataset {
    /// Reads instances into memory. Rows that weigh nothing are left out.
    ///
    /// # Errors
    /// Spark's, where columns are missing or of another type, or a row is not valid. No rows are no error.
    pub fn instances(&self, columns: &InstanceColumns<'_>) -> Result<Instances> {
        let mut exprs = vec![self.vector_expr(columns.features)?];
        if columns.label.is_some() {
            // Predictors take no arrays, though they look for them.
            exprs = vec![crate::columns::vector(&self.frame, columns.features)?];
        }
        if let Some((label, _)) = columns.label {
            exprs.push(self.double_expr(label)?);
        }
        if let Some(weight) = columns.weight {
            exprs.push(match columns.label {
                Some(_) => self.double_expr(weight)?,
                None => self.cast_expr(weight)?,
            });
        }
        for extra in &columns.extra {
            exprs.push(self.double_expr(extra)?);
        }
        let mut builder: Option<(usize, BlockBuilder)> = None;
        let mut partitions: Vec<usize> = Vec::new();
        self.scan_partitions(exprs, |partition, batch| {
            if partitions.len() <= partition {
                partitions.resize(partition + 1, 0);
                // Sums over blocks are sums over partitions, as in Spark: last digits depend on it.
                if let Some((_, builder)) = &mut builder {
                    builder.cut();
                }
            }
            let vectors = vectors(batch.column(0))?;
            let vectors = VectorColumn::new(&vectors)?;
            let mut next = 1;
            let mut column = || -> Result<_> {
                next += 1;
                doubles(batch.column(next - 1))
            };
            let labels = match columns.label {
                Some((_, kind)) => {
                    let labels = column()?;
                    check_labels(labels.iter(), kind)?;
                    Some(labels)
                }
                None => None,
            };
            let weights = columns.weight.map(|_| column()).transpose()?;
            let extra = columns.extra.iter().map(|_| column()).collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let weight = match &weights {
                    Some(weights) => {
                        let weight = weights.is_valid(row).then(|| weights.value(row));
                        Some(check_weight(weight)?)
                    }
                    None => None,
                };
                if weight == Some(0.0) {
                    continue;
                }
                let vector = match columns.finite {
                    true => check_vector(vectors.get(row))?,
                    false => {
                        vectors.get(row).ok_or_else(|| error::raised("Vectors MUST NOT be Null"))?
                    }
                };
                let (size, builder) = builder.get_or_insert_with(|| {
                    (vector.size(), BlockBuilder::new(vector.size(), extra.len()))
                });
                if vector.size() != *size {
                    return Err(error::requirement(format!(
                        "Dimensions mismatch when adding new sample. Expecting {size} but got {}.",
                        vector.size()
                    )));
                }
                let value = |column: &arrow::array::Float64Array| match column.is_valid(row) {
                    true => column.value(row),
                    false => f64::NAN,
                };
                builder.push(vector, labels.as_ref().map(value), weight, extra.iter().map(value));
                partitions[partition] += 1;
            }
            Ok(())
        })?;
        let (n_features, blocks) = match builder {
            Some((n_features, builder)) => (n_features, builder.finish()),
            None => (0, Vec::new()),
        };
        let n_rows = partitions.iter().sum();
        Ok(Instances { blocks, n_features, n_rows, partitions, job: Arc::clone(&self.job) })
    }
}

impl Instances {
    /// # Errors
    /// Spark's, if there are no rows.
    pub fn not_empty(self) -> Result<Self> {
        if self.n_rows == 0 { Err(error::empty_dataset()) } else { Ok(self) }
    }
}

impl Instances {
    /// # Errors
    /// Spark's, if there are no rows, of algorithms that ask a summarizer.
    pub fn with_summary(self) -> Result<Self> {
        if self.n_rows == 0 { Err(error::empty_summary()) } else { Ok(self) }
    }

    /// # Errors
    /// Spark's, if there are no rows, of algorithms that look at the first one.
    pub fn with_first_row(self) -> Result<Self> {
        if self.n_rows == 0 { Err(error::no_first_row()) } else { Ok(self) }
    }
}

/// A column of vectors, made of one of arrays if it is that.
///
/// # Errors
/// An internal error: the column is neither.
pub(crate) fn vectors(column: &ArrayRef) -> Result<ArrayRef> {
    let DataType::List(_) = column.data_type() else { return Ok(Arc::clone(column)) };
    let lists = column.as_list::<i32>();
    let values = doubles(lists.values())?;
    let mut builder = VectorColumnBuilder::with_capacity(lists.len(), values.len());
    for (row, ends) in lists.value_offsets().windows(2).enumerate() {
        match lists.is_valid(row) {
            true => builder.push_dense(&values.values()[ends[0] as usize..ends[1] as usize]),
            false => builder.push_null(),
        }
    }
    builder.finish()
}
