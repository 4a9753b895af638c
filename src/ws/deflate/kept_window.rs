//! What a stream at rest may refer back to.

/// The text that a stream at rest may refer back to. Its memory doubles as the window grows, and stays while the stream is awake: of
/// thousands that rest after every message each would leave a hole, too small for the next window of any.
#[derive(Default)]
pub(super) struct KeptWindow(Vec<u8>);

impl KeptWindow {
    /// Keeps the text of both pieces.
    pub(super) fn keep(&mut self, pieces: [&[u8]; 2]) {
        self.0.clear();
        let length = pieces[0].len() + pieces[1].len();
        if self.0.capacity() < length {
            self.0 = Vec::new();
            self.0.reserve_exact(length.next_power_of_two());
        }
        pieces.into_iter().for_each(|piece| self.0.extend_from_slice(piece));
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.0
    }

    /// The stream is awake, and has the text itself.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
