//! Edges with both of their ends.

use super::build::{column, equal, inner, packed, project};
use crate::spec::Relation;

/// Struct columns `src`, `edge`, `dst`; edges whose ends are no vertices are left out.
pub(super) fn triplets(vertices: &Relation, edges: &Relation) -> Relation {
    let vertex = |name: &str| project(vertices.clone(), vec![packed(Vec::new(), name)]);
    let edge = project(edges.clone(), vec![packed(Vec::new(), "edge")]);
    let with_src =
        inner(vertex("src"), edge, equal(column(&["src", "id"]), column(&["edge", "src"])));
    let joined =
        inner(with_src, vertex("dst"), equal(column(&["edge", "dst"]), column(&["dst", "id"])));
    project(joined, vec![column(&["src"]), column(&["edge"]), column(&["dst"])])
}
