//! What faults do with the frames that go out: messages dropped, doubled or changed, Pongs withheld, frames injected between them.
//! A value with the clock as an argument; frames go in as they pass, and bytes come out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::frames::PONG;
use crate::script::{ControlFault, Dice, FrameFault, MessageFault};
use crate::ws::{FrameHeader, Head, MAX_CONTROL_PAYLOAD, OpCode, apply_mask};

/// Bytes of a message that are kept at most, to be sent twice or behind the next. A longer one goes on as it is.
const LONGEST_KEPT: usize = 1024 * 1024;

/// Pongs that are kept at most until their time. More are withheld.
const MOST_PONGS: usize = 64;

/// Pings that a flood sends at once, where it is behind.
const BURST: u32 = 64;

/// The payload of its Pings: as long as one may be (RFC 6455 §5.5).
const FLOOD: &[u8] = &[b'x'; 125];

const CONTINUATION: u8 = 0x0;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;

/// The frames of one direction.
#[derive(Debug, Default)]
pub(super) struct FrameFilter {
    /// What is done with the message that is on its way.
    treatment: Treatment,
    /// What is done with the payload of the frame that is on its way, of which so much is still to come.
    payload: PayloadFault,
    left: u64,
    /// The frame is of a message, and the last of it.
    is_of_message: bool,
    ends_message: bool,
    /// Bytes of payload before the one that is changed.
    corrupt_at: Option<u64>,
    /// A message that waits for the next one, and whether that is under way.
    kept: Vec<u8>,
    /// The message once more.
    copy: Vec<u8>,
    /// Frames that wait for the end of the one on its way.
    injected: Vec<u8>,
    /// Nothing more is sent.
    is_mute: bool,
    /// What is done with each Pong, and beyond that with the one that comes now.
    every_pong: PongTreatment,
    next_pong: PongTreatment,
    late_pongs: VecDeque<(Instant, Vec<u8>)>,
    /// A Pong that is being put together.
    late_pong: Vec<u8>,
    flood: Option<Flood>,
    /// By which frames of ours are masked, where a client sends them.
    key: Option<[u8; 4]>,
}

/// What faults say of a message, found before its first frame.
#[derive(Debug, Default)]
pub(super) struct Treatment {
    drops: bool,
    duplicates: bool,
    swaps: bool,
    corrupts: Option<Dice>,
    /// The payload of a frame, at most.
    fragment: Option<u64>,
}

#[derive(Debug, Default)]
enum PayloadFault {
    #[default]
    None,
    Drop,
    /// It is part of a Pong that is so late.
    Late(Duration),
    /// In smaller frames.
    Fragment(CutFrame),
}

/// A frame that is sent as several.
#[derive(Debug)]
struct CutFrame {
    header: FrameHeader,
    size: u64,
    /// Of the whole frame, and of the fragment that is on its way.
    left: u64,
    left_of_one: u64,
    /// Into the payload of the whole.
    offset: usize,
}

/// What faults say of a Pong.
#[derive(Debug, Clone, Default)]
struct PongTreatment {
    is_withheld: bool,
    delay: Option<Duration>,
    payload: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Flood {
    interval: Duration,
    next: Instant,
}

impl Treatment {
    /// Heeds one more fault.
    pub(super) fn add(&mut self, fault: MessageFault, dice: Dice) {
        match fault {
            MessageFault::Drop => self.drops = true,
            MessageFault::Duplicate => self.duplicates = true,
            MessageFault::Swap => self.swaps = true,
            MessageFault::Corrupt => self.corrupts = Some(dice),
            MessageFault::Fragment(size) => self.fragment = Some(size),
        }
    }
}

impl PongTreatment {
    /// Heeds one more fault, which takes the place of one of its kind.
    fn add(&mut self, fault: &ControlFault) {
        match fault {
            ControlFault::NoPong => self.is_withheld = true,
            ControlFault::LatePong(delay) => self.delay = Some(*delay),
            ControlFault::WrongPong(payload) => self.payload = Some(payload.clone()),
            ControlFault::PingFlood(_) => {}
        }
    }

