//! Pseudo-terminals that hand on every byte as it is.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, open as open_file};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, SpecialCodes, tcgetattr, tcsetattr};

/// Our side and the other, which is raw: what is sent doesn't come back, lines have no longest length, no byte is a signal, and
/// a newline stays one. Whoever asks it for its special characters is told `special_codes`, where those are given.
///
/// # Errors
/// When there is no terminal or no descriptor to be had.
pub(crate) fn open(special_codes: Option<&SpecialCodes>) -> io::Result<(OwnedFd, OwnedFd)> {
    let controller = controller()?;
    grantpt(&controller)?;
    unlockpt(&controller)?;
    let name = ptsname(&controller, Vec::new())?;
    let device = open_file(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let mut modes = tcgetattr(&device)?;
    if let Some(special_codes) = special_codes {
        modes.special_codes = special_codes.clone();
    }
    modes.make_raw();
    tcsetattr(&device, OptionalActions::Now, &modes)?;
    Ok((controller, device))
}

#[cfg(not(target_vendor = "apple"))]
fn controller() -> io::Result<OwnedFd> {
    Ok(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?)
}

/// Apple's systems can't be told at once that no program which we start inherits it.
#[cfg(target_vendor = "apple")]
fn controller() -> io::Result<OwnedFd> {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    rustix::io::fcntl_setfd(&controller, rustix::io::FdFlags::CLOEXEC)?;
    Ok(controller)
}
