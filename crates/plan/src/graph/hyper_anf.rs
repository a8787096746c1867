//! HyperANF (Boldi, Rosa and Vigna, 2011): how many vertices each vertex reaches in so many hops, as HyperLogLog sketches.

use super::build::{aggregate, alias, call, column, equal, filter, integer, join, project};
use super::{Rounds, known_to, require};
use crate::spec::{CastMode, Expr, ExprNode, HyperAnf, JoinCondition, JoinType, Literal, Relation};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, SparkType};

/// `id`, of vertices with an edge that leaves them, and `hop_0`, the sketch of itself, to `hop_N`: the sketch of what
/// the neighbours' sketches of one hop less hold together.
pub(super) fn hyper_anf(
    vertices: &Relation,
    edges: &Relation,
    counted: &HyperAnf,
    rounds: &mut dyn Rounds,
) -> Result<Relation> {
    let n_hops = usize::try_from(counted.hops).unwrap_or_default();
    require(n_hops > 0, &format!("nHops must be greater than 0, but got {}", counted.hops))?;
    require(
        (4..=21).contains(&counted.lg_entries),
        &format!("lgNomEntries must be between 4 and 21, but got {}", counted.lg_entries),
    )?;
    let ids = rounds.schema(vertices)?;
    let id = ids.fields.iter().find(|field| field.name.eq_ignore_ascii_case("id"));
    match id.map(|id| &id.data_type) {
        Some(
            SparkType::Byte
            | SparkType::Short
            | SparkType::Integer
            | SparkType::Long
            | SparkType::String { .. },
        ) => {}
        other => {
            let other = other.map(SparkType::simple_string).unwrap_or_default();
            let message =
                format!("HyperANF takes ids that are integers or strings, but got {other}");
            return Err(SparkError::new(ErrorKind::GraphFrames, "", message)
                .with("class", "GraphFramesUnsupportedVertexTypeException"));
        }
    }

    // All integers are hashed as longs.
    let is_short = id.is_some_and(|id| {
        matches!(id.data_type, SparkType::Byte | SparkType::Short | SparkType::Integer)
    });
    let hashed = |id: Expr| match is_short {
        true => {
            let (expr, to) = (Box::new(id), SparkType::Long);
            ExprNode::Cast { expr, to, mode: CastMode::Session }.into()
        }
        false => id,
    };

    let edges = match &counted.edge_filter {
        Some(condition) => filter(edges.clone(), known_to(edges, condition.clone())),
        None => edges.clone(),
    };
    let edges =
        rounds.keep(project(edges, vec![column(&["src"]).alias("__src"), column(&["dst"])]))?;
    let name = |hop: usize| format!("hop_{hop}");
    let sketch =
        |args: Vec<Expr>, function: &str, hop: usize| call(function, args).alias(name(hop));
    let own = vec![hashed(column(&["__src"])), integer(counted.lg_entries)];
    let first = aggregate(
        edges.clone(),
        vec![column(&["__src"]).alias("id")],
        vec![sketch(own, "hll_sketch_agg", 0)],
    );
    let mut hops = vec![rounds.keep(first)?];
    for hop in 1..=n_hops {
        rounds.progress(hop - 1, n_hops);
        // As upstream: a neighbour that no edge leaves has no sketch, and counts for nothing.
        let before = hops[hop - 1].clone();
        let neighbours = join(
            edges.clone(),
            before,
            JoinType::Left,
            JoinCondition::On(equal(column(&["dst"]), column(&["id"]))),
        );
        let neighbours = project(neighbours, vec![column(&["__src"]), column(&[&name(hop - 1)])]);
        let allow = Expr::literal(Literal::Boolean(true));
        let all = vec![column(&[&name(hop - 1)]), allow];
        let next = aggregate(
            neighbours,
            vec![column(&["__src"]).alias("id")],
            vec![sketch(all, "hll_union_agg", hop)],
        );
        hops.push(rounds.keep(next)?);
    }
    let mut hops = hops.into_iter();
    let Some(mut all) = hops.next() else {
        return Err(SparkError::internal("HyperANF without hops"));
    };
    for one in hops {
        let using = JoinCondition::Using(vec!["id".to_owned()]);
        all = join(all, one, JoinType::Inner, using);
    }
    Ok(alias(all, "hops"))
}
