//! The connection's side of an inbox.

use std::fmt;
use std::os::fd::AsFd;
use std::time::Instant;

use super::{Behaviour, ModeEnd, slow_reader};
use crate::handlers::fragments::{ENOUGH, Fragments};
use crate::net::{Handler, Sender, Watched};
use crate::server::hub::Subscription;
use crate::server::inbox::Queued;
use crate::server::post::Post;
use crate::view::amount::Count;
use crate::ws::{Data, Event, Kind};

/// What is done with the messages of a client that others can post to.
pub(crate) trait OnMessage: fmt::Debug {
    /// The next part of a message from `speaker`.
    fn message(&mut self, data: &Data<'_>, speaker: &Subscription);

    /// What the client is told where so many messages found no room for it.
    fn missed(&self, _count: u64) -> Option<String> {
        None
    }

    /// Nothing is going on; memory that isn't needed can go.
    fn rest(&mut self) {}
}

/// Nothing.
#[derive(Debug)]
pub(crate) struct IgnoreMessages;

impl OnMessage for IgnoreMessages {
    fn message(&mut self, _data: &Data<'_>, _speaker: &Subscription) {}
}

/// Sends what others post, as the client takes it.
#[derive(Debug)]
pub(crate) struct Subscriber<E> {
    subscription: Subscription,
    on_message: E,
    /// The message that is being sent.
    current: Option<Queued>,
    fragments: Fragments,
    /// Messages that were handed over since somebody asked.
    sent: usize,
    /// Of those that found no room in the inbox, how many the client was told of.
    missed: u64,
    /// Something was left for when there is room.
    more: bool,
    /// Whether messages are compressed, as far as was last said.
    compress: bool,
    cause: Option<ModeEnd>,
}

impl<E: OnMessage> Subscriber<E> {
    pub(crate) fn new(subscription: Subscription, on_message: E) -> Self {
        let fragments = Fragments::default();
        Self {
            subscription,
            on_message,
            current: None,
            fragments,
            sent: 0,
            missed: 0,
            more: false,
            compress: true,
            cause: None,
        }
    }
}

impl<E> Subscriber<E> {
    /// How many messages were handed over to be sent since this was last asked.
    pub(super) fn take_sent(&mut self) -> usize {
        std::mem::take(&mut self.sent)
    }
}

impl<E: OnMessage> Subscriber<E> {
    /// Behind what there was room for.
    fn tell_missed(&mut self, sender: &mut Sender<'_>) {
        let dropped = self.subscription.inbox.dropped();
        let count = dropped - std::mem::replace(&mut self.missed, dropped);
        if let Some(told) = Some(count).filter(|count| *count > 0).and_then(|count| self.on_message.missed(count)) {
            // Refused behind a Close, and then nothing is told any more.
            let _ = sender.data(Kind::Text, told.as_bytes(), true);
        }
    }
}

impl<E: OnMessage> Handler for Subscriber<E> {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        if let Event::Data(data) = event {
            self.on_message.message(&data, &self.subscription);
        }
    }

    /// Sends what there is room for.
    fn after_turn(&mut self, _now: Instant, sender: &mut Sender<'_>) {
        self.more = true;
        let compress = self.subscription.hub.compresses();
        if std::mem::replace(&mut self.compress, compress) != compress {
            sender.set_compress(compress);
        }
        while sender.backlog() < ENOUGH && !sender.is_closing() {
            let Some(current) = self.current.take().or_else(|| self.subscription.inbox.next()) else {
                self.tell_missed(sender);
                return self.more = false;
            };
            match &*current {
                Post::Message(message) => {
                    if !self.fragments.send(message.kind, &message.content, true, sender) {
                        self.subscription.inbox.set_rest(message.content.len() - self.fragments.sent());
                        self.current = Some(current);
                        continue;
                    }
                    self.subscription.inbox.set_rest(0);
                    self.sent += 1;
                }
                // What can't be sent is refused before it is posted; behind a Close nothing is missed.
                Post::Item(item) => {
                    drop(sender.send(item.as_item()));
                    self.sent += usize::from(item.ends_message());
                }
                Post::Close(close, cause) => {
                    self.cause = Some(cause.clone());
                    // Refused only after a Close, and there was none.
                    let _ = sender.close(close.clone());
                }
            }
        }
    }

    fn has_more(&self) -> bool {
        self.more
    }

    /// The inbox is the source, so that it is heard at once, and the waker too, so that it is heard even while nothing
    /// more can be sent.
    fn watched(&self) -> Watched<'_> {
        let inbox = Some(self.subscription.inbox.as_fd());
        Watched { source: inbox, waker: inbox }
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.subscription.inbox.heard();
        if self.subscription.inbox.has_overflowed() && self.cause.is_none() {
            self.cause = Some(slow_reader::close(sender));
            self.current = None;
            self.subscription.inbox.set_rest(0);
        }
    }

    fn idle(&mut self) {
        self.on_message.rest();
    }
}

impl<E: OnMessage> Behaviour for Subscriber<E> {
    fn cause(&self) -> Option<ModeEnd> {
        self.cause.clone()
    }

    fn remark(&mut self) -> Option<String> {
        match self.subscription.inbox.dropped() {
            0 => None,
            dropped => Some(format!("{} for it dropped", Count(dropped, "message"))),
        }
    }
}
