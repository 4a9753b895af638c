//! Rules, and how far a connection has come in them.

use std::time::Instant;

use super::action::{Action, Instruction};
use super::condition::{Condition, Found, Subject};
use super::dice::Dice;
use super::generated::{GeneratedSource, GeneratedVariable};
use super::parser::{Named, RuleText, RulesParser};
use super::pointers::Pointers;
use super::rule::Rule;
use super::selector::Selector;
use super::speaker::RuleSpeaker;
use super::syntax_error::SyntaxError;
use crate::ws::{Message, OpCode};

/// Bytes that a rule makes of one message in a proxy at most: it may quote all of it any number of times, and the other side
/// needn't take them.
pub(crate) const MOST_MADE: usize = 64 << 20;

/// The grammar, for help.
pub(crate) const MANUAL: &str = include_str!("../../docs/rules.md");

/// Rules in order.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// What they are filled in with of the environment, and where that stands.
    environment: Vec<Named>,
    /// All that its conditions and templates follow.
    pointers: Pointers,
}

/// How far a connection has come in its rules.
#[derive(Debug)]
pub(crate) struct RulesProgress {
    state: usize,
    /// By the number of the rule, as far as there are any.
    counts: Vec<RuleCount>,
    opened: Instant,
    dice: Dice,
    /// What no message has.
    values: Box<dyn GeneratedSource>,
}

/// Messages that met the condition of a rule since its time came, and that no rule before has answered.
#[derive(Debug, Clone, Copy, Default)]
struct RuleCount {
    met: u64,
    /// By the rule.
    taken: u64,
}

/// What a rule answers.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// Which is met.
    pub(crate) condition: &'a Condition,
    pub(crate) actions: Vec<Action>,
}

/// A rule would make more than [`MOST_MADE`] of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MakesTooMuch;

/// What a proxy does with a message by a rule.
#[derive(Debug)]
pub(crate) struct Passage<'a> {
    rule: &'a Rule,
    pub(crate) actions: Vec<Action>,
}

impl Passage<'_> {
    /// Which messages it is for, and the condition that is met, as they may be written.
    pub(crate) fn condition(&self) -> String {
        format!("{}{}", self.rule.selector, self.rule.condition)
    }

    /// The words of what is done, in order. Where there is nothing to take the place of, nothing is replaced.
    pub(crate) fn words(&self) -> Vec<&'static str> {
        let replaces = self.actions.iter().any(|action| matches!(action, Action::Pass(Some(_))));
        let word = |instruction: &Instruction| match instruction.document_value() {
            Some(_) if !replaces => "replace (nothing there)",
            _ => instruction.name(),
        };
        self.rule.instructions.iter().map(word).collect()
    }
}

