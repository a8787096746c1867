//! ANALYZE TABLE: size and number of rows, for DESCRIBE EXTENDED.

use super::Answer;
use super::tables::local_directory;
use crate::catalog::{TableKind, TableStatistics, describe_table, table_not_found};
use crate::planning::visible_plan;
use crate::session::QueryEnvironment;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use firesteel_common::{Result, SparkError};
use firesteel_plan::resolve::{Environment, resolve_query};
use firesteel_plan::spec::{Expr, Literal, Name, NamedTable, RelationNode};
use std::path::Path;

/// Counts the rows unless `no_scan`.
///
/// # Errors
/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn analyze(env: &QueryEnvironment, name: &Name, no_scan: bool) -> Result<Answer> {
    let (_, found) = describe_table(env, name)?;
    let Some(mut table) = found else {
        return Err(table_not_found(name, &env.session().current.read()));
    };
    if table.kind == TableKind::View {
        return Err(SparkError::analysis(
            "UNSUPPORTED_FEATURE.ANALYZE_VIEW",
            "The feature is not supported: The ANALYZE TABLE command does not support views.",
        ));
    }
    let n_rows = match no_scan {
        true => None,
        false => {
            let all = RelationNode::NamedTable(NamedTable {
                name: name.clone(),
                options: Vec::new(),
                identifier: None,
                time_travel: None,
            });
            let count = Expr::call("count", vec![Expr::literal(Literal::Integer(1))]);
            let count = RelationNode::Project { input: all.into(), exprs: vec![count] };
            let batches = env.collect(visible_plan(&resolve_query(env, &count.into())?)?)?;
            let counts = batches.iter().filter(|batch| batch.num_rows() > 0);
            let count = counts.map(|batch| batch.column(0).as_primitive::<Int64Type>().value(0));
            Some(count.sum::<i64>().unsigned_abs())
        }
    };
    let size_bytes = size_of(&local_directory(&table.location)?);
    table.statistics = Some(TableStatistics { size_bytes, n_rows });
    env.session().engine().databases().write().put_table(table)?;
    Ok(Answer::none())
}

/// Bytes of the data files below a directory.
fn size_of(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| {
        let hidden = entry.file_name().to_string_lossy().starts_with(['.', '_']);
        match entry.metadata() {
            Ok(found) if found.is_dir() => size_of(&entry.path()),
            Ok(found) if !hidden => found.len(),
            _ => 0,
        }
    });
    sizes.sum()
}
