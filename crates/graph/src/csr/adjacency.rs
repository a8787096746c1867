//! Adjacency as compressed sparse rows.

use std::ops::Range;

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};

use crate::threads;

/// For every vertex the vertices at the other ends of its edges. Four bytes an entry, four a vertex.
///
/// Parallel edges and self-loops are all there, in the order in which the edges were read.
#[derive(Debug, Default)]
pub struct Adjacency {
    /// Row `v` is `targets[offsets[v]..offsets[v + 1]]`.
    offsets: Vec<u32>,
    targets: Vec<u32>,
}

/// Which ends of an edge get an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The row of the source has the destination.
    Out,
    /// The row of the destination has the source.
    In,
    /// Both; a self-loop stands twice in its row.
    Both,
}

/// Rows are gathered in so many groups, so that copies of only a part of the edges exist beside them.
const N_GROUPS: usize = 4;

/// Vertices whose rows are filled together while they are in the cache: at most 2¹² buckets.
const MAX_BUCKETS: usize = 1 << 10;

impl Adjacency {
    /// Rows of `n` vertices from pieces of edges `[source, destination]`.
    ///
    /// Time O(n + edges): two passes over the edges a group, one over the entries, all on the threads.
    ///
    /// # Errors
    /// `SparkException` beyond 2³² − 1 entries.
    pub fn new(
        n: usize,
        pieces: &[Vec<[u32; 2]>],
        direction: Direction,
        n_threads: usize,
    ) -> Result<Self> {
        match direction {
            Direction::Out => {
                Self::from_entries(n, pieces, &|[s, d]| [Some([s, d]), None], n_threads)
            }
            Direction::In => {
                Self::from_entries(n, pieces, &|[s, d]| [Some([d, s]), None], n_threads)
            }
            Direction::Both => {
                Self::from_entries(n, pieces, &|[s, d]| [Some([s, d]), Some([d, s])], n_threads)
            }
        }
    }

    /// Rows of `n` vertices, from what `entries` makes of an edge: up to two entries `[row, target]`.
    ///
    /// # Errors
    /// `SparkException` beyond 2³² − 1 entries.
    pub fn from_entries(
        n: usize,
        pieces: &[Vec<[u32; 2]>],
        entries: &(impl Fn([u32; 2]) -> [Option<[u32; 2]>; 2] + Sync),
        n_threads: usize,
    ) -> Result<Self> {
        let parts = cut_evenly(pieces, n_threads);
        let counts = threads::on_each(parts.len(), |thread| {
            let edges = parts[thread].iter().copied().flatten();
            edges.map(|edge| entries(*edge).iter().flatten().count()).sum::<usize>()
        });
        let n_entries: usize = counts.iter().sum();
        if u32::try_from(n_entries).is_err() {
            return Err(too_large(n_entries));
        }
        let mut targets = vec![0u32; n_entries];
        let mut offsets = vec![0u32; n + 1];
        if n_entries == 0 {
            return Ok(Self { offsets, targets });
        }
        // Small graphs need no groups and few buckets.
        let n_buckets = (n_entries >> 12).clamp(1, MAX_BUCKETS).min(n);
        let shift = n.div_ceil(n_buckets).next_power_of_two().trailing_zeros();
        let n_buckets = n.div_ceil(1 << shift);
        let n_groups = if n_entries > 1 << 22 { N_GROUPS.min(n_buckets) } else { 1 };
        let per_group = n_buckets.div_ceil(n_groups);

        let mut done = 0usize;
        let mut free_targets: &mut [u32] = &mut targets;
        let mut free_offsets: &mut [u32] = &mut offsets[1..];
        for first in (0..n_buckets).step_by(per_group) {
            let buckets = first..(first + per_group).min(n_buckets);
            let scattered = scatter(&parts, entries, shift, &buckets);
            // One part a bucket: its slice of rows, its slice of entries.
            let mut work = Vec::with_capacity(buckets.len());
            for (at, bucket) in buckets.clone().enumerate() {
                let n_rows = ((bucket + 1) << shift).min(n) - (bucket << shift);
                let n_here: usize = scattered.iter().map(|thread| thread[at].len()).sum();
                let (rows, rest) = std::mem::take(&mut free_offsets).split_at_mut(n_rows);
                free_offsets = rest;
                let (entries, rest) = std::mem::take(&mut free_targets).split_at_mut(n_here);
                free_targets = rest;
                work.push((at, bucket << shift, done as u32, rows, entries));
                done += n_here;
            }
            threads::on_parts(n_threads, work, |(at, first_row, base, rows, entries)| {
                let pairs = scattered.iter().map(|thread| thread[at].as_slice());
                fill(pairs, first_row, base, rows, entries);
            });
        }
        Ok(Self { offsets, targets })
    }

