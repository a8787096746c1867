//! Messages along edges, aggregated where they arrive.

use super::build::{aggregate, call, column, project, union};
use super::require;
use super::triplets::triplets;
use super::without_plan_ids;
use crate::spec::{Expr, Relation};
use firesteel_common::Result;

/// What aggregates call a message: one value, or a struct of several.
const MESSAGE: &str = "MSG";

/// `id` and the aggregates, of vertices that some message came to; null is a message too.
pub(super) fn aggregate_messages(
    vertices: &Relation,
    edges: &Relation,
    aggregates: &[Expr],
    to_src: &[Expr],
    to_dst: &[Expr],
) -> Result<Relation> {
    require(!aggregates.is_empty(), "At least one aggregation must be provided.")?;
    require(
        !to_src.is_empty() || !to_dst.is_empty(),
        "To run GraphFrame.aggregateMessages, messages must be sent to src, dst, or both.  Set using \
         sendToSrc(), sendToDst().",
    )?;
    let triplets = triplets(vertices, edges);
    let sent = |messages: &[Expr], end: &str| {
        let mut messages: Vec<_> = messages.iter().cloned().map(without_plan_ids).collect();
        let message = match messages.pop() {
            Some(message) if messages.is_empty() => message,
            last => {
                messages.extend(last);
                call("struct", messages)
            }
        };
        let id = column(&[end, "id"]).alias("id");
        project(triplets.clone(), vec![id, message.alias(MESSAGE)])
    };
    let messages = match (to_src, to_dst) {
        (to_src, []) => sent(to_src, "src"),
        ([], to_dst) => sent(to_dst, "dst"),
        (to_src, to_dst) => union(sent(to_src, "src"), sent(to_dst, "dst")),
    };
    let aggregates = aggregates.iter().cloned().map(without_plan_ids).collect();
    Ok(aggregate(messages, vec![column(&["id"])], aggregates))
}
