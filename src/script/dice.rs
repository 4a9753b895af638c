//! Chance that repeats: the same numbers for the same seed, connection and purpose, in every version of this program.

/// Random numbers by splitmix64 (Steele, Lea and Flood, 2014), for faults and rules, and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Those of a connection, by its number, for one purpose there.
    pub(crate) fn new(seed: u64, connection: u64, purpose: u64) -> Self {
        let mut dice = Self(seed);
        for number in [connection, purpose] {
            dice.0 = dice.next() ^ number;
        }
        dice
    }

    /// Those of the rules on a connection. Faults have their own, by their numbers.
    pub(crate) fn of_rules(seed: u64, connection: u64) -> Self {
        Self::new(seed, connection, u64::MAX - 2)
    }

    /// Those of a seed that nobody asks for again.
    pub(crate) fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to one less than `count`.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(count)) >> 64) as u64
    }

    /// Others, which depend on these.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// As many as a UUID has.
    pub(crate) fn bits(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// A masking key.
    pub(crate) fn key(&mut self) -> [u8; 4] {
        (self.next() as u32).to_be_bytes()
    }

    /// Whether something happens that happens in so many of a million cases.
    pub(crate) fn falls(&mut self, odds: Option<u32>) -> bool {
        odds.is_none_or(|odds| self.below(1_000_000) < u64::from(odds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        // The first numbers of splitmix64 from 0, as its authors have them.
        let mut plain = Dice(0);
        assert_eq!([plain.next(), plain.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        let rolled = |seed, connection, fault| {
            let mut dice = Dice::new(seed, connection, fault);
            (0..8).map(|_| dice.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(rolled(1, 2, 3), rolled(1, 2, 3));
        for (seed, connection, fault) in [(2, 2, 3), (1, 3, 3), (1, 2, 4)] {
            assert_ne!(rolled(1, 2, 3), rolled(seed, connection, fault));
        }
        let mut dice = Dice::new(7, 1, 0);
        let fallen = (0..100_000).filter(|_| dice.falls(Some(100_000))).count();
        assert!((9_000..11_000).contains(&fallen), "{fallen}");
        assert!(dice.falls(None) && !dice.falls(Some(0)) && dice.falls(Some(1_000_000)));
    }
}
