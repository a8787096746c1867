//! Calls of GraphFrames that are other relations: a graph is two relations, a method makes a third of them.

use super::{Expr, Relation};
use firesteel_common::TransformHandle;
use std::sync::Arc;

/// A method of a graph.
#[derive(Debug, Clone)]
pub struct GraphCall {
    /// Equal keys promise equal graphs, methods and parameters: the digest of the client's message.
    pub key: Arc<str>,
    pub vertices: Relation,
    pub edges: Relation,
    pub method: GraphMethod,
}

/// By the digest: graphs within graphs would be compared again and again.
impl PartialEq for GraphCall {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// Methods by what it takes to answer them.
#[derive(Debug, Clone)]
pub enum GraphMethod {
    // Written out as other relations.
    Triplets,
    Find {
        pattern: String,
    },
    FilterVertices {
        condition: Expr,
    },
    FilterEdges {
        condition: Expr,
    },
    DropIsolatedVertices,
    AggregateMessages {
        aggregates: Vec<Expr>,
        to_src: Vec<Expr>,
        to_dst: Vec<Expr>,
    },

    // Rounds of relations, each over what the one before gave.
    Bfs(Bfs),
    AllPaths(AllPaths),
    Pregel(Box<Pregel>),
    AggregateNeighbors(Box<AggregateNeighbors>),
    HyperAnf(HyperAnf),
    /// Power iteration clustering.
    Clustering(Clustering),
}

/// All shortest paths between two sets of vertices.
#[derive(Debug, Clone)]
pub struct Bfs {
    pub from: Expr,
    pub to: Expr,
    pub edge_filter: Expr,
    pub length_max: i32,
}

/// All paths between two sets of vertices that come to no vertex twice.
#[derive(Debug, Clone)]
pub struct AllPaths {
    pub from: Expr,
    pub to: Expr,
    pub edge_filter: Expr,
    pub length_max: i32,
    pub is_directed: bool,
}

/// Rounds of messages along edges.
#[derive(Debug, Clone)]
pub struct Pregel {
    pub aggregate: Expr,
    pub to_dst: Vec<Expr>,
    pub to_src: Vec<Expr>,
    pub iterations_max: i32,
    pub column: String,
    pub initial: Expr,
    pub update: Expr,
    pub early_stopping: bool,
    pub stop_if_all_inactive: bool,
    pub initial_active: Option<Expr>,
    pub update_active: Option<Expr>,
    pub skip_from_inactive: bool,
    /// What messages may read; empty: all.
    pub src_columns: Vec<String>,
    pub dst_columns: Vec<String>,
    pub edge_columns: Vec<String>,
}

/// Walks from some vertices on that carry values along.
#[derive(Debug, Clone)]
pub struct AggregateNeighbors {
    pub starting: Expr,
    pub hops_max: i32,
    pub names: Vec<String>,
    pub inits: Vec<Expr>,
    pub updates: Vec<Expr>,
    pub stopping: Option<Expr>,
    pub target: Option<Expr>,
    /// What expressions may read; empty: all.
    pub vertex_attributes: Vec<String>,
    pub edge_attributes: Vec<String>,
    pub edge_filter: Option<Expr>,
    pub remove_loops: bool,
}

/// Sketches of what each vertex reaches in so many hops.
#[derive(Debug, Clone)]
pub struct HyperAnf {
    pub hops: i32,
    /// Logarithm, to base 2, of the size of a sketch.
    pub lg_entries: i32,
    pub edge_filter: Option<Expr>,
}

/// Clusters of vertices, found by a transform of edges between numbers.
#[derive(Debug, Clone)]
pub struct Clustering {
    pub k: i32,
    /// The column of similarities; none: all are 1.
    pub weight: Option<String>,
    /// Of `src`, `dst` (longs) and `weight` (double) it makes `id` and `cluster`.
    pub transform: TransformHandle,
}
