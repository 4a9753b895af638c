//! What can be switched while connected, and the state line that tells what has been.

use std::fmt;

use regex::bytes::Regex;

use crate::view::body::Format;
use crate::view::safe::Safe;

/// One setting and its new value.
#[derive(Debug, Clone)]
pub(super) enum Toggle {
    Compress(bool),
    Pings(bool),
    Frames(bool),
    Timestamps(bool),
    Format(Format),
    /// `None` draws a masking key for each frame.
    Mask(Option<[u8; 4]>),
    Autopong(bool),
    Filter(Option<Regex>),
    /// `None` turns it round.
    Quiet(Option<bool>),
}

/// Every setting.
#[derive(Debug, Clone)]
pub(super) struct Toggles {
    pub(super) compress: bool,
    pub(super) pings: bool,
    pub(super) frames: bool,
    pub(super) timestamps: bool,
    pub(super) format: Format,
    pub(super) mask: Option<[u8; 4]>,
    pub(super) autopong: bool,
    pub(super) filter: Option<Regex>,
    pub(super) quiet: bool,
}

impl Default for Toggles {
    fn default() -> Self {
        Self {
            compress: true,
            pings: false,
            frames: false,
            timestamps: false,
            format: Format::Auto,
            mask: None,
            autopong: true,
            filter: None,
            quiet: false,
        }
    }
}

impl Toggles {
    pub(super) fn set(&mut self, toggle: Toggle) {
        match toggle {
            Toggle::Compress(on) => self.compress = on,
            Toggle::Pings(on) => self.pings = on,
            Toggle::Frames(on) => self.frames = on,
            Toggle::Timestamps(on) => self.timestamps = on,
            Toggle::Format(format) => self.format = format,
            Toggle::Mask(key) => self.mask = key,
            Toggle::Autopong(on) => self.autopong = on,
            Toggle::Filter(filter) => self.filter = filter,
            Toggle::Quiet(quiet) => self.quiet = quiet.unwrap_or(!self.quiet),
        }
    }
}

impl fmt::Display for Toggles {
    /// What differs from the defaults, and nothing where nothing does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let off = |on: bool, words: &str| (!on).then(|| words.to_owned());
        let on = |on: bool, words: &str| on.then(|| words.to_owned());
        let differing = [
            off(self.compress, "compress off"),
            on(self.pings, "pings on"),
            on(self.frames, "frames on"),
            on(self.timestamps, "timestamps on"),
            (self.format != Format::Auto).then(|| format!("format {}", format_name(self.format))),
            self.mask.map(|key| format!("mask {:08x}", u32::from_be_bytes(key))),
            off(self.autopong, "autopong off"),
            self.filter.as_ref().map(|filter| format!("filter {}", Safe(filter.as_str()))),
            on(self.quiet, "quiet"),
        ];
        f.write_str(&differing.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// The formats by name.
pub(super) const FORMATS: [(&str, Format); 5] = [
    ("auto", Format::Auto),
    ("text", Format::Text),
    ("json", Format::Json),
    ("hex", Format::Hex),
    ("base64", Format::Base64),
];

fn format_name(format: Format) -> &'static str {
    FORMATS.iter().find(|(_, known)| *known == format).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_line_tells_what_differs() {
        let mut toggles = Toggles::default();
        assert_eq!(toggles.to_string(), "");
        toggles.set(Toggle::Compress(false));
        toggles.set(Toggle::Mask(Some([0, 1, 2, 255])));
        toggles.set(Toggle::Format(Format::Hex));
        toggles.set(Toggle::Quiet(None));
        assert_eq!(toggles.to_string(), "compress off, format hex, mask 000102ff, quiet");
        toggles.set(Toggle::Quiet(None));
        toggles.set(Toggle::Filter(Some(Regex::new("a\u{202e}").unwrap())));
        assert_eq!(toggles.to_string(), "compress off, format hex, mask 000102ff, filter a\\u{202e}");
    }
}
