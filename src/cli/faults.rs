//! The flags of what is broken on purpose.

use clap::Args;

use crate::net::FaultPlan;
use crate::script::{Fault, fault_list};

const FAULTS: &str = "Faults";

#[derive(Debug, Args)]
pub(super) struct FaultArgs {
    // The faults themselves stand in the help as the table of the language has them.
    #[arg(long = "fault", value_name = "SPEC", value_parser = Fault::parse, help = help(), help_heading = FAULTS)]
    faults: Vec<Fault>,

    /// Repeat the random choices of an earlier run, whose log shows the seed: which messages faults and rules apply to, and
    /// ${uuid} and ${random} in rules [default: a new one each time]
    #[arg(long, value_name = "NUMBER", help_heading = FAULTS)]
    seed: Option<u64>,
}

fn help() -> String {
    format!(
        "Make connections fail on purpose, and log it; repeatable (wscli man faults). \
         SPEC: [client|server] [WHEN] FAULT; client or server selects the direction: 'server at 5s half-open'.\n\
         WHEN: message N, after N, every N, once, at DURATION, N% (probability), times N; messages in that direction \
         are counted, Pongs for no-pong, late-pong and wrong-pong, connections for refuse and the opening handshake.\n\
         FAULT: {}",
        fault_list()
    )
}

impl FaultArgs {
    pub(super) fn config(self) -> FaultPlan {
        FaultPlan::new(self.faults, self.seed.unwrap_or_else(rand::random))
    }
}
