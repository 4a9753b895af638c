//! What waits to be printed. What the peer makes us print has a bounded place; over that the latest is kept, and what came
//! between is counted, and the count is printed.

use std::collections::VecDeque;

use crate::commands::prompt::current::CurrentConnection;
use crate::commands::prompt::listing::Listing;
use crate::view::amount::Count;
use crate::view::spans::{Paint, Painted, Style};

/// What may wait to be printed for the peer: entries, and bytes.
pub(super) const ENTRIES: usize = 2_000;
const BYTES: usize = 512 * 1024;

/// The latest of what the peer makes us print, entries that are kept over that.
pub(super) const LATEST: usize = 100;

/// What is to be printed at once, or in pieces.
#[derive(Debug)]
pub(super) struct ScreenEntry {
    content: EntryContent,
    /// It came of the doing of a peer.
    is_of_peer: bool,
    /// Of which of several connections it tells, where it doesn't say so itself.
    origin: Option<EntryOrigin>,
}

#[derive(Debug)]
enum EntryContent {
    Whole(Deferred),
    /// What was asked for, which may be more than anybody wants to see.
    Listing(Listing),
    /// Nothing is left of it.
    Printed,
}

/// One of several connections, and which of them is looked at.
pub(super) type EntryOrigin = (u64, CurrentConnection);

/// What is printed, made only then: of what a peer floods us with most is never seen.
pub(crate) enum Deferred {
    Text(String),
    /// And the bytes that it holds until then.
    View(Box<dyn FnOnce() -> Painted + Send>, usize),
}

impl Deferred {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::View(_, size) => *size,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::View(view, _) => view().into_string(),
        }
    }
}

impl From<Painted> for Deferred {
    fn from(text: Painted) -> Self {
        Self::Text(text.into_string())
    }
}

impl std::fmt::Debug for Deferred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Deferred").field(&self.size()).finish()
    }
}

impl From<Deferred> for ScreenEntry {
    fn from(content: Deferred) -> Self {
        Self { content: EntryContent::Whole(content), is_of_peer: false, origin: None }
    }
}

impl ScreenEntry {
    /// What came of the doing of a peer, perhaps of one of several.
    pub(super) fn of_peer(content: Deferred, origin: Option<EntryOrigin>) -> Self {
        Self { content: EntryContent::Whole(content), is_of_peer: true, origin }
    }

    pub(super) fn is_of_peer(&self) -> bool {
        self.is_of_peer
    }

    /// The connection that it is of, and whether another one is looked at by now.
    pub(super) fn origin(&self) -> Option<(u64, bool)> {
        self.origin.as_ref().map(|(number, current)| (*number, *number != current.get()))
    }

    /// What was asked for.
    pub(super) fn listed(listing: Listing, origin: Option<EntryOrigin>) -> Self {
        Self { content: EntryContent::Listing(listing), is_of_peer: false, origin }
    }

    /// What of it is to be printed now; `None` where there is nothing.
    pub(super) fn make(&mut self, columns: usize) -> Option<String> {
        match std::mem::replace(&mut self.content, EntryContent::Printed) {
            EntryContent::Whole(content) => Some(content.text()),
            EntryContent::Listing(mut listing) => {
                let piece = listing.next_piece(columns)?;
                if !listing.is_at_end() {
                    self.content = EntryContent::Listing(listing);
                }
                Some(piece.into_string())
            }
            EntryContent::Printed => None,
        }
    }

    /// Bytes that it holds because of a peer's doing. What was asked for keeps nothing of that out.
    fn size(&self) -> usize {
        if let EntryContent::Whole(content) = &self.content { content.size() } else { 0 }
    }

    fn is_listing(&self) -> bool {
        matches!(self.content, EntryContent::Listing(_))
    }
}

#[derive(Debug, Default)]
pub(super) struct ScreenQueue {
    entries: VecDeque<ScreenEntry>,
    /// What `entries` hold, in bytes.
    bytes: usize,
    /// How many of `entries`, the first of them, waited when a pause ended.
    gathered: usize,
    /// What the peer makes us print and there was no room for, behind `entries`: the latest of it.
    latest: VecDeque<ScreenEntry>,
    /// How much there was between the two.
    missed: u64,
    /// Why there was no room for the last of that.
    reason: &'static str,
    /// What was given out last was asked for, and is still wanted.
    is_listing: bool,
    /// And was gathered.
    is_gathered: bool,
}