impl Rules {
    /// Reads the text of a rules file of a server.
    ///
    /// # Errors
    /// The first line that is not part of a rule.
    pub(crate) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let text = RuleText { layer: 0, content: text };
        Self::read(RulesParser::for_server(), [text]).map_err(|(_, error)| error)
    }

    /// Reads texts whose rules follow each other. A state may be in several.
    ///
    /// # Errors
    /// The number of the text, from 0, and its first line that is not part of a rule.
    pub(crate) fn parse_all<'a>(texts: impl IntoIterator<Item = RuleText<'a>>) -> Result<Self, (usize, SyntaxError)> {
        Self::read(RulesParser::new(), texts)
    }

    /// Reads the text of a rules file of a proxy.
    ///
    /// # Errors
    /// The first line that is not part of a rule.
    pub(crate) fn parse_for_proxy(text: &str) -> Result<Self, SyntaxError> {
        let text = RuleText { layer: 0, content: text };
        Self::read(RulesParser::for_proxy(), [text]).map_err(|(_, error)| error)
    }

    fn read<'a>(
        mut parser: RulesParser<'a>,
        texts: impl IntoIterator<Item = RuleText<'a>>,
    ) -> Result<Self, (usize, SyntaxError)> {
        for (number, text) in texts.into_iter().enumerate() {
            parser.text(text).map_err(|error| (number, error))?;
        }
        let environment = parser.take_environment();
        let rules = parser.finish()?;
        let pointers = Pointers::of(rules.iter().flat_map(Rule::pointers));
        Ok(Self { rules, environment, pointers })
    }

    /// Looks for what is to be filled in of the environment, whose variables are not always those that were meant.
    ///
    /// # Errors
    /// The number of the text, from 0, and the first place for what `variable` has no value for, with its words.
    pub(crate) fn check_environment(
        &self,
        variable: impl Fn(&str) -> Result<String, String>,
    ) -> Result<(), (usize, SyntaxError)> {
        self.environment.iter().try_for_each(|named| variable(&named.name).map(drop).map_err(|why| named.error(why)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether any of them takes messages by chance, or is filled in with what chance makes.
    pub(crate) fn leave_to_chance(&self) -> bool {
        let is_made = |instruction: &Instruction| instruction.generated().any(GeneratedVariable::is_chance);
        self.rules.iter().any(|rule| rule.selector.odds.is_some() || rule.instructions.iter().any(is_made))
    }

    /// Whether any of them breaks something on purpose.
    pub(crate) fn have_faults(&self) -> bool {
        let is_fault = |instruction: &Instruction| matches!(instruction, Instruction::Fault(_));
        self.rules.iter().any(|rule| rule.instructions.iter().any(is_fault))
    }

    /// What the other side gets once the connection is open.
    pub(crate) fn opening(&self, progress: &mut RulesProgress) -> Vec<Action> {
        let opens = |rule: &Rule| matches!(rule.condition, Condition::Open);
        let Some((number, rule)) = self.of_state(progress.state).find(|(_, rule)| opens(rule)) else {
            return Vec::new();
        };
        progress.take(number, rule);
        rule.actions(&progress.filled_in(Found::default()))
    }

    /// What a message gets that has come `now`; `None` when no rule takes it.
    pub(crate) fn answer(
        &self,
        message: Message<'_>,
        now: Instant,
        progress: &mut RulesProgress,
    ) -> Option<Answer<'_>> {
        let subject = Subject::new(message, &self.pointers);
        let (number, found) = self.find(&subject, None, now, progress)?;
        let rule = &self.rules[number];
        progress.take(number, rule);
        Some(Answer { condition: &rule.condition, actions: rule.actions(&progress.filled_in(found)) })
    }

    /// What a proxy does with a message that has come `now`; `None` when no rule takes it, and it goes on as it is.
    ///
    /// # Errors
    /// The rule that takes it would make more than [`MOST_MADE`] of it: then none has taken it.
    pub(crate) fn pass(
        &self,
        message: Message<'_>,
        speaker: RuleSpeaker,
        now: Instant,
        progress: &mut RulesProgress,
    ) -> Result<Option<Passage<'_>>, MakesTooMuch> {
        self.pass_on(&Subject::new(message, &self.pointers), speaker, now, progress)
    }

    /// The same of a Ping, a Pong or a Close, which says `content`.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn pass_control(
        &self,
        (opcode, content): (OpCode, &[u8]),
        speaker: RuleSpeaker,
        now: Instant,
        progress: &mut RulesProgress,
    ) -> Result<Option<Passage<'_>>, MakesTooMuch> {
        self.pass_on(&Subject::control(opcode, content, &self.pointers), speaker, now, progress)
    }

    fn pass_on<'a, 's>(
        &'a self,
        subject: &'s Subject<'s>,
        speaker: RuleSpeaker,
        now: Instant,
        progress: &mut RulesProgress,
    ) -> Result<Option<Passage<'a>>, MakesTooMuch> {
        let Some((number, found)) = self.find(subject, Some(speaker), now, progress) else { return Ok(None) };
        let rule = &self.rules[number];
        let actions = rule.actions_in_passing(&progress.filled_in(found));
        if actions.iter().map(Action::makes).sum::<usize>() > MOST_MADE {
            progress.values.take_back();
            return Err(MakesTooMuch);
        }
        progress.take(number, rule);
        Ok(Some(Passage { rule, actions }))
    }

    /// Whether any rule is for what this peer says.
    pub(crate) fn concern(&self, speaker: RuleSpeaker) -> bool {
        self.of_speaker(speaker).next().is_some()
    }

    /// Whether messages of this peer have to be whole before they go on: to be judged, or to let another one between them.
    pub(crate) fn need_whole_messages(&self, speaker: RuleSpeaker) -> bool {
        self.of_speaker(speaker)
            .any(|rule| rule.condition.has_message() || rule.instructions.iter().any(Instruction::injects))
    }

    fn of_speaker(&self, speaker: RuleSpeaker) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.speaker.is_none_or(|its| its == speaker))
    }

    /// The number of the rule that a message is for, which is counted.
    fn find<'s>(
        &self,
        subject: &'s Subject<'s>,
        speaker: Option<RuleSpeaker>,
        now: Instant,
        progress: &mut RulesProgress,
    ) -> Option<(usize, Found<'s, 'static>)> {
        let is_heard = |rule: &Rule| rule.speaker.is_none() || rule.speaker == speaker;
        for (number, rule) in self.of_state(progress.state).filter(|(_, rule)| is_heard(rule)) {
            let Some(found) = rule.condition.find(subject) else { continue };
            if progress.admits(number, rule, now) {
                return Some((number, found));
            }
        }
        None
    }

    /// The rules that hold in a state, in their order, and their numbers.
    fn of_state(&self, state: usize) -> impl Iterator<Item = (usize, &Rule)> {
        let holds = move |rule: &Rule| rule.state.is_none_or(|its| its == state);
        self.rules.iter().enumerate().filter(move |(_, rule)| holds(rule))
    }
}

