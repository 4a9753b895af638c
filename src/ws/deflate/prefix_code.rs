//! Prefix codes: made of frequencies, and put in the order that RFC 1951 §3.2.2 wants.

/// The code of a symbol, its first bit lowest, and how many bits it has: 0 for a symbol that isn't used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

/// No code of any of DEFLATE's alphabets is longer, in bits.
const LONGEST: usize = 15;

/// Deeper than any tree over the frequencies of one block.
const DEEPEST: usize = 32;

/// How many bits each symbol's code has, for the fewest in total, and none over `limit`. A symbol
/// that isn't used has none; one that is alone has one.
pub(super) fn lengths<const N: usize>(frequencies: &[u16; N], limit: usize) -> [u8; N] {
    let mut lengths = [0; N];
    let mut symbols = [0; N];
    let used = by_frequency(frequencies, &mut symbols);
    if let [alone] = used {
        lengths[symbol_of(*alone)] = 1;
    }
    if used.len() < 2 {
        return lengths;
    }
    let mut leaves = leaves_by_depth::<N>(used);
    shorten(&mut leaves, limit);
    let mut rarest_first = used.iter();
    for length in (1..=limit).rev() {
        for &symbol in rarest_first.by_ref().take(leaves[length] as usize) {
            lengths[symbol_of(symbol)] = length as u8;
        }
    }
    lengths
}

/// The symbols in use, each beside its frequency, the rarest first.
fn by_frequency<'a, const N: usize>(frequencies: &[u16; N], symbols: &'a mut [u32; N]) -> &'a [u32] {
    let mut used = 0;
    for (symbol, &frequency) in frequencies.iter().enumerate() {
        if frequency > 0 {
            symbols[used] = u32::from(frequency) << 9 | symbol as u32;
            used += 1;
        }
    }
    symbols[..used].sort_unstable();
    &symbols[..used]
}

fn symbol_of(symbol: u32) -> usize {
    (symbol & 0x1ff) as usize
}

/// How many symbols an optimal tree has at each depth: Moffat's and Katajainen's way, in one array
/// that holds frequencies first, then parents, then depths.
fn leaves_by_depth<const N: usize>(rarest_first: &[u32]) -> [u32; DEEPEST] {
    let mut nodes = [0; N];
    let nodes = &mut nodes[..rarest_first.len()];
    for (node, symbol) in nodes.iter_mut().zip(rarest_first) {
        *node = symbol >> 9;
    }
    join(nodes);
    let root = nodes.len() - 2;
    nodes[root] = 0;
    for node in (0..root).rev() {
        nodes[node] = nodes[nodes[node] as usize] + 1;
    }
    count_leaves(&nodes[..=root])
}

/// Joins the two lightest again and again; what was joined holds the place of its parent.
fn join(nodes: &mut [u32]) {
    let (mut leaf, mut inner) = (0, 0);
    for parent in 0..nodes.len() - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            if leaf >= nodes.len() || (inner < parent && nodes[inner] < nodes[leaf]) {
                weight += nodes[inner];
                nodes[inner] = parent as u32;
                inner += 1;
            } else {
                weight += nodes[leaf];
                leaf += 1;
            }
        }
        nodes[parent] = weight;
    }
}

/// What isn't an inner node at its depth is a leaf. The depths are the inner nodes', the deepest first.
fn count_leaves(depths: &[u32]) -> [u32; DEEPEST] {
    let mut leaves = [0; DEEPEST];
    let (mut places, mut rest) = (1, depths);
    for (depth, leaves) in leaves.iter_mut().enumerate() {
        let inner = rest.iter().rev().take_while(|&&d| d as usize == depth).count();
        rest = &rest[..rest.len() - inner];
        *leaves = places - inner as u32;
        places = 2 * inner as u32;
    }
    leaves
}

