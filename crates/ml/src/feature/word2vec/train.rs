//! Skip-grams with hierarchical softmax (Mikolov et al., "Efficient estimation of word representations in vector
//! space", 2013), with Spark's random numbers and learning rate. Partitions are trained beside one another and
//! averaged after each pass, so one partition is one thread.

use super::vocabulary::{Codes, Vocabulary};
use crate::data::for_each_mut;
use crate::job::Job;
use firesteel_common::Result;
use firesteel_common::random::XorShiftRandom;

/// Entries of the table of the logistic function.
const TABLE_SIZE: usize = 1000;

/// Where the table ends on either side.
const LIMIT: f32 = 6.0;

/// Words between two looks at the learning rate.
const RATE_WORDS: i64 = 10_000;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub size: usize,
    pub window: usize,
    pub n_partitions: usize,
    pub n_iterations: usize,
    pub rate: f64,
    pub seed: i64,
}

/// Words by number, sentence by sentence.
#[derive(Debug)]
pub(super) struct Sentences {
    pub starts: Vec<usize>,
    pub words: Vec<u32>,
}

/// Both layers and what a partition has changed of them.
struct Partition {
    sentences: Vec<usize>,
    input: Vec<f32>,
    output: Vec<f32>,
    touched_input: Vec<bool>,
    touched_output: Vec<bool>,
}

/// Vectors of all words, row by row.
///
/// # Errors
/// The fit is interrupted.
pub(super) fn train(
    sentences: &Sentences,
    vocabulary: &Vocabulary,
    settings: &Settings,
    job: &dyn Job,
) -> Result<Vec<f32>> {
    let (n_words, size) = (vocabulary.words.len(), settings.size);
    let codes = vocabulary.codes();
    let table = logistic_table();
    let mut random = XorShiftRandom::new(settings.seed);
    let mut input: Vec<f32> =
        (0..n_words * size).map(|_| (random.next_float() - 0.5) / size as f32).collect();
    let mut output = vec![0.0_f32; n_words * size];
    let shares = deal(sentences.starts.len() - 1, settings.n_partitions);
    for iteration in 1..=settings.n_iterations {
        job.progress(iteration - 1, settings.n_iterations);
        if let [share] = shares.as_slice() {
            let mut partition = Partition {
                sentences: share.clone(),
                input,
                output,
                touched_input: vec![false; n_words],
                touched_output: vec![false; n_words],
            };
            let pass =
                Pass { sentences, codes: &codes, vocabulary, settings, table: &table, iteration };
            pass.run(0, &mut partition, job)?;
            (input, output) = (partition.input, partition.output);
            continue;
        }
        let mut partitions: Vec<Partition> = shares
            .iter()
            .map(|share| Partition {
                sentences: share.clone(),
                input: input.clone(),
                output: output.clone(),
                touched_input: vec![false; n_words],
                touched_output: vec![false; n_words],
            })
            .collect();
        let pass =
            Pass { sentences, codes: &codes, vocabulary, settings, table: &table, iteration };
        for_each_mut(&mut partitions, job, |at, partition| pass.run(at, partition, job))?;
        average(&mut input, &partitions, size, |one| (&one.input, &one.touched_input));
        average(&mut output, &partitions, size, |one| (&one.output, &one.touched_output));
    }
    Ok(input)
}

/// Sentences one after the other to each partition.
fn deal(n_sentences: usize, n_partitions: usize) -> Vec<Vec<usize>> {
    let mut shares = vec![Vec::new(); n_partitions];
    for sentence in 0..n_sentences {
        shares[sentence % n_partitions].push(sentence);
    }
    shares
}

fn average<'a>(
    global: &mut [f32],
    partitions: &'a [Partition],
    size: usize,
    layer: impl Fn(&'a Partition) -> (&'a Vec<f32>, &'a Vec<bool>),
) {
    for (word, global) in global.chunks_exact_mut(size).enumerate() {
        let mut sum = vec![0.0_f32; size];
        let mut n = 0;
        for partition in partitions {
            let (values, touched) = layer(partition);
            if touched[word] {
                n += 1;
                add(1.0, &values[word * size..(word + 1) * size], &mut sum);
            }
        }
        if n > 0 {
            let scale = 1.0 / n as f32;
            for (global, sum) in global.iter_mut().zip(&sum) {
                *global = sum * scale;
            }
        }
    }
}

