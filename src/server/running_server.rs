//! A server at work.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::forward::Forward;
use super::log::ServerLog;
use super::page::feed::Observers;
use super::{Limits, RequestPolicy};
use crate::net::{Acceptor, ConnectionSettings, FaultPlan};
use crate::stdio::recording::Recording;

/// What every connection's thread has.
#[derive(Debug)]
pub(super) struct RunningServer {
    pub(super) acceptor: Acceptor,
    pub(super) settings: ConnectionSettings,
    pub(super) policy: RequestPolicy,
    /// Clients say where they want to go, and the policy isn't asked.
    pub(super) forward: Option<Forward>,
    pub(super) limits: Limits,
    pub(super) log: Arc<ServerLog>,
    pub(super) recording: Option<Arc<Recording>>,
    pub(super) observers: Observers,
    /// Clients that have a place.
    pub(super) present: AtomicUsize,
    pub(super) faults: FaultPlan,
}
