//! The objects of a HAR, as far as they are read or written.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A header, a cookie or a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct NameValue {
    pub(super) name: String,
    pub(super) value: String,
}

/// `request`, as it is read: whatever the fields are, for entries of other kinds are none of ours.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarRequest {
    method: Value,
    url: Value,
    headers: Value,
}

/// `response`, as it is read, likewise.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarResponse {
    status: Value,
    #[serde(rename = "statusText")]
    status_text: Value,
    #[serde(rename = "httpVersion")]
    http_version: Value,
    headers: Value,
    #[serde(rename = "_error")]
    error: Value,
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
        let number = self.status.as_u64().or_else(|| self.status.as_f64().map(|number| number as u64));
        number.and_then(|number| u16::try_from(number).ok()).filter(|status| (1..1000).contains(status))
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
        self.error.as_str().filter(|error| !error.is_empty())
    }
}

/// Text, or nothing.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Names and values of those that have both.
fn pairs(value: &Value) -> Vec<(String, String)> {
    let fields = value.as_array().into_iter().flatten();
    fields.filter_map(|field| Some((field["name"].as_str()?.to_owned(), field["value"].as_str()?.to_owned()))).collect()
}

/// One of `_webSocketMessages`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HarMessage {
    /// `send` or `receive`, from the client's side.
    #[serde(rename = "type", default)]
    pub(super) direction: String,
    /// Seconds since 1970.
    #[serde(default)]
    pub(super) time: Option<f64>,
    #[serde(default)]
    pub(super) opcode: i64,
    #[serde(default)]
    pub(super) data: Option<String>,
    /// `base64`, beside what is; Chrome leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<String>,
}

/// `_webSocketClose`, as HTTP Toolkit has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum HarClose {
    Close {
        #[serde(default)]
        code: Option<u16>,
        #[serde(default)]
        reason: Option<String>,
        /// Seconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
    pub(super) cache: serde_json::Map<String, Value>,
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
