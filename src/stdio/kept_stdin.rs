//! Stdin that may have to be read from its beginning once more, where it turns out that nobody has seen what was made of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

/// Stdin, with a copy of what was read of it so far.
#[derive(Debug)]
pub(crate) struct KeptStdin(File);

impl KeptStdin {
    /// # Errors
    /// When there is no place for the copy.
    pub(crate) fn new() -> io::Result<Self> {
        tempfile::tempfile().map(Self)
    }

    /// Stdin from where it is, which is kept.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub(crate) fn first(&self) -> io::Result<Box<dyn BufRead + Send>> {
        Ok(Box::new(BufReader::new(Keeping(self.0.try_clone()?))))
    }

    /// What was kept, and then the rest.
    ///
    /// # Errors
    /// Of the copy.
    pub(crate) fn again(mut self) -> io::Result<Box<dyn BufRead + Send>> {
        self.0.rewind()?;
        Ok(Box::new(BufReader::new(self.0.chain(io::stdin()))))
    }
}

/// Keeps what is read.
struct Keeping(File);

impl Read for Keeping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = io::stdin().read(buffer)?;
        self.0.write_all(&buffer[..count])?;
        Ok(count)
    }
}
