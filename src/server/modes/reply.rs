//! A mock that answers by rules.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::entry::{Argument, ModeEntry, When};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::error::Error;
use crate::handlers::player::Player;
use crate::net::{Handler, Sender};
use crate::script::Rules;
use crate::stdio::file;
use crate::ws::Event;

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "reply",
    argument: Some(Argument::File),
    help: "Answer by the rules in a file; wscli man rules has the grammar",
    stdin: When::Never,
    protected: When::Never,
    open: |argument, _| Ok(Arc::new(read(Path::new(argument))?)),
};

/// Reads rules.
///
/// # Errors
/// [`Error::File`], with the line and the column of what is no rule.
fn read(path: &Path) -> Result<Rules, Error> {
    Rules::parse(&file::text(path)?).map_err(|error| Error::file(path, error))
}

impl Mode for Rules {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(Mock(Player::new(self, client.dice()))))
    }

    fn leaves_to_chance(&self) -> bool {
        self.leave_to_chance()
    }

    fn injects_faults(&self) -> bool {
        self.have_faults()
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
