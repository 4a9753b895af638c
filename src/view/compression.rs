//! What was agreed on compression.

use crate::ws::negotiation::DeflateParams;

/// The parameters of permessage-deflate, a side after the other.
pub(crate) fn words(agreed: DeflateParams) -> String {
    let side = |name: &str, resets: bool, bits: u8| {
        let context = if resets { "each message by itself" } else { "context takeover" };
        format!("{name} {context}, {bits} window bits")
    };
    format!(
        "permessage-deflate ({}; {})",
        side("client", agreed.client_no_context_takeover, agreed.client_max_window_bits),
        side("server", agreed.server_no_context_takeover, agreed.server_max_window_bits),
    )
}
