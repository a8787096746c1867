//! `VectorSlicer`: chosen entries of vectors, by position or by name.

use super::select::{self, SELECT, Selection};
use super::{in_out, udf_error};
use crate::attribute::AttributeGroup;
use crate::linalg::vector_type;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::value::Value;
use crate::{Class, Role, columns, error};
use firesteel_common::{Frame, Result, StructField, TableHost};

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::new("indices", ParamKind::Ints, Default::Ints(&[])).valid(Valid::Check(|value| {
        match value {
            Value::Ints(items) => items.iter().all(|item| *item >= 0) && distinct(items),
            _ => false,
        }
    })),
    Param::new("names", ParamKind::Strings, Default::Strs(&[])).valid(Valid::Check(|value| {
        match value {
            Value::Strings(items) => items.iter().all(|item| !item.is_empty()) && distinct(items),
            _ => false,
        }
    })),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.VectorSlicer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

fn distinct<T: Eq + std::hash::Hash>(items: &[T]) -> bool {
    let mut seen = std::collections::HashSet::new();
    items.iter().all(|item| seen.insert(item))
}

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let (input, output) = (params.string("inputCol")?, params.string("outputCol")?);
    let (indices, names) = (params.ints("indices")?, params.strings("names")?);
    if indices.is_empty() && names.is_empty() {
        return Err(error::requirement(
            "VectorSlicer requires that at least one feature be selected.",
        ));
    }
    let vector = columns::vector(&frame, input)?;
    in_out::check_new(&frame, output)?;
    let group = AttributeGroup::of(&frame.column(input)?.field);
    let mut chosen: Vec<usize> = indices.iter().map(|index| *index as usize).collect();
    for name in names {
        let found = group.attributes.as_ref().and_then(|attributes| {
            attributes.iter().position(|attribute| attribute.name() == Some(name))
        });
        let index = found.ok_or_else(|| {
            error::requirement(format!(
                "getFeatureIndicesFromNames found no feature with name {name} in column {input}."
            ))
        })?;
        if chosen.contains(&index) {
            return Err(error::requirement(
                "VectorSlicer requires indices and names to be disjoint sets of features, but they overlap.",
            ));
        }
        chosen.push(index);
    }
    let field = StructField::new(output, vector_type(), true);
    let field = select::group_of(&group, &chosen).put_on(field);
    in_out::add(frame, &SELECT, Selection::in_order(chosen), vec![vector], field)
}

/// # Errors
/// A position lies beyond a vector's end.
pub(super) fn too_short(selected: usize, size: usize) -> firesteel_common::SparkError {
    let reason = "java.lang.ArrayIndexOutOfBoundsException";
    udf_error::vectors(
        "VectorSlicer",
        &format!("{reason}: Index {selected} out of bounds for length {size}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Vector, VectorColumn};
    use arrow::array::ArrayRef;

    #[test]
    fn order_is_that_of_the_indices() {
        let sparse = Vector::Sparse { size: 4, indices: vec![1, 3], values: vec![3.0, 4.0] };
        let Ok(column) = Vector::column([&sparse, &Vector::Dense(vec![1.0, 2.0, 3.0, 4.0])]) else {
            panic!("a column")
        };
        let columns: Vec<ArrayRef> = vec![column];
        let Ok(out) = select::select(&Selection::in_order(vec![3, 0]), &columns, 2) else {
            panic!("a selection")
        };
        let Ok(out) = VectorColumn::new(&out) else { panic!("vectors") };
        assert_eq!(out.get(0).map(|v| v.to_dense()), Some(vec![4.0, 0.0]));
        assert_eq!(out.get(1).map(|v| v.to_dense()), Some(vec![4.0, 1.0]));
    }
}
