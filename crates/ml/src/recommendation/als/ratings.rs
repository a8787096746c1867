//! Ratings in memory, by user and by item: compressed rows whose order is Spark's (block by block, ids ascending).

use std::collections::HashMap;

/// A table of ids that may be as large as the number of ratings times this before a hash map takes over.
const TABLE_FACTOR: i64 = 4;

/// Distinct ids in the order of their factors.
#[derive(Debug)]
pub(super) struct Ids {
    /// Of every factor.
    pub ids: Vec<i32>,
    /// Where each block's ids begin, and their number.
    pub blocks: Vec<(usize, usize)>,
}

/// Ratings of one side: those of factor i are entries `starts[i]..starts[i + 1]`.
#[derive(Debug)]
pub(super) struct Rows {
    pub starts: Vec<usize>,
    /// Positions of the other side's factors.
    pub others: Vec<u32>,
    pub ratings: Vec<f32>,
}

/// Position of every id's factor.
enum Positions {
    Table { least: i64, positions: Vec<u32> },
    Map(HashMap<i32, u32>),
}

impl Positions {
    fn get(&self, id: i32) -> u32 {
        match self {
            Positions::Table { least, positions } => positions[(i64::from(id) - least) as usize],
            Positions::Map(positions) => positions.get(&id).copied().unwrap_or_default(),
        }
    }
}

/// Sorts ids into `n_blocks` blocks, as a hash partitioner does, and gives each rating the position of its id.
pub(super) fn index(ids: &[i32], n_blocks: usize) -> (Ids, Vec<u32>) {
    let least = ids.iter().copied().min().map_or(0, i64::from);
    let most = ids.iter().copied().max().map_or(-1, i64::from);
    let span = most - least + 1;
    let fits = span <= TABLE_FACTOR * ids.len() as i64 + (1 << 16);
    let mut distinct: Vec<i32> = if fits {
        let mut seen = vec![false; span as usize];
        ids.iter().for_each(|id| seen[(i64::from(*id) - least) as usize] = true);
        let seen = seen.into_iter().enumerate().filter(|(_, seen)| *seen);
        seen.map(|(at, _)| (at as i64 + least) as i32).collect()
    } else {
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted
    };
    let block = |id: i32| id.rem_euclid(n_blocks as i32);
    // Stable: ids ascend within a block.
    distinct.sort_by_key(|id| block(*id));
    let mut blocks = vec![(0, 0); n_blocks];
    for (position, id) in distinct.iter().enumerate() {
        let own = &mut blocks[block(*id) as usize];
        if own.1 == 0 {
            own.0 = position;
        }
        own.1 += 1;
    }
    let places = distinct.iter().enumerate();
    let positions = if fits {
        let mut positions = vec![0_u32; span as usize];
        places.for_each(|(at, id)| positions[(i64::from(*id) - least) as usize] = at as u32);
        Positions::Table { least, positions }
    } else {
        Positions::Map(places.map(|(at, id)| (*id, at as u32)).collect())
    };
    let at = ids.iter().map(|id| positions.get(*id)).collect();
    (Ids { ids: distinct, blocks }, at)
}

/// Groups ratings by `owners`; order within a group is the order of the ratings.
pub(super) fn group(owners: &[u32], others: &[u32], ratings: &[f32], n_owners: usize) -> Rows {
    let mut starts = vec![0_usize; n_owners + 1];
    owners.iter().for_each(|owner| starts[*owner as usize + 1] += 1);
    for at in 0..n_owners {
        starts[at + 1] += starts[at];
    }
    let mut next = starts.clone();
    let mut grouped =
        Rows { starts, others: vec![0; owners.len()], ratings: vec![0.0; owners.len()] };
    for ((owner, other), rating) in owners.iter().zip(others).zip(ratings) {
        let to = &mut next[*owner as usize];
        grouped.others[*to] = *other;
        grouped.ratings[*to] = *rating;
        *to += 1;
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_first() {
        for far in [7, i32::MAX] {
            let (ids, at) = index(&[4, 1, far, 4, -1], 2);
            assert_eq!(ids.ids, [4, -1, 1, far]);
            assert_eq!(ids.blocks, [(0, 1), (1, 3)]);
            assert_eq!(at, [0, 2, 3, 0, 1]);
            let rows = group(&at, &[0, 1, 2, 3, 4], &[0.0, 1.0, 2.0, 3.0, 4.0], 4);
            assert_eq!(rows.starts, [0, 2, 3, 4, 5]);
            assert_eq!(rows.others, [0, 3, 4, 1, 2]);
        }
    }
}