    /// The same rows with every target once, where it stands first.
    ///
    /// Time O(n + entries), 4 bytes a vertex and thread beside what is there.
    pub fn without_repeats(self, n_threads: usize) -> Self {
        let ranges = self.balanced(n_threads * 8);
        let Self { offsets, mut targets } = self;
        let mut lengths = vec![0u32; offsets.len().saturating_sub(1)];
        let spans: Vec<Range<usize>> = ranges
            .iter()
            .map(|range| offsets[range.start] as usize..offsets[range.end] as usize)
            .collect();
        let slices =
            threads::cut(&mut targets, &spans).into_iter().zip(threads::cut(&mut lengths, &ranges));
        let parts = ranges.iter().zip(slices).collect();
        threads::fold_parts(
            n_threads,
            parts,
            || vec![u32::MAX; offsets.len()],
            |last_row, (range, (slice, lengths)): (&Range<usize>, (&mut [u32], &mut [u32]))| {
                let base = offsets[range.start];
                let mut end = 0;
                for (row, length) in range.clone().zip(lengths) {
                    let start = end;
                    for at in offsets[row] - base..offsets[row + 1] - base {
                        let target = slice[at as usize];
                        if last_row[target as usize] != row as u32 {
                            last_row[target as usize] = row as u32;
                            slice[end] = target;
                            end += 1;
                        }
                    }
                    *length = (end - start) as u32;
                }
            },
        );
        // Every part is dense from its start on; now the parts move together.
        let mut end = 0;
        for (range, span) in ranges.iter().zip(&spans) {
            let length: usize = lengths[range.clone()].iter().map(|length| *length as usize).sum();
            targets.copy_within(span.start..span.start + length, end);
            end += length;
        }
        targets.truncate(end);
        targets.shrink_to_fit();
        let mut offsets = offsets;
        for (row, length) in lengths.into_iter().enumerate() {
            offsets[row + 1] = offsets[row] + length;
        }
        Self { offsets, targets }
    }

