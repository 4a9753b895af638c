//! A client's connection and the one behind it that it is joined to, from the request to both ends. Each is logged and recorded
//! under a number of its own: the one behind has the next.

use std::io;
use std::os::fd::AsFd;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::end_reason::{EndReason, ModeEnd};
use super::gateway::{FarConnection, PassingTerms};
use super::hop_taps::HopTaps;
use super::intermediary::{Intervention, Mediation};
use super::log::{Ended, Opened};
use super::modes::ClientTap;
use super::page::feed::Watcher;
use super::running_server::RunningServer;
use super::taps::{ShownInLog, Taps};
use crate::error::system_words;
use crate::handlers::changing::{Changing, Judgement, SharedProgress};
use crate::handlers::held_message::MOST_HELD;
use crate::handlers::intervention::{OnIntervened, RelayPerson};
use crate::handlers::relay::{Relay, RelayFrom};
use crate::http::AgreedSubprotocol;
use crate::net::{
    Accepted, ConnectionSettings, End, HandshakeError, Interrupt, JoinedConnection, LateTap, Peer, PendingHandshake,
    Summary, Tap, Timing, WebSocket, run_joined,
};
use crate::script::{Dice, MOST_MADE, RuleSpeaker};
use crate::stdio::recording::TurnLines;
use crate::trace::connection_lines::{ClosedLine, Milestone, OpenedLine, RuleLine};
use crate::trace::ending::EndText;
use crate::view::amount::Count;
use crate::view::violating_frame;
use crate::ws::handshake::{AcceptOptions, Refusal, Request};
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Close, Observe, Role, StatusCode, ViolatingFrame};

/// Both connections, before anything is said on them.
pub(super) struct JoinedSession {
    client: Hop,
    server: Hop,
    taps: Box<Taps>,
    far_taps: HopTaps,
    terms: PassingTerms,
    intervention: Option<Intervention>,
}

/// In a box, as it is large, and each move of it would take as much of a stack again.
struct Hop {
    websocket: Box<WebSocket>,
    agreed: Option<DeflateParams>,
}

/// What became of both.
struct JoinedEnd {
    client: Summary,
    server: Summary,
    /// It was the client's connection that ended first, if that is known.
    is_of_client: Option<bool>,
}

