//! Sentences about what can be given to a connection, as values. What it is called depends on where it is given, as a flag, as a
//! step of a test file or by a command at the prompt: `advice/dialect.rs` says the same [`Wording`] in the words of each.

use std::borrow::Cow;

/// Something that can be given to a connection, and that an error or advice speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// A name and a password.
    User,
    Bearer,
    /// Digest instead of Basic credentials.
    Digest,
    Header,
    Cookie,
    Origin,
    Host,
    UserAgent,
    Referer,
    Subprotocol,
    NoCompression,
    /// A faulty answer is taken for what it was meant to be.
    AnyAnswer,
    FollowRedirects,
    MostRedirects,
    Downgrade,
    /// Secrets go along with redirects.
    TrustedRedirects,
    /// Secrets go along to another server.
    KeepCredentials,
    Proxy,
    ProxyUser,
    ProxyDigest,
    NoProxy,
    Authorities,
    AnyCertificate,
    ClientCertificate,
    ClientKey,
    ServerName,
    OldestTls,
    NewestTls,
    ApplicationProtocols,
    Retry,
    Reconnect,
    /// More of a refusal's body.
    LargerBody,
    /// Everything as it came.
    Verbose,
    Message,
    /// One of several of a recording, by its number.
    RecordedConnection,
}

/// Part of a [`Wording`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phrase {
    Words(Cow<'static, str>),
    /// What it is called.
    Named(Remedy),
    /// How it is given: with a value, or with what stands for one.
    Given(Remedy, Option<Cow<'static, str>>),
    /// How several are given at once, none of which is of use without the others.
    Together(&'static [Remedy]),
}

impl Remedy {
    pub(crate) const fn named(self) -> Phrase {
        Phrase::Named(self)
    }

    pub(crate) const fn given(self) -> Phrase {
        Phrase::Given(self, None)
    }

    pub(crate) fn given_as(self, value: impl Into<Cow<'static, str>>) -> Phrase {
        Phrase::Given(self, Some(value.into()))
    }
}

impl From<&'static str> for Phrase {
    fn from(text: &'static str) -> Self {
        Self::Words(text.into())
    }
}

impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::Words(text.into())
    }
}

/// A sentence, or part of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wording(pub(crate) Vec<Phrase>);

impl<T: Into<Phrase>> From<T> for Wording {
    fn from(phrase: T) -> Self {
        Self(vec![phrase.into()])
    }
}

/// What may help, each clause by itself: where one of them speaks of what can't be given, the others are still said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Advice(pub(crate) Vec<Wording>);

impl Advice {
    /// With another clause.
    pub(crate) fn and(mut self, clause: impl Into<Wording>) -> Self {
        self.0.push(clause.into());
        self
    }
}

impl<T: Into<Wording>> From<T> for Advice {
    fn from(clause: T) -> Self {
        Self(vec![clause.into()])
    }
}

/// A [`Wording`] of phrases, each of which is words or a [`Phrase`].
macro_rules! sentence {
    ($($phrase:expr),+ $(,)?) => {
        $crate::error::Wording(vec![$(::std::convert::Into::<$crate::error::Phrase>::into($phrase)),+])
    };
}

pub(crate) use sentence;
