//! Passes over blocks by several threads: `treeAggregate` as one process runs it.

use crate::job::Job;
use firesteel_common::{Result, SparkError};
use std::sync::atomic::{AtomicBool, Ordering};

/// Pieces of data that may lie anywhere, and one way to compute from all of them.
pub trait Aggregate {
    type Piece: Sync;

    /// `seq` adds a piece to an accumulator that `zero` made; `comb` adds an accumulator to another. Accumulators
    /// are combined in the order of the pieces, so that a result depends on the number of threads only.
    ///
    /// # Errors
    /// The first error of `seq`; `OPERATION_CANCELED` once the fit is interrupted.
    fn aggregate<A: Send>(
        &self,
        zero: impl Fn() -> A + Sync,
        seq: impl Fn(&mut A, &Self::Piece) -> Result<()> + Sync,
        comb: impl Fn(&mut A, A),
    ) -> Result<A>;
}

/// [`Aggregate`] over a slice.
pub(super) fn over_slice<T: Sync, A: Send>(
    pieces: &[T],
    job: &dyn Job,
    zero: impl Fn() -> A + Sync,
    seq: impl Fn(&mut A, &T) -> Result<()> + Sync,
    comb: impl Fn(&mut A, A),
) -> Result<A> {
    job.check()?;
    let n_threads = job.n_threads().clamp(1, pieces.len().max(1));
    let failed = AtomicBool::new(false);
    let run = |own: &[T]| -> Result<A> {
        let mut sum = zero();
        for piece in own {
            if failed.load(Ordering::Relaxed) {
                break;
            }
            let done = seq(&mut sum, piece).and_then(|()| job.check());
            if let Err(error) = done {
                failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(sum)
    };
    if n_threads == 1 {
        return run(pieces);
    }
    let shares = shares(pieces, n_threads);
    let sums: Vec<Result<A>> = std::thread::scope(|scope| {
        let (first, others) = shares.split_at(1);
        let handles: Vec<_> = others.iter().map(|share| scope.spawn(|| run(share))).collect();
        let mut sums = vec![run(first.first().copied().unwrap_or_default())];
        sums.extend(handles.into_iter().map(|handle| {
            let panicked = |_| Err(SparkError::internal("a thread of a fit panicked"));
            handle.join().unwrap_or_else(panicked)
        }));
        sums
    });
    let mut total: Option<A> = None;
    for sum in sums {
        let sum = sum?;
        match &mut total {
            None => total = Some(sum),
            Some(total) => comb(total, sum),
        }
    }
    Ok(total.unwrap_or_else(zero))
}

fn shares<T>(pieces: &[T], n: usize) -> Vec<&[T]> {
    (0..n).map(|i| &pieces[i * pieces.len() / n..(i + 1) * pieces.len() / n]).collect()
}

/// Calls `f` with the number and value of every item, on several threads: state that lies beside blocks (assigned
/// clusters, predictions so far).
///
/// # Errors
/// As [`Aggregate::aggregate`].
pub fn for_each_mut<T: Send>(
    items: &mut [T],
    job: &dyn Job,
    f: impl Fn(usize, &mut T) -> Result<()> + Sync,
) -> Result<()> {
    job.check()?;
    let n_threads = job.n_threads().clamp(1, items.len().max(1));
    let size = items.len().div_ceil(n_threads).max(1);
    let run = |from: usize, own: &mut [T]| -> Result<()> {
        for (at, item) in own.iter_mut().enumerate() {
            f(from + at, item)?;
            job.check()?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let run = &run;
        let handles: Vec<_> = items
            .chunks_mut(size)
            .enumerate()
            .map(|(share, own)| scope.spawn(move || run(share * size, own)))
            .collect();
        for handle in handles {
            let panicked = |_| Err(SparkError::internal("a thread of a fit panicked"));
            handle.join().unwrap_or_else(panicked)?;
        }
        Ok(())
    })
}
