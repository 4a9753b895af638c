//! The objects of a HAR, as far as they are read or written.

use serde::{Deserialize, Serialize};

/// A header, a cookie or a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NameValue {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: String,
}

/// `request`, as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarRequest {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<NameValue>,
}

/// `response`, as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarResponse {
    /// 0 where none came; what isn't from 0 to 999 is no status.
    pub(super) status: f64,
    #[serde(rename = "statusText")]
    pub(super) status_text: String,
    #[serde(rename = "httpVersion")]
    pub(super) http_version: String,
    pub(super) headers: Vec<NameValue>,
    #[serde(rename = "_error")]
    pub(super) error: Option<String>,
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
    pub(super) data: String,
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
    pub(super) cache: serde_json::Map<String, serde_json::Value>,
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
