//! Power iteration clustering, which MLlib does: of edges between numbers.

use super::build::{call, column, distinct, equal, inner, project, union};
use super::{Rounds, require};
use crate::spec::{
    CastMode, Clustering, Expr, ExprNode, Literal, Relation, RelationNode, SortOrder, Window,
};
use firesteel_common::{Result, SparkType};

/// Columns that the transform reads: both ends as longs, and the similarity.
pub const CLUSTERED_COLUMNS: [&str; 3] = ["src", "dst", "weight"];

/// `id` and `cluster`, of vertices with edges. Ids that are no integers are numbered in their order meanwhile.
pub(super) fn clustering(
    vertices: &Relation,
    edges: &Relation,
    clustering: &Clustering,
    rounds: &mut dyn Rounds,
) -> Result<Relation> {
    require(clustering.k > 1, &format!("k must be greater than 1, but got {}", clustering.k))?;
    let as_type = |expr: Expr, to: SparkType| -> Expr {
        ExprNode::Cast { expr: Box::new(expr), to, mode: CastMode::Session }.into()
    };
    let weight = match &clustering.weight {
        Some(name) => as_type(column(&[name]), SparkType::Double),
        None => Expr::literal(Literal::Double(1.0)),
    };
    let [src, dst, similarity] = CLUSTERED_COLUMNS;
    let schema = rounds.schema(vertices)?;
    let is_number = schema.fields.iter().any(|field| {
        use SparkType::{Byte, Integer, Long, Short};
        field.name.eq_ignore_ascii_case("id")
            && matches!(field.data_type, Byte | Short | Integer | Long)
    });
    let cluster = |edges: Relation| -> Relation {
        let (inputs, transform) = (vec![edges], clustering.transform.clone());
        RelationNode::Transform { inputs, transform }.into()
    };
    if is_number {
        let end = |name: &str| as_type(column(&[name]), SparkType::Long).alias(name);
        let columns = vec![end(src), end(dst), weight.alias(similarity)];
        return Ok(cluster(project(edges.clone(), columns)));
    }
    let ends = |name: &str| project(edges.clone(), vec![column(&[name]).alias("__id")]);
    let order =
        SortOrder { child: Box::new(column(&["__id"])), ascending: true, nulls_first: None };
    let number: Expr = ExprNode::Window(Box::new(Window {
        function: call("row_number", Vec::new()),
        partition_by: Vec::new(),
        order_by: vec![order],
        frame: None,
        reference: None,
    }))
    .into();
    let number = as_type(number, SparkType::Long).alias("__number");
    let numbers = distinct(union(ends("src"), ends("dst")));
    let numbers = rounds.keep(project(numbers, vec![column(&["__id"]), number]))?;
    let of = |end: &str| {
        let (id, number) = (format!("__{end}_id"), format!("__{end}"));
        let renamed = vec![column(&["__id"]).alias(&id), column(&["__number"]).alias(&number)];
        (project(numbers.clone(), renamed), id, number)
    };
    let ends = vec![
        column(&["src"]).alias("__s"),
        column(&["dst"]).alias("__d"),
        weight.alias(similarity),
    ];
    let ((srcs, src_id, src_number), (dsts, dst_id, dst_number)) = (of("src"), of("dst"));
    let edges = project(edges.clone(), ends);
    let edges = inner(edges, srcs, equal(column(&["__s"]), column(&[&src_id])));
    let edges = inner(edges, dsts, equal(column(&["__d"]), column(&[&dst_id])));
    let columns = vec![
        column(&[&src_number]).alias(src),
        column(&[&dst_number]).alias(dst),
        column(&[similarity]),
    ];
    let clusters = cluster(project(edges, columns));
    let named = inner(clusters, numbers, equal(column(&["id"]), column(&["__number"])));
    Ok(project(named, vec![column(&["__id"]).alias("id"), column(&["cluster"])]))
}