    /// Rows that are given ready-made.
    pub fn from_rows(offsets: Vec<u32>, targets: Vec<u32>) -> Self {
        Self { offsets, targets }
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries of all rows.
    pub fn n_entries(&self) -> usize {
        self.targets.len()
    }

    /// The row of a vertex.
    #[inline]
    pub fn row(&self, vertex: u32) -> &[u32] {
        let at = vertex as usize;
        &self.targets[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    /// Number of entries of a row.
    #[inline]
    pub fn degree(&self, vertex: u32) -> u32 {
        self.offsets[vertex as usize + 1] - self.offsets[vertex as usize]
    }

    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    pub fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// Ranges of vertices that cover all of them and hold about as many entries each.
    pub fn balanced(&self, n_parts: usize) -> Vec<Range<usize>> {
        let n = self.len();
        // A row costs about as much as two entries even if it is empty.
        let total = self.targets.len() + 2 * n;
        let per_part = total.div_ceil(n_parts.max(1)).max(1);
        let mut ranges = Vec::with_capacity(n_parts);
        let mut start = 0;
        while start < n {
            let aim = self.offsets[start] as usize + 2 * start + per_part;
            let (mut low, mut high) = (start + 1, n);
            while low < high {
                let middle = low.midpoint(high);
                if (self.offsets[middle] as usize + 2 * middle) < aim {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            ranges.push(start..low);
            start = low;
        }
        ranges
    }
}

fn too_large(n_entries: usize) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "",
        format!(
            "A graph in memory has at most {} edge ends in one direction; this one has {n_entries}.",
            u32::MAX
        ),
    )
}

/// Slices of about the same size, as many as threads or some more.
fn cut_evenly(pieces: &[Vec<[u32; 2]>], n_threads: usize) -> Vec<Vec<&[[u32; 2]]>> {
    let total: usize = pieces.iter().map(Vec::len).sum();
    let per_part = total.div_ceil(n_threads.max(1)).max(1);
    let mut parts = vec![Vec::new()];
    let mut room = per_part;
    for piece in pieces {
        let mut rest = piece.as_slice();
        while !rest.is_empty() {
            if room == 0 {
                parts.push(Vec::new());
                room = per_part;
            }
            let (taken, left) = rest.split_at(rest.len().min(room));
            room -= taken.len();
            if let Some(part) = parts.last_mut() {
                part.push(taken);
            }
            rest = left;
        }
    }
    parts
}

/// `[row, target]` of the buckets' rows: per part of the edges, per bucket, in the order of the edges.
fn scatter(
    parts: &[Vec<&[[u32; 2]]>],
    entries: &(impl Fn([u32; 2]) -> [Option<[u32; 2]>; 2] + Sync),
    shift: u32,
    buckets: &Range<usize>,
) -> Vec<Vec<Vec<[u32; 2]>>> {
    let one = |part: &Vec<&[[u32; 2]]>| {
        let mut sizes = vec![0usize; buckets.len()];
        each_entry(part, entries, |[row, _]| {
            let at = (row as usize >> shift).wrapping_sub(buckets.start);
            if let Some(size) = sizes.get_mut(at) {
                *size += 1;
            }
        });
        let mut pairs: Vec<Vec<[u32; 2]>> = sizes.into_iter().map(Vec::with_capacity).collect();
        each_entry(part, entries, |[row, target]| {
            let at = (row as usize >> shift).wrapping_sub(buckets.start);
            if let Some(bucket) = pairs.get_mut(at) {
                bucket.push([row, target]);
            }
        });
        pairs
    };
    threads::on_each(parts.len(), |thread| one(&parts[thread]))
}

#[inline]
fn each_entry(
    part: &[&[[u32; 2]]],
    entries: &impl Fn([u32; 2]) -> [Option<[u32; 2]>; 2],
    mut take: impl FnMut([u32; 2]),
) {
    for edge in part.iter().copied().flatten() {
        for entry in entries(*edge).into_iter().flatten() {
            take(entry);
        }
    }
}

/// Counts, adds up and places the entries of one bucket's rows. `rows[i]` becomes the end of row `first_row + i`.
fn fill<'a>(
    pairs: impl Iterator<Item = &'a [[u32; 2]]> + Clone,
    first_row: usize,
    base: u32,
    rows: &mut [u32],
    entries: &mut [u32],
) {
    let mut next = vec![0u32; rows.len()];
    for [row, _] in pairs.clone().flatten() {
        next[*row as usize - first_row] += 1;
    }
    let mut start = 0;
    for (count, end) in next.iter_mut().zip(rows) {
        let size = *count;
        *count = start;
        start += size;
        *end = base + start;
    }
    for [row, target] in pairs.flatten() {
        let at = &mut next[*row as usize - first_row];
        entries[*at as usize] = *target;
        *at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_the_order_of_edges() {
        let pieces = vec![vec![[2, 0], [0, 1]], vec![[0, 0], [2, 1], [0, 2]]];
        for n_threads in [1, 2, 3] {
            let out = Adjacency::new(4, &pieces, Direction::Out, n_threads).unwrap();
            assert_eq!(out.offsets(), [0, 3, 3, 5, 5]);
            assert_eq!(out.targets(), [1, 0, 2, 0, 1]);
            let into = Adjacency::new(4, &pieces, Direction::In, n_threads).unwrap();
            assert_eq!(into.row(0), [2, 0]);
            assert_eq!(into.row(1), [0, 2]);
            assert_eq!(into.row(3), [0u32; 0]);
            let both = Adjacency::new(4, &pieces, Direction::Both, n_threads).unwrap();
            assert_eq!(both.row(0), [2, 1, 0, 0, 2]);
            assert_eq!(both.degree(2), 3);
        }
    }

    #[test]
    fn repeats_go() {
        let pieces = vec![vec![[2, 0], [2, 1], [2, 0], [0, 1], [0, 1], [3, 3], [2, 3]]];
        for n_threads in [1, 2] {
            let rows = Adjacency::new(5, &pieces, Direction::Out, n_threads)
                .unwrap()
                .without_repeats(n_threads);
            assert_eq!(rows.offsets(), [0, 1, 1, 4, 5, 5]);
            assert_eq!(rows.targets(), [1, 0, 1, 3, 3]);
        }
        assert!(Adjacency::new(0, &[], Direction::Out, 1).unwrap().without_repeats(2).is_empty());
    }

    #[test]
    fn many_buckets_and_threads_give_the_same_rows() {
        let edges: Vec<[u32; 2]> =
            (0..100_000u64).map(|i| [(i * i % 977) as u32, (i * 31 % 1009 % 977) as u32]).collect();
        let one = Adjacency::new(1000, &[edges.clone()], Direction::Both, 1).unwrap();
        let cut: Vec<Vec<[u32; 2]>> = edges.chunks(7919).map(<[_]>::to_vec).collect();
        let two = Adjacency::new(1000, &cut, Direction::Both, 2).unwrap();
        assert_eq!(one.offsets(), two.offsets());
        assert_eq!(one.targets(), two.targets());
        let ranges = one.balanced(7);
        assert_eq!(ranges.first().unwrap().start, 0);
        assert_eq!(ranges.last().unwrap().end, 1000);
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
    }
}
