//! vi's keys, for whoever asks for them. Those of the editor would wait for the second of two keys, and hold everything back
//! meanwhile: so what keys mean together is gathered here, and the editor is told what to do once that is known.

use rustyline::{Anchor, At, CharSearch, Cmd, KeyCode, KeyEvent, Modifiers, Movement, Word};

/// What is known between two keys.
#[derive(Debug, Default)]
pub(super) struct ViKeys {
    /// Keys are commands, not text.
    commands: bool,
    count: Option<u16>,
    operator: Option<ViOperator>,
    /// What the next character is for.
    awaits: Option<NextCharacter>,
    last_change: Option<Cmd>,
    last_find: Option<CharSearch>,
}

/// What is done with what a movement passes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ViOperator {
    Delete,
    Change,
    Yank,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NextCharacter {
    Replacement,
    /// To be found by this key.
    Find(char),
}

/// What a key comes to.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    /// What it means without vi.
    Usual,
    Command(Cmd),
    /// Another line of the history.
    Older,
    Newer,
    Oldest,
    /// The line that was being typed.
    Own,
    Search,
    /// The same, for a line that Enter only fetches.
    SearchToEdit,
    /// In the person's own editor.
    EditElsewhere,
}

impl ViKeys {
    /// Another line begins, with text.
    pub(super) fn begin(&mut self) {
        self.commands = false;
        self.forget();
    }

    /// What a key does to a line with the cursor at `cursor`.
    pub(super) fn key(&mut self, KeyEvent(code, modifiers): KeyEvent, line: &str, cursor: usize) -> Meaning {
        let is_escape = (code, modifiers) == (KeyCode::Char('G'), Modifiers::CTRL);
        match (code, modifiers) {
            _ if is_escape && self.commands => {
                self.forget();
                Meaning::Command(Cmd::Noop)
            }
            _ if is_escape => {
                self.commands = true;
                Meaning::Command(one_back(line, cursor))
            }
            // Esc, and the key that came right behind it.
            (KeyCode::Char(c), Modifiers::ALT) => {
                self.commands = true;
                self.command(c, line, cursor)
            }
            (KeyCode::Char(c), Modifiers::NONE) if self.commands => self.command(c, line, cursor),
            // The editor would send the line.
            (KeyCode::Char('D'), Modifiers::CTRL) if !line.is_empty() => {
                Meaning::Command(Cmd::Kill(Movement::ForwardChar(1)))
            }
            (KeyCode::Backspace, Modifiers::NONE) if self.commands => self.command('h', line, cursor),
            _ => Meaning::Usual,
        }
    }

    /// Esc, and the digit that came right behind it.
    pub(super) fn digit(&mut self, digit: u8, line: &str, cursor: usize) -> Cmd {
        self.commands = true;
        match self.command(char::from(b'0' + digit.min(9)), line, cursor) {
            Meaning::Command(command) => command,
            _ => Cmd::Noop,
        }
    }

    /// Whether keys are text.
    pub(super) fn inserts(&self) -> bool {
        !self.commands
    }

    fn forget(&mut self) {
        (self.count, self.operator, self.awaits) = (None, None, None);
    }

    fn command(&mut self, c: char, line: &str, cursor: usize) -> Meaning {
        if let Some(awaited) = self.awaits.take() {
            return self.awaited(awaited, c);
        }
        if let Some(digit) = c.to_digit(10).filter(|digit| *digit > 0 || self.count.is_some()) {
            self.count = Some(self.count.unwrap_or_default().saturating_mul(10).saturating_add(digit as u16).min(200));
            return Meaning::Command(Cmd::Noop);
        }
        if let Some(movement) = self.movement(c, line.get(cursor..).unwrap_or_default()) {
            return self.moved(movement);
        }
        match c {
            'd' => self.operator(ViOperator::Delete),
            'c' => self.operator(ViOperator::Change),
            'y' => self.operator(ViOperator::Yank),
            'f' | 'F' | 't' | 'T' => self.wait_for(NextCharacter::Find(c)),
            'r' => self.wait_for(NextCharacter::Replacement),
            _ => {
                let count = self.take_count();
                self.operator = None;
                self.simple(c, count, line, cursor)
            }
        }
    }

