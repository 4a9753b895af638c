//! What a server does with a connection, a module each.

mod broadcast;
mod config;
mod exec;
mod failed;
mod operator;
mod push;
mod reply;
mod sink;
mod subscriber;

use std::fmt;
use std::io;
use std::sync::Arc;

pub(crate) use config::{ModeConfig, ModeSpec};
pub(crate) use exec::Exec;
pub(crate) use failed::Declined;
pub(crate) use operator::Operator;
pub(crate) use push::{Feed, LineFile};
pub(crate) use subscriber::{OnMessage, Subscriber};

pub(crate) use super::end_reason::ModeEnd;
use super::hub::Hub;
use crate::handlers::echo::Echo;
use crate::net::{Handler, Peer};
use crate::script::Rules;
use crate::ws::handshake::Request;

/// A handler that may end its connection by itself, and then says why.
pub(crate) trait Behaviour: Handler {
    fn cause(&self) -> Option<ModeEnd> {
        None
    }

    /// What else there is to say at the end.
    fn remark(&self) -> Option<String> {
        None
    }
}

impl Behaviour for Echo {}

/// The client that a mode begins for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) number: u64,
    pub(crate) peer: Peer,
    pub(crate) secure: bool,
    pub(crate) request: &'a Request,
    pub(crate) subprotocol: Option<&'a str>,
}

/// What clients of a path get.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    /// Every message comes back.
    Echo,
    /// Nothing comes back.
    Sink,
    /// Every message goes to every other client.
    Broadcast { hub: Arc<Hub>, include_sender: bool },
    /// The lines of a file, from its beginning for each client.
    LineFile(Arc<LineFile>),
    /// Lines as they come, the same for all.
    Feed(Arc<Feed>),
    /// A mock that answers by rules.
    Reply(Arc<Rules>),
    /// A process for each client.
    Exec(Arc<Exec>),
    /// A person answers.
    Prompt(Arc<Operator>),
}

impl Mode {
    /// Begins for one client.
    ///
    /// # Errors
    /// When there are no descriptors or processes to be had.
    pub(crate) fn begin(&self, client: &Client<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(match self {
            Self::Echo => Box::new(Echo::default()),
            Self::Sink => Box::new(sink::Sink),
            Self::Broadcast { hub, include_sender } => {
                Box::new(Subscriber::new(hub.join(client.number)?, broadcast::Broadcast::new(*include_sender)))
            }
            Self::LineFile(script) => Box::new(push::FilePush::new(Arc::clone(script))),
            Self::Feed(feed) => Box::new(feed.subscribe(client.number)?),
            Self::Reply(rules) => Box::new(reply::Mock::new(Arc::clone(rules))),
            Self::Exec(exec) => Box::new(exec.start(client)?),
            Self::Prompt(operator) => Box::new(operator.receive(client.number)?),
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Echo => "echo",
            Self::Sink => "sink",
            Self::Broadcast { .. } => "broadcast",
            Self::LineFile(_) | Self::Feed(_) => "push",
            Self::Reply(_) => "reply",
            Self::Exec(_) => "exec",
            Self::Prompt(_) => "prompt",
        })
    }
}
