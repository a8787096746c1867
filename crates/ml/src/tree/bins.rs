//! Features as numbers of bins, column by column: what training walks through.

use super::layout::Layout;
use crate::data::{Features, Instances, for_each_mut};
use crate::error;
use crate::linalg::double_text;
use firesteel_common::Result;

/// Number of a bin in as few bytes as the bins need.
pub(super) trait Code: Copy + Default + Send + Sync {
    fn of(bin: usize) -> Self;
    fn bin(self) -> usize;
}

impl Code for u8 {
    fn of(bin: usize) -> Self {
        bin as u8
    }

    fn bin(self) -> usize {
        usize::from(self)
    }
}

impl Code for u16 {
    fn of(bin: usize) -> Self {
        bin as u16
    }

    fn bin(self) -> usize {
        usize::from(self)
    }
}

impl Code for u32 {
    fn of(bin: usize) -> Self {
        bin as u32
    }

    fn bin(self) -> usize {
        self as usize
    }
}

/// Binned features of all rows.
#[derive(Debug)]
pub(super) enum Bins {
    Small(Vec<Vec<u8>>),
    Middle(Vec<Vec<u16>>),
    Large(Vec<Vec<u32>>),
}

impl Bins {
    /// # Errors
    /// Spark's: a categorical feature has a value that is none of its categories.
    pub(super) fn new(data: &Instances, layout: &Layout, thresholds: &[Vec<f64>]) -> Result<Self> {
        let n_codes =
            (0..layout.n_features).map(|feature| layout.n_codes(feature)).max().unwrap_or(0);
        Ok(match n_codes {
            0..=256 => Bins::Small(columns(data, layout, thresholds)?),
            257..=65_536 => Bins::Middle(columns(data, layout, thresholds)?),
            _ => Bins::Large(columns(data, layout, thresholds)?),
        })
    }
}

fn columns<C: Code>(
    data: &Instances,
    layout: &Layout,
    thresholds: &[Vec<f64>],
) -> Result<Vec<Vec<C>>> {
    /// Features whose columns one thread fills at a time: what they read of a row shares cache lines.
    const TOGETHER: usize = 8;
    let mut columns: Vec<Vec<C>> = Vec::new();
    columns.resize_with(layout.n_features, || Vec::with_capacity(data.n_rows));
    let mut groups: Vec<&mut [Vec<C>]> = columns.chunks_mut(TOGETHER).collect();
    for_each_mut(&mut groups, data.job.as_ref(), |group, columns| {
        let from = group * TOGETHER;
        let bin =
            |feature: usize, value: f64| bin_of(layout, thresholds, feature, value).map(C::of);
        for block in &data.blocks {
            match &block.features {
                Features::Dense(values) => {
                    for row in values.chunks_exact(block.n_features.max(1)) {
                        for (at, column) in columns.iter_mut().enumerate() {
                            column.push(bin(from + at, row[from + at])?);
                        }
                    }
                }
                Features::Sparse { .. } => {
                    for (at, column) in columns.iter_mut().enumerate() {
                        column.resize(column.len() + block.n_rows(), bin(from + at, 0.0)?);
                    }
                    let start = columns.first().map_or(0, Vec::len) - block.n_rows();
                    for row in 0..block.n_rows() {
                        let mut failed = None;
                        block.row(row).for_each_nonzero(|feature, value| {
                            let Some(column) =
                                feature.checked_sub(from).and_then(|at| columns.get_mut(at))
                            else {
                                return;
                            };
                            match bin(feature, value) {
                                Ok(bin) => column[start + row] = bin,
                                Err(error) => failed = Some(error),
                            }
                        });
                        if let Some(error) = failed {
                            return Err(error);
                        }
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(columns)
}

/// The bin of a value: as many thresholds are below it; or its category.
#[inline]
fn bin_of(layout: &Layout, thresholds: &[Vec<f64>], feature: usize, value: f64) -> Result<usize> {
    match layout.arity[feature] {
        None => Ok(thresholds[feature].partition_point(|threshold| *threshold < value)),
        Some(arity) => {
            if value < 0.0 || value >= arity as f64 {
                return Err(error::failed(format!(
                    "DecisionTree given invalid data: Feature {feature} is categorical with values in {{0,...,{}, \
                     but a data point gives it value {}.",
                    arity - 1,
                    double_text(value)
                )));
            }
            Ok(value as usize)
        }
    }
}
