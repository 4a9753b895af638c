//! A connection of a test, on its thread: keeps what comes for the steps, and sends what they say.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use super::excerpt::{LineExcerpt, SaidWords};
use super::line::{LineOrder, ScenarioLine};
use crate::net::{End, Handler, Sender, Watched, Woken};
use crate::script::scenario::ReceivedMessage;
use crate::ws::{Beginning, Close, Data, Direction, Event, Item, OwnedItem, StatusCode};

/// What steps have sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StepsSent {
    pub(crate) messages: usize,
    /// A Close of theirs was.
    pub(crate) has_closed: bool,
}

/// Content of a message that is kept, in bytes: as much as the default limit lets through.
const KEPT: usize = 64 << 20;

/// Bytes that are encoded and not taken by the peer: no more is encoded meanwhile.
const BACKLOG: usize = 128 << 10;

/// `S` is who takes the steps, where that begins and ends with this connection.
pub(crate) struct ScenarioHandler<S = ()> {
    pub(super) steps: S,
    line: Arc<ScenarioLine>,
    /// `None` where whoever runs the connection is woken for it.
    woken: Option<Woken>,
    gathered: Beginning,
    /// Of the message that is coming.
    fragments: u64,
    wire: u64,
    is_dropped: bool,
    /// Somebody else closes it when the process is to end.
    stays_open: bool,
}

impl<S> ScenarioHandler<S> {
    /// With `stays_open` somebody else closes it when the process is to end.
    pub(super) fn new(steps: S, line: Arc<ScenarioLine>, woken: Option<Woken>, stays_open: bool) -> Self {
        let gathered = Beginning::new(KEPT);
        Self { steps, line, woken, gathered, fragments: 0, wire: 0, is_dropped: false, stays_open }
    }

    fn data(&mut self, data: &Data<'_>) {
        if data.first {
            (self.fragments, self.wire) = (0, 0);
        }
        self.fragments += u64::from(data.ends_frame);
        self.wire += if data.compressed { data.packed.len() } else { data.bytes.len() } as u64;
        let took = if data.last { self.line.since_asked(Instant::now()) } else { Default::default() };
        let Some((content, length)) = self.gathered.push(data) else { return };
        let message = ReceivedMessage {
            kind: data.kind,
            content: content.into_owned(),
            length,
            fragments: self.fragments,
            compressed: data.compressed,
            wire: self.wire,
            took,
        };
        self.line.change(|state| {
            state.show(
                LineExcerpt { direction: Direction::Received, said: SaidWords::of(message.message()) }.to_string(),
            );
            state.push(message);
        });
    }

    /// Keeps what has come.
    pub(crate) fn received(&mut self, event: &Event<'_>) {
        let received = |said| LineExcerpt { direction: Direction::Received, said }.to_string();
        match event {
            Event::Data(data) => self.data(data),
            Event::Ping(payload) => self.line.change(|state| {
                state.show(received(SaidWords::control("ping", payload)));
                state.push_ping(payload);
            }),
            Event::Pong(payload) => self.line.change(|state| {
                state.show(received(SaidWords::control("pong", payload)));
                state.push_pong(payload);
            }),
            Event::Close(close) => self.line.change(|state| state.show(received(SaidWords::close(close)))),
            Event::Frame(_) | Event::Violation(_) | Event::Raw(_) => {}
        }
    }

    /// Sends what there is to be sent, as far as the peer takes it.
    pub(crate) fn obey(&mut self, sender: &mut Sender<'_>) -> StepsSent {
        let mut all = StepsSent::default();
        self.is_dropped |= self.line.is_abandoned();
        while sender.backlog() < BACKLOG {
            let Some(order) = self.line.next_order() else { break };
            let (sent, said) = match &order {
                LineOrder::Drop => {
                    self.is_dropped = true;
                    break;
                }
                LineOrder::Send(item) => (sender.send(item.as_item()), SaidWords::of_item(item)),
                LineOrder::Raw(bytes) => (sender.send(Item::Raw(bytes)), SaidWords::raw(bytes)),
            };
            if let (Ok(()), LineOrder::Send(item)) = (&sent, &order) {
                all.messages += usize::from(matches!(item, OwnedItem::Message { .. } | OwnedItem::Fragmented { .. }));
                all.has_closed |= item.as_item().is_close();
            }
            let excerpt = LineExcerpt { direction: Direction::Sent, said }.to_string();
            match sent {
                Ok(()) => self.line.show(excerpt),
                Err(why) => self.line.change(|state| state.refused = state.refused.take().or(Some(why.to_string()))),
            }
        }
        all
    }
}

/// With which Close an end was, and what it was in words.
pub(super) fn closed(end: &End) -> (Option<Close>, String) {
    (end.close().cloned(), end.to_string())
}

impl<S> Handler for ScenarioHandler<S> {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        self.received(&event);
    }

    fn after_turn(&mut self, _now: Instant, sender: &mut Sender<'_>) {
        self.obey(sender);
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        if let Some(woken) = &self.woken {
            woken.drain();
        }
        self.obey(sender);
    }

    fn has_room(&self) -> bool {
        self.line.has_room()
    }

    fn has_more(&self) -> bool {
        self.line.has_orders()
    }

    fn watched(&self) -> Watched<'_> {
        // As a source it is noticed at once, also while traffic is hot; as a waker also when nothing more can be sent.
        let woken = self.woken.as_ref().map(AsFd::as_fd);
        Watched { source: woken, waker: woken }
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.line.change(|state| state.interrupt());
        if !self.stays_open {
            // Refused only when the connection is closing already.
            let _ = sender.close(Close::new(StatusCode::GOING_AWAY, ""));
        }
        false
    }

    fn closed(&mut self, end: &End) {
        self.line.change(|state| state.closed = Some(closed(end)));
    }

    fn wants_abort(&self) -> bool {
        self.is_dropped
    }
}
