//! Which parameters of permessage-deflate two endpoints agree on (RFC 7692 §5, §7.1).

use std::fmt;

use super::extension::{Extension, Parameter};
use crate::http::decimal;

pub const NAME: &str = "permessage-deflate";

/// The base-2 logarithm of an LZ77 window's size: 8 to 15 on the wire (§7.1.2). A peer may ask for 8, and gets it.
pub type WindowBits = u8;

/// The window that both directions have unless something smaller is agreed.
pub const MAX_WINDOW_BITS: WindowBits = 15;

/// What an endpoint would like, before it has spoken with its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeflateOptions {
    /// Whether compression may refer back to earlier messages, in both directions.
    pub context_takeover: bool,
    /// The largest window in both directions: 9 to [`MAX_WINDOW_BITS`]. Nothing asks for 8, since peers that use zlib can't give
    /// it: its raw DEFLATE has no window of 256 bytes (`deflateInit2` refuses one). What is larger asks for no limit.
    pub window_bits: WindowBits,
}

impl Default for DeflateOptions {
    fn default() -> Self {
        Self { context_takeover: true, window_bits: MAX_WINDOW_BITS }
    }
}

/// What both endpoints agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeflateParams {
    pub server_no_context_takeover: bool,
    pub client_no_context_takeover: bool,
    pub server_max_window_bits: WindowBits,
    pub client_max_window_bits: WindowBits,
}

/// Why a set of parameters can't be used; names the parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NegotiationError {
    UnknownParameter(String),
    DuplicateParameter(String),
    /// A value where none belongs, none where one belongs, or one that isn't 8 to 15.
    BadValue(Parameter),
    /// The answer has a parameter that the offer didn't allow, or a larger window than it offered.
    NotOffered(Parameter),
    /// One offer is answered once.
    AnsweredTwice,
    /// The answer leaves out what the offer asked for.
    NotAnswered(&'static str),
}

impl fmt::Display for NegotiationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |p: &Parameter| match &p.value {
            Some(value) => format!("{}={value}", p.name),
            None => p.name.clone(),
        };
        match self {
            Self::UnknownParameter(name) => write!(f, "{NAME} has the unknown parameter {name}"),
            Self::DuplicateParameter(name) => write!(f, "{NAME} has the parameter {name} twice"),
            Self::BadValue(parameter) => write!(f, "{NAME} has a bad value: {}", shown(parameter)),
            Self::NotOffered(parameter) => {
                write!(f, "{NAME} is answered with {}, which was not offered", shown(parameter))
            }
            Self::AnsweredTwice => write!(f, "{NAME} is answered twice"),
            Self::NotAnswered(name) => write!(f, "{NAME} is answered without {name}, which was asked for"),
        }
    }
}

impl std::error::Error for NegotiationError {}

/// The parameters of one offer or answer, as they were written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<WindowBits>,
    /// In an offer the value may be left out (§7.1.2.2).
    client_max_window_bits: Option<Option<WindowBits>>,
}

impl Parameters {
    fn read(extension: &Extension) -> Result<Self, NegotiationError> {
        let mut read = Self::default();
        for parameter in &extension.parameters {
            let bad = || NegotiationError::BadValue(parameter.clone());
            let bits = parameter.value.as_deref().map(|value| window_bits(value).ok_or_else(bad)).transpose();
            let no_value = || if parameter.value.is_none() { Ok(()) } else { Err(bad()) };
            let twice = match parameter.name.as_str() {
                "server_no_context_takeover" => {
                    no_value()?;
                    std::mem::replace(&mut read.server_no_context_takeover, true)
                }
                "client_no_context_takeover" => {
                    no_value()?;
                    std::mem::replace(&mut read.client_no_context_takeover, true)
                }
                "server_max_window_bits" => read.server_max_window_bits.replace(bits?.ok_or_else(bad)?).is_some(),
                "client_max_window_bits" => read.client_max_window_bits.replace(bits?).is_some(),
                _ => return Err(NegotiationError::UnknownParameter(parameter.name.clone())),
            };
            if twice {
                return Err(NegotiationError::DuplicateParameter(parameter.name.clone()));
            }
        }
        Ok(read)
    }
}

/// A decimal number from 8 to 15 without leading zeros (§7.1.2.1).
fn window_bits(value: &str) -> Option<WindowBits> {
    decimal(value).filter(|bits| (8..=15).contains(bits) && !value.starts_with('0'))
}

