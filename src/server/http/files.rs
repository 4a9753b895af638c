//! Files of a folder, and of nothing outside it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::PlainResponse;
use crate::error::Error;

/// A folder whose files may be read by anyone.
#[derive(Debug)]
pub(crate) struct Files {
    /// With no symbolic link in it.
    root: PathBuf,
}

impl Files {
    /// # Errors
    /// [`Error::File`] for what isn't a folder.
    pub(crate) fn new(folder: &Path) -> Result<Self, Error> {
        let root = folder.canonicalize().map_err(|why| Error::unreadable(folder, &why))?;
        if root.is_dir() { Ok(Self { root }) } else { Err(Error::file(folder, "it is not a folder")) }
    }

    /// The file that a path of a URL names, a folder's index.html for the folder.
    pub(crate) fn find(&self, path: &str) -> Option<PlainResponse> {
        let wanted = self.root.join(relative(path)?);
        let wanted = if wanted.is_dir() { wanted.join("index.html") } else { wanted };
        // Whatever a symbolic link leads to, it has to be inside, and no hidden file.
        let found = wanted.canonicalize().ok().filter(|found| self.offers(found))?;
        self.open(&found).ok().flatten()
    }

    fn offers(&self, path: &Path) -> bool {
        let mut inside = path.strip_prefix(&self.root).into_iter().flatten();
        path.starts_with(&self.root) && !inside.any(|part| part.as_encoded_bytes().starts_with(b"."))
    }

    fn open(&self, path: &Path) -> io::Result<Option<PlainResponse>> {
        // Asked before it is opened: a FIFO would make us wait for its writer.
        if !path.metadata()?.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Some(PlainResponse::file(content_type(path), file, length)))
    }
}

/// A path of a URL as one that leads down only. `None` for any other, and for hidden files.
pub(crate) fn relative(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let mut parts = PathBuf::new();
    for part in decoded.split('/').filter(|part| !part.is_empty()) {
        if part.starts_with('.') || part.contains(['\\', '\0']) {
            return None;
        }
        parts.push(part);
    }
    Some(parts)
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "txt" | "md" | "log" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "wasm" => "application/wasm",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "pdf" => "application/pdf",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_lead_down_are_paths() {
        let down = |path| relative(path).map(|path| path.to_str().unwrap().to_owned());
        assert_eq!(down("/a//b%20c/").as_deref(), Some("a/b c"));
        assert_eq!(down("/").as_deref(), Some(""));
        for path in ["/..", "/a/../b", "/%2e%2e/a", "/..%2fa", "/.git/config", "/a%00b", "/a\\b", "/%ff"] {
            assert_eq!(down(path), None, "{path}");
        }
    }
}
