//! The symbols that lengths and distances are coded with (RFC 1951 §3.2.5).

/// Repetitions that are shorter aren't looked for: they rarely cost less than what they stand for.
pub(super) const MIN_LENGTH: usize = 4;
pub(super) const MAX_LENGTH: usize = 258;

/// Literals, the end of the block, lengths.
pub(super) const LITERALS: usize = 286;
pub(super) const DISTANCES: usize = 30;
pub(super) const END_OF_BLOCK: usize = 256;

/// A symbol, and the extra bits that tell what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) number: usize,
    pub(super) extra: u64,
    pub(super) extra_bits: u32,
}

/// Length symbol for each length, from 257 on.
static LENGTH_NUMBERS: [u8; MAX_LENGTH + 1] = length_numbers();

const fn length_numbers() -> [u8; MAX_LENGTH + 1] {
    let mut numbers = [0; MAX_LENGTH + 1];
    let mut length = 3;
    while length < MAX_LENGTH {
        numbers[length] = logarithmic(length - 3, 4) as u8;
        length += 1;
    }
    numbers[MAX_LENGTH] = 28;
    numbers
}

/// Numbers values so that each power of two is halved (`steps` of 2) or quartered (4).
const fn logarithmic(value: usize, steps: usize) -> usize {
    if value < 2 * steps {
        return value;
    }
    let bits = extra_bits_of(value, steps);
    bits * steps + (value >> bits)
}

const fn extra_bits_of(value: usize, steps: usize) -> usize {
    (value / steps).ilog2() as usize
}

/// The symbol for a length of 3 to 258 bytes.
#[inline(always)]
pub(super) fn of_length(length: usize) -> Symbol {
    let length = length.min(MAX_LENGTH);
    let index = LENGTH_NUMBERS[length] as usize;
    let extra_bits = if (8..28).contains(&index) { index / 4 - 1 } else { 0 };
    let extra = (length - 3) & ((1 << extra_bits) - 1);
    Symbol { number: END_OF_BLOCK + 1 + index, extra: extra as u64, extra_bits: extra_bits as u32 }
}

/// The symbol for a distance of 1 to 32,768 bytes.
#[inline(always)]
pub(super) fn of_distance(distance: usize) -> Symbol {
    let value = distance - 1;
    let extra_bits = if value < 4 { 0 } else { extra_bits_of(value, 2) };
    let number = logarithmic(value, 2).min(DISTANCES - 1);
    let extra = value & ((1 << extra_bits) - 1);
    Symbol { number, extra: extra as u64, extra_bits: extra_bits as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(symbol: Symbol) -> (usize, u64, u32) {
        (symbol.number, symbol.extra, symbol.extra_bits)
    }

    #[test]
    fn lengths_have_the_symbols_of_the_rfc() {
        let table = [
            (3, (257, 0, 0)),
            (4, (258, 0, 0)),
            (10, (264, 0, 0)),
            (11, (265, 0, 1)),
            (12, (265, 1, 1)),
            (13, (266, 0, 1)),
            (34, (272, 3, 2)),
            (35, (273, 0, 3)),
            (114, (279, 15, 4)),
            (115, (280, 0, 4)),
            (131, (281, 0, 5)),
            (257, (284, 30, 5)),
            (258, (285, 0, 0)),
        ];
        for (length, symbol) in table {
            assert_eq!(told(of_length(length)), symbol, "length {length}");
        }
    }

    #[test]
    fn distances_have_the_symbols_of_the_rfc() {
        let table = [
            (1, (0, 0, 0)),
            (4, (3, 0, 0)),
            (5, (4, 0, 1)),
            (6, (4, 1, 1)),
            (7, (5, 0, 1)),
            (192, (14, 63, 6)),
            (193, (15, 0, 6)),
            (16_385, (28, 0, 13)),
            (24_577, (29, 0, 13)),
            (32_768, (29, 8191, 13)),
        ];
        for (distance, symbol) in table {
            assert_eq!(told(of_distance(distance)), symbol, "distance {distance}");
        }
    }
}
