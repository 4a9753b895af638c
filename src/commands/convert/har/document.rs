//! The objects of a HAR, as far as they are read or written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lenient::{HarArray, HarObject, HarScalar};

/// A header, a cookie or a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct NameValue {
    pub(super) name: String,
    pub(super) value: String,
}

/// A header, as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarHeader {
    name: HarScalar,
    value: HarScalar,
}

/// `request`, as it is read: whatever the fields are, for entries of other kinds are none of ours.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarRequest {
    method: HarScalar,
    url: HarScalar,
    headers: HarArray<HarHeader>,
}

/// `response`, as it is read, likewise.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarResponse {
    status: HarScalar,
    #[serde(rename = "statusText")]
    status_text: HarScalar,
    #[serde(rename = "httpVersion")]
    http_version: HarScalar,
    headers: HarArray<HarHeader>,
    #[serde(rename = "_error")]
    error: HarScalar,
}

impl HarRequest {
    pub(super) fn method(&self) -> &str {
        text(&self.method)
    }

    pub(super) fn url(&self) -> &str {
        text(&self.url)
    }

    pub(super) fn headers(&self) -> Vec<(String, String)> {
        pairs(&self.headers)
    }
}

impl HarResponse {
    /// `None` where no answer came.
    pub(super) fn status(&self) -> Option<u16> {
        let status = self.status.number().filter(|status| (1.0..1000.0).contains(status));
        status.map(|status| status as u16)
    }

    pub(super) fn status_text(&self) -> &str {
        text(&self.status_text)
    }

    pub(super) fn http_version(&self) -> &str {
        text(&self.http_version)
    }

    pub(super) fn headers(&self) -> Vec<(String, String)> {
        pairs(&self.headers)
    }

    pub(super) fn error(&self) -> Option<&str> {
        self.error.text().filter(|error| !error.is_empty())
    }
}

/// Text, or nothing.
pub(super) fn text(value: &HarScalar) -> &str {
    value.text().unwrap_or_default()
}

/// Names and values of those that have both.
fn pairs(headers: &HarArray<HarHeader>) -> Vec<(String, String)> {
    let pair = |header: &HarHeader| Some((header.name.text()?.to_owned(), header.value.text()?.to_owned()));
    headers.0.iter().filter_map(pair).collect()
}

/// One of `_webSocketMessages`, as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarMessageRead {
    #[serde(rename = "type")]
    direction: HarScalar,
    time: HarScalar,
    opcode: HarScalar,
    data: HarScalar,
    encoding: HarScalar,
}

impl HarMessageRead {
    /// # Errors
    /// Which field isn't what it has to be, in words.
    pub(super) fn message(self) -> Result<HarMessage, String> {
        let text = |name: &str, value: HarScalar| match value {
            HarScalar::None => Ok(None),
            HarScalar::Text(text) => Ok(Some(text)),
            _ => Err(format!("its {name:?} is no string")),
        };
        let number = |name: &str, value: &HarScalar| match value {
            HarScalar::None => Ok(None),
            HarScalar::Number(number) => Ok(Some(*number)),
            _ => Err(format!("its {name:?} is no number")),
        };
        Ok(HarMessage {
            direction: text("type", self.direction)?.unwrap_or_default(),
            time: number("time", &self.time)?,
            opcode: number("opcode", &self.opcode)?.unwrap_or_default() as i64,
            data: text("data", self.data)?,
            encoding: text("encoding", self.encoding)?,
        })
    }
}

/// `_webSocketClose`, as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarCloseRead {
    code: HarScalar,
    reason: HarScalar,
    timestamp: HarScalar,
}

impl HarClose {
    /// `None` where nothing is said of how it ended.
    pub(super) fn of(read: HarObject<HarCloseRead>) -> Option<Self> {
        match read {
            HarObject::Object(close) => Some(Self::Close {
                code: close.code.number().filter(|code| (0.0..65536.0).contains(code)).map(|code| code as u16),
                reason: close.reason.text().map(str::to_owned),
                timestamp: close.timestamp.number(),
            }),
            HarObject::Scalar(HarScalar::Text(word)) => Some(Self::Word(word)),
            HarObject::Scalar(_) => None,
        }
    }
}

/// One of `_webSocketMessages`.
#[derive(Debug, Serialize)]
pub(super) struct HarMessage {
    /// `send` or `receive`, from the client's side.
    #[serde(rename = "type")]
    pub(super) direction: String,
    /// Seconds since 1970.
    pub(super) time: Option<f64>,
    pub(super) opcode: i64,
    pub(super) data: Option<String>,
    /// `base64`, beside what is; Chrome leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<String>,
}

/// `_webSocketClose`, as HTTP Toolkit has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum HarClose {
    Close {
        code: Option<u16>,
        reason: Option<String>,
        /// Seconds since 1970.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<f64>,
    },
    /// `aborted`.
    Word(String),
}

/// `request`, as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestWritten {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) http_version: String,
    pub(super) cookies: Vec<NameValue>,
    pub(super) headers: Vec<NameValue>,
    pub(super) query_string: Vec<NameValue>,
    pub(super) headers_size: i64,
    pub(super) body_size: i64,
}

/// `response`, as it is written.
#[derive(Debug, Serialize)]
pub(super) struct ResponseWritten {
    pub(super) status: u16,
    #[serde(rename = "statusText")]
    pub(super) status_text: String,
    #[serde(rename = "httpVersion")]
    pub(super) http_version: String,
    pub(super) cookies: Vec<NameValue>,
    pub(super) headers: Vec<NameValue>,
    pub(super) content: ContentWritten,
    #[serde(rename = "redirectURL")]
    pub(super) redirect_url: String,
    #[serde(rename = "headersSize")]
    pub(super) headers_size: i64,
    #[serde(rename = "bodySize")]
    pub(super) body_size: i64,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContentWritten {
    pub(super) size: u64,
    pub(super) mime_type: &'static str,
}

/// What is known of where the time went: nothing but how long it was.
#[derive(Debug, Serialize)]
pub(super) struct Timings {
    pub(super) blocked: i64,
    pub(super) dns: i64,
    pub(super) connect: i64,
    pub(super) ssl: i64,
    pub(super) send: f64,
    pub(super) wait: f64,
    pub(super) receive: f64,
}

/// An entry without its messages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryWritten {
    pub(super) started_date_time: String,
    pub(super) time: f64,
    pub(super) request: RequestWritten,
    pub(super) response: ResponseWritten,
    pub(super) cache: Map<String, Value>,
    pub(super) timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    pub(super) server_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection: Option<String>,
    #[serde(rename = "_resourceType")]
    pub(super) resource_type: &'static str,
    #[serde(rename = "_webSocketClose", skip_serializing_if = "Option::is_none")]
    pub(super) close: Option<HarClose>,
}
