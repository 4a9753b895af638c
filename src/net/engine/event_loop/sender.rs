//! How connections come to the thread that drives them, from others.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};

use super::OwnedHandler;
use crate::net::settings::Timing;
use crate::net::waker::{Waker, Woken};
use crate::net::websocket::WebSocket;

/// A connection, and what is done with it.
pub(super) struct NewMember<'a> {
    pub(super) websocket: WebSocket,
    pub(super) timing: Timing,
    pub(super) handler: Box<OwnedHandler<'a>>,
}

/// Gives connections to a loop. Once it is gone, none will come.
pub(crate) struct EventLoopSender<'a> {
    /// As long as it is there.
    sender: Option<Sender<Box<NewMember<'a>>>>,
    waker: Waker,
}

pub(super) struct Newcomers<'a> {
    receiver: Receiver<Box<NewMember<'a>>>,
    woken: Woken,
}

/// # Errors
/// When there are no file descriptors left.
pub(super) fn pair<'a>() -> io::Result<(EventLoopSender<'a>, Newcomers<'a>)> {
    let (waker, woken) = Waker::pair()?;
    let (sender, receiver) = mpsc::channel();
    Ok((EventLoopSender { sender: Some(sender), waker }, Newcomers { receiver, woken }))
}

impl<'a> EventLoopSender<'a> {
    /// Has the loop drive a connection to its end.
    pub(crate) fn add(&self, websocket: WebSocket, timing: Timing, handler: Box<OwnedHandler<'a>>) {
        if let Some(sender) = &self.sender {
            // Refused only by a loop that has gone down, where the connection goes with it.
            let _ = sender.send(Box::new(NewMember { websocket, timing, handler }));
            self.waker.wake();
        }
    }
}

impl Drop for EventLoopSender<'_> {
    fn drop(&mut self) {
        // The loop is to see that it is gone.
        self.sender = None;
        self.waker.wake();
    }
}

impl<'a> Newcomers<'a> {
    /// Those that have come since the last call, and whether more can come.
    pub(super) fn take(&self) -> (Vec<NewMember<'a>>, bool) {
        self.woken.drain();
        let mut taken = Vec::new();
        loop {
            match self.receiver.try_recv() {
                Ok(member) => taken.push(*member),
                Err(why) => return (taken, why == TryRecvError::Empty),
            }
        }
    }
}

impl AsFd for Newcomers<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}