impl RunningServer {
    /// Opens the connection behind as `reach` does, and then the client's, with what was agreed there. `token` is of the page that
    /// looks on.
    ///
    /// All of that on a thread of its own.
    pub(super) fn join(
        &self,
        number: u64,
        pending: PendingHandshake<'_>,
        token: Option<&str>,
        terms: PassingTerms,
        reach: impl FnOnce(&Request, Interrupt<'_>) -> Result<FarConnection, Refusal> + Send,
    ) -> Result<JoinedSession, HandshakeError> {
        // Where no thread is to be had, it is still to be answered.
        let unanswered = Mutex::new(Some(pending));
        let take = || unanswered.lock().unwrap_or_else(PoisonError::into_inner).take();
        let begun = on_a_thread(|| take().map(|pending| self.join_here(number, pending, token, terms, reach)));
        match (begun, take()) {
            (Ok(Some(joined)), _) => joined,
            (Err(error), Some(pending)) => {
                Err(self.refuse(number, pending, Refusal::unavailable(&system_words(&error))))
            }
            _ => unreachable!("what isn't taken there is taken here"),
        }
    }

    fn join_here(
        &self,
        number: u64,
        mut pending: PendingHandshake<'_>,
        token: Option<&str>,
        terms: PassingTerms,
        reach: impl FnOnce(&Request, Interrupt<'_>) -> Result<FarConnection, Refusal> + Send,
    ) -> Result<JoinedSession, HandshakeError> {
        let far = self.check_before_reaching(number, &mut pending, &terms).and_then(|()| {
            let (request, interrupt) = (&pending.request, pending.incoming.interrupt());
            reach(request, interrupt)
        });
        let far = match far {
            Ok(far) => far,
            Err(refusal) => return Err(self.refuse(number, pending, refusal)),
        };
        let watcher = self.observers.of(number, token);
        let page = watcher.is_page();
        let is_tapped = terms.person.is_some();
        let mut settings = ConnectionSettings { observe: self.observed(is_tapped, page), ..self.settings };
        self.faults.prepare(&mut settings, terms.has_faults());
        let FarConnection { websocket, subprotocol, deflate: far_deflate, headers, line, recorded: far_recorded } = far;
        let subprotocol = subprotocol.as_ref();
        let name = subprotocol.map(AgreedSubprotocol::name);
        let options = AcceptOptions { deflate: settings.deflate, subprotocol: name, headers: &headers };
        let mut far_taps = HopTaps::new(number + 1, &self.log);
        far_taps.record(far_recorded);
        let agreed = pending.request.accept(&options).and_then(|acceptance| {
            let mediation = self.mediate((number, &pending), &terms, &acceptance.response, (&line, subprotocol))?;
            Ok((acceptance, mediation))
        });
        let (acceptance, mediation) = match agreed {
            Ok(agreed) => agreed,
            Err(refusal) => {
                self.leave(number, &line, websocket, far_taps);
                return Err(self.refuse(number, pending, refusal));
            }
        };
        let (peer, secure, tls) = (pending.incoming.peer, pending.incoming.secure, pending.incoming.tls());
        let accepted = match pending.open(acceptance, &settings) {
            Ok(accepted) => accepted,
            Err(error) => {
                self.leave(number, &line, websocket, far_taps);
                return Err(error);
            }
        };
        let passed_by = mediation.map(|Mediation { taps: [tap, far_tap], intervention }| {
            far_taps.tell(Some(far_tap));
            (tap, intervention)
        });
        let (tap, intervention) = passed_by.unzip();
        let Accepted { websocket: client, request, deflate, response } = accepted;
        let (request, response, tls) = (&request, response.as_slice(), tls.as_ref());
        let opened = Opened { peer, secure, tls, page, is_joined: true, request, response, subprotocol, deflate };
        let taps = self.tell_joined(number, &opened, &line, (watcher, tap));
        far_taps.join(taps.recorded_lines());
        let near = (client, deflate, taps.recorded_lines());
        let [client, server] = self.hops(number, &terms, [near, (websocket, far_deflate, far_taps.recorded_lines())]);
        Ok(JoinedSession { client, server, taps, far_taps, terms, intervention })
    }

    /// Says that both connections are open. Returns whoever looks at the client's.
    // Not inlined: each thread's stack keeps the pages that it ever touched.
    #[inline(never)]
    fn tell_joined(
        &self,
        number: u64,
        opened: &Opened<'_>,
        line: &OpenedLine,
        (watcher, tap): (Watcher, Option<Box<dyn ClientTap>>),
    ) -> Box<Taps> {
        let taps = Taps::new(number, &self.log, ShownInLog { messages: false }, watcher, tap);
        let mut taps = taps.recorded(number, self.recording.as_ref());
        self.log.opened(number, opened);
        taps.opened(opened);
        self.log.joined((number, number + 1), line);
        taps
    }

    /// The client's connection and the one behind, each with what is broken of what goes out there.
    fn hops(
        &self,
        number: u64,
        terms: &PassingTerms,
        [near, far]: [(WebSocket, Option<DeflateParams>, Option<TurnLines>); 2],
    ) -> [Hop; 2] {
        let hop = |number, speaker, (websocket, agreed, recorded)| {
            let websocket = Box::new(self.with_faults(number, (speaker, terms.has_faults()), websocket, recorded));
            Hop { websocket, agreed }
        };
        // What is said on one comes from the peer of the other.
        let far = hop(number + 1, RuleSpeaker::Client, far);
        [hop(number, RuleSpeaker::Server, near), far]
    }

    /// What is wrong with the request is no other server's business.
    ///
    /// # Errors
    /// The answer that the client gets without one.
    fn check_before_reaching(
        &self,
        number: u64,
        pending: &mut PendingHandshake<'_>,
        terms: &PassingTerms,
    ) -> Result<(), Refusal> {
        pending.request.accept(&AcceptOptions::default())?;
        if !terms.is_lenient && pending.is_followed() {
            let why = "the request is followed by something that is not a WebSocket frame (RFC 6455 §4.1)";
            return Err(Refusal::bad_request(why));
        }
        self.inject_in_handshake(number, pending).map_or(Ok(()), Err)
    }

    /// Has the person who stands between both sides, if there is one, know of them.
    fn mediate(
        &self,
        (number, pending): (u64, &PendingHandshake<'_>),
        terms: &PassingTerms,
        response: &[u8],
        (line, subprotocol): (&OpenedLine, Option<&AgreedSubprotocol>),
    ) -> Result<Option<Mediation>, Refusal> {
        let Some(person) = &terms.person else { return Ok(None) };
        let rules = &terms.changes.clone().unwrap_or_default();
        let client = self.connected_client((number, pending), (subprotocol, response), rules);
        let mediation = person.joined(&client, &line.handshake.url);
        mediation.map(Some).map_err(|why| Refusal::unavailable(&system_words(&why)))
    }

    /// Leaves the connection behind that of client `number`, which hasn't come about.
    fn leave(&self, number: u64, line: &OpenedLine, websocket: WebSocket, mut taps: HopTaps) {
        let far = number + 1;
        self.log.joined((number, far), line);
        websocket.leave(Close::new(StatusCode::GOING_AWAY, ""));
        let end = End::Abandoned;
        let line = ClosedLine::of(&end);
        self.log.far_ended((number, far), EndText { end: &end, closer: "us" }, &line);
        taps.ended(|| line);
    }
}

/// Goes to the server behind, on a thread of its own.
pub(super) fn reach_on_a_thread<T: Send>(reach: impl FnOnce() -> Result<T, Refusal> + Send) -> Result<T, Refusal> {
    on_a_thread(reach).unwrap_or_else(|error| Err(Refusal::unavailable(&system_words(&error))))
}

/// Does something on a thread that ends with it: a stack keeps whatever it has ever touched, and the way to another server takes more
/// of it than all that follows.
///
/// # Errors
/// There is no thread to be had.
fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let working = thread::Builder::new().spawn_scoped(scope, work)?;
        // A bug there is one here.
        Ok(working.join().unwrap_or_else(|panicked| resume_unwind(panicked)))
    })
}

