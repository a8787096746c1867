//! Methods of GraphFrames that are relational: other relations, or rounds of them.
//!
//! ```text
//! GraphCall ── relation() ──▶ Relation                      triplets, filters, motifs, aggregateMessages
//!           ── in_rounds() ──▶ Relation                     bfs, all_paths, Pregel, aggregate_neighbors
//!                 │  ▲
//!                 ▼  │ rows of a round, kept
//!               Rounds (whoever can run relations)
//! ```
//!
//! Columns, their order and the errors are those of GraphFrames. Kernels over graphs in memory are in `crates/graph`.

mod aggregate_messages;
mod aggregate_neighbors;
mod all_paths;
mod bfs;
mod build;
mod clustering;
mod hyper_anf;
mod motif;
mod pregel;
mod references;
mod rounds;
mod triplets;

pub use build::with_vertex_columns;
pub use clustering::CLUSTERED_COLUMNS;
pub use references::{known_to, plan_ids_of, without_plan_ids};
pub use rounds::Rounds;

use crate::spec::{GraphCall, GraphMethod, JoinCondition, JoinType, Relation};
use build::{call as call_expr, column, filter, join, project};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};

/// The relation that a method stands for; none if it takes rounds.
///
/// # Errors
/// `InvalidParseException` for a pattern that is no motif.
pub fn relation(call: &GraphCall) -> Result<Option<Relation>> {
    let (vertices, edges) = (&call.vertices, &call.edges);
    Ok(Some(match &call.method {
        GraphMethod::Triplets => triplets::triplets(vertices, edges),
        GraphMethod::Find { pattern } => motif::find(vertices, edges, pattern)?,
        GraphMethod::FilterVertices { condition } => {
            filter(vertices.clone(), known_to(vertices, condition.clone()))
        }
        GraphMethod::FilterEdges { condition } => {
            filter(edges.clone(), known_to(edges, condition.clone()))
        }
        GraphMethod::DropIsolatedVertices => {
            let ends = call_expr("array", vec![column(&["src"]), column(&["dst"])]);
            let ends = call_expr("explode", vec![ends]).alias("id");
            join(
                vertices.clone(),
                project(edges.clone(), vec![ends]),
                JoinType::LeftSemi,
                JoinCondition::Using(vec!["id".to_owned()]),
            )
        }
        GraphMethod::AggregateMessages { aggregates, to_src, to_dst } => {
            aggregate_messages::aggregate_messages(vertices, edges, aggregates, to_src, to_dst)?
        }
        GraphMethod::Bfs(_)
        | GraphMethod::AllPaths(_)
        | GraphMethod::Pregel(_)
        | GraphMethod::AggregateNeighbors(_)
        | GraphMethod::HyperAnf(_)
        | GraphMethod::Clustering(_) => return Ok(None),
    }))
}

/// The relation of a method, after its rounds; what it reads of them is kept by `rounds`.
///
/// # Errors
/// `IllegalArgumentException` for parameters out of range; what a round fails with.
pub fn in_rounds(call: &GraphCall, rounds: &mut dyn Rounds) -> Result<Relation> {
    let (vertices, edges) = (&call.vertices, &call.edges);
    match &call.method {
        GraphMethod::Bfs(bfs) => bfs::bfs(vertices, edges, bfs, rounds),
        GraphMethod::AllPaths(paths) => all_paths::all_paths(vertices, edges, paths, rounds),
        GraphMethod::Pregel(pregel) => pregel::pregel(vertices, edges, pregel, rounds),
        GraphMethod::AggregateNeighbors(walks) => {
            aggregate_neighbors::aggregate_neighbors(vertices, edges, walks, rounds)
        }
        GraphMethod::HyperAnf(counted) => hyper_anf::hyper_anf(vertices, edges, counted, rounds),
        GraphMethod::Clustering(clusters) => {
            clustering::clustering(vertices, edges, clusters, rounds)
        }
        _ => match relation(call)? {
            Some(relation) => Ok(relation),
            None => Err(SparkError::internal("a method of graphs without rounds")),
        },
    }
}

/// Scala's `require`.
fn require(holds: bool, message: &str) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            format!("requirement failed: {message}"),
        )),
    }
}
