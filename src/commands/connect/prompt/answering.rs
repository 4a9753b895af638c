//! `--on` and `/on`: what arrives is answered by rules.

use std::sync::Arc;
use std::time::Instant;

use super::Prompt;
use super::connection::SentView;
use crate::commands::prompt::command::RulesChange;
use crate::commands::prompt::rule_texts::{RuleTexts, RulesNews};
use crate::handlers::player::Player;
use crate::net::Sender;
use crate::script::{Dice, Rules};

/// The rules, and what plays by them.
#[derive(Debug, Default)]
pub(super) struct RuleAnswering {
    texts: RuleTexts,
    /// They were changed at the keyboard, so that they stay.
    are_typed: bool,
    pub(super) player: Option<Player>,
}

impl RuleAnswering {
    /// Answers by the rules that another line of `connect` has brought, if nobody has typed any.
    pub(super) fn adopt(&mut self, texts: RuleTexts, rules: Option<Arc<Rules>>) {
        if !self.are_typed {
            self.texts = texts;
            self.player = rules.map(|rules| Player::new(rules, Dice::of_seed(rand::random())));
        }
    }

    /// Another connection: counters and states of the rules begin anew.
    pub(super) fn begin_again(&mut self) {
        if let Some(player) = &mut self.player {
            player.begin_again();
        }
    }

    /// Part of an answer is sent, so that no other message can be.
    pub(super) fn is_inside_message(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_inside_message)
    }

    /// Changes the rules, for this connection and the next ones, or has them shown. Returns what there is to say.
    ///
    /// # Errors
    /// What is no rule, for the person to read.
    fn change(&mut self, change: RulesChange) -> Result<Vec<String>, String> {
        self.are_typed |= !matches!(change, RulesChange::Show);
        match self.texts.change(change)? {
            RulesNews::Lines(lines) => Ok(lines),
            RulesNews::Rules(rules, told) => {
                match &mut self.player {
                    Some(player) => player.set_rules(rules),
                    None => self.player = Some(Player::going_on(rules, Dice::of_seed(rand::random()))),
                }
                Ok(vec![told.to_owned()])
            }
        }
    }
}

impl Prompt<'_> {
    /// Sends what rules answer.
    pub(super) fn answer(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let Some(player) = &mut self.answering.player else { return };
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
        self.answering.is_inside_message()
            || self.replaying.as_ref().is_some_and(|replaying| replaying.is_inside_message)
    }

    /// Changes the rules, or shows them.
    pub(super) fn answer_by(&mut self, change: RulesChange) {
        match self.answering.change(change) {
            Ok(lines) => self.say_lines(lines),
            Err(why) => self.screen.fault(why),
        }
    }
}
