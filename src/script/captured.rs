//! A message that is kept for its values, and what is sent with them.

use super::condition::{Condition, Found, Subject};
use super::generated::GeneratedSource;
use super::pointers::Pointers;
use super::reply::Reply;
use super::syntax_error::PieceError;
use super::template::Template;
use crate::ws::{Kind, Message};

/// The longest message that is made, in bytes, and the places that it has at most.
const LONGEST: usize = 64 << 20;
const MOST_PLACES: usize = 1000;

/// A message, with the condition that it met.
#[derive(Debug)]
pub(crate) struct Captured {
    condition: Condition,
    kind: Kind,
    content: Vec<u8>,
}

impl Captured {
    pub(crate) fn new(condition: &Condition, message: Message<'_>) -> Self {
        Self { condition: condition.clone(), kind: message.kind, content: message.content.to_vec() }
    }

    fn fill(&self, mut template: Template, values: &dyn GeneratedSource) -> Result<Vec<u8>, PieceError> {
        template.check(&self.condition)?;
        let pointers = Pointers::of(template.pointers());
        let subject = Subject::new(Message { kind: self.kind, content: &self.content }, &pointers);
        let found = self.condition.find(&subject).unwrap_or_default().with(values);
        if let Some(error) = template.missing(&found) {
            return Err(error);
        }
        let reply = Reply::new(Kind::Text, template.fill(&found));
        if reply.most() > LONGEST {
            return Err(PieceError::at(0, "filled in it may be over 64 MiB"));
        }
        Ok(reply.whole(&self.content))
    }
}

/// Fills a template with values of a captured message, and what no message has.
///
/// # Errors
/// What is wrong with it, or isn't there, with the column.
pub(crate) fn fill(
    text: &str,
    captured: Option<&Captured>,
    values: &mut dyn GeneratedSource,
) -> Result<Vec<u8>, String> {
    values.begin();
    let filled = Template::parse(text).and_then(|template| match captured {
        _ if template.has_more_places_than(MOST_PLACES) => {
            Err(PieceError::at(0, format!("it has over {MOST_PLACES} places to fill in")))
        }
        Some(captured) => captured.fill(template, values),
        None => {
            let found = Found::default().with(values);
            match template.first().or_else(|| template.missing(&found)) {
                Some(error) => Err(error),
                None => Ok(Reply::new(Kind::Text, template.fill(&found)).whole(b"")),
            }
        }
    });
    filled.map_err(|error| error.told(text))
}

#[cfg(test)]
mod tests {
    use super::super::condition::regex;
    use super::super::generated::FixedValues;
    use super::*;

    #[test]
    fn what_is_sent_has_the_values_of_the_last_match() {
        let content = br#"{"token":"a\"b","n":1}"#;
        let message = Message { kind: Kind::Text, content };
        let captured = Captured::new(&regex("\"(n)\":(?<number>.)").unwrap(), message);
        let fill = |text: &str, captured| fill(text, captured, &mut FixedValues::default());
        let filled = |text| fill(text, Some(&captured)).map(|text| String::from_utf8(text).unwrap());
        assert_eq!(filled("token ${/token}"), Ok("token a\"b".into()));
        assert_eq!(filled(r#"{"t":"${/token}","n":${/n}}"#), Ok(r#"{"t":"a\"b","n":1}"#.into()));
        assert_eq!(filled("$1 ${number} $$1"), Ok("n 1 $1".into()));
        assert_eq!(filled("a ${/b}"), Err("column 3: the last message that matched has no ${/b}".into()));
        assert!(filled("a $3").unwrap_err().starts_with("column 3: $3 is unknown: "));
        assert_eq!(
            fill("a ${/b}", None),
            Err("column 3: no message has matched yet that ${/b} could be taken from".into())
        );
        assert_eq!(fill("$$1", None), Ok(b"$1".to_vec()));
        assert_eq!(fill("{\"id\":${uuid},\"n\":${counter}}", None), Ok(b"{\"id\":\"1uuid\",\"n\":1}".to_vec()));
        assert_eq!(filled("${now} ${/n}"), Ok("1now 1".into()));
        assert_eq!(fill("a ${env.NONE}", None), Err("column 3: there is no NONE".into()));
        let many = |count| fill(&"$0".repeat(count), Some(&captured)).map(|text| text.len());
        assert_eq!(many(MOST_PLACES), Ok(MOST_PLACES * r#""n":1"#.len()));
        assert_eq!(many(MOST_PLACES + 1), Err("column 1: it has over 1000 places to fill in".into()));
        let long = Captured::new(&Condition::Any, Message { kind: Kind::Text, content: &[b'x'; 1 << 20] });
        assert_eq!(fill(&"$0".repeat(64), Some(&long)).map(|text| text.len()), Ok(64 << 20));
        assert_eq!(fill(&"$0".repeat(65), Some(&long)), Err("column 1: filled in it may be over 64 MiB".into()));
        assert!(fill("${", None).unwrap_err().starts_with("column 1: ${ needs a }"));
    }
}
