//! Pregel: in each round every vertex gets the messages of the round, aggregated, and changes its column.

use super::build::{
    aggregate, boolean, call, column, equal, filter, inner, join, packed, project, star,
    with_columns,
};
use super::references::fields_of;
use super::{Rounds, known_to, require, without_plan_ids};
use crate::spec::{Expr, JoinCondition, JoinType, Pregel, Relation};
use firesteel_common::{Result, StructType};
use std::collections::HashSet;

const MESSAGE: &str = "_pregel_msg_";
const IS_ACTIVE: &str = "_pregel_is_active";

/// The vertices' columns, `_pregel_is_active`, and the new column.
pub(super) fn pregel(
    vertices: &Relation,
    edges: &Relation,
    pregel: &Pregel,
    rounds: &mut dyn Rounds,
) -> Result<Relation> {
    let iterations_max = usize::try_from(pregel.iterations_max).unwrap_or_default();
    require(
        !pregel.to_dst.is_empty() || !pregel.to_src.is_empty(),
        "We need to set at least one message expression for pregel running.",
    )?;
    require(iterations_max >= 1, "The max iteration number should be >= 1.")?;
    let name = pregel.column.as_str();
    require(name != "id", "id is reserved")?;
    require(name != MESSAGE, &format!("{MESSAGE} is reserved"))?;

    let vertex_columns = rounds.schema(vertices)?;
    let messages = Messages::new(pregel, &vertex_columns, &rounds.schema(edges)?);
    let edges = rounds.keep(messages.edges(edges))?;
    let (initial_active, update_active) = match &pregel.initial_active {
        Some(initial) => (initial.clone(), pregel.update_active.clone()),
        None => (boolean(true), None),
    };
    let update_active = update_active.unwrap_or_else(|| boolean(true));
    let start = vec![
        star(None),
        known_to(vertices, initial_active).alias(IS_ACTIVE),
        known_to(vertices, pregel.initial.clone()).alias(name),
    ];
    let mut state = rounds.keep(project(vertices.clone(), start))?;
    let mut updated: Vec<_> =
        vertex_columns.fields.iter().map(|field| column(&[&field.name])).collect();
    updated.extend([
        without_plan_ids(update_active).alias(IS_ACTIVE),
        without_plan_ids(pregel.update.clone()).alias(name),
    ]);
    let aggregated = without_plan_ids(pregel.aggregate.clone()).alias(MESSAGE);

    for iteration in 0..iterations_max {
        rounds.progress(iteration, iterations_max);
        let sent = messages.sent(&state, &edges);
        let received =
            rounds.keep(aggregate(sent, vec![column(&["id"])], vec![aggregated.clone()]))?;
        if pregel.early_stopping && rounds.is_empty(received.clone())? {
            rounds.forget(&received);
            break;
        }
        let using = JoinCondition::Using(vec!["id".to_owned()]);
        let with_message = join(state.clone(), received.clone(), JoinType::Left, using);
        let next = rounds.keep(project(with_message, updated.clone()))?;
        rounds.forget(&received);
        rounds.forget(&std::mem::replace(&mut state, next));
        if pregel.stop_if_all_inactive
            && rounds.is_empty(filter(state.clone(), column(&[IS_ACTIVE])))?
        {
            break;
        }
    }
    Ok(state)
}

