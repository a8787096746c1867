//! Well-known binary, the form of geometries in bytes (OGC Simple Features; ISO's codes for Z and M).

/// Geometries are refused beyond this many levels.
const DEPTH_MAX: usize = 32;

/// The same geometry with all its numbers in one byte order; none where the bytes are no geometry. With `degrees`
/// coordinates must be longitudes and latitudes.
pub(super) fn rewritten(bytes: &[u8], big_endian: bool, degrees: bool) -> Option<Vec<u8>> {
    let mut writer =
        Writer { rest: bytes, out: Vec::with_capacity(bytes.len()), big_endian, degrees };
    writer.geometry(None, 0)?;
    writer.rest.is_empty().then_some(writer.out)
}

struct Writer<'a> {
    rest: &'a [u8],
    out: Vec<u8>,
    big_endian: bool,
    degrees: bool,
}

impl<'a> Writer<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    fn put(&mut self, big_endian_bytes: &[u8]) {
        match self.big_endian {
            true => self.out.extend(big_endian_bytes),
            false => self.out.extend(big_endian_bytes.iter().rev()),
        }
    }

    fn number(&mut self, from_big: bool) -> Option<u32> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        let number = if from_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        self.put(&number.to_be_bytes());
        Some(number)
    }

    fn geometry(&mut self, wanted: Option<u32>, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        let from_big = match self.take(1)? {
            [0] => true,
            [1] => false,
            _ => return None,
        };
        self.out.push(u8::from(!self.big_endian));
        let code = self.number(from_big)?;
        let (kind, n_coordinates) = (code % 1000, [2, 3, 3, 4].get(code as usize / 1000).copied()?);
        if wanted.is_some_and(|wanted| wanted != kind) {
            return None;
        }
        match kind {
            1 => self.point(from_big, n_coordinates),
            2 => self.points(from_big, n_coordinates),
            3 => {
                let n_rings = self.number(from_big)?;
                (0..n_rings).try_for_each(|_| self.points(from_big, n_coordinates))
            }
            4..=6 => {
                let n_parts = self.number(from_big)?;
                (0..n_parts).try_for_each(|_| self.geometry(Some(kind - 3), depth + 1))
            }
            7 => {
                let n_parts = self.number(from_big)?;
                (0..n_parts).try_for_each(|_| self.geometry(None, depth + 1))
            }
            _ => None,
        }
    }

    fn points(&mut self, from_big: bool, n_coordinates: usize) -> Option<()> {
        let n_points = self.number(from_big)?;
        (0..n_points).try_for_each(|_| self.point(from_big, n_coordinates))
    }

    fn point(&mut self, from_big: bool, n_coordinates: usize) -> Option<()> {
        for place in 0..n_coordinates {
            let bytes: [u8; 8] = self.take(8)?.try_into().ok()?;
            let value =
                if from_big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) };
            let limit = [180.0, 90.0].get(place).copied().filter(|_| self.degrees);
            // An empty point has coordinates that are not numbers.
            if limit.is_some_and(|limit| value.abs() > limit) {
                return None;
            }
            self.put(&value.to_be_bytes());
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_both_ways() {
        let little = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40];
        let big = rewritten(&little, true, true).expect("a point");
        assert_eq!(big, [0, 0, 0, 0, 1, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(rewritten(&big, false, false).as_deref(), Some(&little[..]));
        assert_eq!(rewritten(&little[..20], true, false), None);
        assert_eq!(rewritten(&[1, 4, 0, 0, 0, 255, 255, 255, 255], true, false), None);
    }
}
