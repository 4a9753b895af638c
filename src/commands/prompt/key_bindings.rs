//! `--bind`: keys that do something else than they usually do. Actions have the names that they have in readline.

use rustyline::{Anchor, At, Cmd, KeyCode, KeyEvent, Modifiers, Movement, Word};

/// A key, and what it does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyBinding {
    key: KeyEvent,
    action: KeyAction,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum KeyAction {
    /// What the editor does by itself.
    Edit(Cmd),
    /// Another line of the history.
    Older,
    Newer,
    Oldest,
    Own,
    Search,
    /// In the person's own editor.
    EditElsewhere,
}

/// Those of a prompt. Of two for one key the first holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyBindings(Vec<KeyBinding>);

impl KeyBindings {
    pub(crate) fn new(bindings: Vec<KeyBinding>) -> Self {
        Self(bindings)
    }

    pub(super) fn action(&self, key: KeyEvent) -> Option<KeyAction> {
        self.0.iter().find(|binding| binding.key == key).map(|binding| binding.action.clone())
    }
}

impl KeyBinding {
    /// Reads `KEY=ACTION`.
    ///
    /// # Errors
    /// A key that there isn't, or that can't be bound, and what is no action.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        // The key may be `=` itself.
        let at = text.char_indices().skip(1).find(|(at, c)| *c == '=' && !text[..*at].ends_with('-'));
        let (key, action) = at
            .map(|(at, _)| (text[..at].trim(), text[at + 1..].trim_start()))
            .ok_or("it is not KEY=ACTION, such as ctrl-t=transpose-chars")?;
        Ok(Self { key: self::key(key)?, action: self::action(action)? })
    }
}

/// Keys that have names.
const NAMED: [(&str, KeyCode); 14] = [
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("backspace", KeyCode::Backspace),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("enter", KeyCode::Enter),
];

/// What nobody can do without, or what never comes as a key of its own.
const FIXED: [(&str, &str); 8] = [
    ("ctrl-c", "it cancels"),
    ("ctrl-d", "it leaves"),
    ("ctrl-g", "it cancels, and so does Esc"),
    ("ctrl-z", "it suspends"),
    ("ctrl-q", "it quotes the next key"),
    ("ctrl-v", "it quotes the next key"),
    ("alt-[", "terminals begin other keys with it"),
    ("alt-O", "terminals begin other keys with it"),
];

/// Letters with Ctrl that are other keys to a terminal.
const SAME: [(char, &str); 5] = [('h', "backspace"), ('i', "tab"), ('j', "enter"), ('m', "enter"), ('[', "esc")];

const KEYS: &str = "ctrl- or alt- and a character, f1 to f12, up, down, left, right, home, end, insert, delete, page-up, page-down, \
                    tab, shift-tab, backspace";

fn key(text: &str) -> Result<KeyEvent, String> {
    if let Some((name, why)) = FIXED.iter().find(|(name, _)| *name == text) {
        return Err(format!("{name} can't be bound: {why}"));
    }
    let (modifiers, name) = match text {
        "shift-tab" => (Modifiers::NONE, text),
        _ => modified(text),
    };
    let event = named(name, modifiers).or_else(|| character(name, modifiers));
    let event = event.ok_or_else(|| format!("{text:?} is not a key: {KEYS}"))??;
    match event {
        KeyEvent(KeyCode::Enter, Modifiers::NONE) => Err("enter can't be bound: it sends".into()),
        event => Ok(event),
    }
}

fn modified(text: &str) -> (Modifiers, &str) {
    let (mut modifiers, mut name) = (Modifiers::NONE, text);
    for (prefix, modifier) in [("ctrl-", Modifiers::CTRL), ("alt-", Modifiers::ALT), ("shift-", Modifiers::SHIFT)] {
        if let Some(rest) = name.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
            (modifiers, name) = (modifiers | modifier, rest);
        }
    }
    (modifiers, name)
}

