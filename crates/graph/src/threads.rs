//! Work on several threads: scoped threads of the standard library, because the workspace has no pool for blocking work.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `work(thread)` on `n_threads` threads, the caller's among them, and gives the answers in order.
pub fn on_each<R: Send>(n_threads: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if n_threads <= 1 {
        return vec![work(0)];
    }
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..n_threads).map(|thread| scope.spawn(move || work(thread))).collect();
        let mut answers = vec![work(0)];
        for other in others {
            match other.join() {
                Ok(answer) => answers.push(answer),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers
    })
}

/// Hands the blocks of `0..n` of `block` numbers each to the threads as they become free.
pub fn on_blocks(n_threads: usize, n: usize, block: usize, work: impl Fn(Range<usize>) + Sync) {
    fold_blocks(n_threads, n, block, || (), |(), range| work(range));
}

/// As [`on_blocks`], with a state that every thread makes for itself; gives the states.
pub fn fold_blocks<S: Send>(
    n_threads: usize,
    n: usize,
    block: usize,
    new: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Range<usize>) + Sync,
) -> Vec<S> {
    let n_blocks = n.div_ceil(block.max(1));
    let next = AtomicUsize::new(0);
    on_each(n_threads.min(n_blocks).max(1), |_| {
        let mut state = new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= n_blocks {
                return state;
            }
            work(&mut state, index * block..((index + 1) * block).min(n));
        }
    })
}

/// Hands parts, for example slices to be written, to the threads as they become free.
pub fn on_parts<T: Send>(n_threads: usize, parts: Vec<T>, work: impl Fn(T) + Sync) {
    fold_parts(n_threads, parts, || (), |(), part| work(part));
}

/// As [`on_parts`], with a state that every thread makes for itself; gives the states.
pub fn fold_parts<T: Send, S: Send>(
    n_threads: usize,
    parts: Vec<T>,
    new: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, T) + Sync,
) -> Vec<S> {
    let n_parts = parts.len();
    let parts = Mutex::new(parts.into_iter());
    on_each(n_threads.min(n_parts).max(1), |_| {
        let mut state = new();
        loop {
            let part = match parts.lock() {
                Ok(mut parts) => parts.next(),
                Err(poisoned) => poisoned.into_inner().next(),
            };
            match part {
                Some(part) => work(&mut state, part),
                None => return state,
            }
        }
    })
}

/// Cuts a slice at ranges that follow one another from 0 on.
pub fn cut<'a, T>(mut slice: &'a mut [T], ranges: &[Range<usize>]) -> Vec<&'a mut [T]> {
    let mut parts = Vec::with_capacity(ranges.len());
    for range in ranges {
        let (part, rest) = slice.split_at_mut(range.len());
        parts.push(part);
        slice = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_taken_once() {
        for n_threads in [1, 2, 5] {
            let sums = fold_blocks(
                n_threads,
                1003,
                10,
                || 0usize,
                |sum, range| *sum += range.sum::<usize>(),
            );
            assert_eq!(sums.iter().sum::<usize>(), 1003 * 1002 / 2);
        }
    }

    #[test]
    fn parts_are_written() {
        let mut numbers = vec![0; 10];
        let ranges = [0..3, 3..3, 3..10];
        let parts: Vec<_> = ranges.iter().cloned().zip(cut(&mut numbers, &ranges)).collect();
        on_parts(2, parts, |(range, slice)| {
            for (number, value) in range.zip(slice) {
                *value = number;
            }
        });
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    }
}
