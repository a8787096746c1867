//! `VectorAssembler`: columns of numbers and vectors become one vector.

use crate::attribute::{Attribute, AttributeGroup};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{VectorColumn, VectorColumnBuilder, VectorView, is_vector, vector_type};
use crate::param::{Param, Params, shared};
use arrow::array::{Array, ArrayRef, Float64Array};
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};

pub(super) const PARAMS: &[Param] =
    &[shared::HANDLE_INVALID, shared::INPUT_COLS, shared::OUTPUT_COL];

/// What to do with null and NaN, and how wide each input is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Assembler {
    /// Null and NaN pass as NaN (`keep`); otherwise they are an error.
    keep: bool,
    /// Of each input; none: of a vector whose width is not known.
    sizes: Vec<Option<usize>>,
}

pub(super) static ASSEMBLE: FunctionKind<Assembler> =
    FunctionKind::new("vector_assembler", assemble);

/// Whether no input of a row is null or NaN: which rows `skip` keeps.
pub(super) static IS_VALID: FunctionKind<()> = FunctionKind::new("vector_assembler.valid", valid);

pub(super) fn transform(params: &Params, frame: Frame, host: &mut dyn TableHost) -> Result<Frame> {
    let invalid = params.string("handleInvalid")?;
    let output = params.string("outputCol")?;
    let names = params.strings("inputCols")?;
    let mut args = Vec::with_capacity(names.len());
    let mut unknown = Vec::new();
    for name in names {
        let column = frame.column(name)?;
        let field = &column.field;
        if is_vector(&field.data_type) {
            if AttributeGroup::of(field).size.is_none() {
                unknown.push(name.clone());
            }
            args.push(column.expr());
        } else if field.data_type.is_numeric() || field.data_type == SparkType::Boolean {
            args.push(datafusion_expr::cast(column.expr(), arrow::datatypes::DataType::Float64));
        } else {
            return Err(error::illegal(format!(
                "Data type {} of column {} is not supported.",
                field.data_type.simple_string(),
                field.name
            )));
        }
    }
    if frame.has(output) {
        return Err(error::illegal(format!("Output column {output} already exists.")));
    }
    // Names of entries, which models and indexers further on look at, need the widths of vectors.
    let found = match unknown.is_empty() {
        true => Vec::new(),
        false if invalid == "keep" => {
            return Err(error::failed(format!(
                "Can not infer column lengths with handleInvalid = \"keep\". Consider using VectorSizeHint\n\
                 to add metadata for columns: [{}].",
                unknown.join(", ")
            )));
        }
        false => first_sizes(&frame, &unknown, invalid == "skip", host)?,
    };
    let mut sizes = Vec::with_capacity(names.len());
    let mut attributes = Vec::new();
    for name in names {
        let field = &frame.column(name)?.field;
        if is_vector(&field.data_type) {
            let group = AttributeGroup::of(field);
            let inferred =
                unknown.iter().position(|own| own == name).and_then(|at| found.get(at).copied());
            let Some(size) = group.size.or(inferred.flatten()) else {
                // No row says how wide it is.
                sizes.push(None);
                continue;
            };
            sizes.push(Some(size));
            let own = group.attributes.unwrap_or_default();
            for position in 0..size {
                let known = own.get(position).cloned().unwrap_or_default();
                let suffix = known.name().map_or_else(|| position.to_string(), str::to_owned);
                attributes.push(known.with_name(Some(format!("{name}_{suffix}"))));
            }
        } else {
            sizes.push(Some(1));
            let known = Attribute::of(field);
            attributes.push(match known {
                Attribute::Unresolved => Attribute::numeric(Some(name.clone())),
                known => known.with_name(Some(name.clone())),
            });
        }
    }
    let group = AttributeGroup::of_attributes(attributes);
    let field = group.put_on(StructField::new(output, vector_type(), true));
    let frame = match invalid {
        "skip" => {
            let keep = IS_VALID.call(&Shared::new(()), &SparkType::Boolean, false, args.clone());
            frame.filter(keep)?
        }
        _ => frame,
    };
    let assembler = Shared::new(Assembler { keep: invalid == "keep", sizes });
    let vector = ASSEMBLE.call(&assembler, &vector_type(), true, args);
    frame.with_columns(vec![(vector, field)])
}