impl RulesProgress {
    /// Of a connection that has `opened` then: in the first state, and nothing is counted.
    pub(crate) fn new(opened: Instant, dice: Dice, values: Box<dyn GeneratedSource>) -> Self {
        Self { state: 0, counts: Vec::new(), opened, dice, values }
    }

    /// From the beginning of other rules, on the same connection.
    pub(crate) fn begin_anew(&mut self) {
        self.dice = self.split_dice();
        (self.state, self.counts) = (0, Vec::new());
    }

    /// Dice for the next connection.
    pub(crate) fn split_dice(&mut self) -> Dice {
        self.dice.split()
    }

    /// Counts a message for a rule whose condition it meets. Returns whether it is for the rule.
    fn admits(&mut self, number: usize, rule: &Rule, now: Instant) -> bool {
        let selector = &rule.selector;
        if *selector == Selector::default() {
            return true;
        }
        if selector.after_time.is_some_and(|after| now.saturating_duration_since(self.opened) < after) {
            return false;
        }
        if self.counts.len() <= number {
            self.counts.resize(number + 1, RuleCount::default());
        }
        let count = &mut self.counts[number];
        count.met += 1;
        let is_meant = selector.admits(count.met) && selector.most.is_none_or(|most| count.taken < most);
        is_meant && self.dice.falls(selector.odds)
    }

    /// The rule does what it is there for.
    fn take(&mut self, number: usize, rule: &Rule) {
        if let Some(count) = self.counts.get_mut(number) {
            count.taken += 1;
        }
        self.state = rule.goto.unwrap_or(self.state);
    }

    /// For the next answer, in which each value is the same wherever it stands.
    fn filled_in<'m>(&mut self, found: Found<'m, '_>) -> Found<'m, '_> {
        self.values.begin();
        found.with(&*self.values)
    }
}

