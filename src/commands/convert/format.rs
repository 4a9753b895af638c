//! Which format a file has, by its name.

use std::path::Path;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceFormat {
    Recording,
    Har,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetFormat {
    Recording,
    Har,
    Pcapng,
    Text,
    Markdown,
    /// Steps of `wscli test`.
    Test,
}

impl SourceFormat {
    pub(crate) const NAMES: &'static [(&'static str, Self)] = &[("recording", Self::Recording), ("har", Self::Har)];

    /// A recording may have any name.
    pub(crate) fn of(path: &Path) -> Self {
        // Compressed too, as mitmproxy writes it, or gzip makes it.
        let is_har = [".har", ".zhar", ".har.gz"].iter().any(|ending| has_ending(path, ending));
        if is_har { Self::Har } else { Self::Recording }
    }
}

impl TargetFormat {
    pub(crate) const NAMES: &'static [(&'static str, Self)] = &[
        ("recording", Self::Recording),
        ("har", Self::Har),
        ("pcapng", Self::Pcapng),
        ("txt", Self::Text),
        ("md", Self::Markdown),
        ("wst", Self::Test),
    ];

    const ENDINGS: [(&'static str, Self); 7] = [
        (".ndjson", Self::Recording),
        (".jsonl", Self::Recording),
        (".har", Self::Har),
        (".pcapng", Self::Pcapng),
        (".txt", Self::Text),
        (".md", Self::Markdown),
        (".wst", Self::Test),
    ];

    /// Whether it keeps exactly what was sent, control characters too; the others are made to be read.
    pub(super) fn is_exact(self) -> bool {
        match self {
            Self::Recording | Self::Har | Self::Pcapng => true,
            Self::Text | Self::Markdown | Self::Test => false,
        }
    }

    pub(crate) fn of(path: &Path) -> Option<Self> {
        Self::ENDINGS.iter().find(|(ending, _)| has_ending(path, ending)).map(|(_, format)| *format)
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.len() > ending.len() && name.ends_with(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_format() {
        for (name, source, target) in [
            ("a.ndjson", SourceFormat::Recording, Some(TargetFormat::Recording)),
            ("a.log", SourceFormat::Recording, None),
            ("b/A.HAR", SourceFormat::Har, Some(TargetFormat::Har)),
            ("a.zhar", SourceFormat::Har, None),
            ("a.har.gz", SourceFormat::Har, None),
            (".har", SourceFormat::Recording, None),
            ("a.pcapng", SourceFormat::Recording, Some(TargetFormat::Pcapng)),
            ("a.txt", SourceFormat::Recording, Some(TargetFormat::Text)),
            ("a.wst", SourceFormat::Recording, Some(TargetFormat::Test)),
            ("-", SourceFormat::Recording, None),
        ] {
            let path = Path::new(name);
            assert_eq!((SourceFormat::of(path), TargetFormat::of(path)), (source, target), "{name}");
        }
    }
}