fn named(name: &str, modifiers: Modifiers) -> Option<Result<KeyEvent, String>> {
    let code = NAMED.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
    let function =
        name.strip_prefix('f').and_then(|number| number.parse().ok()).filter(|number| (1..=12).contains(number));
    match (code, function) {
        (Some(code), _) => Some(Ok(KeyEvent(code, modifiers))),
        (None, Some(_)) if modifiers != Modifiers::NONE => Some(Err("f1 to f12 are bound without another key".into())),
        (None, number) => number.map(|number| Ok(KeyEvent(KeyCode::F(number), Modifiers::NONE))),
    }
}

fn character(name: &str, modifiers: Modifiers) -> Option<Result<KeyEvent, String>> {
    let mut characters = name.chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return None };
    Some(match modifiers {
        Modifiers::NONE => Err(format!("{c} can't be bound: it types itself")),
        Modifiers::CTRL => match SAME.iter().find(|(same, _)| *same == c) {
            Some((_, other)) => Err(format!("ctrl-{c} is {other} to a terminal")),
            None if c.is_ascii_lowercase() || "@\\]^_".contains(c) => {
                Ok(KeyEvent(KeyCode::Char(c.to_ascii_uppercase()), Modifiers::CTRL))
            }
            None => Err(format!("no terminal has ctrl-{c}: ctrl- and one of a to z, @, \\, ], ^ and _")),
        },
        Modifiers::ALT if c.is_ascii_digit() || c == '-' => {
            Err(format!("alt-{c} can't be bound: it counts how often the next key is meant"))
        }
        Modifiers::ALT if c.is_ascii_graphic() => Ok(KeyEvent(KeyCode::Char(c), Modifiers::ALT)),
        _ => return None,
    })
}

/// What the editor does, by readline's names.
const EDITS: [(&str, Cmd); 26] = [
    ("beginning-of-line", Cmd::Move(Movement::BeginningOfLine)),
    ("end-of-line", Cmd::Move(Movement::EndOfLine)),
    ("backward-char", Cmd::Move(Movement::BackwardChar(1))),
    ("forward-char", Cmd::Move(Movement::ForwardChar(1))),
    ("backward-word", Cmd::Move(Movement::BackwardWord(1, Word::Emacs))),
    ("forward-word", Cmd::Move(Movement::ForwardWord(1, At::AfterEnd, Word::Emacs))),
    ("delete-char", Cmd::Kill(Movement::ForwardChar(1))),
    ("backward-delete-char", Cmd::Kill(Movement::BackwardChar(1))),
    ("kill-line", Cmd::Kill(Movement::EndOfLine)),
    ("backward-kill-line", Cmd::Kill(Movement::BeginningOfLine)),
    ("unix-line-discard", Cmd::Kill(Movement::BeginningOfLine)),
    ("kill-whole-line", Cmd::Kill(Movement::WholeBuffer)),
    ("kill-word", Cmd::Kill(Movement::ForwardWord(1, At::AfterEnd, Word::Emacs))),
    ("backward-kill-word", Cmd::Kill(Movement::BackwardWord(1, Word::Emacs))),
    ("unix-word-rubout", Cmd::Kill(Movement::BackwardWord(1, Word::Big))),
    ("yank", Cmd::Yank(1, Anchor::Before)),
    ("yank-pop", Cmd::YankPop),
    ("undo", Cmd::Undo(1)),
    ("transpose-chars", Cmd::TransposeChars),
    ("transpose-words", Cmd::TransposeWords(1)),
    ("upcase-word", Cmd::UpcaseWord),
    ("downcase-word", Cmd::DowncaseWord),
    ("capitalize-word", Cmd::CapitalizeWord),
    ("complete", Cmd::Complete),
    ("clear-screen", Cmd::ClearScreen),
    ("newline", Cmd::Newline),
];

/// What the editor doesn't do: the history is ours, and so is what another editor gets.
const OURS: [(&str, KeyAction); 6] = [
    ("edit-line", KeyAction::EditElsewhere),
    ("previous-history", KeyAction::Older),
    ("next-history", KeyAction::Newer),
    ("beginning-of-history", KeyAction::Oldest),
    ("end-of-history", KeyAction::Own),
    ("reverse-search-history", KeyAction::Search),
];

