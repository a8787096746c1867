//! All shortest paths from some vertices to others, by levels.
//!
//! A vertex of a shortest path lies on the level of its place in the path, so levels are found first, each a set of
//! ids that no level before has; then, from the end back, only the ids that lead on are kept; then paths are joined
//! from what is left. GraphFrames joins paths from the start, of which there may be many more.

use super::build::{
    alias, column, distinct, equal, filter, inner, join, limit, packed, project, union,
};
use super::{Rounds, known_to, require};
use crate::spec::{Bfs, JoinCondition, JoinType, Relation};
use firesteel_common::Result;

/// Levels of which each round's plan reads every one; the others are one table.
const RECENT_MAX: usize = 8;

/// Struct columns `from`, `e0`, `v1`, `e1`, …, `to`; the vertices' columns and no row if there is no path.
pub(super) fn bfs(
    vertices: &Relation,
    edges: &Relation,
    bfs: &Bfs,
    rounds: &mut dyn Rounds,
) -> Result<Relation> {
    let length_max = usize::try_from(bfs.length_max).ok();
    require(
        length_max.is_some(),
        &format!("BFS maxPathLength must be >= 0, but was set to {}", bfs.length_max),
    )?;
    let length_max = length_max.unwrap_or_default();
    let from = filter(vertices.clone(), known_to(vertices, bfs.from.clone()));
    let to = filter(vertices.clone(), known_to(vertices, bfs.to.clone()));
    let nothing = limit(vertices.clone(), 0);
    let ids = |of: &Relation| distinct(project(of.clone(), vec![column(&["id"])]));
    let (start, end) = (rounds.keep(ids(&from))?, rounds.keep(ids(&to))?);
    if rounds.is_empty(start.clone())? || rounds.is_empty(end.clone())? {
        return Ok(nothing);
    }
    let both = filter(from.clone(), known_to(vertices, bfs.to.clone()));
    if !rounds.is_empty(both.clone())? {
        return Ok(project(both, vec![packed(Vec::new(), "from"), packed(Vec::new(), "to")]));
    }

    let edges = filter(edges.clone(), known_to(edges, bfs.edge_filter.clone()));
    let known = project(vertices.clone(), vec![column(&["id"])]);
    let pairs = project(edges.clone(), vec![column(&["src"]), column(&["dst"])]);
    let pairs = matching(matching(pairs, "src", known.clone()), "dst", known);
    let pairs = rounds.keep(distinct(pairs))?;
    let mut levels = vec![start.clone()];
    let mut old: Option<Relation> = None;
    let mut recent = vec![start];
    let found = loop {
        let length = levels.len();
        rounds.progress(length - 1, length_max);
        let Some(last) = levels.last().filter(|_| length <= length_max) else {
            break false;
        };
        let reached = project(
            matching(pairs.clone(), "src", last.clone()),
            vec![column(&["dst"]).alias("id")],
        );
        let seen = old.iter().chain(&recent).cloned().reduce(union);
        let next = match seen {
            Some(seen) => using_id(distinct(reached), seen, JoinType::LeftAnti),
            None => distinct(reached),
        };
        let next = rounds.keep(next)?;
        if rounds.is_empty(next.clone())? {
            break false;
        }
        let hits = rounds.keep(using_id(next.clone(), end.clone(), JoinType::LeftSemi))?;
        if !rounds.is_empty(hits.clone())? {
            levels.push(hits);
            break true;
        }
        recent.push(next.clone());
        if recent.len() > RECENT_MAX
            && let Some(seen) = old.iter().cloned().chain(recent.drain(..)).reduce(union)
        {
            let all = rounds.keep(seen)?;
            if let Some(old) = old.replace(all) {
                rounds.forget(&old);
            }
        }
        levels.push(next);
    };
    if !found {
        return Ok(nothing);
    }

    // From the end back: ids that lead on.
    for at in (0..levels.len() - 1).rev() {
        let leading = matching(pairs.clone(), "dst", levels[at + 1].clone());
        let leading = project(leading, vec![column(&["src"]).alias("id")]);
        levels[at] = rounds.keep(using_id(levels[at].clone(), leading, JoinType::LeftSemi))?;
    }
    let n_edges = levels.len() - 1;
    let name = |at: usize| match at {
        0 => "from".to_owned(),
        at if at == n_edges => "to".to_owned(),
        at => format!("v{at}"),
    };
    let on_level = |at: usize| {
        let here = using_id(vertices.clone(), levels[at].clone(), JoinType::LeftSemi);
        project(here, vec![packed(Vec::new(), &name(at))])
    };
    let mut paths = on_level(0);
    let mut columns = vec![column(&["from"])];
    for at in 0..n_edges {
        let (edge, before, after) = (format!("e{at}"), name(at), name(at + 1));
        let step = project(edges.clone(), vec![packed(Vec::new(), &edge)]);
        paths = inner(paths, step, equal(column(&[&before, "id"]), column(&[&edge, "src"])));
        let here = on_level(at + 1);
        paths = inner(paths, here, equal(column(&[&edge, "dst"]), column(&[&after, "id"])));
        columns.extend([column(&[&edge]), column(&[&after])]);
    }
    Ok(project(paths, columns))
}

fn using_id(left: Relation, right: Relation, join_type: JoinType) -> Relation {
    join(left, right, join_type, JoinCondition::Using(vec!["id".to_owned()]))
}

/// Pairs whose `end` is one of `ids`.
fn matching(pairs: Relation, end: &str, ids: Relation) -> Relation {
    const PAIRS: &str = "__pairs";
    const IDS: &str = "__ids";
    let condition = equal(column(&[PAIRS, end]), column(&[IDS, "id"]));
    let (pairs, ids) = (alias(pairs, PAIRS), alias(ids, IDS));
    join(pairs, ids, JoinType::LeftSemi, JoinCondition::On(condition))
}
