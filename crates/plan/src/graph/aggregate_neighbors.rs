//! Walks from some vertices on, hop by hop, that carry values along.

use super::build::{
    alias, boolean, call, column, equal, filter, inner, integer, join, not, packed, project, union,
};
use super::{Rounds, known_to, require, without_plan_ids};
use crate::spec::{AggregateNeighbors, Expr, JoinCondition, JoinType, Relation};
use firesteel_common::Result;

const STOPPED: &str = "_stopped";
const IS_TARGET: &str = "_is_target";
const HOP: &str = "hop";
const SRC: &str = "src_attributes";
const DST: &str = "dst_attributes";
const EDGE: &str = "edge_attributes";

/// The accumulators, `id` of the vertex that a walk has reached, and `hop`, of walks that reached a target, or, if
/// there is none to reach, that stopped.
pub(super) fn aggregate_neighbors(
    vertices: &Relation,
    edges: &Relation,
    walks: &AggregateNeighbors,
    rounds: &mut dyn Rounds,
) -> Result<Relation> {
    let hops_max = usize::try_from(walks.hops_max).unwrap_or_default();
    require(hops_max > 0, "maxHops must be greater than 0")?;
    require(!walks.names.is_empty(), "At least one accumulator must be added")?;
    require(
        walks.names.len() == walks.inits.len() && walks.names.len() == walks.updates.len(),
        "accumulator names, inits and updates must have the same size",
    )?;
    require(
        walks.stopping.is_some() || walks.target.is_some(),
        "Any of target or stopping conditions should be provided",
    )?;
    let attributes =
        |names: &[String]| names.iter().map(|name| column(&[name])).collect::<Vec<_>>();
    let named = |exprs: &[Expr]| -> Vec<Expr> {
        let exprs = exprs.iter().cloned().map(without_plan_ids);
        exprs.zip(&walks.names).map(|(expr, name)| expr.alias(name)).collect()
    };

    let steps = match walks.remove_loops {
        true => filter(edges.clone(), call("!=", vec![column(&["src"]), column(&["dst"])])),
        false => edges.clone(),
    };
    let steps = project(
        steps,
        vec![column(&["src"]), column(&["dst"]), packed(attributes(&walks.edge_attributes), EDGE)],
    );
    let ends = project(
        vertices.clone(),
        vec![column(&["id"]).alias("dst_id"), packed(attributes(&walks.vertex_attributes), DST)],
    );
    let to_end = equal(column(&["dst_id"]), column(&["dst"]));
    let steps = rounds.keep(join(steps, ends, JoinType::Left, JoinCondition::On(to_end)))?;

    let starting = filter(vertices.clone(), known_to(vertices, walks.starting.clone()));
    let mut state = named(&walks.inits);
    state.extend([
        packed(attributes(&walks.vertex_attributes), SRC),
        column(&["id"]).alias("src_id"),
        integer(0).alias(HOP),
        boolean(false).alias(STOPPED),
    ]);
    let mut states = rounds.keep(project(starting, state))?;
    let stopping = walks.stopping.clone().map_or_else(|| boolean(false), without_plan_ids);
    let target = walks.target.clone().map_or_else(|| boolean(false), without_plan_ids);
    let stops = call("or", vec![stopping, target.clone()]);
    let mut shown = walks.names.iter().map(|name| column(&[name])).collect::<Vec<_>>();
    shown.extend([column(&["src_id"]).alias("id"), column(&[HOP])]);
    // None yet, which says what the columns are if there is never one.
    let none = project(filter(states.clone(), column(&[STOPPED])), shown.clone());
    let mut finished = vec![rounds.keep(none)?];

    for hop in 1..=hops_max {
        rounds.progress(hop - 1, hops_max);
        if rounds.is_empty(states.clone())? {
            break;
        }
        let walked =
            inner(states.clone(), steps.clone(), equal(column(&["src_id"]), column(&["src"])));
        let walked = match &walks.edge_filter {
            Some(condition) => filter(walked, without_plan_ids(condition.clone())),
            None => walked,
        };
        let mut updated = named(&walks.updates);
        updated.extend([
            column(&[DST]).alias(SRC),
            column(&["dst"]).alias("src_id"),
            integer(i32::try_from(hop).unwrap_or(i32::MAX)).alias(HOP),
            stops.clone().alias(STOPPED),
            target.clone().alias(IS_TARGET),
        ]);
        let updated = rounds.keep(project(walked, updated))?;
        rounds.forget(&states);
        let ends = if walks.target.is_some() { IS_TARGET } else { STOPPED };
        let ended = project(filter(updated.clone(), column(&[ends])), shown.clone());
        let ended = rounds.keep(ended)?;
        match rounds.is_empty(ended.clone())? {
            true if hop > 1 => rounds.forget(&ended),
            // Of the first hop even if there is none: an update may change a type.
            _ => finished.push(ended),
        }
        let mut next = walks.names.iter().map(|name| column(&[name])).collect::<Vec<_>>();
        next.extend([SRC, "src_id", HOP, STOPPED].map(|name| column(&[name])));
        states = rounds.keep(project(filter(updated.clone(), not(column(&[STOPPED]))), next))?;
        rounds.forget(&updated);
    }
    let all = finished.into_iter().reduce(union);
    Ok(alias(all.unwrap_or(states), "walks"))
}
