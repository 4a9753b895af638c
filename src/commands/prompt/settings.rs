//! What can be switched while connected, and the state line that tells what has been.

use super::bell::Bell;
use super::filter::Filter;
use super::pending_requests::Correlation;
use super::watch::Watch;
use crate::peer_text::Escaped;
use crate::script::Projection;
use crate::values::{name_of, named};
use crate::view::body::Format;
use crate::view::frames::FrameDetail;
use crate::view::json_pointer::Pointer;

/// One setting and its new value.
#[derive(Debug, Clone)]
pub(crate) enum Setting {
    Compress(bool),
    Pings(bool),
    /// `None` shows none.
    Frames(Option<FrameDetail>),
    Timestamps(Timestamps),
    Format(Format),
    /// `None` draws a masking key for each frame.
    Mask(Option<[u8; 4]>),
    Autopong(bool),
    Filter(Option<Filter>),
    /// `None` toggles it.
    Quiet(Option<bool>),
    Template(bool),
    /// What of messages is shown instead of them.
    Pick(Option<Projection>),
    Watch(Option<Watch>),
    Paused(bool),
    Bell(Option<Bell>),
    /// By what replies are paired with requests.
    Correlate(Option<Correlation>),
}

impl Setting {
    /// Whether it is about which messages are shown.
    pub(super) fn selects(&self) -> bool {
        matches!(self, Self::Filter(_) | Self::Quiet(_) | Self::Pick(_) | Self::Watch(_))
    }

    /// What it is of: this is the one place that says so.
    pub(super) fn scope(&self) -> SettingScope {
        match self {
            Self::Compress(_)
            | Self::Pings(_)
            | Self::Frames(_)
            | Self::Mask(_)
            | Self::Autopong(_)
            | Self::Filter(_)
            | Self::Quiet(_)
            | Self::Pick(_)
            | Self::Watch(_)
            | Self::Correlate(_) => SettingScope::Connection,
            Self::Timestamps(_) | Self::Format(_) | Self::Template(_) | Self::Paused(_) | Self::Bell(_) => {
                SettingScope::Prompt
            }
        }
    }
}

/// What a setting is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SettingScope {
    /// The connection that it was set on: what is shown of another one doesn't depend on it.
    Connection,
    /// The screen and the keyboard, and so all connections.
    Prompt,
}

/// What lines begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Timestamps {
    #[default]
    Off,
    /// When it happened.
    On,
    /// How long after the line before.
    Delta,
}

/// Every setting.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) compress: bool,
    pub(crate) pings: bool,
    pub(crate) frames: Option<FrameDetail>,
    pub(crate) timestamps: Timestamps,
    pub(crate) format: Format,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) autopong: bool,
    pub(crate) filter: Option<Filter>,
    pub(crate) quiet: bool,
    /// What is typed has places to fill in.
    pub(crate) template: bool,
    pub(crate) pick: Option<Projection>,
    pub(crate) watch: Option<Watch>,
    /// What comes isn't shown for now.
    pub(crate) paused: bool,
    pub(crate) bell: Option<Bell>,
    pub(crate) correlation: Option<Correlation>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            compress: true,
            pings: false,
            frames: None,
            timestamps: Timestamps::Off,
            format: Format::Auto,
            mask: None,
            autopong: true,
            filter: None,
            quiet: false,
            template: false,
            pick: None,
            watch: None,
            paused: false,
            bell: None,
            correlation: Some(Correlation::default()),
        }
    }
}

impl Settings {
    pub(crate) fn set(&mut self, setting: Setting) {
        match setting {
            Setting::Compress(on) => self.compress = on,
            Setting::Pings(on) => self.pings = on,
            Setting::Frames(detail) => self.frames = detail,
            Setting::Timestamps(shown) => self.timestamps = shown,
            Setting::Format(format) => self.format = format,
            Setting::Mask(key) => self.mask = key,
            Setting::Autopong(on) => self.autopong = on,
            Setting::Filter(filter) => self.filter = filter,
            Setting::Quiet(quiet) => self.quiet = quiet.unwrap_or(!self.quiet),
            Setting::Template(on) => self.template = on,
            Setting::Pick(pick) => self.pick = pick,
            Setting::Watch(watch) => self.watch = watch,
            Setting::Paused(paused) => self.paused = paused,
            Setting::Bell(bell) => self.bell = bell,
            Setting::Correlate(correlation) => self.correlation = correlation,
        }
    }
}

impl Settings {
    /// Whether some messages may not be shown.
    pub(super) fn hides(&self) -> bool {
        self.quiet || self.filter.is_some() || self.pick.is_some() || self.watch.is_some()
    }

    /// Whether it depends on what a message says what is done about it here.
    pub(super) fn look_at_content(&self) -> bool {
        let rings_by_content = self.bell.as_ref().is_some_and(Bell::looks_at_content);
        self.filter.is_some() || self.pick.is_some() || self.watch.is_some() || rings_by_content
    }
}

/// What each of [`Settings::differing`] is called where it is as in the beginning.
pub(super) const USUAL: [&str; 15] = [
    "compress on",
    "pings off",
    "frames off",
    "timestamps off",
    "format auto",
    "mask random",
    "autopong on",
    "filter off",
    "quiet off",
    "template off",
    "pick off",
    "watch off",
    "resumed",
    "bell off",
    "correlate on",
];

