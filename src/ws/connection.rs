//! A connection: both halves, and the bytes between.

use super::buffer::Buffer;
use super::close::Close;
use super::deflate::{DeflatePool, Deflater, InflatePool};
use super::event::{Data, Direction, Event, Incomplete};
use super::frame_writer::MaskingKeys;
use super::item::Item;
use super::negotiation::DeflateParams;
use super::receive_half::ReceiveHalf;
use super::role::Role;
use super::send_error::SendError;
use super::send_half::SendHalf;
use super::sent_events::{FramePart, Observe, SentEvent};

/// The compression level where none is set, as zlib has it.
const LEVEL: u32 = 6;

/// One WebSocket connection after its opening handshake, as a state machine. Received bytes go in and
/// events come out; items to send go in and bytes to write come out.
///
/// The protocol's own answers (§5.5.1, §5.5.2, §7.1.7) are given while [`poll`](Self::poll) takes the
/// events out: a Ping is answered with a Pong, a Close with a Close, a violation with the Close that
/// fails the connection.
#[derive(Debug)]
pub struct Connection {
    buffer: Buffer,
    receive_half: ReceiveHalf,
    send_half: SendHalf,
    /// Content that was sent, while it is told, and what it was compressed to.
    told: Vec<u8>,
    told_packed: Vec<u8>,
    /// The peer has ended its direction of the transport.
    eof: bool,
}

impl Connection {
    /// The client's side, which masks its frames (§5.1) with these keys. `agreed` is what the opening
    /// handshake negotiated.
    pub fn client(keys: MaskingKeys, agreed: Option<DeflateParams>) -> Self {
        Self::new(Role::Client, Some(keys), agreed)
    }

    /// The server's side.
    pub fn server(agreed: Option<DeflateParams>) -> Self {
        Self::new(Role::Server, None, agreed)
    }

    fn new(role: Role, keys: Option<MaskingKeys>, agreed: Option<DeflateParams>) -> Self {
        let deflater = agreed.map(|agreed| deflater(role, agreed, LEVEL));
        Self {
            buffer: Buffer::default(),
            receive_half: ReceiveHalf::new(role, agreed),
            send_half: SendHalf::new(keys, deflater),
            told: Vec::new(),
            told_packed: Vec::new(),
            eof: false,
        }
    }

    /// The largest message that is received, in bytes after inflating; `None`, as at first, is no limit.
    pub fn set_max_message_size(&mut self, size: Option<u64>) {
        self.receive_half.set_max_message_size(size);
    }

    /// The largest message that is received, in bytes after inflating; `None` is no limit.
    pub fn max_message_size(&self) -> Option<u64> {
        self.receive_half.max_message_size()
    }

    /// From 1, the fastest, to 9, the smallest; 6 at first. To be set before anything is sent.
    pub fn set_compression_level(&mut self, level: u32) {
        if let Some(agreed) = self.receive_half.agreed() {
            self.send_half.set_deflater(deflater(self.receive_half.role(), agreed, level));
        }
    }

    /// Which frames and what sent content are told, from now on.
    pub fn set_observe(&mut self, observe: Observe) {
        self.receive_half.set_observe(observe >= Observe::Frames);
        self.send_half.set_observe(observe);
    }

    /// Which frames and what sent content are told.
    pub fn observe(&self) -> Observe {
        self.send_half.observe()
    }

    /// Whether the connection goes on after faults of the peer that leave the framing intact
    /// ([`Violation::leaves_framing_intact`](super::Violation::leaves_framing_intact)): they are told, with
    /// [`tolerated`](super::ViolatingFrame::tolerated) set, and what they are found in is read all the same. Text may then be
    /// no UTF-8, and a Close have any status code. It isn't, unless turned on.
    pub fn set_tolerant(&mut self, on: bool) {
        self.receive_half.set_tolerant(on);
    }

    /// Whether what arrives is [yielded as it is](Self::set_yield_raw), for a violation came before it.
    pub fn yields_unread(&self) -> bool {
        self.receive_half.is_raw()
    }

    /// Whether the peer's bytes are told as they come from the first frame on that can't be read, instead of failing the
    /// connection: the fault is told, with [`tolerated`](super::ViolatingFrame::tolerated) set, and then [`Event::Raw`]. Text
    /// that isn't UTF-8 is told as text. It isn't, unless turned on; what is compressed has to be read all the same.
    pub fn set_yield_raw(&mut self, on: bool) {
        self.receive_half.set_yield_raw(on);
    }

    /// Which side this is.
    pub fn role(&self) -> Role {
        self.receive_half.role()
    }