/// Looks at a text by itself. A state to which it goes may be in another.
///
/// # Errors
/// What is wrong with its first line that is not part of a rule.
pub(crate) fn check_rule(text: &str) -> Result<(), String> {
    let read = RulesParser::new().text(RuleText { layer: 0, content: text });
    read.map_err(|error| error.told(text))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::action::{ACTIONS, CHANGES, INJECTIONS};
    use super::super::condition::CONDITIONS;
    use super::super::counter::COUNTERS;
    use super::super::generated::FixedValues;
    use super::super::selector::PARTS;
    use super::*;
    use crate::ws::{Close, Kind, StatusCode};

    const RULES: &str = r#"
        # a comment
        open
          reply welcome
        match ^hello (?<who>\w+)(!)?
          reply Hello, $1! And again: ${who}$2
        match ^bye
          delay 200ms
          close 4000 so long
        json /type = "subscribe"
          reply {"subscribed":${/channel},"cost":"$$5"}
        json /id
          binary 00 ff
          reply ${/id}
        match ^quiet
          nothing
        binary
          reply bytes
        any
          reply what?
    "#;

    fn just_opened() -> RulesProgress {
        opened(Instant::now())
    }

    fn opened(at: Instant) -> RulesProgress {
        RulesProgress::new(at, Dice::new(1, 1, 1), Box::new(FixedValues::default()))
    }

    fn shown(action: Action, message: &[u8]) -> String {
        match action {
            Action::Send(reply) => match (reply.kind(), reply.whole(message)) {
                (Kind::Text, bytes) => String::from_utf8(bytes).unwrap(),
                (Kind::Binary, bytes) => format!("{bytes:?}"),
            },
            other => format!("{other:?}"),
        }
    }

    fn answered(rules: &Rules, progress: &mut RulesProgress, kind: Kind, content: &[u8]) -> Vec<String> {
        let answer = rules.answer(Message { kind, content }, Instant::now(), progress);
        let actions = answer.map(|answer| answer.actions).unwrap_or_default();
        actions.into_iter().map(|action| shown(action, content)).collect()
    }

    fn answer(rules: &str, text: &str) -> Vec<String> {
        let rules = Rules::parse(rules).unwrap_or_else(|error| panic!("{error}"));
        answered(&rules, &mut just_opened(), Kind::Text, text.as_bytes())
    }

    /// The answers to one message after the other, of one connection.
    fn answers(rules: &str, texts: &[&str]) -> Vec<String> {
        let rules = Rules::parse(rules).unwrap_or_else(|error| panic!("{error}"));
        let mut progress = just_opened();
        let answers = texts.iter().map(|text| answered(&rules, &mut progress, Kind::Text, text.as_bytes()));
        answers.map(|answers| answers.join("+")).collect()
    }

    #[test]
    fn the_first_rule_that_matches_answers() {
        assert_eq!(answer(RULES, "hello Ada"), ["Hello, Ada! And again: Ada"]);
        assert_eq!(answer(RULES, "hello Ada!"), ["Hello, Ada! And again: Ada!"]);
        let close = Action::Close(Close::new(StatusCode(4000), "so long"));
        assert_eq!(answer(RULES, "bye bye"), ["Wait(200ms)".into(), format!("{close:?}")]);
        let subscribe = r#"{"type":"subscribe","channel":{"a":[1]}}"#;
        assert_eq!(answer(RULES, subscribe), [r#"{"subscribed":{"a":[1]},"cost":"$5"}"#]);
        assert_eq!(answer(RULES, r#"{"type":"other","id":"x y"}"#), ["[0, 255]", "x y"]);
        assert_eq!(answer(RULES, "quiet!"), Vec::<String>::new());
        assert_eq!(answer(RULES, "else"), ["what?"]);
        let (rules, mut progress) = (Rules::parse(RULES).unwrap(), just_opened());
        assert_eq!(answered(&rules, &mut progress, Kind::Binary, b"hello Ada"), ["bytes"]);
        let opening = rules.opening(&mut progress).into_iter().map(|action| shown(action, b""));
        assert_eq!(opening.collect::<Vec<_>>(), ["welcome"]);
    }

    #[test]
    fn a_rule_takes_messages_from_a_time_on_by_chance_and_so_often() {
        let texts = ["a"; 6];
        assert_eq!(answers("message 3 any => reply third\nany => nothing", &texts).concat(), "third");
        assert_eq!(answers("times 2 every 2 any => reply x\nany => nothing", &texts), ["", "x", "", "x", "", ""]);
        assert_eq!(answers("0% any => reply x\nany => reply y", &texts), ["y"; 6]);
        assert_eq!(answers("100% once any => reply x\nany => reply y", &texts[..2]), ["x", "y"]);
        let half = answers("50% any => reply x\nany => reply y", &["a"; 1000]);
        assert!((400..600).contains(&half.iter().filter(|answer| *answer == "x").count()), "{half:?}");
        assert_eq!(half, answers("50% any => reply x\nany => reply y", &["a"; 1000]));

        // Messages are counted from the time on.
        let rules = Rules::parse("after 2 at 5s any => reply x\nany => reply y").unwrap();
        let (opened, any) = (Instant::now(), Message { kind: Kind::Text, content: b"a" });
        let mut progress = self::opened(opened);
        let times = [0, 4999, 5000, 5001, 9000].map(|after| opened + Duration::from_millis(after));
        let answered = times.map(|now| {
            let answer = rules.answer(any, now, &mut progress).unwrap();
            answer.actions.into_iter().map(|action| shown(action, b"")).collect::<String>()
        });
        assert_eq!(answered, ["y", "y", "y", "x", "x"]);
    }

    #[test]
    fn what_no_message_has_is_the_same_all_over_an_answer() {
        let rules = "match (?<now>x)? => reply {\"id\":${uuid},\"n\":${counter},\"t\":\"<${now}>\"} => binary 00 => reply $$ ${uuid} ${env.HOME}";
        let answered = |number: usize, now: &str| {
            format!("{{\"id\":\"{number}uuid\",\"n\":{number},\"t\":\"<{now}>\"}}+[0]+$ {number}uuid {number}env.HOME")
        };
        // A group goes before what has its name, also one that isn't part of the match.
        assert_eq!(answers(rules, &["x", "y"]), [answered(1, "x"), answered(2, "")]);
        assert_eq!(answers("once any => reply ${env.NONE}\nany => reply [${env.NONE}]", &["x"; 2]), ["", "[null]"]);
        let rules = Rules::parse("open => reply ${random}").unwrap();
        let opening = rules.opening(&mut just_opened()).into_iter().map(|action| shown(action, b""));
        assert!(rules.leave_to_chance() && opening.eq(["1random"]));
        let rules = Rules::parse("any\n  reply ${now}\n  echo\nopen => reply a ${env.B} ${env.A}").unwrap();
        let (number, error) = rules.check_environment(|name| Err(format!("no {name}"))).unwrap_err();
        assert_eq!((number, error.to_string().as_str()), (0, "line 4, column 17: no B"));
        assert!(!rules.leave_to_chance() && rules.check_environment(|_| Ok(String::new())).is_ok());
    }

    #[test]
    fn a_binary_message_is_known_by_its_first_bytes() {
        let rules = Rules::parse("prefix 0a 0B\n reply x\nbinary => echo").unwrap();
        let mut progress = just_opened();
        let mut answer = |kind, content| answered(&rules, &mut progress, kind, content).concat();
        assert_eq!(answer(Kind::Binary, b"\n\x0b!"), "x");
        assert_eq!(answer(Kind::Binary, b"\n"), "[10]");
        assert_eq!(answer(Kind::Text, b"\n\x0b!"), "");
    }

    #[test]
    fn a_rule_may_stand_on_one_line() {
        let rules = "match ^a => b$ => reply no\nmatch ^(\\d)$  =>  delay 1s => reply $1 =>\tclose 4000 a b\nany\n reply a => b";
        assert!(Rules::parse(rules).is_err(), "b$ is no action");
        let rules = rules.replacen(" => b$", " [=]> b$", 1);
        assert_eq!(answer(&rules, "a => b"), ["no"]);
        assert_eq!(answer(&rules, "3")[..2], ["Wait(1s)", "3"]);
        assert_eq!(answer(&rules, "x"), ["a => b"]);
    }

    #[test]
    fn all_of_a_message_can_be_quoted_whatever_the_condition_is() {
        let json = r#"{"a":"\u00e9"}"#;
        for condition in ["any", "text", "json /a", "json", "json /a = \"é\"", "match (?s)^.*$"] {
            assert_eq!(answer(&format!("{condition} => reply <$0>"), json), [format!("<{json}>")], "{condition}");
        }
        assert_eq!(answer("match b => reply <$0>", "abc"), ["<b>"]);
        let rules = Rules::parse("binary => reply <$0> => echo").unwrap();
        let answers = answered(&rules, &mut just_opened(), Kind::Binary, b"\xffa");
        assert_eq!(answers, ["<\u{fffd}a>", "[255, 97]"]);
        assert_eq!(answer("any => echo", "é"), ["é"]);
    }

    #[test]
    fn what_is_filled_into_json_keeps_it_json() {
        let message = r#"{"text":"a \"b\"\n","number":1.50,"list":[1, "x"],"null":null}"#;
        for (template, filled) in [
            (r#"{"v":${/text}}"#, r#"{"v":"a \"b\"\n"}"#),
            (r#"{"v":"<${/text}>"}"#, r#"{"v":"<a \"b\"\n>"}"#),
            (r#"[${/number},"${/number}"]"#, r#"[1.50,"1.50"]"#),
            (r#"[${/list},"${/list}"]"#, r#"[[1, "x"],"[1, \"x\"]"]"#),
            (r#"[${/null},${/nowhere},"${/nowhere}"]"#, r#"[null,null,""]"#),
            (r#""${/text}""#, r#""a \"b\"\n""#),
            // A quote that is escaped doesn't end a string.
            (r#"{"v":"\"${/text}"}"#, r#"{"v":"\"a \"b\"\n"}"#),
            // No JSON: as text.
            ("${/text}", "a \"b\"\n"),
            ("v=${/text}, ${/list}${/nowhere}", "v=a \"b\"\n, [1, \"x\"]"),
            (r#"{"v":1${/number}}"#, r#"{"v":11.50}"#),
        ] {
            assert_eq!(answer(&format!("json => reply {template}"), message), [filled], "{template}");
        }
        for (template, text, filled) in [
            (r#"{"v":"$0"}"#, "a\"\\\u{1}", r#"{"v":"a\"\\\u0001"}"#),
            (r#"{"v":$0}"#, "a\"", r#"{"v":"a\""}"#),
            (r#"{"v":$0}"#, r#"{"b":1}"#, r#"{"v":{"b":1}}"#),
            (r#"{"v":$0}"#, "007", r#"{"v":"007"}"#),
            ("<$0>", "a\"", "<a\">"),
        ] {
            assert_eq!(answer(&format!("any => reply {template}"), text), [filled], "{template}");
        }
        assert_eq!(answer(r#"match ^(\w)(x)? => reply [$1,$2,"$2"]"#, "a"), [r#"["a",null,""]"#]);
    }

    #[test]
    fn counters_count_what_no_rule_before_has_taken() {
        let texts = ["a", "b", "a", "a", "b", "a"];
        let close = format!("{:?}", Action::Close(Close::new(StatusCode(4001), "")));
        assert_eq!(answers("after 3 any => close 4001\nany => reply $0", &texts[..3]), ["a", "b", &close]);
        let rules = "once match a => reply first\nevery 2nd match a => reply even\nafter 2 any => reply rest";
        assert_eq!(answers(rules, &texts), ["first", "", "rest", "even", "rest", "rest"]);
    }

    #[test]
    fn rules_of_a_state_and_rules_of_all_are_looked_at_in_their_order() {
        let rules = "match ^all => reply all\nstate start\nmatch ^in => goto inside => reply hello\n\
                     state inside\nmatch ^out => goto start\nmatch x|all => echo\nstate start\nmatch ^a => reply start\n\
                     state *\nany => reply who?";
        let texts = ["x", "a", "in", "x", "a", "all", "out", "x"];
        assert_eq!(answers(rules, &texts), ["who?", "start", "hello", "x", "who?", "all", "", "who?"]);
        let rules = Rules::parse("open => goto on => reply hi\nstate on\nany => echo").unwrap();
        let mut progress = just_opened();
        assert_eq!(rules.opening(&mut progress).len(), 1);
        assert_eq!(answered(&rules, &mut progress, Kind::Text, b"a"), ["a"]);
        assert_eq!(answered(&rules, &mut just_opened(), Kind::Text, b"a"), Vec::<String>::new());
    }

    fn texts<const COUNT: usize>(texts: [&str; COUNT]) -> Result<Rules, (usize, SyntaxError)> {
        Rules::parse_all(texts.map(|content| RuleText { layer: 0, content }))
    }

    #[test]
    fn texts_follow_each_other_and_share_their_states() {
        let rules = texts(["match ^go => goto there", "state there\nany => reply there", "any => reply here"]);
        let (rules, mut progress) = (rules.unwrap(), just_opened());
        let told = ["x", "go", "x"].map(|text| answered(&rules, &mut progress, Kind::Text, text.as_bytes()).join("+"));
        assert_eq!(told, ["here", "", "there"]);
        let (number, error) = texts(["match a => echo", "\nany => say"]).unwrap_err();
        assert_eq!((number, error.line, error.column), (1, 2, 8));
        // What hides a rule of its own layer is a slip, and one of another does it on purpose.
        let (number, error) = texts(["any => echo", "match a => reply b"]).unwrap_err();
        assert_eq!(
            (number, &*error.why),
            (1, "this rule never answers: any before it takes every message that it could")
        );
        let layers =
            [(0, "any => echo"), (1, "match a => reply b")].map(|(layer, content)| RuleText { layer, content });
        assert!(Rules::parse_all(layers).is_ok());
        // An action belongs to a rule of its own text.
        assert_eq!(texts(["match a => echo", "reply a"]).unwrap_err().0, 1);
    }

    #[test]
    fn what_is_no_rule_is_told_with_its_place_and_what_would_be_right() {
        for (text, line, column, says) in [
            ("", 1, 1, "there are no rules"),
            ("reply a", 1, 1, "has to follow a condition"),
            ("any\n\n# c\n  match (", 4, 9, "unclosed group"),
            ("match é[b-a]", 1, 9, "invalid character class range"),
            ("json a", 1, 6, "does not begin with /"),
            ("json /a = b", 1, 11, "a text is written in double quotes"),
            ("json /a=\"x", 1, 10, "is not JSON"),
            ("any\nclose 1005", 2, 7, "status code"),
            ("any\nbinary 0", 2, 8, "hexadecimal"),
            ("any\ndelay x", 2, 7, "not a duration"),
            ("any\nsay hello", 2, 1, "neither a condition"),
            ("any => echo => any", 1, 16, "is a condition, and not an action"),
            ("any => ", 1, 7, "an action has to follow =>"),
            ("say => reply a", 1, 1, "neither a condition"),
            ("any\nreply a ${who", 2, 9, "}"),
            ("any\nreply ${}", 2, 7, "needs a name"),
            (
                "any => reply it costs $5.00",
                1,
                23,
                "$5 is unknown: no match REGEX stands here that could have groups; a dollar sign",
            ),
            ("match ^(a)$\n  reply $1 $2", 2, 12, "match ^(a)$ has one group, $1"),
            ("match (a)(b) => reply $99999999999999999999", 1, 23, "2 groups, $1 to $2"),
            ("match a => reply ${who}", 1, 18, "no group (?<who>...)"),
            ("open => reply $0", 1, 15, "no message"),
            ("open => reply ${/a}", 1, 15, "no message"),
            ("open => echo", 1, 13, "no message"),
            ("any x", 1, 5, "takes no argument"),
            ("150% any => reply x", 1, 1, "150% is not a probability (0% to 100%)"),
            ("match", 1, 6, "needs an argument: match REGEX"),
            ("match a=>reply b", 1, 1, "did you mean \"match a => reply b\"?"),
            ("match ^2$ -> reply 3", 1, 1, "did you mean \"match ^2$ => reply 3\"?"),
            ("match ^ping: reply pong", 1, 1, "the rule does nothing"),
            ("match ^2$", 1, 1, "an action has to follow =>, or stand in the next line, such as: match ^2$ => nothing"),
            ("# c\n  any", 2, 3, "the rule does nothing"),
            ("match ^a\nmatch ^b\n  reply c", 1, 1, "the rule does nothing"),
            (
                "match /^2$/ => reply 3",
                1,
                7,
                "no message can match this: ^ is its beginning and $ its end; write it without the / around it: ^2$",
            ),
            ("match \"^2$\" => reply 3", 1, 7, "write it without the \" around it: ^2$"),
            ("match (?<n>d) => reply a$n", 1, 25, "the group n is written ${n}, and a dollar sign $$"),
            ("any => close 4000 => reply x", 1, 22, "reply can't follow close"),
            ("any => close => close", 1, 17, "close can't follow close"),
            ("any => nothing => reply x", 1, 19, "reply can't follow nothing"),
            ("any\n  reply x\n  nothing", 3, 3, "nothing can't follow reply"),
            (
                "any => echo\n  match a => reply b",
                2,
                3,
                "this rule never answers: any in line 1 before it takes every message",
            ),
            ("text => echo\njson /a => reply b", 2, 1, "text in line 1"),
            ("open => reply a\nopen => reply b", 2, 1, "open in line 1"),
            ("json /a => echo\njson /a = 1 => reply b", 2, 1, "json /a in line 1"),
            ("json => reply {\"a\":${op}}", 1, 20, "${op} is unknown: a JSON pointer begins with /, as ${/op}"),
            ("close => reply bye", 1, 1, "close is an action, and a rule begins with a condition (open, match, "),
            ("any after 3", 1, 5, "a counter stands before its condition: after 3 any"),
            ("binary once => echo", 1, 8, "a counter stands before its condition: once binary"),
            ("any => echo\nafter 3\nclose 4001", 2, 1, "a condition has to follow, as in: after 3 any"),
            ("after x any => echo", 1, 7, "not a number from 1"),
            ("every 0th any => echo", 1, 7, "not a number from 1"),
            ("once say => echo", 1, 6, "is not a condition"),
            ("once open => reply a", 1, 1, "open takes no counter"),
            ("any => goto there", 1, 13, "there is no state \"there\", only start"),
            ("match a => echo\nstate there\nany => echo", 2, 7, "no rule goes to the state there"),
            ("state a b", 1, 8, "one word"),
            ("state", 1, 6, "state needs a name"),
            ("any => goto a\nstate a\nopen => reply b", 3, 1, "opens in the state start"),
        ] {
            let error = Rules::parse(text).unwrap_err();
            let place = (error.line, error.column);
            assert!(place == (line, column) && error.why.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn many_rules_states_and_actions_take_no_longer_to_read_than_they_are() {
        let numbers = 0..8_000;
        let rules: String = numbers.clone().map(|number| format!("json /a{number} => goto s{number}\n")).collect();
        let states: String = numbers.clone().map(|number| format!("state s{number}\nany => nothing\n")).collect();
        assert!(Rules::parse(&(rules + &states)).is_ok());
        let actions: String = numbers.map(|number| format!("reply {number}\n")).collect();
        assert!(Rules::parse(&format!("any\n{actions}")).is_ok());
        let counted = "once any => nothing\n".repeat(8_000);
        assert!(Rules::parse(&counted).is_ok());
    }

    #[test]
    fn what_may_be_meant_is_a_rule() {
        for text in [
            "match /ping/ => reply a",
            "match \"2\" => reply a",
            "any => reply $n costs $USD => goto start",
            "any => goto start => nothing",
            "any => delay 1s => nothing",
            "after 3 any => close\nany => echo",
            "any => echo\nopen => reply a",
            "state start\nany => echo\nstate *\nany => reply b",
            "json /a = 1 => echo\njson /a => reply b",
            "match (?<n>d) => reply $$n",
        ] {
            assert!(Rules::parse(text).is_ok(), "{text}: {:?}", Rules::parse(text).err());
        }
    }

    #[test]
    fn the_manual_has_every_word_and_its_examples_can_be_read() {
        let usages = CONDITIONS
            .iter()
            .map(|word| word.usage())
            .chain(ACTIONS.iter().chain(CHANGES).chain(INJECTIONS).map(|word| word.usage()));
        for usage in usages.filter(|usage| !usage.starts_with("json [")) {
            assert!(MANUAL.contains(&format!("\n    {usage} ")), "{usage}");
        }
        let selectors = COUNTERS.iter().map(|word| word.usage()).chain(PARTS.iter().map(|word| word.usage()));
        for usage in selectors {
            assert!(MANUAL.contains(&format!("\n    {usage} CONDITION ")), "{usage}");
        }
        let blocks: Vec<&str> = MANUAL.split("\n\n").filter(|block| block.starts_with("    ")).collect();
        let rules = blocks.iter().filter(|block| block.contains("=>") && !block.contains("wscli"));
        let (passing, rules): (Vec<_>, Vec<_>) = rules.partition(|block| block.contains("client "));
        let passing = passing.into_iter().map(|block| Rules::parse_for_proxy(block).map(drop));
        assert_eq!(passing.collect::<Vec<_>>(), [Ok(())]);
        assert_eq!(
            rules.into_iter().map(|block| Rules::parse(block).map(drop)).collect::<Vec<_>>(),
            [Ok(()), Ok(()), Ok(())]
        );
        assert!(Rules::parse(blocks[0]).is_ok());
    }

    #[test]
    fn rules_in_the_manual_of_faults_can_be_read() {
        let blocks = include_str!("../../docs/faults.md").split("\n\n");
        let rules: Vec<&str> = blocks.filter(|block| block.starts_with("    ") && block.contains(" => ")).collect();
        assert!(matches!(rules[..], [rules] if Rules::parse_for_proxy(rules).is_ok()), "{rules:#?}");
    }
}
