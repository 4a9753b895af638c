//! Sockets, TLS, timers and threads: moves bytes between a socket and the state machines of `ws`.
//! Knows no subcommand and prints nothing.

mod accept;
mod closing;
mod connect_event;
mod connect_to;
mod descriptors;
mod dial;
mod end;
mod end_state;
mod engine;
mod far_end;
mod faults;
mod handler;
mod host_list;
mod http_response;
mod idle_timeout;
mod in_flight;
mod interrupt;
mod keepalive;
mod listen;
mod masking;

mod outward;
mod owned_path;
mod poll;
mod poll_set;
mod process_cpu;
mod process_end;
mod protocol_guess;
mod proxy;
mod race;
mod resolve;
mod schedule;
mod sender;
mod settings;
mod signals;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod sock_diag;
mod socket;
mod stop;
pub(crate) mod target;
mod time_limit;
mod tls;
mod transport;
mod tunnel;
mod until;
mod waker;
mod web_origin;
mod websocket;
mod yield_backoff;

pub(crate) use accept::{
    Accepted, Acceptor, AskedBy, ClientHello, FirstWords, ForwardRequest, HandshakeError, Incoming, PendingHandshake,
    SocksAccess,
};
#[cfg(fuzzing)]
pub(crate) use accept::{ProxyHeaderProgress, proxy_header_progress, read_any_socks};
pub(crate) use connect_event::ConnectEvent;
pub(crate) use connect_to::ConnectTo;
pub(crate) use descriptors::raise_descriptor_limit;
pub(crate) use dial::{Dialed, Dialer, Reached};
pub(crate) use end::{Breakage, End, Summary, UnansweredPing, WireBytes};
pub(crate) use engine::{
    Engine, EventLoop, EventLoopSender, JoinedConnection, JoinedHandler, LoopHandler, RELAY_LIMIT, run_joined,
};
#[cfg(fuzzing)]
pub(crate) use faults::filtered;
pub(crate) use faults::{FaultPlan, OnInjected};
pub(crate) use handler::{Handler, LateTap, Tap, Watched};
pub(crate) use host_list::{check as check_host_list, is_listed};
pub(crate) use interrupt::Interrupt;
pub(crate) use listen::{Listener, Peer, Stream};
pub(crate) use owned_path::OwnedPath;
pub(crate) use poll::{has_no_writer, is_readable, wait_either, wait_readable, wait_readable_until, wait_writable};
pub(crate) use process_cpu::{process_cpu_time, wake_punctually};
pub(crate) use process_end::{
    LastAct, end_process_after, enforce as enforce_process_end, is_out_of_time, is_time_limited, process_end,
    settle as settle_process_end, threads_end, wait_end,
};
pub(crate) use proxy::Proxy;
pub(crate) use resolve::{Family, KnownAddress, Resolver};
pub(crate) use schedule::{Interval, Schedule};
pub(crate) use sender::Sender;
pub(crate) use settings::{ConnectionSettings, Timing};
pub(crate) use signals::{HangUps, Signal, Signals, is_ignored};
pub(crate) use stop::{Stop, Stopper};
pub(crate) use tls::pem_file;
pub(crate) use tls::{
    AuthorityFacts, CertificateAuthority, CertificateFacts, Identity, LeafCertificates, NewAuthority, ServerTls,
    TlsFacts, TlsParameters, TlsSettings, TlsVersion, is_server_name,
};
pub(crate) use tunnel::{Tunnel, TunnelEnd};
pub(crate) use until::pause;
pub(crate) use waker::{Waker, Woken};
pub(crate) use web_origin::web_origin;
pub(crate) use websocket::WebSocket;