/// The client's offer (§7.1).
pub fn offer(options: DeflateOptions) -> Extension {
    let mut parameters = Vec::new();
    if !options.context_takeover {
        parameters.push(Parameter { name: "server_no_context_takeover".into(), value: None });
        parameters.push(Parameter { name: "client_no_context_takeover".into(), value: None });
    }
    let limited = (options.window_bits < MAX_WINDOW_BITS).then(|| options.window_bits.to_string());
    if limited.is_some() {
        parameters.push(Parameter { name: "server_max_window_bits".into(), value: limited.clone() });
    }
    parameters.push(Parameter { name: "client_max_window_bits".into(), value: limited });
    Extension { name: NAME.into(), parameters }
}

/// The server's answer: the first offer that it can use, and what that comes to (§5.1, §7.1).
pub fn answer(offers: &[Extension], options: DeflateOptions) -> Option<(Extension, DeflateParams)> {
    let offers = offers.iter().filter(|offer| offer.name == NAME);
    let offer = offers.map(Parameters::read).find_map(Result::ok)?;
    let agreement = DeflateParams {
        server_no_context_takeover: offer.server_no_context_takeover || !options.context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover || !options.context_takeover,
        server_max_window_bits: offer.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS).min(options.window_bits),
        client_max_window_bits: match offer.client_max_window_bits {
            Some(bits) => bits.unwrap_or(MAX_WINDOW_BITS).min(options.window_bits),
            // §7.1.2.2: without it in the offer, the answer can't limit the client's window.
            None => MAX_WINDOW_BITS,
        },
    };
    let server_limited = offer.server_max_window_bits.is_some() || agreement.server_max_window_bits < MAX_WINDOW_BITS;
    Some((agreement.answer(server_limited), agreement))
}

impl DeflateParams {
    fn answer(self, server_limited: bool) -> Extension {
        let flag = |name: &str, on: bool| on.then(|| Parameter { name: name.into(), value: None });
        let bits = |name: &str, value: WindowBits, on: bool| {
            on.then(|| Parameter { name: name.into(), value: Some(value.to_string()) })
        };
        let client_limited = self.client_max_window_bits < MAX_WINDOW_BITS;
        let parameters = [
            flag("server_no_context_takeover", self.server_no_context_takeover),
            flag("client_no_context_takeover", self.client_no_context_takeover),
            bits("server_max_window_bits", self.server_max_window_bits, server_limited),
            bits("client_max_window_bits", self.client_max_window_bits, client_limited),
        ];
        Extension { name: NAME.into(), parameters: parameters.into_iter().flatten().collect() }
    }
}

/// The client's reading of the server's answer to the offer that [`offer`] made.
///
/// # Errors
/// The first parameter that the offer doesn't allow, or that the answer owes it (§7.1).
pub fn accept(answer: &Extension, options: DeflateOptions) -> Result<DeflateParams, NegotiationError> {
    let read = Parameters::read(answer)?;
    let over_limit = |name: &str, bits: WindowBits| {
        let parameter = Parameter { name: name.into(), value: Some(bits.to_string()) };
        if bits > options.window_bits { Err(NegotiationError::NotOffered(parameter)) } else { Ok(bits) }
    };
    let client_bits = match read.client_max_window_bits {
        // §7.1.2.2: in an answer the parameter has a value.
        Some(None) => {
            return Err(NegotiationError::BadValue(Parameter { name: "client_max_window_bits".into(), value: None }));
        }
        Some(Some(bits)) => over_limit("client_max_window_bits", bits)?,
        None => options.window_bits,
    };
    let server_bits = match read.server_max_window_bits {
        Some(bits) => over_limit("server_max_window_bits", bits)?,
        None if options.window_bits < MAX_WINDOW_BITS => {
            return Err(NegotiationError::NotAnswered("server_max_window_bits"));
        }
        None => MAX_WINDOW_BITS,
    };
    if !options.context_takeover && !read.server_no_context_takeover {
        return Err(NegotiationError::NotAnswered("server_no_context_takeover"));
    }
    Ok(DeflateParams {
        server_no_context_takeover: read.server_no_context_takeover,
        client_no_context_takeover: read.client_no_context_takeover || !options.context_takeover,
        server_max_window_bits: server_bits,
        client_max_window_bits: client_bits,
    })
}

