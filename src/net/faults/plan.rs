//! The faults that were asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::armed::{ArmedFault, OnInjected};
use super::dice::Dice;
use super::faulty_transport::FaultyTransport;
use crate::net::transport::Transport;
use crate::script::{Fault, FaultKind, RuleSpeaker};

/// All faults of a server. Without any it costs nothing.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    faults: Vec<Arc<Fault>>,
    seed: u64,
    /// Connections that have been accepted, for those that are refused.
    accepted: AtomicU64,
}

impl FaultPlan {
    pub(crate) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { faults: faults.into_iter().map(Arc::new).collect(), seed, accepted: AtomicU64::new(0) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// By which the same happens again.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The fault by which the connection that has come is reset at once, if there is one. Each is counted, and so is asked
    /// for once.
    pub(crate) fn refuses(&self) -> Option<&Fault> {
        if self.faults.is_empty() {
            return None;
        }
        let number = self.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        let refusing = |(index, fault): &(usize, &Arc<Fault>)| match fault.kind {
            FaultKind::Refuse(count) => {
                let mut dice = Dice::new(self.seed, number, *index as u64);
                fault.selector.is_among_first(number, count) && dice.falls(fault.selector.odds)
            }
            FaultKind::Stream(_) => false,
        };
        self.faults.iter().enumerate().find(refusing).map(|(_, fault)| &**fault)
    }

    /// The way to a peer, with the faults of the connection with this number, which is open from now on.
    pub(in crate::net) fn transport(
        &self,
        below: Transport,
        number: u64,
        speaker: RuleSpeaker,
        on_injected: impl FnOnce() -> Arc<dyn OnInjected>,
    ) -> Transport {
        let meant = self.faults.iter().enumerate().filter(|(_, fault)| matches!(fault.kind, FaultKind::Stream(_)));
        let armed = meant.map(|(index, fault)| ArmedFault::new(fault, Dice::new(self.seed, number, index as u64)));
        let armed: Vec<_> = armed.collect();
        if armed.is_empty() {
            return below;
        }
        Transport::Layered(Box::new(FaultyTransport::new(below, speaker, armed, on_injected())))
    }
}
