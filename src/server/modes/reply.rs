//! A mock that answers by rules.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::entry::{Argument, ModeEntry, When};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::handlers::player::Player;
use crate::net::{Handler, Sender};
use crate::server::rules_file::{RulesFile, RulesReader};
use crate::ws::Event;

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "reply",
    argument: Some(Argument::File),
    help: "Answer by the rules in a file; wscli man rules has the grammar. SIGHUP has it read again, unless there is a prompt",
    stdin: When::Never,
    protected: When::Never,
    open: |argument, _| {
        let file = RulesFile::open(Path::new(argument), RulesReader::Server)?;
        Ok(Arc::new(ReplyMode(Arc::new(file))))
    },
};

#[derive(Debug)]
struct ReplyMode(Arc<RulesFile>);

impl Mode for ReplyMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(Mock(Player::new(Arc::clone(client.rules), client.dice()))))
    }

    fn rules_file(&self) -> Option<Arc<RulesFile>> {
        Some(Arc::clone(&self.0))
    }
}

/// The mock of one connection.
#[derive(Debug)]
struct Mock(Player);

impl Handler for Mock {
    fn event(&mut self, event: Event<'_>, _sender: &mut Sender<'_>) {
        if let Event::Data(data) = event {
            self.0.data(&data, |_, _| {});
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.0.perform(now, sender);
    }

    fn has_room(&self) -> bool {
        self.0.has_room()
    }

    fn has_more(&self) -> bool {
        self.0.is_blocked()
    }

    fn deadline(&self) -> Option<Instant> {
        self.0.deadline()
    }

    fn idle(&mut self) {
        self.0.shrink();
    }
}

impl Behaviour for Mock {
    fn cause(&self) -> Option<ModeEnd> {
        self.0.has_closed().then_some(ModeEnd::ClosedBy("a rule", None))
    }
}
