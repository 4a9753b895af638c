//! Single values of a message, by their pointers (RFC 6901).

use std::fmt;

use super::pointers::Pointers;
use crate::view::json_pointer::Pointer;
use crate::ws::{Kind, Message};

/// What of messages is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Projection {
    wanted: Vec<Pointer>,
    pointers: Pointers,
}

impl Projection {
    /// Reads pointers with blanks between them.
    ///
    /// # Errors
    /// What isn't one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wanted = text.split_whitespace().map(Pointer::parse).collect::<Result<Vec<_>, _>>();
        let wanted = wanted.map_err(|error| error.why)?;
        if wanted.is_empty() {
            return Err("a JSON pointer is missing".to_owned());
        }
        let pointers = Pointers::of(&wanted);
        Ok(Self { wanted, pointers })
    }

    /// Whether what a pointer leads to is part of it.
    pub(crate) fn covers(&self, pointer: &Pointer) -> bool {
        self.wanted.iter().any(|wanted| pointer.is_within(wanted))
    }

    /// Which of its pointers lead to nothing in a message.
    pub(crate) fn missing(&self, message: Message<'_>) -> Vec<&str> {
        let values = (message.kind == Kind::Text).then(|| self.pointers.find(message.content)).flatten();
        let is_there =
            |pointer: &Pointer| values.as_ref().is_some_and(|values| self.pointers.value(values, pointer).is_some());
        self.wanted.iter().filter(|pointer| !is_there(pointer)).map(Pointer::as_str).collect()
    }

    /// What a text message that is JSON has there, as it is written: the value of the only pointer, or an object of the values
    /// that there are, by their pointers. `None` where there is none.
    pub(crate) fn of(&self, message: Message<'_>) -> Option<String> {
        let values = (message.kind == Kind::Text).then(|| self.pointers.find(message.content)).flatten()?;
        let value = |pointer: &Pointer| self.pointers.value(&values, pointer).map(|value| value.get());
        if let [pointer] = &self.wanted[..] {
            return value(pointer).map(str::to_owned);
        }
        let members = self.wanted.iter().filter_map(|pointer| {
            let name = serde_json::Value::from(pointer.as_str());
            Some(format!("{name}:{}", value(pointer)?))
        });
        let members: Vec<String> = members.collect();
        (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
    }
}

impl fmt::Display for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<&str> = self.wanted.iter().map(Pointer::as_str).collect();
        f.write_str(&texts.join(" "))
    }
}

/// The value of a text message that is JSON where the pointer leads, as it is written there.
pub(crate) fn value<'a>(message: Message<'a>, pointer: &Pointer) -> Option<&'a str> {
    let pointers = Pointers::of([pointer]);
    let values = (message.kind == Kind::Text).then(|| pointers.find(message.content)).flatten()?;
    pointers.value(&values, pointer).map(|value| value.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_projected_to_what_the_pointers_lead_to() {
        let project = |pointers: &str, content: &str| {
            let message = Message { kind: Kind::Text, content: content.as_bytes() };
            Projection::parse(pointers).unwrap().of(message)
        };
        let message = r#"{"p": "1.50", "data": [{"n" : 1.0e2}], "a/b": null}"#;
        assert_eq!(project("/p", message).as_deref(), Some("\"1.50\""));
        assert_eq!(project("/data/0", message).as_deref(), Some(r#"{"n" : 1.0e2}"#));
        assert_eq!(project("/data/0/n /x /a~1b", message).as_deref(), Some(r#"{"/data/0/n":1.0e2,"/a~1b":null}"#));
        let text = Message { kind: Kind::Text, content: message.as_bytes() };
        assert_eq!(Projection::parse("/data/0/n /x /a~1b /y").unwrap().missing(text), ["/x", "/y"]);
        assert_eq!((project("/x /y", message), project("/x", "text")), (None, None));
        for (text, says) in [("", "is missing"), ("p", "does not begin with /"), ("/a~2", "~0")] {
            assert!(Projection::parse(text).unwrap_err().contains(says), "{text}");
        }
        assert_eq!(Projection::parse(" /a  /b ").unwrap().to_string(), "/a /b");
    }
}
