//! What of messages is shown, by the settings: all of one, what it has at some places, what is new in it, or nothing.

use std::sync::{Arc, Mutex, PoisonError};

use super::settings::Settings;
use super::watch::{LastOfKind, WatchNews};
use crate::view::changes::Change;
use crate::ws::{Direction, Message};

/// Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct MessageSelection(Arc<Mutex<LastOfKind>>);

/// What of a message is shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Visible {
    All,
    /// This instead, as text.
    Projection(String),
    Changes {
        of: Option<String>,
        changes: Vec<Change>,
    },
    /// It is counted.
    Nothing,
}

impl MessageSelection {
    /// Of a message that went this way, perhaps to or from one of several.
    pub(crate) fn shown(
        &self,
        settings: &Settings,
        (client, direction): (Option<u64>, Direction),
        message: Message<'_>,
    ) -> Visible {
        let Settings { quiet, filter, pick, watch, .. } = settings;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watch.is_none() {
            last.clear();
        }
        let is_quiet = *quiet && direction == Direction::Received;
        if is_quiet || filter.as_ref().is_some_and(|filter| !filter.shows(direction, message)) {
            return Visible::Nothing;
        }
        let projection = match pick.as_ref().map(|pick| pick.of(message)) {
            Some(None) => return Visible::Nothing,
            Some(Some(projection)) => Some(projection),
            None => None,
        };
        let news = watch.as_ref().map(|watch| last.compare((watch, pick.as_ref()), (client, direction), message));
        match (news, projection) {
            (Some(WatchNews::Nothing), _) => Visible::Nothing,
            (Some(WatchNews::Some { of, changes }), _) => Visible::Changes { of, changes },
            (_, Some(projection)) => Visible::Projection(projection),
            _ => Visible::All,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::Filter;
    use super::super::settings::Setting;
    use super::super::watch::Watch;
    use super::*;
    use crate::script::Projection;
    use crate::ws::Kind;

    #[test]
    fn what_is_shown_follows_from_all_settings_together() {
        let (selection, mut settings) = (MessageSelection::default(), Settings::default());
        let shown = |settings: &Settings, content: &str| {
            let message = Message { kind: Kind::Text, content: content.as_bytes() };
            selection.shown(settings, (None, Direction::Received), message)
        };
        let message = r#"{"op":"x","p":1}"#;
        assert_eq!(shown(&settings, message), Visible::All);
        settings.set(Setting::Pick(Some(Projection::parse("/p").unwrap())));
        assert_eq!(shown(&settings, message), Visible::Projection("1".into()));
        assert_eq!((shown(&settings, "{}"), shown(&settings, "text")), (Visible::Nothing, Visible::Nothing));
        settings.set(Setting::Watch(Some(Watch::parse("").unwrap())));
        assert_eq!(shown(&settings, message), Visible::Projection("1".into()));
        assert_eq!(shown(&settings, r#"{"op":"y","p":1}"#), Visible::Nothing);
        // What isn't picked may change, too.
        let pointers = |shown| match shown {
            Visible::Changes { changes, .. } => {
                changes.iter().map(|change| change.pointer.as_str().to_owned()).collect::<String>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(pointers(shown(&settings, r#"{"op":"x","p":2}"#)), "/p");
        settings.set(Setting::Pick(Some(Projection::parse("/p /op").unwrap())));
        settings.set(Setting::Watch(Some(Watch::parse("/p").unwrap())));
        assert_eq!(pointers(shown(&settings, r#"{"op":"y","p":1}"#)), "/p");
        settings.set(Setting::Watch(Some(Watch::parse("").unwrap())));
        settings.set(Setting::Pick(None));
        assert_eq!(pointers(shown(&settings, message)), "/op");
        let Visible::Changes { changes, .. } = shown(&settings, r#"{"op":"x","p":3}"#) else { panic!() };
        assert_eq!((changes.len(), changes[0].pointer.as_str()), (1, "/p"));
        settings.set(Setting::Filter(Some(Filter::parse("!x").unwrap())));
        assert_eq!(shown(&settings, message), Visible::Nothing);
        // Switched off and on again, it begins anew.
        settings = Settings::default();
        assert_eq!(shown(&settings, message), Visible::All);
        settings.set(Setting::Watch(Some(Watch::parse("").unwrap())));
        assert_eq!(shown(&settings, message), Visible::All);
    }
}