impl Settings {
    /// What differs from the defaults, in words.
    pub(super) fn differing(&self) -> [Option<String>; USUAL.len()] {
        // Taken apart, so that a new setting is not forgotten here.
        let Self {
            compress,
            pings,
            frames,
            timestamps,
            format,
            mask,
            autopong,
            filter,
            quiet,
            template,
            pick,
            watch,
            paused,
            bell,
            correlation,
        } = self;
        let off = |on: bool, words: &str| (!on).then(|| words.to_owned());
        let on = |on: bool, words: &str| on.then(|| words.to_owned());
        [
            off(*compress, "compress off"),
            on(*pings, "pings on"),
            frames.map(|detail| format!("frames {}", name_of(&FRAMES, &detail))),
            (*timestamps != Timestamps::Off).then(|| format!("timestamps {}", name_of(&TIMESTAMPS, timestamps))),
            (*format != Format::Auto).then(|| format!("format {}", name_of(&FORMATS, format))),
            mask.map(|key| format!("mask {:08x}", u32::from_be_bytes(key))),
            off(*autopong, "autopong off"),
            filter.as_ref().map(|filter| format!("filter {}", Escaped(&filter.to_string()))),
            on(*quiet, "quiet"),
            on(*template, "template on"),
            pick.as_ref().map(|pick| format!("pick {}", Escaped(&pick.to_string()))),
            watch.as_ref().map(|watch| Escaped(&watch.to_string()).to_string()),
            on(*paused, "paused"),
            bell.as_ref().map(|bell| format!("bell {}", Escaped(&bell.to_string()))),
            match correlation {
                None => Some("correlate off".to_owned()),
                Some(Correlation::Id) => None,
                Some(Correlation::Pointer(pointer)) => Some(format!("correlate {}", Escaped(pointer.as_str()))),
            },
        ]
    }
}

impl Settings {
    /// How the one of that name is set, as it is typed; `None` where there is none.
    pub(super) fn told(&self, name: &str) -> Option<String> {
        let (usual, differing) =
            USUAL.iter().zip(self.differing()).find(|(usual, _)| usual.split(' ').next() == Some(name))?;
        Some(differing.unwrap_or_else(|| (*usual).to_owned()))
    }
}

/// What of frames is shown, by name.
const FRAMES: [(&str, FrameDetail); 2] = [("on", FrameDetail::Header), ("payload", FrameDetail::Payload)];

/// What of frames is shown, by that name.
///
/// # Errors
/// There is nothing of that name.
pub(super) fn frames(name: &str) -> Result<FrameDetail, String> {
    named(&FRAMES, name).ok_or_else(|| match name {
        "" => "on, payload or off is missing".to_owned(),
        _ => format!("{name:?} is none of on, payload and off"),
    })
}

/// By what replies are paired with requests: a pointer, or `on`.
///
/// # Errors
/// What isn't a pointer.
pub(super) fn correlation(word: &str) -> Result<Correlation, String> {
    match word {
        "on" => Ok(Correlation::Id),
        "" => Err("a JSON pointer is missing".to_owned()),
        pointer => Pointer::parse(pointer).map(Correlation::Pointer).map_err(|fault| fault.why),
    }
}

/// The formats by name.
const FORMATS: [(&str, Format); 5] = [
    ("auto", Format::Auto),
    ("text", Format::Text),
    ("json", Format::Json),
    ("hex", Format::Hex),
    ("base64", Format::Base64),
];

/// What lines begin with, by name.
const TIMESTAMPS: [(&str, Timestamps); 3] =
    [("on", Timestamps::On), ("delta", Timestamps::Delta), ("off", Timestamps::Off)];

/// What lines begin with, by that name.
///
/// # Errors
/// There is nothing of that name.
pub(crate) fn timestamps(name: &str) -> Result<Timestamps, String> {
    named(&TIMESTAMPS, name).ok_or_else(|| match name {
        "" => "on, off or delta is missing".to_owned(),
        _ => format!("{name:?} is none of on, off and delta"),
    })
}

/// The format of that name.
///
/// # Errors
/// There is no such format.
pub(crate) fn format(name: &str) -> Result<Format, String> {
    named(&FORMATS, name).ok_or_else(|| match name {
        "" => "the name of a format is missing".to_owned(),
        _ => format!("{name:?} is not a format"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_line_tells_what_differs() {
        let mut settings = Settings::default();
        let words = |settings: &Settings| settings.differing().into_iter().flatten().collect::<Vec<_>>().join(", ");
        assert_eq!(words(&settings), "");
        settings.set(Setting::Compress(false));
        settings.set(Setting::Mask(Some([0, 1, 2, 255])));
        settings.set(Setting::Format(Format::Hex));
        settings.set(Setting::Quiet(None));
        assert_eq!(words(&settings), "compress off, format hex, mask 000102ff, quiet");
        settings.set(Setting::Quiet(None));
        settings.set(Setting::Filter(Some(Filter::parse("a\u{202e}").unwrap())));
        assert_eq!(words(&settings), "compress off, format hex, mask 000102ff, filter a\\u{202e}");
    }
}
