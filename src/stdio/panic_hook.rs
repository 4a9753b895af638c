//! What a person is told of a bug of ours, instead of what Rust says to a programmer.

use std::any::Any;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use super::console::Console;

static HAPPENED: AtomicBool = AtomicBool::new(false);

/// Whether there was one, on whatever thread: then the program hasn't done what it was asked for.
pub(crate) fn has_happened() -> bool {
    HAPPENED.load(Ordering::Relaxed)
}

/// From here on a panic is told in words, on whatever thread it happens.
pub(crate) fn tell_in_words() {
    panic::set_hook(Box::new(|bug| {
        HAPPENED.store(true, Ordering::Relaxed);
        let place = bug.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let console = Console::stderr();
        console.line(format_args!("wscli: internal error: {}{place}", what(bug.payload())));
        console.line("       please report this and how to reproduce it");
    }));
}

fn what(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("something that can't happen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_messages_are_told() {
        let caught = |bug: fn()| panic::catch_unwind(bug).unwrap_err();
        assert_eq!(what(&*caught(|| panic::resume_unwind(Box::new("a text")))), "a text");
        assert_eq!(what(&*caught(|| panic::resume_unwind(Box::new("an owned text".to_owned())))), "an owned text");
        assert_eq!(what(&*caught(|| panic::resume_unwind(Box::new(1)))), "something that can't happen");
    }
}
