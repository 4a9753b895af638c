//! `/def`: lines that have a name, for the target that they were made for. They are kept in a file beside the history's, which
//! every prompt reads and writes; what isn't to be written there, or can't be, lasts as long as this run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::history_secrets::without_secrets;
use super::shared_file::SharedFile;
use crate::script::LineTemplate;

/// What the file may have, in bytes.
const LARGEST: usize = 1 << 20;

/// The longest line that is saved, and the longest name of one, in bytes.
const LONGEST: usize = 16 * 1024;
const LONGEST_NAME: usize = 40;

/// Clones are the same ones.
#[derive(Debug, Clone, Default)]
pub(super) struct SavedMessages(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    file: Option<SharedFile>,
    /// By target and name: they come before those of the file.
    of_run: BTreeMap<(String, String), String>,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct SavedMessage {
    target: String,
    name: String,
    text: String,
}

/// How long what was saved is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SavedFor {
    InFile,
    /// Until the program ends, and why.
    ForThisRun(String),
}

/// Of a URL what saved messages are told apart by: no credentials, and nothing behind the path.
pub(crate) fn target_of(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// Whether a message may have this name.
///
/// # Errors
/// Why not.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let is_named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    match name.len() <= LONGEST_NAME && is_named {
        true => Ok(()),
        false => Err(format!(
            "{name:?} is not a name: up to {LONGEST_NAME} letters, digits, - and _, the first of them a letter"
        )),
    }
}

impl SavedMessages {
    pub(super) fn of_user() -> Self {
        Self::of_file(SharedFile::of_user("messages"))
    }

    fn of_file(file: Option<SharedFile>) -> Self {
        Self(Arc::new(Mutex::new(State { file, of_run: BTreeMap::new() })))
    }

    /// The line of that name.
    pub(super) fn get(&self, target: &str, name: &str) -> Option<String> {
        self.all(target).remove(name)
    }

    /// The lines for a target, by name.
    pub(super) fn all(&self, target: &str) -> BTreeMap<String, String> {
        let state = self.lock();
        let of_file =
            state.lines().into_iter().filter_map(|line| message(&line)).filter(|saved| saved.target == target);
        let mut all: BTreeMap<_, _> = of_file.map(|saved| (saved.name, saved.text)).collect();
        let of_run = state.of_run.iter().filter(|((other, _), _)| other == target);
        all.extend(of_run.map(|((_, name), text)| (name.clone(), text.clone())));
        all
    }

    /// Gives a line a name, whatever had it before.
    ///
    /// # Errors
    /// What is wrong with the name or the line, and that there is no room.
    pub(super) fn define(&self, target: &str, name: &str, text: &str) -> Result<SavedFor, String> {
        check_name(name)?;
        LineTemplate::parse(text)?;
        if text.len() > LONGEST {
            return Err(format!("it is longer than {} KiB", LONGEST / 1024));
        }
        let mut state = self.lock();
        let key = (target.to_owned(), name.to_owned());
        // A secret stays out of the file, as it stays out of the history's.
        let has_secret = !matches!(without_secrets(text), Some(Cow::Borrowed(_)));
        let added = SavedMessage { target: target.to_owned(), name: name.to_owned(), text: text.to_owned() };
        let why = match state.rewrite(target, name, (!has_secret).then_some(&added)) {
            Ok(true) if !has_secret => {
                state.of_run.remove(&key);
                return Ok(SavedFor::InFile);
            }
            Ok(true) => "a password or token in a URL is not written to a file".to_owned(),
            Ok(false) => return Err(format!("no room: {} KiB are saved already; /undef frees some", LARGEST / 1024)),
            Err(why) => why.to_string(),
        };
        let held: usize = state.of_run.values().map(String::len).sum();
        if held + text.len() > LARGEST {
            return Err(format!("no room: {} KiB are saved already; /undef frees some", LARGEST / 1024));
        }
        state.of_run.insert(key, text.to_owned());
        Ok(SavedFor::ForThisRun(why))
    }

