//! All paths between two sets of vertices that come to no vertex twice: walks that carry the ids along.

use super::aggregate_neighbors::aggregate_neighbors;
use super::build::{
    call, column, distinct, filter, integer, project, star, union_by_name, with_columns,
};
use super::{Rounds, known_to, require};
use crate::spec::{AggregateNeighbors, AllPaths, Relation};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};

/// Marks the vertices where paths end.
const IS_TARGET: &str = "__is_target";

/// `path`, an array of ids, and `len`, the number of its edges. A path ends where it first reaches a target.
pub(super) fn all_paths(
    vertices: &Relation,
    edges: &Relation,
    paths: &AllPaths,
    rounds: &mut dyn Rounds,
) -> Result<Relation> {
    require(paths.length_max > 0, "maxPathLength must be greater than 0")?;
    for field in rounds.schema(vertices)?.fields {
        if ["hop", "path", "len"].contains(&field.name.to_lowercase().as_str()) {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                format!(
                    "requirement failed: vertices must have no column {}, which all_paths uses",
                    field.name
                ),
            ));
        }
    }
    let edges = filter(edges.clone(), known_to(edges, paths.edge_filter.clone()));
    let edges = match paths.is_directed {
        true => edges,
        false => {
            let ends = vec![column(&["src"]), column(&["dst"])];
            let reversed = vec![column(&["dst"]).alias("src"), column(&["src"]).alias("dst")];
            union_by_name(project(edges.clone(), ends), project(edges, reversed))
        }
    };
    let is_target = known_to(vertices, paths.to.clone()).alias(IS_TARGET);
    let marked = project(vertices.clone(), vec![star(None), is_target]);
    let walks = AggregateNeighbors {
        starting: paths.from.clone(),
        hops_max: paths.length_max,
        names: vec!["path".to_owned()],
        inits: vec![call("array", vec![column(&["id"])])],
        updates: vec![call(
            "concat",
            vec![column(&["path"]), call("array", vec![column(&["dst"])])],
        )],
        stopping: Some(call("array_contains", vec![column(&["path"]), column(&["dst"])])),
        target: Some(call(
            "coalesce",
            vec![column(&["dst_attributes", IS_TARGET]), super::build::boolean(false)],
        )),
        vertex_attributes: vec![IS_TARGET.to_owned()],
        edge_attributes: vec!["src".to_owned()],
        edge_filter: None,
        remove_loops: false,
    };
    let found = aggregate_neighbors(&marked, &edges, &walks, rounds)?;
    let found = distinct(project(found, vec![column(&["path"])]));
    let len = call("-", vec![call("size", vec![column(&["path"])]), integer(1)]);
    Ok(with_columns(found, vec![("len", len)]))
}
