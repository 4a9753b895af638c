//! The faults that were asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::armed::{ArmedFault, OnInjected};
use super::faulty_transport::FaultyTransport;
use crate::net::settings::ConnectionSettings;
use crate::net::transport::Transport;
use crate::script::{CertificateFault, Dice, Fault, FaultKind, RuleSpeaker, Selector};

/// All faults of a server. Without any it costs nothing.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    faults: Vec<Arc<Fault>>,
    seed: u64,
    /// Connections that have been accepted, for those that are refused.
    accepted: AtomicU64,
    /// Opening handshakes that have come.
    handshakes: AtomicU64,
}

impl FaultPlan {
    pub(crate) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { faults: faults.into_iter().map(Arc::new).collect(), seed, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Those of the opening handshake that has come. Each is counted, and so is asked for once.
    pub(crate) fn of_handshake(&self) -> Vec<&Fault> {
        if self.faults.is_empty() {
            return Vec::new();
        }
        let number = self.handshakes.fetch_add(1, Ordering::Relaxed) + 1;
        let is_meant = |(index, fault): &(usize, &Arc<Fault>)| {
            let Selector { odds, most, .. } = fault.selector;
            let mut dice = Dice::new(self.seed, number, *index as u64);
            matches!(fault.kind, FaultKind::Handshake(_))
                && fault.selector.is_among_first(number, most.unwrap_or(u64::MAX))
                && dice.falls(odds)
        };
        self.faults.iter().enumerate().filter(is_meant).map(|(_, fault)| &**fault).collect()
    }

    /// What is wrong with the certificate.
    pub(crate) fn of_certificate(&self) -> Option<(&Fault, CertificateFault)> {
        self.faults.iter().find_map(|fault| match fault.kind {
            FaultKind::Certificate(kind) => Some((&**fault, kind)),
            _ => None,
        })
    }

    /// The first that is for what is sent frame by frame by one of `speakers`; `None` among them is both.
    pub(crate) fn of_frames(&self, speakers: &[Option<RuleSpeaker>]) -> Option<&Fault> {
        let is_meant = |fault: &&Arc<Fault>| fault.kind.is_of_frames() && speakers.contains(&fault.speaker);
        self.faults.iter().find(is_meant).map(|fault| &**fault)
    }

    /// Has what each message is compressed by be in that message alone, where one may be dropped or doubled.
    pub(crate) fn prepare(&self, settings: &mut ConnectionSettings, awaits_rules: bool) {
        if (awaits_rules || self.of_frames(&[None, Some(RuleSpeaker::Server)]).is_some())
            && let Some(deflate) = &mut settings.deflate
        {
            deflate.context_takeover = false;
        }
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
                let most = fault.selector.most.unwrap_or(u64::MAX);
                fault.selector.is_among_first(number, count.min(most)) && dice.falls(fault.selector.odds)
            }
            _ => false,
        };
        self.faults.iter().enumerate().find(refusing).map(|(_, fault)| &**fault)
    }

    /// The way to a peer, with the faults of the connection with this number, which is open from now on, and those of rules
    /// where they are awaited.
    pub(in crate::net) fn transport(
        &self,
        below: Transport,
        number: u64,
        speaker: RuleSpeaker,
        awaits_rules: bool,
        on_injected: impl FnOnce() -> Arc<dyn OnInjected>,
    ) -> Transport {
        // Those of the stream are between us and the client, those of frames where they go out.
        let is_meant = |fault: &Fault| match fault.kind {
            FaultKind::Refuse(_) | FaultKind::Handshake(_) | FaultKind::Certificate(_) => false,
            FaultKind::Stream(_) => speaker == RuleSpeaker::Server,
            _ => fault.speaker.is_none_or(|its| its == speaker),
        };
        let meant = self.faults.iter().enumerate().filter(|(_, fault)| is_meant(fault));
        let armed = meant.map(|(index, fault)| ArmedFault::new(fault, Dice::new(self.seed, number, index as u64)));
        let armed: Vec<_> = armed.collect();
        if armed.is_empty() && !awaits_rules {
            return below;
        }
        let of_rules = (awaits_rules, Dice::new(self.seed, number, u64::MAX - 1));
        let key = (speaker == RuleSpeaker::Client).then(|| Dice::new(self.seed, number, u64::MAX).key());
        Transport::Layered(Box::new(FaultyTransport::new(below, (speaker, key), armed, of_rules, on_injected())))
    }
}
