//! `--on` and `/on`: what arrives is answered by rules.

use std::time::Instant;

use super::Prompt;
use super::connection::SentView;
use crate::commands::prompt::command::RulesChange;
use crate::commands::prompt::rule_texts::RulesNews;
use crate::handlers::player::Player;
use crate::net::Sender;
use crate::script::{Dice, Rules};

impl Prompt<'_> {
    /// Sends what rules answer.
    pub(super) fn answer(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let Some(player) = &mut self.player else { return };
        let compress = self.status.settings(|settings| settings.compress);
        let compress_from = self.exchange.sending.options.compress_from;
        player.set_compress_from(if compress { compress_from.max(1) } else { usize::MAX });
        sender.set_largest_frame(self.exchange.sending.options.part());
        let sent = player.perform(now, sender);
        let closed = player.has_closed();
        self.open.sent_views.extend(std::iter::repeat_n(SentView::Whole, sent));
        if closed {
            self.leaving.has_closed();
        }
    }

    /// Part of an answer is sent, or of a recording's message, so that no other message can be.
    pub(super) fn is_inside_answer(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_inside_message)
            || self.replaying.as_ref().is_some_and(|replaying| replaying.is_inside_message)
    }

    /// Changes the rules, for this connection and the next ones, or shows them.
    pub(super) fn answer_by(&mut self, change: RulesChange) {
        self.rules_are_typed |= !matches!(change, RulesChange::Show);
        match self.rule_texts.change(change) {
            Ok(RulesNews::Rules(rules)) => self.set_rules(rules),
            Ok(RulesNews::Lines(lines)) => self.say_lines(lines),
            Err(why) => self.screen.fault(why),
        }
    }

    fn set_rules(&mut self, rules: std::sync::Arc<Rules>) {
        match &mut self.player {
            Some(player) => player.set_rules(rules),
            None => self.player = Some(Player::going_on(rules, Dice::of_seed(rand::random()))),
        }
    }
}
