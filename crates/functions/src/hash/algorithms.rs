//! Murmur3 (32 bits) and xxHash (64 bits) as Spark has them: words are little-endian, and
//! Murmur3 mixes each byte of the tail as a word of its own.

/// A hash that is chained: the hash of one value is the seed of the next.
pub(super) trait Algorithm {
    type State: Copy;
    fn mix(bytes: &[u8], seed: Self::State) -> Self::State;
}

pub(super) struct Murmur3;

impl Algorithm for Murmur3 {
    type State = i32;

    fn mix(bytes: &[u8], seed: i32) -> i32 {
        let mut hash = seed as u32;
        let words = bytes.chunks_exact(4);
        let tail = words.remainder();
        for word in words {
            let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            hash = murmur3_round(hash, word);
        }
        for byte in tail {
            // Java's bytes have a sign.
            hash = murmur3_round(hash, i32::from(*byte as i8) as u32);
        }
        hash ^= bytes.len() as u32;
        hash ^= hash >> 16;
        hash = hash.wrapping_mul(0x85eb_ca6b);
        hash ^= hash >> 13;
        hash = hash.wrapping_mul(0xc2b2_ae35);
        hash ^= hash >> 16;
        hash as i32
    }
}

#[inline(always)]
fn murmur3_round(hash: u32, word: u32) -> u32 {
    let mixed = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    (hash ^ mixed).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

pub(super) struct XxHash64;

const P1: u64 = 0x9e37_79b1_85eb_ca87;
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const P3: u64 = 0x1656_67b1_9e37_79f9;
const P4: u64 = 0x85eb_ca77_c2b2_ae63;
const P5: u64 = 0x27d4_eb2f_1656_67c5;

#[inline(always)]
fn xx_round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

impl Algorithm for XxHash64 {
    type State = i64;

    fn mix(bytes: &[u8], seed: i64) -> i64 {
        let seed = seed as u64;
        let stripes = bytes.chunks_exact(32);
        let mut rest = stripes.remainder();
        let mut hash = if bytes.len() >= 32 {
            let mut lanes = [
                seed.wrapping_add(P1).wrapping_add(P2),
                seed.wrapping_add(P2),
                seed,
                seed.wrapping_sub(P1),
            ];
            for stripe in stripes {
                for (lane, part) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
                    *lane = xx_round(*lane, word(part));
                }
            }
            let merged = lanes[0]
                .rotate_left(1)
                .wrapping_add(lanes[1].rotate_left(7))
                .wrapping_add(lanes[2].rotate_left(12))
                .wrapping_add(lanes[3].rotate_left(18));
            lanes.iter().fold(merged, |hash, lane| {
                (hash ^ xx_round(0, *lane)).wrapping_mul(P1).wrapping_add(P4)
            })
        } else {
            seed.wrapping_add(P5)
        };
        hash = hash.wrapping_add(bytes.len() as u64);
        while let Some((part, tail)) = rest.split_at_checked(8) {
            hash =
                (hash ^ xx_round(0, word(part))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
            rest = tail;
        }
        if let Some((part, tail)) = rest.split_at_checked(4) {
            hash = (hash ^ word(part).wrapping_mul(P1))
                .rotate_left(23)
                .wrapping_mul(P2)
                .wrapping_add(P3);
            rest = tail;
        }
        for byte in rest {
            hash = (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
        }
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(P2);
        hash ^= hash >> 29;
        hash = hash.wrapping_mul(P3);
        (hash ^ hash >> 32) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0: `hash(x)`, `xxhash64(x)`.
    #[test]
    fn recorded() {
        assert_eq!(Murmur3::mix(&1i32.to_le_bytes(), 42), -559_580_957);
        assert_eq!(Murmur3::mix(&1i64.to_le_bytes(), 42), -1_712_319_331);
        assert_eq!(Murmur3::mix(b"Spark", 42), 228_093_765);
        assert_eq!(XxHash64::mix(b"hello", 42) as u64, 0xc362_9e63_18d5_3932);
        assert_eq!(XxHash64::mix(b"", 42) as u64, 0x98b1_582b_0977_e704);
        assert_eq!(XxHash64::mix(&1i32.to_le_bytes(), 42), -6_698_625_589_789_238_999);
    }
}