/// Lifts what is deeper than `limit`, and makes room for it by lowering others.
fn shorten(leaves: &mut [u32; DEEPEST], limit: usize) {
    let too_deep: u32 = leaves[limit + 1..].iter().sum();
    if too_deep == 0 {
        return;
    }
    leaves[limit + 1..].fill(0);
    leaves[limit] += too_deep;
    let mut taken: u32 = (1..=limit).map(|depth| leaves[depth] << (limit - depth)).sum();
    while taken > 1 << limit {
        // One leaf goes down a level and shares its place with one of the deepest.
        let above = (1..limit).rev().find(|&depth| leaves[depth] > 0).unwrap_or(limit - 1);
        leaves[limit] -= 1;
        leaves[above] -= 1;
        leaves[above + 1] += 2;
        taken -= 1;
    }
}

/// The codes of the lengths: shorter before longer, and among equals in the order of the symbols.
pub(super) fn codes<const N: usize>(lengths: &[u8; N]) -> [Code; N] {
    let mut next = [0u16; LONGEST + 2];
    for &length in lengths.iter().filter(|&&length| length > 0) {
        next[length as usize + 1] += 1;
    }
    for length in 1..=LONGEST {
        next[length + 1] = (next[length] + next[length + 1]) << 1;
    }
    let mut codes = [Code::default(); N];
    for (code, &length) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length > 0) {
        let value = &mut next[length as usize];
        *code = Code { bits: value.reverse_bits() >> (16 - length), length };
        *value += 1;
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fewest bits for the frequencies, by joining the two lightest until one is left.
    fn fewest_bits(frequencies: &[u16]) -> u64 {
        let mut weights: Vec<u64> = frequencies.iter().filter(|&&f| f > 0).map(|&f| u64::from(f)).collect();
        let mut bits = 0;
        while weights.len() > 1 {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let joined = weights.pop().unwrap() + weights.pop().unwrap();
            bits += joined;
            weights.push(joined);
        }
        bits
    }

    fn bits<const N: usize>(frequencies: &[u16; N], lengths: &[u8; N]) -> u64 {
        frequencies.iter().zip(lengths).map(|(&f, &l)| u64::from(f) * u64::from(l)).sum()
    }

    /// How much of the space of codes of `limit` bits is taken; all of it is 1 << limit.
    fn taken<const N: usize>(lengths: &[u8; N], limit: usize) -> u32 {
        lengths.iter().filter(|&&length| length > 0).map(|&length| 1 << (limit - length as usize)).sum()
    }

    #[test]
    fn lengths_take_the_fewest_bits() {
        let mut state = 7u32;
        for round in 0..200 {
            let frequencies: [u16; 286] = std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state >> 28 < round % 16 { 0 } else { (state >> 16) as u16 % (1 << (round % 7 + 1)) }
            });
            let lengths = lengths(&frequencies, 15);
            assert_eq!(bits(&frequencies, &lengths), fewest_bits(&frequencies));
            assert_eq!(taken(&lengths, 15), 1 << 15);
        }
    }

    #[test]
    fn no_length_is_over_the_limit() {
        let mut fibonacci: [u16; 23] = [1; 23];
        for i in 2..fibonacci.len() {
            fibonacci[i] = fibonacci[i - 1] + fibonacci[i - 2];
        }
        let longest = |limit| {
            let lengths = lengths(&fibonacci, limit);
            assert_eq!(taken(&lengths, limit), 1 << limit);
            lengths.into_iter().max()
        };
        assert_eq!((longest(15), longest(7), longest(22)), (Some(15), Some(7), Some(22)));
    }

    #[test]
    fn one_symbol_has_one_bit_and_none_has_none() {
        assert_eq!(lengths(&[0, 9, 0], 7), [0, 1, 0]);
        assert_eq!(lengths(&[0, 0, 0], 7), [0, 0, 0]);
    }

    #[test]
    fn codes_are_those_of_the_example_in_the_rfc() {
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let shown = codes.map(|code| {
            format!("{:0width$b}", code.bits.reverse_bits() >> (16 - code.length), width = code.length as usize)
        });
        assert_eq!(shown, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }
}
