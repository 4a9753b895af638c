//! One direction of a connection with faults in it: bytes go in, and come out later, slower, in pieces, or not at all. A value with
//! the clock as an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::script::Dice;

/// Bytes that are held at most where each of them is late, and where they only wait for their turn.
const HELD_LATE: usize = 1024 * 1024;
const HELD: usize = 64 * 1024;

/// Where a rate is limited, a second's bytes go in so many pieces.
const PIECES_A_SECOND: u64 = 20;

/// A line that has been idle for longer owes nothing of that time: it doesn't make up for it with a burst.
const CATCH_UP: Duration = Duration::from_millis(100);

/// A direction.
#[derive(Debug, Default)]
pub(super) struct FaultLine {
    /// How late each byte is, and how much later or earlier than that by chance.
    pub(super) latency: Option<(Duration, Duration, Dice)>,
    /// Bytes a second.
    pub(super) rate: Option<u64>,
    /// The largest piece, and the pause behind each.
    pub(super) slices: Option<(usize, Duration)>,
    /// Bytes that still arrive before the connection is cut.
    pub(super) left: Option<u64>,
    /// How late its end is.
    pub(super) late_end: Duration,
    /// Nothing arrives any more.
    pub(super) swallows: bool,
    chunks: VecDeque<HeldBytes>,
    held: usize,
    /// When the next piece may go.
    next: Option<Instant>,
    /// When the end arrives, of what ends behind all that is held.
    end: Option<Instant>,
}

#[derive(Debug)]
struct HeldBytes {
    due: Instant,
    bytes: Vec<u8>,
    gone: usize,
}

impl FaultLine {
    /// Whether bytes go through it as if it weren't there.
    pub(super) fn is_clear(&self) -> bool {
        self.chunks.is_empty()
            && self.latency.is_none()
            && self.rate.is_none()
            && self.slices.is_none()
            && self.left.is_none()
            && !self.swallows
    }

    /// Bytes that it takes now.
    pub(super) fn room(&self) -> usize {
        let most = if self.latency.is_some() { HELD_LATE } else { HELD };
        most.saturating_sub(self.held)
    }