    /// Both, of which `self` has the word where they differ.
    fn or(self, every: &Self) -> Self {
        Self {
            is_withheld: self.is_withheld || every.is_withheld,
            delay: self.delay.or(every.delay),
            payload: self.payload.or_else(|| every.payload.clone()),
        }
    }
}

impl FrameFilter {
    /// `key` masks what is injected; `None` for a server.
    pub(super) fn new(key: Option<[u8; 4]>) -> Self {
        Self { key, ..Self::default() }
    }

    /// Does something with Pings and Pongs from now on.
    pub(super) fn set_controls(&mut self, fault: &ControlFault, now: Instant) {
        match fault {
            ControlFault::PingFlood(interval) => self.flood = Some(Flood { interval: *interval, next: now }),
            of_pongs => self.every_pong.add(of_pongs),
        }
    }

    /// Does something with the Pong that comes now.
    pub(super) fn treat_pong(&mut self, fault: &ControlFault) {
        self.next_pong.add(fault);
    }

    /// Whether a message waits for the end of the next one.
    pub(super) fn holds_message(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Puts frames between those that are sent. Behind one that is the last nothing is sent.
    pub(super) fn inject(&mut self, frames: &FrameFault, now: Instant, out: &mut Vec<u8>) {
        if self.is_mute {
            return;
        }
        self.injected.extend(frames.bytes(self.key));
        self.tick(now, usize::MAX, out);
        if frames.is_last {
            self.kept.clear();
            self.is_mute = true;
        }
    }

    /// A message begins, which faults treat so.
    pub(super) fn begin_message(&mut self, treatment: Treatment) {
        self.treatment = treatment;
    }

    /// A frame begins.
    pub(super) fn head(&mut self, head: &Head, raw: &[u8], now: Instant, out: &mut Vec<u8>) {
        self.left = head.length;
        (self.is_of_message, self.ends_message, self.corrupt_at) = (false, false, None);
        let opcode = u8::from(head.opcode());
        self.payload = PayloadFault::None;
        if self.is_mute {
            self.payload = PayloadFault::Drop;
        } else if opcode == PONG {
            self.pong(head, raw, now, out);
        } else if head.is_control() {
            if opcode == CLOSE {
                out.append(&mut self.kept);
            }
            out.extend_from_slice(raw);
        } else {
            (self.is_of_message, self.ends_message) = (true, head.is_final());
            self.message_frame(head, raw, out);
        }
        if self.left == 0 {
            self.end_frame(now, out);
        }
    }

    fn pong(&mut self, head: &Head, raw: &[u8], now: Instant, out: &mut Vec<u8>) {
        let PongTreatment { is_withheld, delay, payload } = std::mem::take(&mut self.next_pong).or(&self.every_pong);
        if is_withheld {
            self.payload = PayloadFault::Drop;
            return;
        }
        if let Some(payload) = payload {
            self.payload = PayloadFault::Drop;
            let other = control(PONG, &payload, head.mask);
            match delay {
                Some(delay) => self.keep_pong(now + delay, other),
                None => out.extend(other),
            }
            return;
        }
        match delay {
            // One that is longer than it may be isn't kept (RFC 6455 §5.5): it goes on as it is.
            Some(delay) if head.length <= MAX_CONTROL_PAYLOAD as u64 => {
                self.late_pong = raw.to_vec();
                self.payload = PayloadFault::Late(delay);
            }
            _ => out.extend_from_slice(raw),
        }
    }

    /// Keeps a Pong until its time, in the order of those, unless too many are kept.
    fn keep_pong(&mut self, due: Instant, pong: Vec<u8>) {
        if self.late_pongs.len() < MOST_PONGS {
            let at = self.late_pongs.partition_point(|(other, _)| *other <= due);
            self.late_pongs.insert(at, (due, pong));
        }
    }

    fn message_frame(&mut self, head: &Head, raw: &[u8], out: &mut Vec<u8>) {
        if let Some(mut dice) = self.treatment.corrupts.take_if(|_| head.length > 0) {
            self.corrupt_at = Some(dice.below(head.length));
        }
        if self.treatment.drops {
            self.payload = PayloadFault::Drop;
        } else if let Some(size) = self.treatment.fragment.filter(|size| head.length > *size) {
            let mut fragments = CutFrame::new(head.header(), head.length, size);
            let header = fragments.next();
            self.emit(&header, out);
            self.payload = PayloadFault::Fragment(fragments);
        } else {
            self.emit(raw, out);
        }
    }

    /// Payload of the frame that has begun.
    pub(super) fn payload(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<u8>) {
        let mut bytes = bytes.to_vec();
        self.left -= bytes.len() as u64;
        self.corrupt(&mut bytes);
        match std::mem::take(&mut self.payload) {
            PayloadFault::None if self.is_of_message => self.emit(&bytes, out),
            PayloadFault::None => out.extend_from_slice(&bytes),
            PayloadFault::Drop => self.payload = PayloadFault::Drop,
            PayloadFault::Late(delay) => {
                self.late_pong.extend_from_slice(&bytes);
                self.payload = PayloadFault::Late(delay);
            }
            PayloadFault::Fragment(mut fragments) => {
                let pieces = fragments.cut(&bytes);
                self.emit(&pieces, out);
                self.payload = PayloadFault::Fragment(fragments);
            }
        }
        if self.left == 0 {
            self.end_frame(now, out);
        }
    }

    /// Changes the lowest bit of the byte that chance has chosen: what was ASCII still is.
    fn corrupt(&mut self, bytes: &mut [u8]) {
        let Some(at) = self.corrupt_at.take() else { return };
        match usize::try_from(at).ok().and_then(|at| bytes.get_mut(at)) {
            Some(byte) => *byte ^= 1,
            None => self.corrupt_at = Some(at - bytes.len() as u64),
        }
    }

    /// Sends, or keeps, what is of a message.
    fn emit(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.treatment.duplicates {
            self.copy.extend_from_slice(bytes);
            if self.copy.len() > LONGEST_KEPT {
                (self.treatment.duplicates, self.copy) = (false, Vec::new());
            }
        }
        if !self.treatment.swaps {
            out.extend_from_slice(bytes);
            return;
        }
        self.kept.extend_from_slice(bytes);
        if self.kept.len() > LONGEST_KEPT {
            self.treatment.swaps = false;
            out.append(&mut self.kept);
        }
    }

    fn end_frame(&mut self, now: Instant, out: &mut Vec<u8>) {
        if let PayloadFault::Late(delay) = std::mem::take(&mut self.payload) {
            let pong = std::mem::take(&mut self.late_pong);
            self.keep_pong(now + delay, pong);
        }
        if std::mem::take(&mut self.ends_message) {
            self.end_message(out);
        }
        self.tick(now, usize::MAX, out);
    }

    fn end_message(&mut self, out: &mut Vec<u8>) {
        let Treatment { duplicates, swaps, .. } = std::mem::take(&mut self.treatment);
        let copy = std::mem::take(&mut self.copy);
        if swaps {
            self.kept.extend(copy);
            return;
        }
        if duplicates {
            out.extend(copy);
        }
        // The one before waited for this one.
        out.append(&mut self.kept);
    }

    /// Sends what is due by the clock, where no frame is on its way, and a flood as far as there is `room`.
    pub(super) fn tick(&mut self, now: Instant, room: usize, out: &mut Vec<u8>) {
        if !self.is_between_frames() {
            return;
        }
        out.append(&mut self.injected);
        while self.late_pongs.front().is_some_and(|(due, _)| *due <= now)
            && let Some((_, pong)) = self.late_pongs.pop_front()
        {
            if !self.is_mute {
                out.extend(pong);
            }
        }
        let Some(flood) = self.flood.as_mut().filter(|_| !self.is_mute) else { return };
        for _ in 0..BURST {
            if now < flood.next || out.len() >= room {
                return;
            }
            out.extend(control(PING, FLOOD, self.key));
            flood.next += flood.interval;
        }
        // What is missed by more is missed.
        flood.next = flood.next.max(now);
    }

    fn is_between_frames(&self) -> bool {
        self.left == 0
    }

    /// When something is due by the clock. A flood waits for room.
    pub(super) fn deadline(&self, has_room: bool) -> Option<Instant> {
        if !self.is_between_frames() {
            return None;
        }
        let pong = self.late_pongs.front().map(|(due, _)| *due);
        let flood = self.flood.as_ref().filter(|_| has_room && !self.is_mute).map(|flood| flood.next);
        pong.into_iter().chain(flood).min()
    }

    /// Bytes that are kept.
    #[cfg(any(test, fuzzing))]
    fn held(&self) -> usize {
        let pongs: usize = self.late_pongs.iter().map(|(_, pong)| pong.len()).sum();
        self.kept.len() + self.copy.len() + self.injected.len() + self.late_pong.len() + pongs
    }

    /// What is kept goes on, since nothing follows it.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.kept);
    }
}

impl CutFrame {
    fn new(header: FrameHeader, length: u64, size: u64) -> Self {
        Self { header, size, left: length, left_of_one: 0, offset: 0 }
    }