/// Which messages there are, and what they read of the ends and the edge.
struct Messages {
    /// To whom (`src` or `dst`) and what.
    messages: Vec<(&'static str, Expr)>,
    src_fields: Vec<Expr>,
    /// None: nothing but the id.
    dst_fields: Option<Vec<Expr>>,
    edge_fields: Option<Vec<Expr>>,
    skips_from_inactive: bool,
}

impl Messages {
    fn new(pregel: &Pregel, vertices: &StructType, edges: &StructType) -> Self {
        let prepared =
            |list: &[Expr]| list.iter().cloned().map(without_plan_ids).collect::<Vec<_>>();
        let (to_src, to_dst) = (prepared(&pregel.to_src), prepared(&pregel.to_dst));
        let exprs: Vec<_> = to_src.iter().chain(&to_dst).cloned().collect();
        let own = [IS_ACTIVE, pregel.column.as_str()];
        let vertex_names = vertices.fields.iter().map(|field| field.name.as_str()).chain(own);
        let vertex_names: Vec<_> = vertex_names.collect();
        let edge_names: Vec<_> = edges.fields.iter().map(|field| field.name.as_str()).collect();
        let of_vertex = |end: &str, wanted: &[String]| {
            let mut wanted: HashSet<_> = wanted.iter().map(|name| name.to_lowercase()).collect();
            wanted.extend(["id".to_owned(), IS_ACTIVE.to_owned()]);
            read_fields(&exprs, end, &vertex_names, &wanted)
        };
        let dst_is_read =
            fields_of(&exprs, "dst").is_none_or(|fields| fields.iter().any(|field| field != "id"));
        let wanted_of_edge = pregel.edge_columns.iter().map(|name| name.to_lowercase()).collect();
        let edge_is_read = fields_of(&exprs, "edge").is_none_or(|fields| !fields.is_empty());
        Self {
            src_fields: of_vertex("src", &pregel.src_columns),
            dst_fields: dst_is_read.then(|| of_vertex("dst", &pregel.dst_columns)),
            edge_fields: edge_is_read
                .then(|| read_fields(&exprs, "edge", &edge_names, &wanted_of_edge)),
            messages: to_src
                .into_iter()
                .map(|message| ("src", message))
                .chain(to_dst.into_iter().map(|message| ("dst", message)))
                .collect(),
            skips_from_inactive: pregel.skip_from_inactive,
        }
    }

    /// What rounds read of the edges.
    fn edges(&self, edges: &Relation) -> Relation {
        let mut columns =
            vec![column(&["src"]).alias("edge_src"), column(&["dst"]).alias("edge_dst")];
        columns.extend(self.edge_fields.clone().map(|fields| packed(fields, "edge")));
        project(edges.clone(), columns)
    }

    /// `id` and the message, of the messages of one round that are not null.
    fn sent(&self, state: &Relation, edges: &Relation) -> Relation {
        let active = |end: &str| column(&[end, IS_ACTIVE]);
        let from = match (&self.dst_fields, self.skips_from_inactive) {
            (None, true) => filter(state.clone(), column(&[IS_ACTIVE])),
            _ => state.clone(),
        };
        let src = project(from, vec![packed(self.src_fields.clone(), "src")]);
        let with_src =
            inner(src, edges.clone(), equal(column(&["src", "id"]), column(&["edge_src"])));
        let triplets = match &self.dst_fields {
            Some(fields) => {
                let dst = project(state.clone(), vec![packed(fields.clone(), "dst")]);
                let to_dst = equal(column(&["edge_dst"]), column(&["dst", "id"]));
                let triplets = inner(with_src, dst, to_dst);
                match self.skips_from_inactive {
                    true => filter(triplets, call("or", vec![active("src"), active("dst")])),
                    false => triplets,
                }
            }
            None => {
                let id = packed(vec![column(&["edge_dst"]).alias("id")], "dst");
                with_columns(with_src, vec![("dst", id)])
            }
        };
        let one = |(end, message): &(&'static str, Expr)| {
            [column(&[*end, "id"]).alias("id"), message.clone().alias(MESSAGE)]
        };
        let sent = match self.messages.as_slice() {
            [message] => project(triplets, one(message).to_vec()),
            messages => {
                let each = messages.iter().map(|message| call("struct", one(message).to_vec()));
                let exploded = call("explode", vec![call("array", each.collect())]);
                let exploded = project(triplets, vec![exploded.alias("sent")]);
                let names = [column(&["sent", "id"]), column(&["sent", MESSAGE])];
                project(exploded, names.to_vec())
            }
        };
        filter(sent, call("isnotnull", vec![column(&[MESSAGE])]))
    }
}

/// The fields of a struct that the messages read, and those that are wanted; all if that is not to be known.
fn read_fields(exprs: &[Expr], name: &str, all: &[&str], wanted: &HashSet<String>) -> Vec<Expr> {
    let columns = |is_read: &dyn Fn(&str) -> bool| {
        all.iter()
            .filter(|name| is_read(&name.to_lowercase()))
            .map(|name| column(&[name]))
            .collect()
    };
    match fields_of(exprs, name) {
        Some(read)
            if read.iter().all(|field| all.iter().any(|name| name.eq_ignore_ascii_case(field))) =>
        {
            columns(&|name| read.contains(name) || wanted.contains(name))
        }
        _ => columns(&|_| true),
    }
}