    /// Bytes on their way.
    pub(super) fn held(&self) -> u64 {
        self.held as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Puts bytes in, however many.
    pub(super) fn push(&mut self, bytes: &[u8], now: Instant) {
        if self.swallows || bytes.is_empty() {
            return;
        }
        let late = self.lateness();
        // They arrive in the order in which they were sent, however late each is.
        let due = self.chunks.back().map_or(now + late, |last| last.due.max(now + late));
        self.held += bytes.len();
        match self.chunks.back_mut() {
            // Small ones that are due together are one.
            Some(last) if last.due == due && last.bytes.len() + bytes.len() <= HELD => {
                last.bytes.extend_from_slice(bytes)
            }
            _ => self.chunks.push_back(HeldBytes { due, bytes: bytes.to_vec(), gone: 0 }),
        }
    }

    fn lateness(&mut self) -> Duration {
        let Some((delay, jitter, dice)) = &mut self.latency else { return Duration::ZERO };
        let span = 2 * jitter.as_micros() as u64 + 1;
        (*delay + Duration::from_micros(dice.below(span))).saturating_sub(*jitter)
    }

    /// What may go now.
    pub(super) fn ready(&self, now: Instant) -> &[u8] {
        let Some(chunk) = self.chunks.front().filter(|chunk| chunk.due <= now) else { return &[] };
        if self.next.is_some_and(|next| now < next) {
            return &[];
        }
        let most = self.largest_piece().min(usize::try_from(self.left.unwrap_or(u64::MAX)).unwrap_or(usize::MAX));
        let rest = &chunk.bytes[chunk.gone..];
        &rest[..rest.len().min(most)]
    }

    fn largest_piece(&self) -> usize {
        let by_rate = self.rate.map_or(usize::MAX, |rate| (rate / PIECES_A_SECOND).clamp(1, HELD as u64) as usize);
        self.slices.map_or(by_rate, |(size, _)| size.min(by_rate))
    }

    /// Takes out what has gone, of what was ready. Returns whether that was the last that may arrive.
    pub(super) fn gone(&mut self, count: usize, now: Instant) -> bool {
        let Some(chunk) = self.chunks.front_mut().filter(|_| count > 0) else { return false };
        chunk.gone += count;
        if chunk.gone == chunk.bytes.len() {
            self.chunks.pop_front();
        }
        self.held -= count;
        let mut wait = self.slices.map_or(Duration::ZERO, |(_, pause)| pause);
        if let Some(rate) = self.rate {
            wait = wait.max(Duration::from_secs_f64(count as f64 / rate as f64));
        }
        if !wait.is_zero() {
            let begins = self.next.filter(|next| *next + CATCH_UP > now).unwrap_or(now);
            self.next = Some(begins + wait);
        }
        self.spend(count)
    }

    /// The same of bytes that were never in it.
    pub(super) fn spend(&mut self, count: usize) -> bool {
        let Some(left) = &mut self.left else { return false };
        *left = left.saturating_sub(count as u64);
        *left == 0
    }

    /// The end of it follows behind all that it holds.
    pub(super) fn finish(&mut self, now: Instant) {
        let late = self.lateness();
        self.end.get_or_insert(now + late + self.late_end);
    }

    /// Whether its end has been put in.
    pub(super) fn is_finished(&self) -> bool {
        self.end.is_some()
    }

    /// Whether the end arrives now.
    pub(super) fn has_ended(&self, now: Instant) -> bool {
        self.chunks.is_empty() && self.end.is_some_and(|end| end <= now)
    }

    /// When something goes on.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.chunks.front() {
            Some(chunk) => Some(self.next.map_or(chunk.due, |next| next.max(chunk.due))),
            None => self.end,
        }
    }

    /// Lets nothing more arrive, of what it holds either.
    pub(super) fn swallow(&mut self) {
        self.swallows = true;
        self.chunks.clear();
        self.held = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// All that comes out from `from` on, each piece with the milliseconds after that.
    fn arrivals(line: &mut FaultLine, from: Instant) -> Vec<(u128, Vec<u8>)> {
        let (mut now, mut arrived) = (from, Vec::new());
        while let Some(deadline) = line.deadline().filter(|_| !line.is_empty()) {
            now = now.max(deadline);
            let piece = line.ready(now).to_vec();
            line.gone(piece.len(), now);
            arrived.push(((now - from).as_millis(), piece));
        }
        arrived
    }

    #[test]
    fn bytes_are_late_slow_and_in_pieces() {
        let now = Instant::now();
        let mut late =
            FaultLine { latency: Some((200 * MS, Duration::ZERO, Dice::new(0, 0, 0))), ..FaultLine::default() };
        late.push(b"ab", now);
        late.push(b"c", now + 50 * MS);
        assert_eq!(arrivals(&mut late, now), [(200, b"ab".to_vec()), (250, b"c".to_vec())]);
        let mut slow = FaultLine { rate: Some(40), ..FaultLine::default() };
        slow.push(b"abcde", now);
        assert_eq!(arrivals(&mut slow, now), [(0, b"ab".to_vec()), (50, b"cd".to_vec()), (100, b"e".to_vec())]);
        let mut sliced = FaultLine { slices: Some((2, 10 * MS)), ..FaultLine::default() };
        sliced.push(b"abcde", now);
        assert_eq!(arrivals(&mut sliced, now), [(0, b"ab".to_vec()), (10, b"cd".to_vec()), (20, b"e".to_vec())]);
    }

    #[test]
    fn jitter_keeps_the_order_and_is_never_early() {
        let now = Instant::now();
        let mut line = FaultLine { latency: Some((10 * MS, 50 * MS, Dice::new(1, 0, 0))), ..FaultLine::default() };
        for number in 0..100u8 {
            line.push(&[number], now + u32::from(number) * MS);
        }
        let arrived = arrivals(&mut line, now);
        let bytes: Vec<u8> = arrived.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(bytes, (0..100).collect::<Vec<u8>>());
        assert!(arrived.iter().all(|(at, bytes)| *at >= u128::from(bytes[0])), "{arrived:?}");
    }

    #[test]
    fn what_is_held_is_bounded_and_the_end_comes_behind_it() {
        let now = Instant::now();
        let mut line = FaultLine { rate: Some(1), late_end: 5 * MS, ..FaultLine::default() };
        line.push(&[0; HELD], now);
        assert_eq!(line.room(), 0);
        line.finish(now);
        assert!(!line.has_ended(now + 10 * MS));
        line.swallow();
        assert!(line.has_ended(now + 10 * MS) && line.room() == HELD);
        let mut limited = FaultLine { left: Some(3), ..FaultLine::default() };
        limited.push(b"abcd", now);
        assert_eq!(limited.ready(now), b"abc");
        assert!(limited.gone(3, now));
    }
}
