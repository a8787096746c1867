//! HyperLogLog sketches: exact pairs of register and rank while there are few, then registers.
//!
//! Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog" (2007), with linear counting for small numbers. Values have
//! the hashes that they have in Apache DataSketches; estimates of many values agree with it within the error of the
//! method, and the bytes are a form of our own.

use std::collections::BTreeSet;

/// First byte of a sketch.
const HLL: u8 = 0xf9;
const ADDRESS_BITS: u32 = 26;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hll {
    pub lg: u8,
    held: Held,
}

#[derive(Debug, Clone, PartialEq)]
enum Held {
    /// Rank above, address below.
    Pairs(BTreeSet<u32>),
    Registers(Vec<u8>),
}

impl Hll {
    pub(super) fn new(lg: u8) -> Self {
        Self { lg, held: Held::Pairs(BTreeSet::new()) }
    }

    pub(super) fn add(&mut self, (low, high): (u64, u64)) {
        let address = low as u32 & ((1 << ADDRESS_BITS) - 1);
        let rank = high.leading_zeros().min(62) + 1;
        self.add_pair(rank << ADDRESS_BITS | address);
    }

    fn add_pair(&mut self, pair: u32) {
        match &mut self.held {
            Held::Pairs(pairs) => {
                pairs.insert(pair);
                let few = (3usize << self.lg >> 5).max(8);
                if pairs.len() > few {
                    self.spread();
                }
            }
            Held::Registers(registers) => {
                let register = &mut registers[pair as usize & ((1 << self.lg) - 1)];
                *register = (*register).max((pair >> ADDRESS_BITS) as u8);
            }
        }
    }

    fn spread(&mut self) {
        if let Held::Pairs(pairs) = &mut self.held {
            let pairs = std::mem::take(pairs);
            self.held = Held::Registers(vec![0; 1 << self.lg]);
            pairs.into_iter().for_each(|pair| self.add_pair(pair));
        }
    }

    /// Takes in another sketch; the result has the fewer registers of both.
    pub(super) fn merge(&mut self, other: &Hll) {
        if other.lg < self.lg {
            self.narrow(other.lg);
        }
        match &other.held {
            Held::Pairs(pairs) => pairs.iter().for_each(|pair| self.add_pair(*pair)),
            Held::Registers(registers) => {
                self.spread();
                let mask = (1usize << self.lg) - 1;
                if let Held::Registers(own) = &mut self.held {
                    for (place, rank) in registers.iter().enumerate() {
                        own[place & mask] = own[place & mask].max(*rank);
                    }
                }
            }
        }
    }

    fn narrow(&mut self, lg: u8) {
        self.lg = lg;
        if let Held::Registers(registers) = &mut self.held {
            let wide = std::mem::replace(registers, vec![0; 1 << lg]);
            let mask = (1usize << lg) - 1;
            for (place, rank) in wide.into_iter().enumerate() {
                registers[place & mask] = registers[place & mask].max(rank);
            }
        }
    }

    pub(super) fn estimate(&self) -> i64 {
        let registers = match &self.held {
            Held::Pairs(pairs) => return pairs.len() as i64,
            Held::Registers(registers) => registers,
        };
        let m = registers.len() as f64;
        let sum: f64 = registers.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let n_zero = registers.iter().filter(|rank| **rank == 0).count();
        if raw <= 2.5 * m && n_zero > 0 {
            return (m * (m / n_zero as f64).ln()).round() as i64;
        }
        raw.round() as i64
    }

    /// Bytes of memory, about.
    pub(super) fn size(&self) -> usize {
        match &self.held {
            Held::Pairs(pairs) => pairs.len() * 8,
            Held::Registers(registers) => registers.len(),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![HLL, self.lg];
        match &self.held {
            Held::Pairs(pairs) => {
                bytes.push(0);
                pairs.iter().for_each(|pair| bytes.extend(pair.to_le_bytes()));
            }
            Held::Registers(registers) => {
                bytes.push(1);
                bytes.extend(registers);
            }
        }
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(3)?;
        let lg = head[1];
        if head[0] != HLL || !(4..=21).contains(&lg) {
            return None;
        }
        let held = match head[2] {
            0 if rest.len() % 4 == 0 => Held::Pairs(
                rest.chunks_exact(4)
                    .filter_map(|pair| pair.try_into().ok())
                    .map(u32::from_le_bytes)
                    .collect(),
            ),
            1 if rest.len() == 1 << lg => Held::Registers(rest.to_vec()),
            _ => return None,
        };
        Some(Self { lg, held })
    }
}
