//! A pseudo-terminal of 80 columns, and what it is sent.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::program::{PATIENCE, heed_signals};

pub(crate) struct Terminal {
    /// The side of whoever types and looks.
    pub(crate) controller: File,
    /// The side of the program.
    pub(crate) device: File,
    shown: Receiver<Vec<u8>>,
    pub(crate) seen: String,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        heed_signals();
        let (controller, device) = pair();
        let shown = forward(controller.try_clone().unwrap());
        Self { controller, device, shown, seen: String::new() }
    }

    /// Nobody looks.
    pub(crate) fn unread() -> Self {
        let ((controller, device), (_, shown)) = (pair(), channel());
        Self { controller, device, shown, seen: String::new() }
    }

    /// The program's side, for one of its streams.
    pub(crate) fn end(&self) -> Stdio {
        Stdio::from(self.device.try_clone().unwrap())
    }

    /// Until it has been sent this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_for_each(text, 1);
    }

    /// Until it has been sent this text so many times.
    pub(crate) fn wait_for_each(&mut self, text: &str, times: usize) {
        assert!(self.shows_each(text, times, PATIENCE), "no {text:?} in {:?}", self.seen);
    }

    /// Until it has been sent this text so many times, whatever line break of ours is in it.
    pub(crate) fn wait_for_unfolded(&mut self, text: &str, times: usize) {
        let latest = Instant::now() + PATIENCE;
        while self.seen.replace("\r\n  ", "").matches(text).count() < times {
            assert!(Instant::now() < latest, "no {text:?} in {:?}", self.seen);
            self.shows("\0", Duration::from_millis(20));
        }
    }

    /// Whether it is sent this text within that time.
    pub(crate) fn shows(&mut self, text: &str, within: Duration) -> bool {
        self.shows_each(text, 1, within)
    }

    fn shows_each(&mut self, text: &str, times: usize, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while self.seen.matches(text).count() < times {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(more) = self.shown.recv_timeout(left) else { return false };
            self.seen.push_str(&String::from_utf8_lossy(&more));
        }
        true
    }
}

/// The two sides of a new pseudo-terminal.
fn pair() -> (File, File) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let name = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes())).to_owned();
    let device = OpenOptions::new().read(true).write(true).open(name).unwrap();
    tcsetwinsize(&device, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    (File::from(controller), device)
}

fn forward(mut controller: File) -> Receiver<Vec<u8>> {
    let (told, shown) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            match controller.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) if told.send(buffer[..count].to_vec()).is_err() => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The other end is closed.
                Err(_) => return,
            }
        }
    });
    shown
}
