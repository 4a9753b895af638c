//! JSON pointers (RFC 6901): the one place where they are read, written and followed.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

/// Where a value is in another.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pointer(String);

/// Why a text is no pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PointerFault {
    /// Where in the text, in bytes.
    pub(crate) at: usize,
    pub(crate) why: String,
}

impl Pointer {
    /// Reads a pointer: nothing at all leads to the whole value, anything else begins with a slash (RFC 6901 §3).
    ///
    /// # Errors
    /// Why it is none, and where that shows.
    pub(crate) fn parse(text: &str) -> Result<Self, PointerFault> {
        if !text.is_empty() && !text.starts_with('/') {
            let why = format!("{text:?} is not a JSON pointer: it does not begin with /, as in /op or /items/0/id");
            return Err(PointerFault { at: 0, why });
        }
        let is_escape = |at: usize| matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1'));
        match text.match_indices('~').find(|(at, _)| !is_escape(*at)) {
            Some((at, _)) => {
                Err(PointerFault { at, why: "in a JSON pointer ~ is written ~0, and / in a name ~1".to_owned() })
            }
            None => Ok(Self(text.to_owned())),
        }
    }

    /// That to a member of the whole value.
    pub(crate) fn to_member(name: &str) -> Self {
        let mut pointer = Self::default();
        pointer.push(name);
        pointer
    }

    /// Leads on to a member by its name, or to an element by its index.
    pub(crate) fn push(&mut self, token: &str) {
        self.0.push('/');
        self.0.push_str(&token.replace('~', "~0").replace('/', "~1"));
    }

    /// Back to where it led when it was of this length.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// The bytes of its text.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it leads to the whole value.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.is_empty()
    }

    /// The names and indices on the way, as they are meant.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(|token| match token.contains('~') {
            true => token.replace("~1", "/").replace("~0", "~").into(),
            false => token.into(),
        })
    }

    /// Whether it leads to where the other does, or into what is there.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Where it leads in a tree of values.
    pub(crate) fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.pointer(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The element that a token means in an array (RFC 6901 §4): digits without a zero before them.
pub(crate) fn index(token: &str) -> Option<usize> {
    let is_index = token == "0" || !token.starts_with(['0', '+']);
    is_index.then(|| token.parse().ok()).flatten()
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PointerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for PointerFault {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_leads_where_rfc_6901_says() {
        let value = json!({"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9});
        for (text, found) in [
            ("/foo", json!(["bar", "baz"])),
            ("/foo/0", json!("bar")),
            ("/", json!(0)),
            ("/a~1b", json!(1)),
            ("/m~0n", json!(8)),
            ("/~01", json!(9)),
        ] {
            let pointer = Pointer::parse(text).unwrap();
            assert_eq!(pointer.get(&value), Some(&found), "{text}");
            let mut again = Pointer::default();
            pointer.tokens().for_each(|token| again.push(&token));
            assert_eq!((again.to_string().as_str(), again == pointer), (text, true));
        }
        assert_eq!(Pointer::parse("").unwrap().get(&value), Some(&value));
        assert_eq!(["0", "12", "01", "+1", "-", ""].map(index), [Some(0), Some(12), None, None, None, None]);
    }

    #[test]
    fn what_is_no_pointer_is_said_with_its_place() {
        for (text, at) in [("a", 0), ("$.a", 0), ("/a~2", 2), ("/a~", 2), ("/~0~x", 3)] {
            assert_eq!(Pointer::parse(text).map_err(|fault| fault.at), Err(at), "{text}");
        }
    }

    #[test]
    fn what_is_within_is_told_from_what_only_begins_alike() {
        let [a, ab, in_a] = ["/a", "/ab", "/a/b"].map(|text| Pointer::parse(text).unwrap());
        assert!(in_a.is_within(&a) && a.is_within(&a) && !ab.is_within(&a) && a.is_within(&Pointer::default()));
    }
}
