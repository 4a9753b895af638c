//! The keyboard, read by a thread of its own: the editor waits for the rest of a key or of a paste, and shows nothing
//! meanwhile. So it reads from a pseudo-terminal, on which there are only whole keys that it knows.
//!
//! ```text
//! terminal ─▶ KeyReader ─▶ Keyboard ─▶ pseudo-terminal (stdin from now on) ─▶ rustyline
//!                              └─────▶ texts ────────────────────────────────▶ `keys.rs`
//! ```

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::stdio::dup2_stdin;
use rustix::termios::{SpecialCodeIndex, SpecialCodes};

use super::command_queue::{CommandSender, Input};
use super::key_reader::{Key, KeyReader};
use super::line_text;
use super::screen::Screen;
use super::terminal::{self, Original};
use super::virtual_key::{MOST, VirtualKey};
use crate::net::{Waker, Woken};
use crate::stdio::pseudo_terminal;
use crate::view::amount::Bytes;

/// A terminal sends the bytes of one key together: what follows later is another one.
const KEY_TIME: Duration = Duration::from_millis(50);

/// A key that comes alone, and so long behind what came of a paste, is typed by somebody who waits for the end of it.
const TYPED_AFTER: Duration = Duration::from_millis(250);

/// A paste comes at once. When nothing has come of it for so long, its end is lost, or on a very slow way.
const PASTE_STALLS: Duration = Duration::from_secs(1);

/// Bytes that may wait for the editor before no more are read.
const TYPED_AHEAD: usize = 64 * 1024;

/// The same of texts that are to be inserted. It is much, for as long as no more is read nobody hears Ctrl-C.
const TEXTS_AHEAD: usize = 64 * 1024 * 1024;

/// Characters that come together, more than anybody types: a paste without its marks. The editor would draw the line for each.
const TOGETHER: usize = 64;

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const CTRL_G: u8 = 0x07;
const CTRL_Z: u8 = 0x1a;

/// What others say to the thread. Clones lead to the same one.
#[derive(Debug, Clone)]
pub(crate) struct KeyboardControl {
    shared: Arc<Shared>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Nobody edits a line any more.
    deserted: AtomicBool,
    /// The line is to go on behind another mark.
    has_new_mark: AtomicBool,
    /// A digit behind Esc is one of vi's keys.
    is_vi: AtomicBool,
    /// What is to be inserted, one for each key that says so.
    texts: Mutex<VecDeque<WaitingText>>,
}

/// What is to be inserted as a whole.
#[derive(Debug)]
pub(super) struct WaitingText {
    number: u8,
    /// As the line has it.
    pub(super) text: String,
    /// It was marked as a paste, or came as keys, so many at once that the line isn't drawn for each.
    pub(super) is_paste: bool,
}

#[derive(Debug, Default)]
struct State {
    /// How many want the terminal for themselves.
    lent: usize,
    /// The thread keeps off the terminal, or has ended.
    away: bool,
    /// Who edits lines waits for something that Ctrl-C ends.
    waited: bool,
    /// How often Ctrl-C is on its way to the editor.
    interrupts: usize,
    /// How many of them have ended what was waited for already.
    heeded: usize,
}

impl KeyboardControl {
    /// Runs what reads the terminal itself.
    pub(crate) fn lend<T>(&self, run: impl FnOnce() -> T) -> T {
        self.lock().lent += 1;
        self.waker.wake();
        drop(self.shared.changed.wait_while(self.lock(), |state| !state.away));
        let done = run();
        self.lock().lent -= 1;
        self.shared.changed.notify_all();
        done
    }

    /// From now on Ctrl-C is nobody's to edit with.
    pub(crate) fn desert(&self) {
        self.shared.deserted.store(true, Ordering::Release);
    }

    /// Runs what the editor waits for: meanwhile Ctrl-C is for what is under way, and other keys are for the next line. What
    /// `interrupt` does is done for one that was typed before, behind the line, and that the editor doesn't take meanwhile.
    pub(super) fn while_waiting<T>(&self, interrupt: impl FnOnce(), run: impl FnOnce() -> T) -> T {
        let mut state = self.lock();
        state.waited = true;
        let is_interrupted = state.interrupts > state.heeded;
        state.heeded = state.interrupts;
        drop(state);
        if is_interrupted {
            interrupt();
        }
        let done = run();
        self.lock().waited = false;
        done
    }

    /// The editor has got a Ctrl-C: whether that has been heeded before.
    pub(super) fn takes_heeded_interrupt(&self) -> bool {
        let mut state = self.lock();
        state.interrupts = state.interrupts.saturating_sub(1);
        let is_heeded = state.heeded > 0;
        state.heeded -= usize::from(is_heeded);
        is_heeded
    }

