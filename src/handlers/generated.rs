//! Values that templates are filled in with and that are made anew each time.

use std::cell::{Cell, OnceCell};
use std::env;
use std::time::SystemTime;

use crate::script::{Dice, GeneratedSource, GeneratedVariable};

/// Those of one text: in it each is the same wherever it stands.
#[derive(Debug, Default)]
pub(crate) struct GeneratedValues {
    /// What those of chance are made by, where they are to be the same again.
    dice: Option<Dice>,
    uuid: OnceCell<String>,
    now: OnceCell<u128>,
    random: OnceCell<u32>,
    number: OnceCell<u64>,
}

impl GeneratedValues {
    pub(crate) fn uuid(&self) -> String {
        self.uuid.get_or_init(|| uuid(self.bits(1))).clone()
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> String {
        self.now.get_or_init(milliseconds).to_string()
    }

    /// A whole number of nine digits at most.
    pub(crate) fn random(&self) -> String {
        self.random.get_or_init(|| nine_digits(self.bits(0) as u32)).to_string()
    }

    /// Any of them. `count` says how many texts have a number, with this one.
    ///
    /// # Errors
    /// In words, that the environment has none of that name.
    pub(crate) fn value(&self, variable: &GeneratedVariable, count: impl FnOnce() -> u64) -> Result<String, String> {
        Ok(match variable {
            GeneratedVariable::Uuid => self.uuid(),
            GeneratedVariable::Now => self.now(),
            GeneratedVariable::Counter => self.number.get_or_init(count).to_string(),
            GeneratedVariable::Random => self.random(),
            GeneratedVariable::Environment(name) => return environment(name),
        })
    }

    /// Those that the same dice make again, each once it is asked for.
    fn by(dice: Dice) -> Self {
        Self { dice: Some(dice), ..Self::default() }
    }

    /// Random bits, by the dice those of this number, in whichever order they are asked for.
    fn bits(&self, number: usize) -> u128 {
        let Some(mut dice) = self.dice.clone() else { return rand::random() };
        for _ in 0..number {
            dice.bits();
        }
        dice.bits()
    }
}

/// Those of the texts of a connection, one after the other: by the same dice they are the same, but for the time.
#[derive(Debug)]
pub(crate) struct ConnectionValues {
    dice: Dice,
    /// Texts that have a number.
    counted: Cell<u64>,
    /// Those before the current one.
    counted_before: u64,
    current: GeneratedValues,
}

impl ConnectionValues {
    /// By dice of their own, which leave `dice` as they are.
    pub(crate) fn beside(dice: &Dice) -> Self {
        Self {
            dice: dice.clone().split(),
            counted: Cell::new(0),
            counted_before: 0,
            current: GeneratedValues::default(),
        }
    }
}

impl Default for ConnectionValues {
    /// By chance.
    fn default() -> Self {
        Self::beside(&Dice::of_seed(rand::random()))
    }
}

impl GeneratedSource for ConnectionValues {
    fn begin(&mut self) {
        self.counted_before = self.counted.get();
        self.current = GeneratedValues::by(self.dice.split());
    }

    fn take_back(&mut self) {
        self.counted.set(self.counted_before);
    }

    fn value(&self, variable: &GeneratedVariable) -> Result<String, String> {
        self.current.value(variable, || {
            self.counted.set(self.counted.get() + 1);
            self.counted.get()
        })
    }
}

/// A variable of the environment.
///
/// # Errors
/// There is none of that name, or it is no text.
pub(crate) fn environment(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not in the environment, or not UTF-8"))
}

/// A random one (RFC 9562 §5.4), of these bits.
fn uuid(random: u128) -> String {
    let bits = random & !(0xf000 << 64) & !(0xc000 << 48) | 0x4000 << 64 | 0x8000 << 48;
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn nine_digits(random: u32) -> u32 {
    random % 1_000_000_000
}

/// Since 1970.
fn milliseconds() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_dice_make_the_same_values_and_are_none_the_worse_for_it() {
        let mut dice = Dice::of_rules(5, 1);
        let made = |dice: &Dice| {
            let mut values = ConnectionValues::beside(dice);
            [(); 3].map(|()| {
                values.begin();
                let value = |variable| values.value(&variable).unwrap();
                [GeneratedVariable::Uuid, GeneratedVariable::Random, GeneratedVariable::Counter].map(value)
            })
        };
        let all = made(&dice);
        assert_eq!((&all, dice.below(1 << 60)), (&made(&Dice::of_rules(5, 1)), Dice::of_rules(5, 1).below(1 << 60)));
        // A text that has none of them costs nothing.
        let mut values = ConnectionValues::beside(&dice);
        values.begin();
        assert!(values.current.uuid.get().is_none() && values.current.random.get().is_none());
        // In whichever order they are asked for.
        let asked = |first, second| {
            let mut values = ConnectionValues::beside(&Dice::of_rules(5, 1));
            values.begin();
            let one = values.value(&first).unwrap();
            (one, values.value(&second).unwrap())
        };
        let (uuid, random) = asked(GeneratedVariable::Uuid, GeneratedVariable::Random);
        assert_eq!(asked(GeneratedVariable::Random, GeneratedVariable::Uuid), (random, uuid));
        assert!(all[0][0] != all[1][0] && all[0][1] != all[1][1] && all[2][2] == "3", "{all:?}");
    }
}
