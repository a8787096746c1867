//! Maps whose keys have a collation: how they are made, and what may be looked up in them.

use super::collation::{Found, found};
use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::FunctionDef;
use firesteel_functions::collation::{relabelled, with_collation, with_distinct_keys};

/// Their answer is a map with keys out of their arguments.
const MAKING: [&str; 5] =
    ["map", "map_concat", "map_from_arrays", "map_from_entries", "transform_keys"];

impl Resolver<'_> {
    /// A map that was made of plain arguments, with the collations of what it was made of; none: `name` makes no map.
    pub(super) fn collated_map(
        &self,
        name: &str,
        args: &[ResolvedExpr],
        made: &ResolvedExpr,
        context: &ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let SparkType::Map { key, value, value_contains_null } = made.spark_type()? else {
            return Ok(None);
        };
        if !MAKING.contains(&name) {
            return Ok(None);
        }
        let every_second = |first: usize| -> Vec<ResolvedExpr> {
            args.iter().skip(first).step_by(2).cloned().collect()
        };
        let (key, value) = match (name, args) {
            ("map", _) => (
                labelled(&key, &found(&every_second(0))?),
                labelled(&value, &found(&every_second(1))?),
            ),
            ("map_from_arrays", [keys, values]) => (
                labelled(&key, &found(std::slice::from_ref(keys))?),
                labelled(&value, &found(std::slice::from_ref(values))?),
            ),
            ("map_from_entries", [entries]) => match entries.spark_type()? {
                SparkType::Array { element, .. } => match *element {
                    SparkType::Struct(row) if row.fields.len() == 2 => {
                        (row.fields[0].data_type.clone(), row.fields[1].data_type.clone())
                    }
                    _ => (*key, *value),
                },
                _ => (*key, *value),
            },
            ("map_concat", [first, ..]) => match first.spark_type()? {
                SparkType::Map { key, value, .. } => (*key, *value),
                _ => (*key, *value),
            },
            _ => (*key, *value),
        };
        let collated =
            SparkType::Map { key: Box::new(key), value: Box::new(value), value_contains_null };
        let last_wins = self.settings.map_key_last_wins;
        let distinct = with_distinct_keys(made.expr.clone(), &collated, last_wins)?;
        let typed = self.typed(relabelled(distinct, &collated), made.name.clone(), context)?;
        Ok(Some(ResolvedExpr { expr: typed.expr, field: typed.field, ..made.clone() }))
    }

    /// A map and what functions look up in it must have one collation, by their types.
    ///
    /// # Errors
    /// `DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES`.
    pub(super) fn check_lookup(
        &self,
        definition: &FunctionDef,
        shown: &str,
        args: &[ResolvedExpr],
    ) -> Result<()> {
        let [map, wanted] = args else { return Ok(()) };
        let (map, wanted) = (map.spark_type()?, wanted.spark_type()?);
        let SparkType::Map { key, .. } = &map else { return Ok(()) };
        let (SparkType::String { collation: own }, SparkType::String { collation: other }) =
            (key.as_ref(), &wanted)
        else {
            return Ok(());
        };
        if own == other {
            return Ok(());
        }
        let name = definition.name.trim_start_matches("try_");
        let shown = shown.replacen("try_element_at(", "element_at(", 1);
        let types = format!("[\"{}\", \"{}\"]", map.sql(), wanted.sql());
        Err(SparkError::analysis(
            "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES",
            format!(
                "Cannot resolve \"{shown}\" due to data type mismatch: Input to `{name}` should have been \"MAP\" \
                 followed by a value with same key type, but it's {types}."
            ),
        )
        .with("sqlExpr", format!("\"{shown}\""))
        .with("functionName", format!("`{name}`"))
        .with("dataType", "\"MAP\"")
        .with("leftType", format!("\"{}\"", map.sql()))
        .with("rightType", format!("\"{}\"", wanted.sql())))
    }
}

fn labelled(data_type: &SparkType, found: &Found) -> SparkType {
    match found {
        Found::One(collation) => with_collation(data_type, collation),
        Found::Unknown => with_collation(data_type, super::collation::UNKNOWN),
        Found::Plain => data_type.clone(),
    }
}