    /// One that is whole by itself.
    fn simple(&mut self, c: char, count: u16, line: &str, cursor: usize) -> Meaning {
        let is_at_end = line.get(cursor..).is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'));
        match c {
            'i' => self.insert(Cmd::Noop),
            'a' if is_at_end => self.insert(Cmd::Noop),
            'a' => self.insert(Cmd::Move(Movement::ForwardChar(1))),
            'I' => self.insert(Cmd::Move(Movement::ViFirstPrint)),
            'A' => self.insert(Cmd::Move(Movement::EndOfLine)),
            'x' if is_at_end => self.change(Cmd::Kill(Movement::BackwardChar(count))),
            'x' => self.change(Cmd::Kill(Movement::ForwardChar(count))),
            'X' => self.change(Cmd::Kill(Movement::BackwardChar(count))),
            'D' => self.change(Cmd::Kill(Movement::EndOfLine)),
            's' => self.insert(Cmd::Kill(Movement::ForwardChar(count))),
            'C' => self.insert(Cmd::Kill(Movement::EndOfLine)),
            'S' => self.insert(Cmd::Kill(Movement::WholeLine)),
            'p' => self.change(Cmd::Yank(count, Anchor::After)),
            'P' => self.change(Cmd::Yank(count, Anchor::Before)),
            'u' => Meaning::Command(Cmd::Undo(count)),
            '.' => Meaning::Command(self.last_change.clone().unwrap_or(Cmd::Noop)),
            'k' | '-' => Meaning::Older,
            'j' | '+' => Meaning::Newer,
            '/' | '?' => Meaning::SearchToEdit,
            'v' => Meaning::EditElsewhere,
            _ => Meaning::Command(Cmd::Noop),
        }
    }

    /// Where a key leads, for itself and behind an operator, with `rest` behind the cursor.
    fn movement(&mut self, c: char, rest: &str) -> Option<Movement> {
        let count = self.count.unwrap_or(1);
        let behind = if self.operator.is_some() { At::AfterEnd } else { At::BeforeEnd };
        // To change a word leaves the blank behind it.
        let next = if self.operator == Some(ViOperator::Change) { At::AfterEnd } else { At::Start };
        Some(match c {
            'h' => Movement::BackwardChar(count),
            'l' | ' ' => Movement::ForwardChar(count),
            '0' => Movement::BeginningOfLine,
            '^' => Movement::ViFirstPrint,
            '$' => Movement::EndOfLine,
            'b' => Movement::BackwardWord(count, Word::Vi),
            'B' => Movement::BackwardWord(count, Word::Big),
            'e' => Movement::ForwardWord(count, behind, Word::Vi),
            'E' => Movement::ForwardWord(count, behind, Word::Big),
            // Where no other word begins an operator reaches to the end.
            'w' | 'W' if self.operator.is_some() && words_behind(rest, c) < count.into() => Movement::EndOfLine,
            'w' => Movement::ForwardWord(count, next, Word::Vi),
            'W' => Movement::ForwardWord(count, next, Word::Big),
            ';' => Movement::ViCharSearch(count, self.last_find?),
            ',' => Movement::ViCharSearch(count, opposite(self.last_find?)),
            'd' if self.operator == Some(ViOperator::Delete) => Movement::WholeLine,
            'c' if self.operator == Some(ViOperator::Change) => Movement::WholeLine,
            'y' if self.operator == Some(ViOperator::Yank) => Movement::WholeLine,
            _ => return None,
        })
    }

    fn moved(&mut self, movement: Movement) -> Meaning {
        self.count = None;
        match self.operator.take() {
            None => Meaning::Command(Cmd::Move(movement)),
            Some(ViOperator::Delete) => self.change(Cmd::Kill(movement)),
            Some(ViOperator::Change) => self.insert(Cmd::Kill(movement)),
            Some(ViOperator::Yank) => Meaning::Command(Cmd::ViYankTo(movement)),
        }
    }

    fn awaited(&mut self, awaited: NextCharacter, c: char) -> Meaning {
        let find = match awaited {
            NextCharacter::Replacement => {
                let count = self.take_count();
                return self.change(Cmd::ReplaceChar(count, c));
            }
            NextCharacter::Find('f') => CharSearch::Forward(c),
            NextCharacter::Find('F') => CharSearch::Backward(c),
            NextCharacter::Find('t') => CharSearch::ForwardBefore(c),
            NextCharacter::Find(_) => CharSearch::BackwardAfter(c),
        };
        self.last_find = Some(find);
        let count = self.count.unwrap_or(1);
        self.moved(Movement::ViCharSearch(count, find))
    }

    fn operator(&mut self, operator: ViOperator) -> Meaning {
        self.operator = Some(operator);
        Meaning::Command(Cmd::Noop)
    }

    fn wait_for(&mut self, awaited: NextCharacter) -> Meaning {
        self.awaits = Some(awaited);
        Meaning::Command(Cmd::Noop)
    }

    fn insert(&mut self, command: Cmd) -> Meaning {
        self.commands = false;
        self.forget();
        Meaning::Command(command)
    }