    pub(super) fn set_vi(&self, is_vi: bool) {
        self.shared.is_vi.store(is_vi, Ordering::Release);
    }

    /// Has the line that is being typed go on behind another mark.
    pub(super) fn renew_mark(&self) {
        self.shared.has_new_mark.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// The text with this number. Those before it are gone with their keys, which an end of a line by a signal has lost.
    pub(super) fn take_text(&self, number: u8) -> Option<WaitingText> {
        let mut texts = self.texts();
        let at = texts.iter().position(|text| text.number == number)?;
        let text = texts.drain(..=at).next_back();
        drop(texts);
        // There may be room for more.
        self.waker.wake();
        text
    }

    fn texts(&self) -> MutexGuard<'_, VecDeque<WaitingText>> {
        self.shared.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's side.
struct Keyboard {
    terminal: File,
    /// The pseudo-terminal, from the side of who types.
    editor: File,
    /// What the editor hasn't taken.
    waiting: VecDeque<u8>,
    reader: KeyReader,
    /// A paste has begun, nothing has come of it for a while, and that was said.
    stalled: bool,
    /// When something else was typed or pasted last than what leaves a paste.
    last: Instant,
    /// How often the next key is meant.
    count: Option<u8>,
    /// Of the next text that is to be inserted.
    next_text: u8,
    /// What the terminal has for Ctrl-C.
    interrupts: Option<u8>,
    control: KeyboardControl,
    woken: Woken,
    sender: CommandSender,
    screen: Screen,
}

/// Begins to read the terminal, which gives every byte as it comes, and makes stdin what the editor reads.
///
/// # Errors
/// When there are no descriptors or threads left.
pub(crate) fn start(original: &Original, sender: CommandSender, screen: Screen) -> io::Result<KeyboardControl> {
    let terminal = original.terminal()?;
    let special_codes = original.modes().map(|modes| &modes.special_codes);
    // No key is 0.
    let interrupts = special_codes.map(|codes| codes[SpecialCodeIndex::VINTR]).filter(|code| *code != 0);
    let (editor, device) = pseudo_terminal::open(special_codes.map(without_quit).as_ref())?;
    // An editor that is busy keeps nobody from hearing Ctrl-C.
    ioctl_fionbio(&editor, true)?;
    dup2_stdin(&device)?;
    let (waker, woken) = Waker::pair()?;
    let control = KeyboardControl { shared: Arc::default(), waker };
    let reader = KeyReader::default();
    let waiting = VecDeque::new();
    let keyboard = Keyboard {
        terminal,
        editor: editor.into(),
        waiting,
        reader,
        stalled: false,
        last: Instant::now(),
        count: None,
        next_text: 0,
        interrupts,
        control: control.clone(),
        woken,
        sender,
        screen,
    };
    thread::Builder::new().name("keyboard".into()).spawn(move || keyboard.run())?;
    Ok(control)
}

/// The same, with nothing beside Ctrl-C that the editor takes for an interruption: it would end at once by the key that quits,
/// which is Ctrl-\, and where there is none by Ctrl-@.
fn without_quit(codes: &SpecialCodes) -> SpecialCodes {
    let mut codes = codes.clone();
    codes[SpecialCodeIndex::VINTR] = CTRL_C;
    codes[SpecialCodeIndex::VQUIT] = CTRL_C;
    codes
}

impl Drop for Keyboard {
    /// Whatever the thread has ended by, it keeps nobody from the terminal any more.
    fn drop(&mut self) {
        self.control.lock().away = true;
        self.control.shared.changed.notify_all();
    }
}

impl Keyboard {
    fn run(mut self) {
        // Without a terminal, or an editor, there is nothing to do. The editor hears of it: this drops its terminal.
        while self.turn().is_ok() {}
    }

    fn turn(&mut self) -> io::Result<()> {
        self.give_way();
        if self.control.shared.has_new_mark.swap(false, Ordering::AcqRel) {
            self.push(VirtualKey::NewMark.character());
        }
        let wants_out = if self.waiting.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
        let texts = self.control.texts().iter().map(|waiting| waiting.text.len()).sum::<usize>();
        let has_room = self.waiting.len() < TYPED_AHEAD && texts < TEXTS_AHEAD;
        let wants_in = if has_room { PollFlags::IN } else { PollFlags::empty() };
        let mut watched = [
            PollFd::new(&self.terminal, wants_in),
            PollFd::new(&self.editor, wants_out),
            PollFd::new(&self.woken, PollFlags::IN),
        ];
        let patience = self.patience().and_then(|patience| Timespec::try_from(patience).ok());
        match poll(&mut watched, patience.as_ref()) {
            Ok(0) => self.time_is_up(),
            Ok(_) => {
                let [terminal, editor, woken] = watched.map(|fd| fd.revents());
                if !woken.is_empty() {
                    self.woken.drain();
                    return Ok(());
                }
                if !terminal.is_empty() {
                    self.read()?;
                }
                if editor.contains(PollFlags::ERR) {
                    return Err(ErrorKind::BrokenPipe.into());
                }
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        self.write()
    }

    /// How long to wait for more of what has begun.
    fn patience(&self) -> Option<Duration> {
        let paste = self.reader.is_inside_paste() && !self.stalled;
        self.reader.is_inside_key().then_some(KEY_TIME).or(paste.then_some(PASTE_STALLS))
    }

    fn time_is_up(&mut self) {
        if self.reader.is_inside_paste() {
            self.stalled = true;
            self.screen.note("a paste has begun and not ended; Ctrl-C drops it");
        }
        let keys = self.reader.time_is_up();
        self.keys(&keys);
    }

    /// Waits while the terminal is somebody else's.
    fn give_way(&self) {
        let mut state = self.control.lock();
        while state.lent > 0 {
            state.away = true;
            self.control.shared.changed.notify_all();
            state = self.control.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.away = false;
    }

    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        let count = match (&self.terminal).read(&mut bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if [ErrorKind::Interrupted, ErrorKind::WouldBlock].contains(&error.kind()) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut read = &bytes[..count];
        let leaves = read.iter().all(|byte| self.leaves_paste(*byte));
        if leaves && self.reader.is_inside_paste() && self.last.elapsed() >= TYPED_AFTER {
            self.reader.drop_paste();
            self.screen.note("the paste had no end and is dropped");
            // The first Ctrl-C is for the paste.
            read = read.strip_prefix(&[self.interrupts.unwrap_or(CTRL_C)]).unwrap_or(read);
        }
        if !leaves {
            self.last = Instant::now();
        }
        let keys = self.reader.read(read);
        let are_together = |one: &Key, next: &Key| matches!((one, next), (Key::Character(_), Key::Character(_)));
        keys.chunk_by(are_together).for_each(|keys| self.keys(keys));
        self.stalled &= self.reader.is_inside_paste();
        Ok(())
    }

    /// Whether a key is none of a paste that has no end, where it is typed alone.
    fn leaves_paste(&self, byte: u8) -> bool {
        byte == self.interrupts.unwrap_or(CTRL_C) || byte == CTRL_D
    }

    fn keys(&mut self, keys: &[Key]) {
        let is_deserted = self.control.shared.deserted.load(Ordering::Acquire);
        let text = || keys.iter().map(|key| if let Key::Character(c) = key { Some(*c) } else { None }).collect();
        match text() {
            Some(text) if keys.len() >= TOGETHER && self.count.is_none() && !is_deserted => self.characters(text),
            _ => keys.iter().for_each(|key| self.key(key)),
        }
    }

    /// Characters that have come together.
    fn characters(&mut self, text: String) {
        // A backslash that is typed goes on with the line.
        let parts: Vec<String> = text.split('\\').map(|part| line_text::literal(part.as_bytes())).collect();
        self.insert(parts.join("\\"), false);
    }

    fn key(&mut self, key: &Key) {
        if self.control.shared.deserted.load(Ordering::Acquire) {
            return self.key_without_editor(key);
        }
        if self.is_interrupt(key) {
            let mut state = self.control.lock();
            if state.waited {
                drop(state);
                return self.sender.send(Input::Interrupt { again: false });
            }
            state.interrupts += 1;
        }
        let times = match key {
            Key::Alt(c) if c.is_ascii_digit() => 1,
            _ if self.is_interrupt(key) => {
                self.count = None;
                1
            }
            _ => self.count.take().unwrap_or(1),
        };
        (0..times).for_each(|_| self.press(key));
    }

    fn is_interrupt(&self, key: &Key) -> bool {
        matches!(key, Key::Control(byte) if Some(*byte) == self.interrupts)
    }

    fn press(&mut self, key: &Key) {
        match key {
            Key::Character(c) => self.character(*c),
            Key::Control(_) if self.is_interrupt(key) => self.waiting.push_back(CTRL_C),
            Key::Control(byte) => self.waiting.push_back(*byte),
            // The editor waits for more behind Esc; what cancels means the same to it.
            Key::Escape => self.waiting.push_back(CTRL_G),
            Key::Alt(c) => self.alt(*c),
            Key::Sequence(sequence) => self.waiting.extend(sequence),
            Key::Byte(byte) => self.text(&[*byte]),
            Key::Quoted(bytes) => self.quoted(bytes),
            Key::Paste(pasted) => self.paste(pasted),
            Key::PasteTooLarge(size) => {
                self.screen
                    .fault(format_args!("a paste of {} is too large; a pipe takes any size", Bytes(*size as u64)));
            }
        }
    }

    /// While the connection is closing, what is typed is for nobody but Ctrl-C and Ctrl-Z.
    fn key_without_editor(&self, key: &Key) {
        match key {
            Key::Control(CTRL_C) => self.sender.send(Input::Interrupt { again: true }),
            Key::Control(CTRL_Z) => terminal::ask_to_stop(),
            _ => {}
        }
    }

    fn character(&mut self, c: char) {
        self.text(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn text(&mut self, bytes: &[u8]) {
        match bytes {
            // A backslash that is typed goes on with the line.
            b"\\" => self.waiting.push_back(b'\\'),
            _ => self.waiting.extend(line_text::literal(bytes).into_bytes()),
        }
    }

    /// A tab or a newline would be a key again.
    fn quoted(&mut self, bytes: &[u8]) {
        match bytes {
            [byte] if byte.is_ascii_control() => self.push(line_text::stand_in(*byte)),
            _ => self.text(bytes),
        }
    }

    fn alt(&mut self, c: char) {
        match c.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) if self.control.shared.is_vi.load(Ordering::Acquire) => {
                self.push(VirtualKey::Count(digit).character());
            }
            // The editor would wait for the key that is meant so often.
            Some(digit) => {
                let count = self.count.unwrap_or_default().saturating_mul(10).saturating_add(digit).min(MOST);
                self.count = Some(count);
                self.push(VirtualKey::Count(count).character());
            }
            None if c == '-' => {}
            None => {
                self.waiting.push_back(0x1b);
                self.character(c);
            }
        }
    }

    fn paste(&mut self, pasted: &[u8]) {
        self.insert(line_text::literal(&with_newlines(pasted)), true);
    }

    fn insert(&mut self, text: String, is_paste: bool) {
        let number = self.next_text;
        self.next_text = number.wrapping_add(1);
        self.control.texts().push_back(WaitingText { number, text, is_paste });
        self.push(VirtualKey::Text(number).character());
    }

    fn push(&mut self, c: char) {
        self.waiting.extend(c.encode_utf8(&mut [0; 4]).bytes());
    }

    fn write(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match (&self.editor).write(self.waiting.as_slices().0) {
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Many terminals paste a newline as the key Enter sends it. Where there is a newline, they don't.
fn with_newlines(pasted: &[u8]) -> Vec<u8> {
    let is_translated = !pasted.contains(&b'\n');
    pasted.iter().map(|byte| if is_translated && *byte == b'\r' { b'\n' } else { *byte }).collect()
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;
    use std::sync::mpsc;

    use super::super::command_queue;
    use super::*;
    use crate::view::spans::Paint;

    #[test]
    fn a_terminal_that_can_not_be_read_any_more_is_lent_all_the_same() {
        let (terminal, writer) = io::pipe().unwrap();
        drop(writer);
        let (waker, woken) = Waker::pair().unwrap();
        let control = KeyboardControl { shared: Arc::default(), waker };
        let (sender, _receiver) = command_queue::pair().unwrap();
        let keyboard = Keyboard {
            terminal: OwnedFd::from(terminal).into(),
            editor: File::open("/dev/null").unwrap(),
            waiting: VecDeque::new(),
            reader: KeyReader::default(),
            stalled: false,
            last: Instant::now(),
            count: None,
            next_text: 0,
            interrupts: None,
            control: control.clone(),
            woken,
            sender,
            screen: Screen::new(Paint::Plain),
        };
        keyboard.run();
        let (done, lent) = mpsc::channel();
        thread::spawn(move || control.lend(|| done.send(())));
        assert_eq!(lent.recv_timeout(Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn a_text_whose_key_was_lost_is_not_taken_for_another() {
        let (waker, _woken) = Waker::pair().unwrap();
        let control = KeyboardControl { shared: Arc::default(), waker };
        let waiting = [(255, "lost"), (0, "meant"), (1, "next")];
        let waiting = waiting.map(|(number, text)| WaitingText { number, text: text.to_owned(), is_paste: false });
        control.texts().extend(waiting);
        let taken = [0, 255, 1].map(|number| control.take_text(number).map(|waiting| waiting.text));
        assert_eq!(taken, [Some("meant".to_owned()), None, Some("next".to_owned())]);
    }
}