    /// Takes bytes that were received, as many as there are. They are held until [`poll`](Self::poll) has taken the events out of
    /// them: memory is bounded by who takes them all before receiving more.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.buffer.extend(bytes);
    }

    /// Where received bytes go without a copy: read into its [`space`](Buffer::space).
    pub fn receive_buffer(&mut self) -> &mut Buffer {
        &mut self.buffer
    }

    /// The bytes that were received behind the head of the opening handshake.
    pub fn set_receive_buffer(&mut self, buffer: Buffer) {
        self.buffer = buffer;
    }

    /// Whether a read filled the buffer, so that more is likely to wait.
    pub fn is_buffer_filled(&self) -> bool {
        self.buffer.is_filled()
    }

    /// The peer has ended its direction of the transport.
    pub fn receive_eof(&mut self) {
        self.eof = true;
    }

    /// Whether the peer has ended its direction of the transport.
    pub fn eof_received(&self) -> bool {
        self.eof
    }

    /// The next event; `None` asks for more bytes. What follows a Close frame or a violation is
    /// ignored (§5.5.1).
    pub fn poll(&mut self) -> Option<Event<'_>> {
        if self.send_half.has_events() {
            return self.poll_sent();
        }
        self.poll_received().map(|(event, _)| event)
    }

    /// The next event of what was sent, in its order: only where it is [observed](Self::set_observe).
    pub fn poll_sent(&mut self) -> Option<Event<'_>> {
        Some(match self.send_half.events().take()? {
            SentEvent::Frame(frame) => Event::Frame(frame),
            SentEvent::Content { kind, first, place, bytes, packed } => {
                (self.told, self.told_packed) = (bytes, packed);
                let (bytes, packed) = (&self.told, &self.told_packed);
                let FramePart { to_come, is_final, compressed } = place;
                let ends_frame = to_come == 0;
                Event::Data(Data {
                    direction: Direction::Sent,
                    kind,
                    first,
                    last: ends_frame && is_final,
                    ends_frame,
                    bytes,
                    to_come,
                    is_final,
                    compressed,
                    packed,
                })
            }
        })
    }

    /// The next event of what was received, and the half through which it can be answered while it
    /// is looked at.
    pub fn poll_received(&mut self) -> Option<(Event<'_>, &mut SendHalf)> {
        let event = self.receive_half.poll(&mut self.buffer, &mut self.send_half)?;
        Some((event, &mut self.send_half))
    }

    /// The next message, where it is the common case: it has arrived whole in one lawful frame, and is
    /// neither compressed nor observed. [`poll_received`](Self::poll_received) tells the same, slower: an
    /// event is read back from memory in other widths than it was written in, for which a processor
    /// has to wait.
    #[inline(always)]
    pub fn take_message(&mut self) -> Option<(Data<'_>, &mut SendHalf)> {
        let data = self.receive_half.take_message(&mut self.buffer)?;
        Some((data, &mut self.send_half))
    }

    /// Whether something was sent that is still to be told.
    pub fn has_sent_events(&self) -> bool {
        self.send_half.has_events()
    }

    /// What of the peer's has begun to arrive and not ended: what is lost of it where the transport ends.
    pub fn unfinished(&self) -> Option<Incomplete> {
        self.receive_half.unfinished(&self.buffer)
    }

    /// A message has begun to arrive and not ended.
    pub fn is_inside_message(&self) -> bool {
        self.receive_half.is_inside_message()
    }

    /// A data frame has begun to arrive and not ended: nothing else can come before its end.
    pub fn is_inside_frame(&self) -> bool {
        self.receive_half.is_inside_frame()
    }

    /// Sends the item.
    ///
    /// # Errors
    /// [`SendError`]: what the protocol doesn't allow.
    pub fn send(&mut self, item: Item<'_>) -> Result<(), SendError> {
        self.send_half.send(item)
    }

    /// The half that sends.
    pub fn send_half(&mut self) -> &mut SendHalf {
        &mut self.send_half
    }

    /// What is encoded and not yet written.
    pub fn pending(&self) -> &[u8] {
        self.send_half.pending()
    }

    /// Says that `count` bytes of [`pending`](Self::pending) have been written.
    pub fn wrote(&mut self, count: usize) {
        self.send_half.wrote(count);
    }

    /// Bytes that are encoded and not yet written, or sent and not yet told.
    pub fn backlog(&self) -> usize {
        self.send_half.backlog()
    }

    /// What our Close says, once its frame has been encoded.
    pub fn our_close(&self) -> Option<&Close> {
        self.send_half.our_close()
    }

    /// The Close that fails the connection, while it is [held](SendHalf::set_hold_failure).
    pub fn held_failure(&self) -> Option<&Close> {
        self.send_half.held_failure()
    }

    /// Our Close frame has been encoded.
    pub fn close_sent(&self) -> bool {
        self.send_half.close_sent()
    }

    /// The peer's Close frame has arrived.
    pub fn close_received(&self) -> bool {
        self.receive_half.close_received()
    }

    /// Whether the peer has nothing more to say but the end of the transport: it has closed, or has been
    /// failed (§7.1.7).
    pub fn close_expected(&self) -> bool {
        self.receive_half.has_ended() || self.eof
    }

    /// Shares what inflating takes with others, from the first message on. It is left there by
    /// [`rest_if_crowded`](Self::rest_if_crowded) and [`shrink`](Self::shrink).
    pub fn set_inflate_pool(&mut self, pool: &'static dyn InflatePool) {
        self.receive_half.set_inflate_pool(pool);
    }

    /// The same of what compressing takes.
    pub fn set_deflate_pool(&mut self, pool: &'static dyn DeflatePool) {
        self.send_half.set_deflate_pool(pool);
    }

    /// Gives back what only a message takes, where none is on its way and others need it: to be asked for as often as the caller is
    /// about to wait.
    pub fn rest_if_crowded(&mut self) {
        self.receive_half.rest_if_crowded();
        self.send_half.rest_if_crowded();
    }

    /// Gives memory back between two messages, where many do: to be asked for as often as the caller is about to wait.
    pub fn rest(&mut self) {
        self.receive_half.rest();
        self.buffer.rest();
        self.send_half.shrink();
        self.send_half.rest_if_crowded();
        self.told = Vec::new();
        self.told_packed = Vec::new();
    }

    /// Gives memory back while the connection is idle.
    pub fn shrink(&mut self) {
        self.receive_half.rest();
        self.buffer.shrink();
        self.send_half.shrink();
        self.told = Vec::new();
        self.told_packed = Vec::new();
    }
}

fn deflater(role: Role, agreed: DeflateParams, level: u32) -> Deflater {
    Deflater::new(level, agreed.our_window_bits(role), agreed.we_take_context_over(role))
}