    fn change(&mut self, command: Cmd) -> Meaning {
        self.last_change = Some(command.clone());
        Meaning::Command(command)
    }

    fn take_count(&mut self) -> u16 {
        self.count.take().unwrap_or(1)
    }
}

/// The cursor stands on a character, not behind the last one.
fn one_back(line: &str, cursor: usize) -> Cmd {
    let before = line.get(..cursor).unwrap_or_default();
    if before.is_empty() || before.ends_with('\n') { Cmd::Noop } else { Cmd::Move(Movement::BackwardChar(1)) }
}

/// How many words begin behind the first character of the line.
fn words_behind(rest: &str, key: char) -> usize {
    let class = |c: char| match c {
        _ if c.is_whitespace() => 0,
        _ if key == 'W' || c.is_alphanumeric() || c == '_' => 1,
        _ => 2,
    };
    let line = rest.lines().next().unwrap_or_default();
    let pairs = line.chars().zip(line.chars().skip(1));
    pairs.filter(|(before, c)| class(*c) != 0 && class(*before) != class(*c)).count()
}

fn opposite(find: CharSearch) -> CharSearch {
    match find {
        CharSearch::Forward(c) => CharSearch::Backward(c),
        CharSearch::ForwardBefore(c) => CharSearch::BackwardAfter(c),
        CharSearch::Backward(c) => CharSearch::Forward(c),
        CharSearch::BackwardAfter(c) => CharSearch::ForwardBefore(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(vi: &mut ViKeys, keys: &str) -> Vec<Meaning> {
        let key = |c| match c {
            '\x1b' => KeyEvent(KeyCode::Char('G'), Modifiers::CTRL),
            c => KeyEvent(KeyCode::Char(c), Modifiers::NONE),
        };
        keys.chars().map(|c| vi.key(key(c), "one two", 3)).collect()
    }

    /// What the last of the keys comes to, behind Esc.
    fn meant(keys: &str) -> Meaning {
        let mut vi = ViKeys::default();
        press(&mut vi, &format!("\x1b{keys}")).pop().unwrap()
    }

    #[test]
    fn keys_are_text_until_esc() {
        let mut vi = ViKeys::default();
        let back = Meaning::Command(Cmd::Move(Movement::BackwardChar(1)));
        let left = Meaning::Command(Cmd::Move(Movement::BackwardChar(1)));
        let nothing = Meaning::Command(Cmd::Noop);
        assert_eq!(press(&mut vi, "h\x1bhih"), [Meaning::Usual, back, left, nothing, Meaning::Usual]);
        let alt = KeyEvent(KeyCode::Char('0'), Modifiers::ALT);
        assert_eq!(vi.key(alt, "one", 1), Meaning::Command(Cmd::Move(Movement::BeginningOfLine)));
    }

    #[test]
    fn operators_take_movements_and_counts() {
        let kill = |movement| Meaning::Command(Cmd::Kill(movement));
        assert_eq!(meant("dw"), kill(Movement::ForwardWord(1, At::Start, Word::Vi)));
        assert_eq!([meant("2dw"), meant("d2w")], [kill(Movement::EndOfLine), kill(Movement::EndOfLine)]);
        assert_eq!([words_behind("a.b c", 'w'), words_behind("a.b c", 'W'), words_behind("a\nb", 'w')], [3, 1, 0]);
        assert_eq!(meant("dd"), kill(Movement::WholeLine));
        assert_eq!(meant("cw"), kill(Movement::ForwardWord(1, At::AfterEnd, Word::Vi)));
        assert_eq!(meant("d3fx"), kill(Movement::ViCharSearch(3, CharSearch::Forward('x'))));
        assert_eq!(meant("3x"), kill(Movement::ForwardChar(3)));
        assert_eq!(meant("dwx."), kill(Movement::ForwardChar(1)));
        assert_eq!(meant("d\x1bw"), Meaning::Command(Cmd::Move(Movement::ForwardWord(1, At::Start, Word::Vi))));
        assert_eq!(
            meant("tx,"),
            Meaning::Command(Cmd::Move(Movement::ViCharSearch(1, CharSearch::BackwardAfter('x'))))
        );
        assert_eq!(meant("10l"), Meaning::Command(Cmd::Move(Movement::ForwardChar(10))));
        assert_eq!(meant("r0"), Meaning::Command(Cmd::ReplaceChar(1, '0')));
    }

    #[test]
    fn the_history_has_its_keys() {
        assert_eq!([meant("k"), meant("j"), meant("/")], [Meaning::Older, Meaning::Newer, Meaning::SearchToEdit]);
    }
}