/// What a server that answered like that most likely does, where its answer is to be taken in spite of its faults: the
/// parameters that can be understood, else the defaults. Whatever window and context it has, ours holds it; we use no more
/// than any reading of the answer allows.
pub fn assume(answer: &Extension, options: DeflateOptions) -> DeflateParams {
    let named = |name: &str| answer.parameters.iter().find(|parameter| parameter.name == name);
    let bits = named("client_max_window_bits").and_then(|parameter| window_bits(parameter.value.as_deref()?));
    DeflateParams {
        server_no_context_takeover: false,
        client_no_context_takeover: named("client_no_context_takeover").is_some() || !options.context_takeover,
        server_max_window_bits: MAX_WINDOW_BITS,
        client_max_window_bits: bits.unwrap_or(MAX_WINDOW_BITS).min(options.window_bits),
    }
}

impl fmt::Display for DeflateParams {
    /// As an answer would say it: the defaults are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answer(self.server_max_window_bits < MAX_WINDOW_BITS).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::extension::parse;

    const NARROW: DeflateOptions = DeflateOptions { context_takeover: false, window_bits: 10 };

    fn answer_to(offers: &str, options: DeflateOptions) -> Option<String> {
        answer(&parse(offers).unwrap(), options).map(|(extension, _)| extension.to_string())
    }

    fn accept_of(text: &str, options: DeflateOptions) -> Result<DeflateParams, NegotiationError> {
        accept(&parse(text).unwrap()[0], options)
    }

    #[test]
    fn offers_say_what_is_wished() {
        assert_eq!(offer(DeflateOptions::default()).to_string(), "permessage-deflate; client_max_window_bits");
        assert_eq!(
            offer(NARROW).to_string(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=10; client_max_window_bits=10"
        );
    }

    #[test]
    fn the_server_answers_the_first_usable_offer() {
        let plain = Some("permessage-deflate".to_owned());
        let wide = DeflateOptions::default();
        assert_eq!(answer_to("permessage-deflate; client_max_window_bits", wide), plain);
        assert_eq!(answer_to("x-webkit-deflate-frame, permessage-deflate", wide), plain);
        assert_eq!(
            answer_to("permessage-deflate; server_max_window_bits=\"10\"", wide).as_deref(),
            Some("permessage-deflate; server_max_window_bits=10")
        );
        assert_eq!(
            answer_to("permessage-deflate; client_max_window_bits=9; server_no_context_takeover", wide).as_deref(),
            Some("permessage-deflate; server_no_context_takeover; client_max_window_bits=9")
        );
        assert_eq!(
            answer_to("permessage-deflate; client_max_window_bits", NARROW).as_deref(),
            Some(
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=10; client_max_window_bits=10"
            )
        );
        // §7.1.2.2: the client didn't say that its window may be limited, so it isn't.
        assert_eq!(
            answer_to("permessage-deflate", DeflateOptions { context_takeover: true, window_bits: 10 }).as_deref(),
            Some("permessage-deflate; server_max_window_bits=10")
        );
    }

    #[test]
    fn unusable_offers_are_passed_over() {
        for bad in [
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; foo",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "other",
        ] {
            assert_eq!(answer_to(bad, DeflateOptions::default()), None, "{bad}");
            let second = format!("{bad}, permessage-deflate");
            assert_eq!(answer_to(&second, DeflateOptions::default()).as_deref(), Some("permessage-deflate"), "{bad}");
        }
    }

    #[test]
    fn the_client_holds_the_server_to_its_offer() {
        let wide = DeflateOptions::default();
        assert!(accept_of("permessage-deflate", wide).is_ok());
        assert_eq!(accept_of("permessage-deflate; client_max_window_bits=9", wide).unwrap().client_max_window_bits, 9);
        for (text, parameter) in [
            ("permessage-deflate; foo", "foo"),
            ("permessage-deflate; client_max_window_bits", "client_max_window_bits"),
            ("permessage-deflate; server_max_window_bits=x", "server_max_window_bits"),
            (
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                "server_no_context_takeover",
            ),
        ] {
            let error = accept_of(text, wide).unwrap_err().to_string();
            assert!(error.contains(parameter), "{error}");
        }
        let missing = accept_of("permessage-deflate; server_max_window_bits=10", NARROW).unwrap_err();
        assert_eq!(missing, NegotiationError::NotAnswered("server_no_context_takeover"));
        let larger = accept_of("permessage-deflate; server_max_window_bits=11", NARROW).unwrap_err();
        assert!(matches!(larger, NegotiationError::NotOffered(_)));
    }
}
