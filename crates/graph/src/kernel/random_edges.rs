//! Edges for tests.

/// `m` edges over `n` vertices, some vertices with far more than others; the same for the same seed.
pub fn random_edges(n: u32, m: usize, seed: u64) -> Vec<[u32; 2]> {
    let mut state = seed;
    let mut next = || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z >> 40) as f64 / (1u64 << 24) as f64
    };
    (0..m).map(|_| [next(), next() * next()].map(|part| (part * f64::from(n)) as u32)).collect()
}
