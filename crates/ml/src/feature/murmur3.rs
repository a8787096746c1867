//! MurmurHash3 x86_32 as `HashingTF` and `FeatureHasher` use it: the published one, where SQL's `hash` treats the last
//! bytes otherwise.

const SEED: u32 = 42;

fn mix(hash: u32, word: u32) -> u32 {
    (hash ^ scramble(word)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

fn scramble(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

fn finish(mut hash: u32, n_bytes: u32) -> i32 {
    hash ^= n_bytes;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)) as i32
}

pub(super) fn of_text(text: &str) -> i32 {
    of_parts(&[text])
}

/// Of the concatenation of texts.
pub(super) fn of_parts(parts: &[&str]) -> i32 {
    let (mut hash, mut word, mut n_pending, mut n_bytes) = (SEED, 0_u32, 0_u32, 0_u32);
    for byte in parts.iter().flat_map(|part| part.bytes()) {
        word |= u32::from(byte) << (8 * n_pending);
        n_pending += 1;
        n_bytes += 1;
        if n_pending == 4 {
            hash = mix(hash, word);
            (word, n_pending) = (0, 0);
        }
    }
    if n_pending > 0 {
        hash ^= scramble(word);
    }
    finish(hash, n_bytes)
}

pub(super) fn of_int(value: i32) -> i32 {
    finish(mix(SEED, value as u32), 4)
}

pub(super) fn of_long(value: i64) -> i32 {
    finish(mix(mix(SEED, value as u32), (value >> 32) as u32), 8)
}

/// Zero is hashed without its sign, NaN in its usual form, as Java's `doubleToLongBits`.
pub(super) fn of_double(value: f64) -> i32 {
    of_long(if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() as i64 })
}

pub(super) fn of_float(value: f32) -> i32 {
    of_int(if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() as i32 })
}

/// Remainder that is never negative.
pub(super) fn place(hash: i32, n: i32) -> i32 {
    hash.rem_euclid(n)
}