impl RunningServer {
    /// Serves both connections to their ends.
    #[inline(never)]
    pub(super) fn serve_joined(&self, number: u64, peer: Peer, session: JoinedSession) {
        let JoinedSession { client, server, mut taps, mut far_taps, terms, intervention } = session;
        let passing = (number, &terms, intervention.as_ref());
        let end = self.relay(passing, [client, server], &mut taps, &mut far_taps);
        let JoinedEnd { client, server, is_of_client } = end;
        let of_server = || (is_of_client == Some(false)).then(|| because_of_server(&server.ending)).flatten();
        let by_person = intervention.and_then(|intervention| intervention.shared.closed());
        let is_by_person = by_person.is_some();
        let cause = by_person.map(|close| ModeEnd::ClosedBy("you", Some(close))).or_else(of_server);
        let far_line = ClosedLine {
            received: Some(server.received),
            sent: Some(server.sent),
            elapsed: Some(far_taps.since().elapsed()),
            ..ClosedLine::of(&server.ending)
        };
        let closer = match is_of_client {
            _ if is_by_person => "you",
            Some(true) => "the client",
            _ => "us",
        };
        self.log.far_ended((number, number + 1), EndText { end: &server.ending, closer }, &far_line);
        far_taps.ended(|| far_line);
        let (received, sent) = (client.received, client.sent);
        let lasted = taps.since().elapsed();
        let ended = Ended { peer, why: EndReason::new(client, cause), received, sent, lasted, remark: None };
        self.log.ended(number, &ended);
        taps.ended(&ended);
    }

    fn relay(
        &self,
        (number, terms, intervention): (u64, &PassingTerms, Option<&Intervention>),
        [client, server]: [Hop; 2],
        taps: &mut Taps,
        far_taps: &mut HopTaps,
    ) -> JoinedEnd {
        let (recorded, far_recorded) = (taps.recorded_lines(), far_taps.recorded_lines());
        let (looks_on, looks_on_far) = (taps.look_on(), far_taps.look_on());
        let followers = taps.followers();
        let tap: Option<&mut dyn Tap> = Some(&mut *taps);
        let (tap, later) = if looks_on { (tap, None) } else { (None, tap) };
        let late_tap = Some(LateTap { on: followers.any(), observe: Observe::FramesAndContent, tap: later });
        let far_tap: Option<&mut dyn Tap> = if looks_on_far { Some(&mut *far_taps) } else { None };
        let timing = self.settings.timing;
        let close_timeout = timing.close_timeout;
        // Both carry the same: one of them is watched.
        let far_timing = Timing { idle_timeout: None, ..timing };
        let PassingTerms { is_lenient, changes, person: _ } = terms;
        // States and counters are those of the pair.
        let dice = Dice::of_rules(self.faults.seed(), number);
        let (pair, progress) = (number, SharedProgress::new(dice));
        let agreed = [&client, &server].map(|hop| hop.agreed);
        // What we say ourselves, in whichever direction, isn't in what a peer refers back to.
        let is_left_alone = changes.is_none() && intervention.is_none() && self.faults.is_empty();
        let joined = |from: RelayFrom, hop, timing, (tap, late_tap), recorded: Option<TurnLines>| {
            let Hop { websocket, agreed: here } = hop;
            let number = if from == RelayFrom::Client { number } else { number + 1 };
            let tell = move |from, frame: &ViolatingFrame| self.tell_violation(number, from, frame);
            let by_hand = recorded.clone();
            let told = move |judgement: Judgement<'_>| self.tell_judgement(pair, from, &judgement, recorded.as_ref());
            let changing = changes.as_ref().and_then(|rules| {
                Changing::new(rules, progress.clone(), from.speaker(), Box::new(told), close_timeout)
            });
            let person = intervention.map(|Intervention { shared, witness }| RelayPerson {
                shared: Arc::clone(shared),
                witness: Arc::clone(witness),
                on_intervened: note_interventions(pair, from, by_hand),
                close_timeout,
            });
            let packed = is_left_alone && goes_on_packed(from, agreed);
            let handler = Relay::new(from, here, Box::new(tell)).packed(packed).changed(changing).intervened(person);
            JoinedConnection { websocket, timing, tap, late_tap, handler, is_lenient: *is_lenient }
        };
        let woken = intervention.map(|intervention| intervention.shared.woken());
        let both = [
            joined(RelayFrom::Client, client, timing, (tap, late_tap), recorded),
            joined(RelayFrom::Server, server, far_timing, (far_tap, None), far_recorded),
        ];
        let ([client, server], first) = run_joined(both, self.acceptor.stop.as_fd(), woken);
        taps.finish();
        far_taps.finish();
        JoinedEnd { client, server, is_of_client: first.map(|first| first == 0) }
    }

