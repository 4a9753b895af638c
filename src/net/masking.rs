//! Masking keys (RFC 6455 §5.3).

use rand::Rng;

use crate::ws::MaskingKeys;

/// Keys that nobody can predict, drawn from the generator many at a time.
pub(super) fn masking_keys() -> MaskingKeys {
    let mut drawn = [[0; 4]; 256];
    let mut used = drawn.len();
    Box::new(move || {
        if used >= drawn.len() {
            rand::rng().fill_bytes(drawn.as_flattened_mut());
            used = 0;
        }
        used += 1;
        drawn[used - 1]
    })
}
