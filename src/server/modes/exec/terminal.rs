//! A terminal for a command, which makes most programs write each line at once: into a pipe they write by the block.

use std::fs::File;
use std::io;

use rustix::termios::{Winsize, tcsetwinsize};

use crate::stdio::pseudo_terminal;

/// As programs have it that can't ask.
const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };

/// Our side and the command's.
///
/// # Errors
/// When there is no terminal or no descriptor to be had.
pub(super) fn open() -> io::Result<(File, File)> {
    let (controller, device) = pseudo_terminal::open(None)?;
    tcsetwinsize(&controller, SIZE)?;
    Ok((controller.into(), device.into()))
}
