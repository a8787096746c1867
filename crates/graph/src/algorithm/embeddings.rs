//! Embeddings of vertices from random walks.

use super::error::{illegal, require};
use super::{Algorithm, Input, Output, Reads};
use crate::csr::{Adjacency, Direction, VertexIds};
use crate::kernel::{
    self, Hash2VecParams, HashedWord, RandomWalkParams, Watch, with_neighbor_means,
};
use arrow::array::ArrayRef;
use firesteel_common::{Result, SparkType, StructType};
use std::fmt;
use std::sync::Arc;

/// What makes vectors of words from sequences of words: MLlib's Word2Vec, which this crate does not know. Sequences of
/// numbers and the word of each number in; for each number a vector, or none if it occurs too rarely.
pub type Word2Vec =
    Arc<dyn Fn(&[Vec<u32>], &[String]) -> Result<Vec<Option<Vec<f64>>>> + Send + Sync>;

/// How sequences become vectors.
#[derive(Clone)]
pub enum SequenceModel {
    Hash2Vec { params: Hash2VecParams, hashing_seed: i32, sign_seed: i32 },
    Word2Vec(Word2Vec),
}

impl fmt::Debug for SequenceModel {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            SequenceModel::Hash2Vec { .. } => "hash2vec",
            SequenceModel::Word2Vec(_) => "word2vec",
        })
    }
}

/// Where walks come from.
#[derive(Debug, Clone, Copy)]
pub enum WalkSource {
    Walk(RandomWalkParams),
    /// They come with the graph.
    Ready,
}

/// Makes a column of MLlib's vectors, one per row.
pub type MakeVectors = fn(&[Vec<f64>]) -> Result<ArrayRef>;

/// `RandomWalkEmbeddings`: a vector per vertex that occurs in walks; followed, if wanted, by the mean of some
/// neighbours' vectors.
pub struct RandomWalkEmbeddings {
    pub walks: WalkSource,
    pub model: SequenceModel,
    /// At most so many neighbours, drawn by this seed.
    pub neighbors: Option<(usize, u64)>,
    pub vector: SparkType,
    pub make_vectors: MakeVectors,
    /// Whether neighbours are only those at the ends of outgoing edges.
    pub is_directed: bool,
}

impl fmt::Debug for RandomWalkEmbeddings {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "RandomWalkEmbeddings({:?})", self.model)
    }
}

impl RandomWalkEmbeddings {
    /// # Errors
    /// `IllegalArgumentException` for parameters out of range.
    pub fn check(&self) -> Result<()> {
        if let WalkSource::Walk(walks) = &self.walks {
            require(walks.max_neighbors > 0, "maxNbrs must be greater than 0")?;
            require(walks.walks_per_vertex > 0, "numWalksPerNode must be greater than 0")?;
            require(walks.n_batches > 0 && walks.batch_size > 0, "batches must be greater than 0")?;
            let probability = walks.restart_probability;
            require(
                (0.0..=1.0).contains(&probability),
                format!("restart probability must be between 0 and 1, but got {probability}"),
            )?;
        }
        if let SequenceModel::Hash2Vec { params, .. } = &self.model {
            require(params.n_dimensions > 0, "embeddingsDim must be greater than 0")?;
            require(params.context_size > 0, "contextSize must be greater than 0")?;
        }
        Ok(())
    }
}

impl Algorithm for RandomWalkEmbeddings {
    fn reads(&self) -> Reads {
        Reads { walks: matches!(self.walks, WalkSource::Ready), ..Reads::default() }
    }

    fn added(&self) -> Option<Vec<String>> {
        None
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[("embedding", self.vector.clone(), true)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let n = input.ids.len();
        let sequences: Vec<Vec<u32>> = match &self.walks {
            WalkSource::Walk(params) => {
                let walks = kernel::random_walks(&input.graph, *params, watch)?;
                walks.iter().map(<[u32]>::to_vec).collect()
            }
            WalkSource::Ready => ready(input, &input.walks)?,
        };
        let mut vectors = match &self.model {
            SequenceModel::Hash2Vec { params, hashing_seed, sign_seed } => {
                let hashed = hashed(input, params.n_dimensions, *hashing_seed, *sign_seed);
                let (words, vectors) =
                    kernel::hash2vec(sequences.iter().map(Vec::as_slice), &hashed, *params);
                let mut of_vertices = vec![None; n];
                for (word, vector) in words.into_iter().zip(vectors) {
                    of_vertices[word as usize] = Some(vector);
                }
                of_vertices
            }
            SequenceModel::Word2Vec(fit) => fit(&sequences, &names(input))?,
        };
        watch.check()?;
        if let Some((max, seed)) = self.neighbors {
            let direction = if self.is_directed { Direction::Out } else { Direction::Both };
            let rows: Arc<Adjacency> = input.graph.adjacency(direction, watch.n_threads())?;
            vectors = with_neighbor_means(&rows, &vectors, max, seed);
        }
        let (numbers, vectors): (Vec<u32>, Vec<_>) = (0..)
            .zip(vectors)
            .filter_map(|(number, vector)| vector.map(|vector| (number, vector)))
            .unzip();
        Ok(vec![input.ids_of(numbers)?, (self.make_vectors)(&vectors)?])
    }
}

/// The ids as words.
fn names(input: &Input) -> Vec<String> {
    match &input.ids {
        VertexIds::Text(ids) => {
            (0..ids.len() as u32).map(|number| ids.id(number).to_owned()).collect()
        }
        VertexIds::Long(ids) => ids.to_vec().iter().map(ToString::to_string).collect(),
    }
}

fn hashed(
    input: &Input,
    n_dimensions: usize,
    hashing_seed: i32,
    sign_seed: i32,
) -> Vec<HashedWord> {
    match &input.ids {
        VertexIds::Long(ids) => {
            let hash = |id| HashedWord::of_long(id, n_dimensions, hashing_seed, sign_seed);
            ids.to_vec().into_iter().map(hash).collect()
        }
        VertexIds::Text(ids) => (0..ids.len() as u32)
            .map(|number| {
                HashedWord::of_text(ids.id(number), n_dimensions, hashing_seed, sign_seed)
            })
            .collect(),
    }
}

/// Sequences of ids as sequences of numbers.
fn ready(input: &Input, lists: &[ArrayRef]) -> Result<Vec<Vec<u32>>> {
    use arrow::array::{Array, AsArray};
    let mut sequences = Vec::new();
    for lists in lists {
        let lists = lists.as_list_opt::<i32>();
        let lists = lists.ok_or_else(|| illegal("The column random_walk holds no arrays."))?;
        for row in 0..lists.len() {
            let numbers = input.ids.numbers(&lists.value(row))?;
            let numbers = numbers.into_iter().collect::<Option<Vec<_>>>();
            sequences.push(numbers.ok_or_else(|| {
                illegal("A random walk holds an id that is no vertex of the graph.")
            })?);
        }
    }
    Ok(sequences)
}
