//! An open connection, from what was decided about it to its end.

use std::os::fd::AsFd;

use super::end_reason::EndReason;
use super::forward::{ForwardSession, TunnelSession};
use super::joined::JoinedSession;
use super::log::Ended;
use super::modes::{Behaviour, ModeEnd};
use super::running_server::RunningServer;
use super::taps::Taps;
use crate::handlers::echo::Echo;
use crate::net::{Engine, Handler, LateTap, Peer, Summary, Tap, WebSocket};
use crate::ws::Observe;

/// A connection, and what is done with it. What is large is in boxes, since a thread keeps whatever its stack has ever touched.
pub(super) enum Session {
    /// The page's, which is none of the clients.
    Observer(Box<WebSocket>, Box<dyn Behaviour>),
    /// The plain case, which costs nothing that isn't needed.
    Echo(Box<WebSocket>, Box<Taps>),
    Other(Box<WebSocket>, Box<dyn Behaviour>, Box<Taps>),
    /// With another one behind it.
    Joined(JoinedSession),
    /// No WebSocket: bytes to another server and back.
    Tunnel(Box<TunnelSession>),
}

impl From<ForwardSession> for Session {
    fn from(session: ForwardSession) -> Self {
        match session {
            ForwardSession::Joined(joined) => Self::Joined(joined),
            ForwardSession::Tunnel(tunnel) => Self::Tunnel(tunnel),
        }
    }
}

impl RunningServer {
    /// Serves a connection to its end.
    pub(super) fn serve(&self, number: u64, peer: Peer, session: Session) {
        let (summary, cause, remark, mut taps) = match session {
            Session::Observer(websocket, behaviour) => return self.show_page(websocket, behaviour),
            Session::Joined(joined) => return self.serve_joined(number, peer, joined),
            Session::Tunnel(tunnel) => return self.serve_tunnel(number, peer, *tunnel),
            Session::Echo(websocket, mut taps) => (self.echo(websocket, &mut taps), None, None, taps),
            Session::Other(websocket, behaviour, taps) => self.behave(websocket, behaviour, taps),
        };
        let (received, sent) = (summary.received, summary.sent);
        let why = EndReason::new(summary, cause);
        let ended = Ended { peer, why, received, sent, lasted: taps.since().elapsed(), remark };
        self.log.ended(number, &ended);
        taps.ended(&ended);
    }

    // Not inlined, as the others: each thread's stack holds the engine that it runs, and no room for another.
    #[inline(never)]
    fn show_page(&self, websocket: Box<WebSocket>, mut behaviour: Box<dyn Behaviour>) {
        self.engine(*websocket, &mut *behaviour).run();
    }

    #[inline(never)]
    fn echo(&self, websocket: Box<WebSocket>, taps: &mut Taps) -> Summary {
        self.run_tapped(*websocket, &mut Echo::default(), taps)
    }

    #[inline(never)]
    fn behave(
        &self,
        websocket: Box<WebSocket>,
        mut behaviour: Box<dyn Behaviour>,
        mut taps: Box<Taps>,
    ) -> (Summary, Option<ModeEnd>, Option<String>, Box<Taps>) {
        let summary = self.run_tapped(*websocket, &mut *behaviour, &mut taps);
        (summary, behaviour.cause(), behaviour.remark(), taps)
    }

    /// Runs the connection, with those who look at it from the beginning or begin to later.
    fn run_tapped<H: Handler + ?Sized>(&self, websocket: WebSocket, handler: &mut H, taps: &mut Taps) -> Summary {
        let (followers, look_on) = (taps.followers(), taps.look_on());
        let tap: Option<&mut dyn Tap> = Some(&mut *taps);
        let (now, later) = if look_on { (tap, None) } else { (None, tap) };
        let engine = self.engine(websocket, handler).tapped(now);
        let summary =
            engine.tapped_later(LateTap { on: followers.any(), observe: Observe::Frames, tap: later }).run_counting();
        taps.finish();
        summary
    }

    fn engine<'a, H: Handler + ?Sized>(&'a self, websocket: WebSocket, handler: &'a mut H) -> Engine<'a, &'a mut H> {
        Engine::new(websocket, self.settings.timing, Some(self.acceptor.stop.as_fd()), handler)
    }
}