/// The logistic function between the limits.
fn logistic_table() -> Vec<f32> {
    (0..TABLE_SIZE)
        .map(|at| {
            let power = ((2.0 * at as f64 / TABLE_SIZE as f64 - 1.0) * f64::from(LIMIT)).exp();
            (power / (power + 1.0)) as f32
        })
        .collect()
}

/// What one pass needs to know.
struct Pass<'a> {
    sentences: &'a Sentences,
    codes: &'a Codes,
    vocabulary: &'a Vocabulary,
    settings: &'a Settings,
    table: &'a [f32],
    /// From 1.
    iteration: usize,
}

impl Pass<'_> {
    fn run(&self, number: usize, partition: &mut Partition, job: &dyn Job) -> Result<()> {
        let settings = self.settings;
        let iteration = self.iteration as i64;
        let seed = settings.seed ^ (((number as i64) + 1) << 16) ^ ((-iteration - 1) << 8);
        let mut random = XorShiftRandom::new(seed);
        let n_tokens = self.vocabulary.n_tokens;
        let total = (settings.n_iterations as i64 * n_tokens + 1) as f64;
        let before = ((iteration - 1) * n_tokens) as f64;
        let mut rate = settings.rate;
        let (mut n_words, mut n_words_last) = (0_i64, 0_i64);
        let mut error = vec![0.0_f32; settings.size];
        for at in std::mem::take(&mut partition.sentences) {
            let range = self.sentences.starts[at]..self.sentences.starts[at + 1];
            let sentence = &self.sentences.words[range];
            if n_words - n_words_last > RATE_WORDS {
                n_words_last = n_words;
                let done = settings.n_partitions as f64 * n_words as f64 + before;
                rate = (settings.rate * (1.0 - done / total)).max(settings.rate * 0.0001);
                job.check()?;
            }
            n_words += sentence.len() as i64;
            self.sentence(sentence, rate, &mut random, partition, &mut error);
        }
        Ok(())
    }

    fn sentence(
        &self,
        sentence: &[u32],
        rate: f64,
        random: &mut XorShiftRandom,
        partition: &mut Partition,
        error: &mut [f32],
    ) {
        let (size, window) = (self.settings.size, self.settings.window);
        let Partition { input, output, touched_input, touched_output, .. } = partition;
        for (position, word) in sentence.iter().enumerate() {
            let narrower = random.next_int_below(window as i32) as usize;
            let reach = window - narrower;
            let codes = self.codes.starts[*word as usize]..self.codes.starts[*word as usize + 1];
            let points = &self.codes.points[codes.clone()];
            let sides = &self.codes.sides[codes];
            let end = (position + reach).min(sentence.len() - 1);
            for (at, near) in
                sentence.iter().enumerate().take(end + 1).skip(position.saturating_sub(reach))
            {
                if at == position {
                    continue;
                }
                let near = *near as usize;
                let hidden = &mut input[near * size..(near + 1) * size];
                error.fill(0.0);
                for (point, side) in points.iter().zip(sides) {
                    let point = *point as usize;
                    let inner = &mut output[point * size..(point + 1) * size];
                    let product = dot(hidden, inner);
                    if product > -LIMIT && product < LIMIT {
                        let entry = ((f64::from(product) + 6.0) * 83.0) as usize;
                        let wanted = f64::from(1.0 - f32::from(*side) - self.table[entry]);
                        let step = (wanted * rate) as f32;
                        learn(step, hidden, inner, error);
                        touched_output[point] = true;
                    }
                }
                add(1.0, error, hidden);
                touched_input[near] = true;
            }
        }
    }
}

/// `error += step · inner`, then `inner += step · hidden`.
#[inline]
fn learn(step: f32, hidden: &[f32], inner: &mut [f32], error: &mut [f32]) {
    for ((inner, hidden), error) in inner.iter_mut().zip(hidden).zip(error) {
        *error = step.mul_add(*inner, *error);
        *inner = step.mul_add(*hidden, *inner);
    }
}

#[inline]
fn add(factor: f32, x: &[f32], y: &mut [f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = factor.mul_add(*x, *y);
    }
}

#[inline]
pub(super) fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let (xs, ys) = (x.chunks_exact(16), y.chunks_exact(16));
    let rest: f32 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        for lane in 0..16 {
            lanes[lane] = x[lane].mul_add(y[lane], lanes[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest
}