    /// Says what a rule has done with a message or a control frame, and records it behind that.
    fn tell_judgement(&self, number: u64, from: RelayFrom, judgement: &Judgement<'_>, recorded: Option<&TurnLines>) {
        match judgement {
            Judgement::Taken(passage) => {
                let done = passage.words().into_iter().map(str::to_owned).collect();
                let told = Milestone::Rule(RuleLine { way: from.way().into(), condition: passage.condition(), done });
                self.log.happened(number, &told);
                if let Some(recorded) = recorded {
                    recorded.note(number, told);
                }
            }
            Judgement::TooLong => self.log.notice(format_args!(
                "[{number}] {}: a message over {} MiB goes on without the rules",
                from.way(),
                MOST_HELD >> 20
            )),
            Judgement::NoPlaceForReply => self.log.notice(format_args!(
                "[{number}] {}: a reply of the rules is lost: the message that it would stand in has not ended",
                from.way()
            )),
            Judgement::MakesTooMuch => self.log.notice(format_args!(
                "[{number}] {}: the rules would make more than {} MiB of a message: it goes on as it came",
                from.way(),
                MOST_MADE >> 20
            )),
        }
    }

    /// Says who has broken the protocol, and with which frame.
    fn tell_violation(&self, number: u64, from: RelayFrom, frame: &ViolatingFrame) {
        let (way, name, faults) = (from.way(), from.name(), violating_frame::faults(frame));
        let opcode = frame.opcode.name().unwrap_or("reserved");
        let length = Count(frame.length, "byte");
        let passed_on = if frame.tolerated { "; passed on as it came" } else { "" };
        self.log.notice(format_args!(
            "[{number}] {way}: the {name} violated the protocol with a frame ({opcode}, {length}): {faults}{passed_on}"
        ));
    }
}

/// Whether the other side can inflate what one has compressed. `agreed` is with the client and with the server.
fn goes_on_packed(from: RelayFrom, agreed: [Option<DeflateParams>; 2]) -> bool {
    let [Some(client), Some(server)] = agreed else { return false };
    match from {
        RelayFrom::Client => client.can_be_inflated_as(&server, Role::Client),
        RelayFrom::Server => server.can_be_inflated_as(&client, Role::Server),
    }
}

/// What is recorded of what a person does, and of what becomes of held messages by itself: on the screen it is told when it is
/// decided.
fn note_interventions(number: u64, from: RelayFrom, recorded: Option<TurnLines>) -> OnIntervened<'static> {
    Box::new(move |why, done| {
        if let Some(recorded) = &recorded {
            let done = done.iter().map(|name| (*name).to_owned()).collect();
            let line = RuleLine { way: from.way().into(), condition: why.to_string(), done };
            recorded.note(number, Milestone::Rule(line));
        }
    })
}

/// What the end of the connection behind is for the client's.
fn because_of_server(end: &End) -> Option<ModeEnd> {
    Some(match end {
        End::Closed { close, ours: None } => ModeEnd::ClosedBy("the server", Some(close.clone())),
        End::Closed { .. } | End::CloseUnanswered(_) | End::Abandoned => return None,
        end => ModeEnd::Finished(format!("server: {end}")),
    })
}