    /// Forgets a line. Returns whether there was one.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn remove(&self, target: &str, name: &str) -> io::Result<bool> {
        let is_known = self.get(target, name).is_some();
        let mut state = self.lock();
        state.of_run.remove(&(target.to_owned(), name.to_owned()));
        if state.file.is_some() {
            state.rewrite(target, name, None)?;
        }
        Ok(is_known)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Those of the file, as they are: nothing where it can't be read.
    fn lines(&self) -> Vec<String> {
        let bytes = self.file.as_ref().and_then(|file| file.end(LARGEST).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    /// Puts `new` in the place of the line of that name. What another prompt has saved meanwhile stays, and so does what isn't
    /// understood. Returns whether there was room.
    fn rewrite(&self, target: &str, name: &str, new: Option<&SavedMessage>) -> io::Result<bool> {
        let Some(file) = &self.file else { return Err(io::Error::other("there is no directory to keep it in")) };
        let _locked = file.lock()?;
        let is_other = |line: &String| !message(line).is_some_and(|saved| saved.target == target && saved.name == name);
        let mut content: String = self.lines().into_iter().filter(is_other).map(|line| line + "\n").collect();
        if let Some(new) = new {
            content += &serde_json::to_string(new)?;
            content.push('\n');
        }
        if content.len() > LARGEST {
            return Ok(false);
        }
        file.replace(content.as_bytes()).map(|()| true)
    }
}

fn message(line: &str) -> Option<SavedMessage> {
    let saved: SavedMessage = serde_json::from_str(line).ok()?;
    check_name(&saved.name).is_ok().then_some(saved)
}

#[cfg(test)]
mod tests {
    use std::{env, fs, thread};

    use super::*;

    const TARGET: &str = "ws://a.test/x";

    fn in_file(test: impl FnOnce(&SharedFile)) {
        let folder = env::temp_dir().join(format!("wscli-messages-{:016x}", rand::random::<u64>()));
        fs::create_dir(&folder).unwrap();
        test(&SharedFile::at(folder.join("messages")));
        let _ = fs::remove_dir_all(folder);
    }

    #[test]
    fn a_target_is_a_url_without_secrets() {
        assert_eq!(target_of("wss://me:open@a.test:1/x/y?token=1#z"), "wss://a.test:1/x/y");
        assert_eq!(target_of("ws://a.test"), "ws://a.test");
    }

    #[test]
    fn lines_are_kept_by_target_and_name_for_every_prompt() {
        in_file(|file| {
            let [one, other] = [(); 2].map(|()| SavedMessages::of_file(Some(file.clone())));
            assert_eq!(one.define(TARGET, "sub", "{\"channel\":\"$1\"}\nline"), Ok(SavedFor::InFile));
            assert_eq!(other.define("ws://b.test/", "sub", "another"), Ok(SavedFor::InFile));
            assert_eq!(other.get(TARGET, "sub").as_deref(), Some("{\"channel\":\"$1\"}\nline"));
            assert_eq!(one.define(TARGET, "sub", "new"), Ok(SavedFor::InFile));
            assert_eq!(other.all(TARGET), BTreeMap::from([("sub".to_owned(), "new".to_owned())]));
            assert!(one.remove(TARGET, "sub").unwrap() && !one.remove(TARGET, "sub").unwrap());
            assert_eq!((other.get(TARGET, "sub"), other.all("ws://b.test/").len()), (None, 1));
            for (name, text) in [("1a", "x"), ("a b", "x"), ("", "x"), ("a", "${"), ("a", &"x".repeat(LONGEST + 1))] {
                assert!(one.define(TARGET, name, text).is_err(), "{name}");
            }
        });
    }

    #[test]
    fn a_secret_is_not_written() {
        in_file(|file| {
            let saved = SavedMessages::of_file(Some(file.clone()));
            saved.define(TARGET, "in", "before").unwrap();
            let text = "/connect wss://me:open@a.test/";
            assert!(matches!(saved.define(TARGET, "in", text), Ok(SavedFor::ForThisRun(_))));
            assert_eq!(saved.get(TARGET, "in").as_deref(), Some(text));
            assert_eq!(fs::read_to_string(file.path()).unwrap(), "");
            let nowhere = SavedMessages::of_file(None);
            assert!(matches!(nowhere.define(TARGET, "in", "x"), Ok(SavedFor::ForThisRun(_))));
            assert_eq!(nowhere.get(TARGET, "in").as_deref(), Some("x"));
        });
    }

    #[test]
    fn prompts_that_save_at_the_same_time_lose_nothing_and_the_file_is_bounded() {
        in_file(|file| {
            thread::scope(|scope| {
                for prompt in 0..4 {
                    let saved = SavedMessages::of_file(Some(file.clone()));
                    scope.spawn(move || {
                        for number in 0..10 {
                            assert_eq!(saved.define(TARGET, &format!("m{prompt}-{number}"), "x"), Ok(SavedFor::InFile));
                        }
                    });
                }
            });
            let saved = SavedMessages::of_file(Some(file.clone()));
            assert_eq!(saved.all(TARGET).len(), 40);
            let large = "x".repeat(LONGEST);
            let full = (0..100).find_map(|number| saved.define(TARGET, &format!("large{number}"), &large).err());
            assert!(full.unwrap().starts_with("no room: "));
            assert_eq!(saved.define(TARGET, "m0-0", "y"), Ok(SavedFor::InFile));
            assert!(fs::read(file.path()).unwrap().len() <= LARGEST);
        });
    }
}
