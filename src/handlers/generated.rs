//! Values that templates are filled in with and that are made anew each time.

use std::cell::OnceCell;
use std::env;
use std::time::SystemTime;

/// Those of one text: in it each is the same wherever it stands.
#[derive(Debug, Default)]
pub(crate) struct GeneratedValues {
    uuid: OnceCell<String>,
    now: OnceCell<u128>,
    random: OnceCell<u32>,
}

impl GeneratedValues {
    pub(crate) fn uuid(&self) -> String {
        self.uuid.get_or_init(uuid).clone()
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> String {
        self.now.get_or_init(milliseconds).to_string()
    }

    /// A whole number of nine digits at most.
    pub(crate) fn random(&self) -> String {
        self.random.get_or_init(|| rand::random::<u32>() % 1_000_000_000).to_string()
    }
}

/// A variable of the environment.
///
/// # Errors
/// There is none of that name, or it is no text.
pub(crate) fn environment(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not in the environment, or not UTF-8"))
}

/// A random one (RFC 9562 §5.4).
fn uuid() -> String {
    let random = rand::random::<u128>();
    let bits = random & !(0xf000 << 64) & !(0xc000 << 48) | 0x4000 << 64 | 0x8000 << 48;
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Since 1970.
fn milliseconds() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}
