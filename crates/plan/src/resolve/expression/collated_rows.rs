//! Comparison of structs that hold strings with collations: by structs of keys.

use super::ResolvedExpr;
use super::collation::indeterminate;
use firesteel_common::{Result, SparkType, StructField, StructType};
use firesteel_functions::collation::{is_collated, key, without_collation};

/// Structs as what they are compared by; none: they are no structs of one shape, or hold no collation.
///
/// # Errors
/// `INDETERMINATE_COLLATION_IN_EXPRESSION` where fields of columns disagree.
pub(super) fn keyed_rows(shown: &str, args: &[ResolvedExpr]) -> Result<Option<Vec<ResolvedExpr>>> {
    let mut common: Option<SparkType> = None;
    for arg in args {
        let own = arg.spark_type()?;
        if !matches!(own, SparkType::Struct(_)) {
            return Ok(None);
        }
        common = match common {
            None => Some(own),
            Some(known) => match merged(&known, &own) {
                Merged::One(found) => Some(found),
                Merged::OtherShape => return Ok(None),
                Merged::Disagree => return Err(indeterminate(shown)),
            },
        };
    }
    let Some(common) = common.filter(is_collated) else { return Ok(None) };
    let mut keyed = Vec::with_capacity(args.len());
    for arg in args {
        let plain = without_collation(&common);
        let field = StructField::new("", plain, arg.field.is_nullable()).to_arrow();
        // A plain column beside one with a collation is what nobody can compare.
        if arg.expr.any_column_refs() && n_collated(&arg.spark_type()?) != n_collated(&common) {
            return Err(indeterminate(shown));
        }
        keyed.push(ResolvedExpr { expr: key(arg.expr.clone(), &common)?, field, ..arg.clone() });
    }
    Ok(Some(keyed))
}

enum Merged {
    One(SparkType),
    OtherShape,
    Disagree,
}

fn n_collated(data_type: &SparkType) -> usize {
    match data_type {
        SparkType::String { collation: Some(_) } => 1,
        SparkType::Array { element, .. } => n_collated(element),
        SparkType::Struct(row) => row.fields.iter().map(|field| n_collated(&field.data_type)).sum(),
        _ => 0,
    }
}

/// One type for both, with the names of the first.
fn merged(left: &SparkType, right: &SparkType) -> Merged {
    match (left, right) {
        (SparkType::String { collation: own }, SparkType::String { collation: other }) => {
            match (own, other) {
                (Some(own), Some(other)) if own != other => Merged::Disagree,
                _ => Merged::One(SparkType::String {
                    collation: own.clone().or_else(|| other.clone()),
                }),
            }
        }
        (SparkType::Struct(own), SparkType::Struct(other))
            if own.fields.len() == other.fields.len() =>
        {
            let mut fields = Vec::with_capacity(own.fields.len());
            for (own, other) in own.fields.iter().zip(&other.fields) {
                match merged(&own.data_type, &other.data_type) {
                    Merged::One(data_type) => fields.push(StructField {
                        data_type,
                        nullable: own.nullable || other.nullable,
                        ..own.clone()
                    }),
                    failed => return failed,
                }
            }
            Merged::One(SparkType::Struct(StructType { fields }))
        }
        (own, other) if own == other => Merged::One(own.clone()),
        _ => Merged::OtherShape,
    }
}
