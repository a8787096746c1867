//! Input that can be given again, and answers that are compared with those given before: what a task needs to be
//! tried again (`attempts.rs`).

use super::run::Answer;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::Result;
use datafusion::common::hash_utils::create_hashes_with_hasher;
use futures::StreamExt;
use futures::stream::{BoxStream, try_unfold};
use std::fs::File;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

type Chunks = BoxStream<'static, Result<Vec<u8>>>;

/// Of one task so much input is kept in memory, the rest on disk.
const MEMORY_BYTES_MAX: usize = 16 << 20;

/// The input of a task, each of whose readers begins at the start. One reads at a time.
#[derive(Clone)]
pub struct Replay(Arc<Mutex<Input>>);

struct Input {
    live: Chunks,
    kept: Vec<Kept>,
    n_bytes: usize,
    /// Without a name, so that nothing is left behind.
    file: Option<File>,
    directory: PathBuf,
    end: Option<End>,
}

enum Kept {
    Memory(Vec<u8>),
    /// From here, so long.
    Disk(u64, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    /// The input itself failed.
    Failed,
}

impl Replay {
    /// Files are made in `directory`.
    pub fn new(live: Chunks, directory: &Path) -> Self {
        let directory = directory.to_owned();
        let input = Input { live, kept: Vec::new(), n_bytes: 0, file: None, directory, end: None };
        Self(Arc::new(Mutex::new(input)))
    }

    /// All of the input, from the start.
    pub fn chunks(&self) -> Chunks {
        let state = (Arc::clone(&self.0), 0);
        try_unfold(state, |(input, place)| async move {
            let chunk = input.lock().await.get(place).await?;
            Ok(chunk.map(|chunk| (chunk, (input, place + 1))))
        })
        .boxed()
    }

    /// Whether the input failed, so that it cannot be given again.
    pub async fn has_failed(&self) -> bool {
        self.0.lock().await.end == Some(End::Failed)
    }
}

impl Input {
    async fn get(&mut self, place: usize) -> Result<Option<Vec<u8>>> {
        match (self.kept.get(place), self.end) {
            (Some(Kept::Memory(chunk)), _) => return Ok(Some(chunk.clone())),
            (Some(Kept::Disk(start, length)), _) => return Ok(Some(self.load(*start, *length)?)),
            (None, Some(_)) => return Ok(None),
            (None, None) => {}
        }
        // The only place to be dropped at: what has come is kept.
        match self.live.next().await {
            Some(Ok(chunk)) => {
                self.keep(&chunk).inspect_err(|_| self.end = Some(End::Failed))?;
                Ok(Some(chunk))
            }
            Some(Err(error)) => {
                self.end = Some(End::Failed);
                Err(error)
            }
            None => {
                self.end = Some(End::Well);
                Ok(None)
            }
        }
    }

    /// Writes block, into the system's cache.
    fn keep(&mut self, chunk: &[u8]) -> io::Result<()> {
        let (start, length) = (self.n_bytes, chunk.len());
        self.n_bytes += length;
        if self.n_bytes <= MEMORY_BYTES_MAX {
            self.kept.push(Kept::Memory(chunk.to_vec()));
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.directory)?),
        };
        file.write_all_at(chunk, start as u64)?;
        self.kept.push(Kept::Disk(start as u64, length));
        Ok(())
    }

    fn load(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut chunk = vec![0; length];
        let file = self.file.as_ref().ok_or_else(|| io::Error::other("no file"))?;
        file.read_exact_at(&mut chunk, start)?;
        Ok(chunk)
    }
}

/// What was answered so far, as digests: of an attempt that failed it has been passed on already.
#[derive(Debug, Default)]
pub struct Passed {
    digests: Vec<u64>,
    /// So many of them the running attempt has given again.
    n_repeated: usize,
}

/// What an answer of another attempt is.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    New,
    Repeated,
    /// Not what came in its place before.
    Different,
}

impl Passed {
    /// Another attempt begins.
    pub fn again(&mut self) {
        self.n_repeated = 0;
    }

    /// Notes an answer.
    pub fn look(&mut self, answer: &Answer) -> Seen {
        if let Answer::End(_) = answer {
            let all = self.n_repeated == self.digests.len();
            return if all { Seen::New } else { Seen::Different };
        }
        let digest = digest(answer);
        match self.digests.get(self.n_repeated) {
            Some(before) if digest != Some(*before) => Seen::Different,
            Some(_) => {
                self.n_repeated += 1;
                Seen::Repeated
            }
            None => {
                // One without a digest equals nothing: zero stands for it as for any other.
                self.digests.push(digest.unwrap_or_default());
                self.n_repeated += 1;
                Seen::New
            }
        }
    }
}

fn digest(answer: &Answer) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    match answer {
        Answer::Batch(batch) => {
            batch.num_rows().hash(&mut hasher);
            rows(batch)?.hash(&mut hasher);
        }
        Answer::Frame(bytes) => bytes.hash(&mut hasher),
        Answer::End(_) => {}
    }
    Some(hasher.finish())
}

fn rows(batch: &RecordBatch) -> Option<Vec<u64>> {
    let mut hashes = vec![0; batch.num_rows()];
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    create_hashes_with_hasher(batch.columns(), &hasher, &mut hashes).ok()?;
    Some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::common::DataFusionError;
    use futures::{TryStreamExt, stream};

    fn replay(chunks: Vec<Result<Vec<u8>>>) -> Replay {
        Replay::new(stream::iter(chunks).boxed(), &std::env::temp_dir())
    }

    #[tokio::test]
    async fn each_reader_gets_all_wherever_the_last_one_stopped() {
        // Some of it beyond what memory keeps.
        let chunk = |number: u8| vec![number; MEMORY_BYTES_MAX / 3];
        let replay = replay((0..6).map(|number| Ok(chunk(number))).collect());
        for n_taken in [0, 2, 5] {
            let some: Vec<_> = replay.chunks().take(n_taken).try_collect().await.unwrap();
            assert_eq!(some, (0..n_taken as u8).map(chunk).collect::<Vec<_>>());
        }
        for _ in 0..2 {
            let all: Vec<_> = replay.chunks().try_collect().await.unwrap();
            assert_eq!(all, (0..6).map(chunk).collect::<Vec<_>>());
        }
        assert!(!replay.has_failed().await);
    }

    #[tokio::test]
    async fn input_that_fails_is_known() {
        let error = DataFusionError::Execution("gone".to_owned());
        let replay = replay(vec![Ok(vec![1]), Err(error)]);
        let all: Result<Vec<_>> = replay.chunks().try_collect().await;
        assert!(all.is_err());
        assert!(replay.has_failed().await);
    }

    #[test]
    fn answers_are_dropped_as_long_as_they_are_the_same() {
        let frame = |number: u8| Answer::Frame(vec![number]);
        let mut passed = Passed::default();
        assert_eq!(passed.look(&frame(1)), Seen::New);
        assert_eq!(passed.look(&frame(2)), Seen::New);
        passed.again();
        assert_eq!(passed.look(&frame(1)), Seen::Repeated);
        assert_eq!(passed.look(&Answer::End(Default::default())), Seen::Different);
        assert_eq!(passed.look(&frame(3)), Seen::Different);
        assert_eq!(passed.look(&frame(2)), Seen::Repeated);
        assert_eq!(passed.look(&frame(3)), Seen::New);
        assert_eq!(passed.look(&Answer::End(Default::default())), Seen::New);
    }
}
