//! The history's file: a line for each line that was entered, to which every prompt appends its own. What is in it twice, or
//! too much, goes when it is written anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::history::{BYTES, History, LINES};
use super::history_secrets::without_secrets;
use super::line_text::stand_in;
use super::shared_file::SharedFile;

/// The first line: those behind it have their newlines and backslashes escaped.
const HEADING: &str = "#V2\n";

/// What the file may have, in bytes: a longer one is written anew, half as long.
const LARGEST: usize = 2 * BYTES;

/// Where the lines are kept beyond this run.
#[derive(Debug)]
pub(super) struct HistoryFile(SharedFile);

impl HistoryFile {
    /// `None` where there is no place for it: then there is no history beyond this run.
    pub(super) fn of_user() -> Option<Self> {
        SharedFile::of_user("history").map(Self)
    }

    /// What is in it, oldest first: nothing where it can't be read.
    pub(super) fn read(&self) -> History {
        self.bytes().map_or_else(|_| History::default(), |bytes| History::of(lines(&bytes)))
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        self.0.end(LARGEST)
    }

    /// Adds a line, unless it has a secret in it that can't be left out.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn append(&self, line: &str) -> io::Result<()> {
        let Some(kept) = without_secrets(line) else { return Ok(()) };
        let mut file = self.0.lock()?;
        let size = file.metadata()?.len();
        let mut added = if size == 0 { HEADING.to_owned() } else { String::new() };
        if size > 0 && !ends_in_newline(&mut file)? {
            added.push('\n');
        }
        escape(&kept, &mut added);
        file.write_all(added.as_bytes())?;
        if size as usize + added.len() > LARGEST {
            self.write_anew()?;
        }
        Ok(())
    }

    /// Each line once, and the oldest left out. To be called while it is locked.
    fn write_anew(&self) -> io::Result<()> {
        let mut text = HEADING.to_owned();
        self.read().lines().iter().for_each(|line| escape(line, &mut text));
        self.0.replace(text.as_bytes())
    }

    /// Writes it anew where it has much more than is kept.
    pub(super) fn tidy(&self) {
        let has_too_much = |bytes: Vec<u8>| memchr::memchr_iter(b'\n', &bytes).count() > 2 * LINES;
        if self.bytes().is_ok_and(has_too_much)
            && let Ok(_locked) = self.0.lock()
        {
            // It is too long the next time, if this can't be done.
            let _ = self.write_anew();
        }
    }
}

/// Whoever wrote the last line may have been stopped in the middle of it.
fn ends_in_newline(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The lines of a file.
fn lines(bytes: &[u8]) -> impl DoubleEndedIterator<Item = String> {
    bytes.split(|byte| *byte == b'\n').filter(|line| *line != b"#V2").map(|line| unescaped(&text(line)))
}

/// A byte that is no UTF-8 stands as itself.
fn text(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    text
}

fn escape(line: &str, out: &mut String) {
    for c in line.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' => out.push_str("\\\\"),
            _ => out.push(c),
        }
    }
    out.push('\n');
}

fn unescaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('\\') | None => text.push('\\'),
                Some(other) => text.extend(['\\', other]),
            },
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::{env, thread};

    use super::*;

    /// A file in a folder of its own, which goes with it.
    struct ScratchFile(HistoryFile);

    impl ScratchFile {
        fn new() -> Self {
            let folder = env::temp_dir().join(format!("wscli-history-{:016x}", rand::random::<u64>()));
            fs::create_dir(&folder).unwrap();
            Self(HistoryFile(SharedFile::at(folder.join("history"))))
        }
    }

    impl Drop for ScratchFile {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.0.0.path().parent().unwrap());
        }
    }

    #[test]
    fn lines_come_back_whole() {
        let ScratchFile(file) = &ScratchFile::new();
        for line in ["plain", "two\nlines", "back\\", "C:\\new", "täg"] {
            file.append(line).unwrap();
        }
        assert_eq!(file.read().lines(), ["plain", "two\nlines", "back\\", "C:\\new", "täg"]);
        assert_eq!(fs::metadata(file.0.path()).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_bad_byte_ends_nothing() {
        let ScratchFile(file) = &ScratchFile::new();
        fs::write(file.0.path(), b"#V2\nbefore\na\xffb\n\nbehind\n\\x").unwrap();
        file.append("more").unwrap();
        assert_eq!(file.read().lines(), ["before", "a\u{f00ff}b", "behind", "\\x", "more"]);
    }

    #[test]
    fn a_file_does_not_grow_for_ever() {
        let ScratchFile(file) = &ScratchFile::new();
        let line = "x".repeat(16 * 1024);
        let lines: String = (0..LARGEST / line.len()).map(|number| format!("{number}{}\n", &line[10..])).collect();
        fs::write(file.0.path(), format!("{HEADING}{lines}")).unwrap();
        file.append(&"y".repeat(16 * 1024)).unwrap();
        let size = fs::metadata(file.0.path()).unwrap().len() as usize;
        assert!(size <= BYTES + BYTES / 8 && size > BYTES / 2, "{size}");
        assert!(file.read().lines().last().unwrap().starts_with('y'));
        let many: String = (0..3 * LINES).map(|number| format!("{}\n", number % 7)).collect();
        fs::write(file.0.path(), format!("{HEADING}{many}")).unwrap();
        file.tidy();
        assert_eq!(fs::read(file.0.path()).unwrap().len(), HEADING.len() + 14);
    }

    #[test]
    fn prompts_write_at_the_same_time() {
        let ScratchFile(file) = &ScratchFile::new();
        let path = file.0.path();
        thread::scope(|scope| {
            for writer in 0..4 {
                scope.spawn(move || {
                    let file = HistoryFile(SharedFile::at(path.to_owned()));
                    (0..50).for_each(|number| file.append(&format!("{writer} {number}")).unwrap());
                });
            }
        });
        assert_eq!(file.read().lines().len(), 200);
    }

    #[test]
    fn what_is_no_file_keeps_nothing() {
        let file = HistoryFile(SharedFile::at("/dev/null".into()));
        assert!(file.append("a").is_err());
        assert!(file.read().lines().is_empty());
    }
}