impl ScreenQueue {
    /// Takes over what was gathered in another at a pause, behind what waits here.
    pub(super) fn append(&mut self, mut other: Self, paint: Paint) {
        self.join_latest(paint);
        other.join_latest(paint);
        self.bytes += other.bytes;
        self.entries.append(&mut other.entries);
        self.gathered = self.entries.len();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.latest.is_empty()
    }

    /// Whether what is next came of a peer's doing.
    pub(super) fn is_next_of_peer(&self) -> bool {
        self.entries.front().map_or(!self.latest.is_empty(), ScreenEntry::is_of_peer)
    }

    /// Whether what a peer makes us print next finds a place behind the rest.
    pub(super) fn has_room(&self) -> bool {
        self.latest.is_empty()
    }

    pub(super) fn push(&mut self, entry: ScreenEntry) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
    }

    /// Takes what came of the peer's doing, if there is room for it, or if nothing comes behind it for a while. `reason` is why it
    /// isn't printed already.
    pub(super) fn offer(&mut self, entry: ScreenEntry, reason: &'static str) {
        let has_room = self.latest.is_empty() && self.entries.len() < ENTRIES && self.bytes < BYTES;
        if has_room {
            return self.push(entry);
        }
        self.latest.push_back(entry);
        if self.latest.len() > LATEST {
            self.latest.pop_front();
            (self.missed, self.reason) = (self.missed + 1, reason);
        }
    }

    /// Has what there was no room for stand behind the rest, and before it how much is missing.
    pub(super) fn join_latest(&mut self, paint: Paint) {
        if self.missed > 0 {
            let told = not_shown(std::mem::take(&mut self.missed), self.reason, paint);
            self.push(told);
        }
        while let Some(entry) = self.latest.pop_front() {
            self.push(entry);
        }
    }

    /// What is to be printed next.
    pub(super) fn next(&mut self, paint: Paint) -> Option<ScreenEntry> {
        if self.entries.is_empty() {
            self.join_latest(paint);
        }
        let entry = self.entries.pop_front()?;
        self.is_gathered = self.gathered > 0;
        self.gathered -= usize::from(self.is_gathered);
        self.is_listing = entry.is_listing();
        self.bytes -= entry.size();
        Some(entry)
    }

    /// Takes back what [`next`](Self::next) gave, with what is still to be printed of it.
    pub(super) fn put_back(&mut self, entry: ScreenEntry) {
        if std::mem::take(&mut self.is_listing) && entry.is_listing() {
            self.entries.push_front(entry);
            self.gathered += usize::from(self.is_gathered);
        }
    }

    /// Drops what was asked for, also what is being printed of it. Returns whether there was any.
    pub(super) fn drop_listing(&mut self) -> bool {
        let before = self.entries.len();
        self.gathered -= self.entries.iter().take(self.gathered).filter(|entry| entry.is_listing()).count();
        self.entries.retain(|entry| !entry.is_listing());
        std::mem::take(&mut self.is_listing) || self.entries.len() < before
    }

    /// Drops what peers said until a pause ended, but for the latest of it, and has said how much that was and, as `reason`, why.
    /// Returns whether there was any.
    pub(super) fn drop_gathered(&mut self, reason: &str, paint: Paint) -> bool {
        let is_of_peer = |entry: &&ScreenEntry| entry.is_of_peer;
        let of_peer = self.entries.iter().take(self.gathered).filter(is_of_peer).count();
        let Some(dropped) = of_peer.checked_sub(LATEST).filter(|dropped| *dropped > 0) else { return false };
        let mut behind = self.entries.split_off(std::mem::take(&mut self.gathered));
        let mut left = dropped;
        let (mut kept, mut latest) = (VecDeque::new(), VecDeque::new());
        for entry in std::mem::take(&mut self.entries) {
            match (left, entry.is_of_peer) {
                (0, _) => latest.push_back(entry),
                (_, true) => left -= 1,
                (_, false) => kept.push_back(entry),
            }
        }
        kept.push_back(not_shown(dropped as u64, reason, paint));
        kept.append(&mut latest);
        kept.append(&mut behind);
        self.bytes = kept.iter().map(ScreenEntry::size).sum();
        self.entries = kept;
        true
    }
}

/// The line in the place of what isn't printed.
fn not_shown(missed: u64, reason: &str, paint: Paint) -> ScreenEntry {
    let told = format!("* {} not shown: {reason}", Count(missed, "message"));
    Deferred::from(paint.paint(Style::Note, told)).into()
}
