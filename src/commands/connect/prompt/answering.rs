//! `--on` and `/on`: what arrives is answered by rules.

use std::time::Instant;

use super::Prompt;
use super::connection::SentView;
use crate::commands::connect::rules::RuleTexts;
use crate::commands::prompt::command::RulesChange;
use crate::handlers::player::Player;
use crate::net::Sender;
use crate::peer_text::Escaped;
use crate::script::Rules;

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

    /// Part of an answer is sent, so that no other message can be.
    pub(super) fn is_inside_answer(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_inside_message)
    }

    /// Changes the rules, for this connection and the next ones, or shows them.
    pub(super) fn answer_by(&mut self, change: RulesChange) {
        self.rules_are_typed |= !matches!(change, RulesChange::Show);
        match change {
            RulesChange::Rule(rule) => match self.rule_texts.with(&rule) {
                Ok((texts, rules)) => {
                    self.rule_texts = texts;
                    self.set_rules(rules.unwrap_or_default());
                }
                Err(why) => self.screen.fault(format_args!("/on: {why}")),
            },
            RulesChange::Off => {
                self.rule_texts = RuleTexts::default();
                self.set_rules(Rules::default().into());
            }
            RulesChange::Show => match self.rule_texts.lines().count() {
                0 => self.screen.note("nothing is answered; /on RULE answers by a rule"),
                _ => {
                    let lines = self.rule_texts.lines().map(|line| Escaped(line).to_string());
                    let heading = "the first rule that takes a message answers it:".to_owned();
                    self.say_lines([heading].into_iter().chain(lines).collect());
                }
            },
        }
    }

    fn set_rules(&mut self, rules: std::sync::Arc<Rules>) {
        match &mut self.player {
            Some(player) => player.set_rules(rules),
            None => self.player = Some(Player::going_on(rules)),
        }
    }
}