fn action(text: &str) -> Result<KeyAction, String> {
    if text == "none" {
        return Ok(KeyAction::Edit(Cmd::Noop));
    }
    if let Some(typed) = text.strip_prefix("insert ").filter(|typed| !typed.is_empty()) {
        // As if it had been typed: what isn't text would be a key.
        return match typed.chars().any(char::is_control) {
            true => Err("what is inserted is text without control characters".into()),
            false => Ok(KeyAction::Edit(Cmd::Insert(1, typed.to_owned()))),
        };
    }
    let edit = EDITS.iter().find(|(name, _)| *name == text).map(|(_, command)| KeyAction::Edit(command.clone()));
    let ours = || OURS.iter().find(|(name, _)| *name == text).map(|(_, action)| action.clone());
    edit.or_else(ours).ok_or_else(|| format!("{text:?} is not an action: {}", actions().join(", ")))
}

fn actions() -> Vec<&'static str> {
    let ours = OURS.iter().map(|(name, _)| *name);
    EDITS.iter().map(|(name, _)| *name).chain(ours).chain(["insert TEXT", "none"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_a_terminal_sends_them() {
        for (text, code, modifiers) in [
            ("ctrl-t", KeyCode::Char('T'), Modifiers::CTRL),
            ("ctrl-_", KeyCode::Char('_'), Modifiers::CTRL),
            ("alt-s", KeyCode::Char('s'), Modifiers::ALT),
            ("alt-=", KeyCode::Char('='), Modifiers::ALT),
            ("f5", KeyCode::F(5), Modifiers::NONE),
            ("ctrl-left", KeyCode::Left, Modifiers::CTRL),
            ("page-up", KeyCode::PageUp, Modifiers::NONE),
            ("shift-tab", KeyCode::BackTab, Modifiers::NONE),
            ("alt-enter", KeyCode::Enter, Modifiers::ALT),
        ] {
            let binding = KeyBinding::parse(&format!("{text}=undo")).unwrap();
            assert_eq!(binding, KeyBinding { key: KeyEvent(code, modifiers), action: KeyAction::Edit(Cmd::Undo(1)) });
        }
    }

    #[test]
    fn what_can_not_be_bound_is_refused_with_a_reason() {
        for (text, why) in [
            ("ctrl-t", "it is not KEY=ACTION"),
            ("ctrl-c=undo", "ctrl-c can't be bound: it cancels"),
            ("enter=undo", "enter can't be bound: it sends"),
            ("a=undo", "a can't be bound: it types itself"),
            ("ctrl-m=undo", "ctrl-m is enter to a terminal"),
            ("ctrl-1=undo", "no terminal has ctrl-1"),
            ("ctrl-T=undo", "no terminal has ctrl-T: ctrl- and one of a to z"),
            ("alt-3=undo", "alt-3 can't be bound: it counts"),
            ("f13=undo", "\"f13\" is not a key: ctrl- or alt- and a character, f1 to f12"),
            ("ctrl-f1=undo", "f1 to f12 are bound without another key"),
            ("ctrl-t=fly", "\"fly\" is not an action: beginning-of-line, "),
            ("ctrl-t=insert ", "is not an action"),
            ("ctrl-t=insert a\tb", "text without control characters"),
        ] {
            let error = KeyBinding::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn every_action_can_be_bound_and_the_first_of_two_holds() {
        for name in actions().into_iter().filter(|name| *name != "insert TEXT") {
            assert!(KeyBinding::parse(&format!("f1={name}")).is_ok(), "{name}");
        }
        let bindings = ["f1=insert a b", "f1=undo"].map(|text| KeyBinding::parse(text).unwrap());
        let action = KeyBindings::new(bindings.to_vec()).action(KeyEvent(KeyCode::F(1), Modifiers::NONE));
        assert_eq!(action, Some(KeyAction::Edit(Cmd::Insert(1, "a b".into()))));
    }
}