/// Widths of vectors in the first row, as Spark finds them out; empty if there are no rows.
fn first_sizes(
    frame: &Frame,
    names: &[String],
    skip_null: bool,
    host: &mut dyn TableHost,
) -> Result<Vec<Option<usize>>> {
    let mut exprs = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        exprs.push(frame.column(name)?.expr().alias(format!("c{position}")));
    }
    let mut plan = datafusion_expr::LogicalPlanBuilder::from(frame.plan.clone());
    if skip_null {
        for name in names {
            plan = plan.filter(frame.column(name)?.expr().is_not_null())?;
        }
    }
    let batches = host.collect(plan.project(exprs)?.limit(0, Some(1))?.build()?)?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Ok(Vec::new());
    };
    batch
        .columns()
        .iter()
        .map(|column| Ok(VectorColumn::new(column)?.get(0).map(|vector| vector.size())))
        .collect()
}

enum Input<'a> {
    Number(&'a Float64Array),
    Vector(VectorColumn<'a>),
}

fn inputs(columns: &[ArrayRef]) -> Result<Vec<Input<'_>>> {
    columns
        .iter()
        .map(|column| match column.as_any().downcast_ref::<Float64Array>() {
            Some(numbers) => Ok(Input::Number(numbers)),
            None => Ok(Input::Vector(VectorColumn::new(column)?)),
        })
        .collect()
}

fn assemble(assembler: &Assembler, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let null = || {
        error::in_function(
            "VectorAssembler",
            "Encountered null while assembling a row with handleInvalid = \"error\". Consider\nremoving nulls from \
             dataset or using handleInvalid = \"keep\" or \"skip\".",
        )
    };
    let inputs = inputs(columns)?;
    let width: usize = assembler.sizes.iter().map(|size| size.unwrap_or(0)).sum();
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, n_rows * width);
    let (mut indices, mut values): (Vec<i32>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut dense = Vec::new();
    for row in 0..n_rows {
        indices.clear();
        values.clear();
        let mut at = 0;
        let mut push = |position: usize, value: f64| {
            if value != 0.0 {
                indices.push(position as i32);
                values.push(value);
            }
        };
        for (input, size) in inputs.iter().zip(&assembler.sizes) {
            match input {
                Input::Number(numbers) => {
                    let value = if numbers.is_valid(row) { numbers.value(row) } else { f64::NAN };
                    if !assembler.keep {
                        if numbers.is_null(row) {
                            return Err(null());
                        }
                        if value.is_nan() {
                            return Err(error::in_function(
                                "VectorAssembler",
                                "Encountered NaN while assembling a row with handleInvalid = \"error\". Consider\n\
                                 removing NaNs from dataset or using handleInvalid = \"keep\" or \"skip\".",
                            ));
                        }
                    }
                    push(at, value);
                    at += 1;
                }
                Input::Vector(vectors) => match vectors.get(row) {
                    Some(vector) => {
                        vector.for_each_nonzero(|position, value| push(at + position, value));
                        at += vector.size();
                    }
                    None if !assembler.keep => return Err(null()),
                    None => {
                        let size = size.unwrap_or(0);
                        (0..size).for_each(|position| push(at + position, f64::NAN));
                        at += size;
                    }
                },
            }
        }
        // Whichever form takes less space, as Spark's `compressed`.
        if 1.5 * values.len() as f64 + 2.0 < at as f64 {
            builder.push_sparse(at, &indices, &values);
        } else {
            dense.clear();
            dense.resize(at, 0.0);
            VectorView::Sparse { size: at, indices: &indices, values: &values }.copy_to(&mut dense);
            builder.push_dense(&dense);
        }
    }
    builder.finish()
}

fn valid(_: &(), columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let inputs = inputs(columns)?;
    let is_valid = (0..n_rows).map(|row| {
        inputs.iter().all(|input| match input {
            Input::Number(numbers) => numbers.is_valid(row) && !numbers.value(row).is_nan(),
            Input::Vector(vectors) => vectors.get(row).is_some(),
        })
    });
    Ok(std::sync::Arc::new(arrow::array::BooleanArray::from(is_valid.collect::<Vec<_>>())))
}