    /// The header of the next fragment (RFC 6455 §5.4).
    fn next(&mut self) -> Vec<u8> {
        let is_first = self.offset == 0;
        self.left_of_one = self.left.min(self.size);
        let mut mask = self.header.mask;
        if let Some(key) = &mut mask {
            // The payload is masked already, from the beginning of the whole.
            key.rotate_left(self.offset % 4);
        }
        let header = FrameHeader {
            is_final: self.header.is_final && self.left == self.left_of_one,
            rsv1: self.header.rsv1 && is_first,
            opcode: if is_first { self.header.opcode } else { OpCode::from(CONTINUATION) },
            mask,
            ..self.header
        };
        header.bytes(self.left_of_one)
    }

    /// The next of the payload, with the headers of the fragments that begin in it.
    fn cut(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut cut = Vec::new();
        while !bytes.is_empty() {
            if self.left_of_one == 0 {
                cut.extend(self.next());
            }
            let count = usize::try_from(self.left_of_one).unwrap_or(usize::MAX).min(bytes.len());
            cut.extend_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            self.left_of_one -= count as u64;
            self.left -= count as u64;
            self.offset += count;
        }
        cut
    }
}

/// A control frame.
fn control(opcode: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mut bytes = FrameHeader { mask: key, ..FrameHeader::new(OpCode::from(opcode)) }.bytes(payload.len() as u64);
    let begins = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = key {
        apply_mask(&mut bytes[begins..], key, 0);
    }
    bytes
}

/// What comes out where each message of `stream` is treated by the faults of its number, the stream cut into pieces of `size`.
#[cfg(any(test, fuzzing))]
pub(super) fn filtered(mut filter: FrameFilter, faults: &[&[MessageFault]], stream: &[u8], size: usize) -> Vec<u8> {
    use super::frames::{FramePiece, FrameSplitter, begins_message};

    let (mut splitter, mut out, now, mut faults) =
        (FrameSplitter::default(), Vec::new(), Instant::now(), faults.iter());
    for mut bytes in stream.chunks(size) {
        while let Some(piece) = splitter.next(&mut bytes) {
            match piece {
                FramePiece::Head(head, raw) => {
                    if begins_message(&head) {
                        let mut treatment = Treatment::default();
                        let all = faults.next().copied().unwrap_or_default();
                        all.iter().for_each(|fault| treatment.add(*fault, Dice::new(1, 1, 1)));
                        filter.begin_message(treatment);
                    }
                    filter.head(&head, &raw, now, &mut out);
                }
                FramePiece::Payload(bytes) => filter.payload(bytes, now, &mut out),
            }
            // Each of them with a header of 14 bytes.
            assert!(filter.held() <= 3 * (LONGEST_KEPT + size) + (MOST_PONGS + 1) * 139);
        }
    }
    filter.finish(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn treated(faults: &[&[MessageFault]], stream: &[u8], size: usize) -> Vec<u8> {
        filtered(FrameFilter::new(None), faults, stream, size)
    }

    #[test]
    fn messages_are_dropped_doubled_swapped_and_cut() {
        use MessageFault::{Corrupt, Drop, Duplicate, Fragment, Swap};
        // A message in two frames with a Ping between them, another, and a Close.
        let stream = b"\x01\x02ab\x89\x01!\x80\x01c\x82\x05defgh\x88\x00";
        for size in 1..stream.len() {
            for (faults, result) in [
                (&[&[][..], &[]][..], &stream[..]),
                (&[&[Drop]], b"\x89\x01!\x82\x05defgh\x88\x00"),
                (&[&[], &[Drop]], b"\x01\x02ab\x89\x01!\x80\x01c\x88\x00"),
                (&[&[Swap]], b"\x89\x01!\x82\x05defgh\x01\x02ab\x80\x01c\x88\x00"),
                // Nothing comes behind the last.
                (&[&[], &[Swap]], stream),
                (&[&[], &[Duplicate]], b"\x01\x02ab\x89\x01!\x80\x01c\x82\x05defgh\x82\x05defgh\x88\x00"),
                (&[&[], &[Fragment(2)]], b"\x01\x02ab\x89\x01!\x80\x01c\x02\x02de\x00\x02fg\x80\x01h\x88\x00"),
                (&[&[Fragment(1)]], b"\x01\x01a\x00\x01b\x89\x01!\x80\x01c\x82\x05defgh\x88\x00"),
            ] {
                assert_eq!(treated(faults, stream, size), result, "{faults:?}, {size}");
            }
            let corrupted = treated(&[&[], &[Corrupt]], stream, size);
            let changed: Vec<_> = corrupted.iter().zip(stream).filter(|(new, old)| new != old).collect();
            assert_eq!(corrupted.len(), stream.len());
            assert!(
                matches!(changed[..], [(new, old)] if new ^ old == 1 && (b'd'..=b'h').contains(old)),
                "{changed:?}"
            );
        }
    }

    #[test]
    fn a_pong_longer_than_one_may_be_is_not_kept() {
        let late = || {
            let mut filter = FrameFilter::new(None);
            filter.set_controls(&ControlFault::LatePong(Duration::from_secs(1)), Instant::now());
            filter
        };
        let stream = [&b"\x8a\x7f\0\0\0\0\x00\x40\0\0"[..], &[b'x'; 4 << 20]].concat();
        assert_eq!(filtered(late(), &[], &stream, 64 * 1024), stream);
        assert_eq!(filtered(late(), &[], b"\x8a\x02ab", 1), b"");
    }

    #[test]
    fn what_is_masked_stays_so_in_fragments() {
        let key = [1, 2, 3, 4];
        let mut payload = b"defgh".to_vec();
        apply_mask(&mut payload, key, 0);
        let stream = [&b"\x82\x85\x01\x02\x03\x04"[..], &payload].concat();
        let out = treated(&[&[MessageFault::Fragment(3)]], &stream, 100);
        let second = [&b"\x80\x82\x04\x01\x02\x03"[..], &payload[3..]].concat();
        assert_eq!(out, [&b"\x02\x83\x01\x02\x03\x04"[..], &payload[..3], &second].concat());
    }
}
