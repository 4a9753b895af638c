//! A person who sees every client and answers one or all of them. What they type comes by the hub; what clients do is told to an
//! audience, or to the log. Beside the person, rules may answer.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::entry::{ModeEntry, When};
use super::operator_hub::OperatorHub;
use super::subscriber::{IgnoreMessages, Subscriber};
use super::{Behaviour, ClientTap, ConnectedClient, Mode, ModeEnd};
use crate::handlers::player::Player;
use crate::net::{Handler, Sender, Watched};
use crate::script::Dice;
use crate::ws::Event;

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "prompt",
    argument: None,
    help: "Show every client's messages and answer one or all, at a prompt or with lines of stdin; /help lists the commands",
    stdin: When::Always,
    protected: When::Always,
    open: |_, setup| Ok(Arc::new(OperatorMode(setup.operator.clone()))),
};

#[derive(Debug)]
struct OperatorMode(OperatorHub);

impl Mode for OperatorMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        let operator = self.0.clone();
        let subscriber = Subscriber::new(operator.hub.join(client.number)?, IgnoreMessages);
        let (changes, rules) = operator.rules.current();
        let player = (!rules.is_empty()).then(|| Player::new(rules, client.dice()));
        Ok(Box::new(OperatorClient {
            number: client.number,
            dice: client.dice(),
            operator,
            subscriber,
            player,
            changes,
        }))
    }

    fn shows_messages(&self) -> bool {
        self.0.audience.is_none()
    }

    fn tap(&self, client: &ConnectedClient<'_>) -> Option<Box<dyn ClientTap>> {
        self.0.audience.as_ref().map(|audience| audience.joined(client))
    }
}

/// The connection of one client.
#[derive(Debug)]
struct OperatorClient {
    number: u64,
    operator: OperatorHub,
    subscriber: Subscriber<IgnoreMessages>,
    /// Answers by the rules, where there are any.
    player: Option<Player>,
    dice: Dice,
    /// Which change of the rules it has heard of.
    changes: u64,
}

impl OperatorClient {
    /// Goes on by the rules of this moment.
    fn renew_rules(&mut self) {
        if self.operator.rules.changes() == self.changes {
            return;
        }
        let (changes, rules) = self.operator.rules.current();
        self.changes = changes;
        match &mut self.player {
            Some(player) => player.set_rules(rules),
            None => self.player = (!rules.is_empty()).then(|| Player::going_on(rules, self.dice.split())),
        }
    }

    /// Sends what rules answer, as far as there is room.
    fn answer(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if let Some(player) = &mut self.player {
            let sent = player.perform(now, sender);
            self.tell_sent(sent, true);
        }
    }

    fn tell_sent(&self, count: usize, by_rule: bool) {
        if let Some(audience) = self.operator.audience.as_ref().filter(|_| count > 0) {
            audience.sends(self.number, count, by_rule);
        }
    }

    /// Part of an answer is sent, so that no other message can be (RFC 6455 §5.4).
    fn is_inside_answer(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_inside_message)
    }
}

impl Handler for OperatorClient {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        if let Event::Data(data) = &event {
            if data.first {
                self.renew_rules();
            }
            if let Some(player) = &mut self.player {
                player.data(data, |_, _| {});
            }
        }
        self.subscriber.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.answer(now, sender);
        if self.is_inside_answer() {
            return;
        }
        self.subscriber.after_turn(now, sender);
        let sent = self.subscriber.take_sent();
        self.tell_sent(sent, false);
        // One may have waited for the end of a message that has ended now.
        self.answer(now, sender);
    }

    fn has_room(&self) -> bool {
        self.player.as_ref().is_none_or(Player::has_room)
    }

    fn has_more(&self) -> bool {
        self.subscriber.has_more() || self.player.as_ref().is_some_and(Player::is_blocked)
    }

    fn watched(&self) -> Watched<'_> {
        self.subscriber.watched()
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.subscriber.woken(sender);
    }

    fn deadline(&self) -> Option<Instant> {
        self.player.as_ref().and_then(Player::deadline)
    }

    fn idle(&mut self) {
        self.subscriber.idle();
        if let Some(player) = &mut self.player {
            player.shrink();
        }
    }
}

impl Behaviour for OperatorClient {
    fn cause(&self) -> Option<ModeEnd> {
        let by_rule = self.player.as_ref().is_some_and(Player::has_closed);
        self.subscriber.cause().or_else(|| by_rule.then_some(ModeEnd::ClosedBy("a rule", None)))
    }

    fn remark(&mut self) -> Option<String> {
        self.subscriber.remark()
    }
}
